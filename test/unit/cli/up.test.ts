import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { NO_OPERATION } from '../../../cli/operation/options.ts'
import { startUp, type UpOptions } from '../../../cli/up.ts'
import { makeCertificate } from '../../support/certificate.ts'
import { rawRequest } from '../../support/raw-http.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

/** Starts everything with an empty wallet, on any free port, and ends it with the test. */
async function start(more: Partial<UpOptions> = {}) {
  const folder = await temporaryFolder()
  const wallet = join(folder, 'web')
  await mkdir(wallet)
  await writeFile(join(wallet, 'index.html'), '<title>Offst</title>')
  const lines: string[] = []
  const terminal = {
    out: (line: string) => void lines.push(line),
    error: (line: string) => void lines.push(line),
  }
  const options = { port: '0', data: join(folder, 'data'), wallet, ...more }
  const running = await startUp(options, terminal)
  if (running.ok) onTestFinished(() => running.value.stop())
  const { data = '' } = options
  return { running, lines, data, port: running.ok ? running.value.port : 0 }
}

describe('offst up', () => {
  it('serves the wallet and tells a new card its servers, by the name under which it was called', async () => {
    const { port, lines } = await start()
    expect(lines.at(-1)).toContain(`Open http://127.0.0.1:${port} in a browser`)
    expect((await rawRequest(port, 'GET / HTTP/1.1')).body).toContain('Offst')
    const answer = await rawRequest(port, 'GET /.well-known/offst.json HTTP/1.1', ['Host: 10.0.0.9:81'])
    expect(answer.headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' })
    expect(answer.body).toMatch(
      /"relays":\["offstrelay1[a-z0-9]+"\],"indexServers":\["offstindex1[a-z0-9]+"\]/,
    )
    const head = await rawRequest(port, 'HEAD /.well-known/offst.json HTTP/1.1')
    expect([head.status, head.body]).toEqual([200, ''])
  })

  it('listens where --listen says, and not where two options say different things', async () => {
    const { running } = await start({ port: undefined, address: '127.0.0.1:0' })
    expect(running).toMatchObject({ ok: true })
    const both = await start({ host: '127.0.0.1', address: '127.0.0.1:0' })
    expect(both.running).toMatchObject({ error: { code: 'usage' } })
  })

  it('refuses a host that is none, and goes on', async () => {
    const { port } = await start()
    for (const host of ['Host: a/b', 'Host: a b', 'Host: ', `Host: ${'x'.repeat(400)}`]) {
      const answer = await rawRequest(port, 'GET /.well-known/offst.json HTTP/1.1', [host])
      expect([host, answer.status]).toEqual([host, 400])
    }
    expect((await rawRequest(port, 'NONSENSE', [])).status).toBe(400)
    expect((await rawRequest(port, 'GET / HTTP/1.1', [`X: ${'x'.repeat(20_000)}`])).status).not.toBe(200)
    expect((await rawRequest(port, 'GET /healthz HTTP/1.1')).status).toBe(200)
  })

  it('answers WebSockets elsewhere than at /relay and /index with 404', async () => {
    const { port } = await start()
    const upgrade = [
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ]
    for (const path of ['/', '/relay/x', '/relay/../index', '/__proto__']) {
      expect((await rawRequest(port, `GET ${path} HTTP/1.1`, upgrade)).status).toBe(404)
    }
  })

  it('keeps its keys in its data folder and is the same servers afterwards', async () => {
    const first = await start()
    const files = async (): Promise<string[]> => (await readdir(first.data)).sort()
    expect(await files()).toEqual(expect.arrayContaining(['index.ident', 'relay.ident']))
    const ask = async (port: number): Promise<string> => {
      const line = 'GET /.well-known/offst.json HTTP/1.1'
      return (await rawRequest(port, line, ['Host: same.example'])).body
    }
    const servers = await ask(first.port)
    if (first.running.ok) await first.running.value.stop()
    // IDX-26
    expect(await files()).toEqual(['index.ident', 'index.snapshot', 'relay.ident'])
    const second = await start({ data: first.data })
    expect(await ask(second.port)).toBe(servers)
    expect(second.lines.join()).not.toContain('snapshot')
  })

  it('IDX-16 shares with other index servers when it is told whom to trust', async () => {
    const alone = await rawRequest((await start()).port, 'GET /healthz HTTP/1.1')
    expect(alone.body).not.toContain('federation')
    const { port, lines } = await start({ trusted: await temporaryFolder(), lserver: '127.0.0.1:0' })
    expect(lines).toContainEqual(
      expect.stringMatching(/^Other index servers reach it on port \d+; its ticket/),
    )
    const health = await fetch(`http://127.0.0.1:${port}/healthz`)
    expect(await health.json()).toMatchObject({ index: { federation: { trusted: 0, connected: 0 } } })
  })

  it('CLI-25 says so when its certificate is not for the address at which it is reached', async () => {
    const folder = await temporaryFolder()
    const [tlsCert, tlsKey] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
    const { cert, key } = makeCertificate('wallet')
    await writeFile(tlsCert, cert)
    await writeFile(tlsKey, key)
    const operation = { ...NO_OPERATION, tlsCert, tlsKey }
    expect((await start({ operation })).lines.join()).not.toContain('certificate is not for')
    const { lines } = await start({ operation, publicUrl: 'https://wallet.example.org' })
    expect(lines).toContainEqual(expect.stringMatching(/^The certificate is not for wallet\.example\.org/))
  })

  it('says what is wrong with its options, its folders and its port', async () => {
    const { port, data } = await start()
    expect((await start({ port: String(port) })).running).toMatchObject({ error: { code: 'portInUse' } })
    expect((await start({ host: 'no.such.host.invalid' })).running).toMatchObject({
      error: { code: 'badAddress' },
    })
    expect((await start({ wallet: data })).running).toMatchObject({ error: { code: 'missingFolder' } })
    const inAFile = join(data, 'relay.ident', 'x')
    expect((await start({ data: inAFile })).running).toMatchObject({ error: { code: 'unwritableFolder' } })
    expect((await start({ publicUrl: 'wallet.example' })).running).toMatchObject({ error: { code: 'usage' } })
  })
})
