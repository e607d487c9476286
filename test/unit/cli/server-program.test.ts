import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { offst } from '../../../cli/offst.ts'
import { runProgram } from '../../../cli/program.ts'
import { startServer, type ServerOptions } from '../../../cli/server-program.ts'
import { relayKind } from '../../../cli/strelay.ts'
import type { Terminal } from '../../../cli/terminal.ts'
import { readAs } from '../../../protocol/forms.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

class Lines implements Terminal {
  readonly outs: string[] = []
  readonly errors: string[] = []
  readonly out = (line: string): void => void this.outs.push(line)
  readonly error = (line: string): void => void this.errors.push(line)
}

/** Starts a relay on any free port and ends it with the test. */
async function start(options: Partial<ServerOptions>, lines = new Lines()) {
  const running = await startServer(relayKind, { address: '127.0.0.1:0', qr: false, ...options }, lines)
  if (running.ok) onTestFinished(() => running.value.stop())
  return running
}

describe('server program', () => {
  it('makes its identity once, says so, and is the same server afterwards', async () => {
    const idfile = join(await temporaryFolder(), 'relay.ident')
    const [first, second] = [new Lines(), new Lines()]
    const made = await start({ idfile }, first)
    const again = await start({ idfile }, second)
    expect(first.outs[0]).toContain(`Made a new identity: ${idfile}`)
    expect(second.outs[0]).not.toContain('Made')
    expect(
      made.ok && again.ok && made.value.form.ticket.publicKey === again.value.form.ticket.publicKey,
    ).toBe(true)
    expect((await stat(idfile)).mode & 0o777).toBe(0o600)
  })

  it('prints its ticket as text and, if asked, as a QR code', async () => {
    const idfile = join(await temporaryFolder(), 'relay.ident')
    const lines = new Lines()
    const running = await start({ idfile, qr: true, publicUrl: 'wss://relay.example.org' }, lines)
    const text = lines.outs.find((line) => line.startsWith('offstrelay1'))!
    expect(readAs(text, 'relay')).toMatchObject({ value: { ticket: { address: 'wss://relay.example.org' } } })
    expect(lines.outs.some((line) => line.includes('█'))).toBe(true)
    expect(running).toMatchObject({ ok: true })
  })

  it('writes its ticket, finds it there at the next start, and overwrites nothing else', async () => {
    const folder = await temporaryFolder()
    const options = {
      idfile: join(folder, 'relay.ident'),
      output: join(folder, 'ticket'),
      publicUrl: 'a.example:1',
    }
    expect(await start(options)).toMatchObject({ ok: true })
    expect(await readFile(options.output, 'utf8')).toContain('address = "a.example:1"')
    expect(await start(options)).toMatchObject({ ok: true })
    const other = await start({ ...options, publicUrl: 'b.example:1' })
    expect(other).toMatchObject({ error: { code: 'existingFile' } })
    expect(await readFile(options.output, 'utf8')).toContain('a.example:1')
  })

  it('says when the port is taken', async () => {
    const idfile = join(await temporaryFolder(), 'relay.ident')
    const first = await start({ idfile })
    const address = `127.0.0.1:${first.ok ? first.value.port : 0}`
    const second = await start({ idfile, address })
    expect(second).toMatchObject({ error: { code: 'portInUse' } })
    expect(!second.ok && second.error.message).toContain(address)
  })

  it('says what is wrong with an address, a public URL or a host', async () => {
    const idfile = join(await temporaryFolder(), 'relay.ident')
    for (const address of [
      '',
      '8000',
      'wss://127.0.0.1:0',
      'ws://127.0.0.1',
      'ws://127.0.0.1:0/x',
      'localhost',
      'a:b',
      '1.2.3.4:70000',
      'a b:1',
      ':1',
    ]) {
      expect(await start({ idfile, address })).toMatchObject({ error: { code: 'usage' } })
    }
    for (const publicUrl of ['http://a.example', 'a.example', 'ws://', 'wss://u:p@a', 'a.example:0']) {
      expect(await start({ idfile, publicUrl })).toMatchObject({ error: { code: 'usage' } })
    }
    expect(await start({ idfile, address: '192.0.2.1:0' })).toMatchObject({ error: { code: 'badAddress' } })
  })

  it('says what is wrong with an identity file, and leaves it as it is', async () => {
    const folder = await temporaryFolder()
    const broken = join(folder, 'broken.ident')
    await writeFile(broken, 'private_key = "short"\n')
    expect(await start({ idfile: broken })).toMatchObject({ error: { code: 'malformed' } })
    expect(await readFile(broken, 'utf8')).toBe('private_key = "short"\n')
    await mkdir(join(folder, 'a-folder'))
    expect(await start({ idfile: join(folder, 'a-folder') })).toMatchObject({
      error: { code: 'unreadableFile' },
    })
    const nowhere = join(folder, 'no', 'where')
    expect(await start({ idfile: nowhere })).toMatchObject({ error: { code: 'unwritableFile' } })
  })

  it('CLI-19 listens where the ws:// URL of an address says', async () => {
    const idfile = join(await temporaryFolder(), 'relay.ident')
    expect(await start({ idfile, address: 'ws://127.0.0.1:0' })).toMatchObject({ ok: true })
  })

  it('warns when others can read the secret key', async () => {
    const idfile = join(await temporaryFolder(), 'relay.ident')
    await start({ idfile })
    await chmod(idfile, 0o644)
    const lines = new Lines()
    expect(await start({ idfile }, lines)).toMatchObject({ ok: true })
    expect(lines.errors.join()).toContain(`chmod 600 ${idfile}`)
  })

  it('tells people who come with a browser what it is', async () => {
    const running = await start({ idfile: join(await temporaryFolder(), 'relay.ident') })
    const base = `http://127.0.0.1:${running.ok ? running.value.port : 0}`
    const page = await fetch(base)
    expect([page.status, await page.text()]).toEqual([426, expect.stringContaining('Offst relay')])
    const health = await fetch(`${base}/healthz`)
    expect(await health.json()).toEqual({ clients: 0, handshakes: 0, turnedAway: 0 })
    for (const answer of [page, health]) expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
  })
})

describe('programs of the servers', () => {
  const WRONG: [string[], RegExp][] = [
    [['relay', '--nope'], /^strelay: Unknown option '--nope'/],
    [['relay', '--laddr', 'nonsense'], /^strelay: --laddr "nonsense" is not host:port/],
    [['up', '--port', '80a'], /^offst: --port "80a" is no port/],
    [['up', '--port', '70000'], /^offst: --port "70000" is no port/],
    [['up', '--public-url', 'ftp://x'], /^offst: --public-url "ftp:\/\/x"/],
    [['up', '--public-url', 'https://x/#a'], /^offst: --public-url/],
    [['up', 'twice'], /^offst: /],
    [['dance'], /^offst: There is no command "dance"/],
    [[], /^offst: No command is given/],
  ]

  it('refuse a wrong command line with a sentence', async () => {
    for (const [args, sentence] of WRONG) {
      const lines = new Lines()
      expect([args, await runProgram(offst, args, lines)]).toEqual([args, 2])
      expect(lines.errors.join('\n')).toMatch(sentence)
      expect(lines.outs).toEqual([])
    }
  })
})
