// How servers are watched, secured and stopped: the built programs as processes, with real sockets.

import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { connect, type Socket as Stream } from 'node:net'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { systemClock, systemRandom } from '../../cli/system.ts'
import { toSocket } from '../../cli/ws-listener.ts'
import { ADDRESS_HANDSHAKES_MAX } from '../../cli/operation/address-limits.ts'
import { CLIENT_BURST_UPDATES_MAX } from '../../index-server/limits.ts'
import { nobleProvider } from '../../protocol/ed25519.ts'
import { addressToUrl, readAs } from '../../protocol/forms.ts'
import {
  fromIndex,
  INDEX_PROLOGUE,
  toIndex,
  update,
  type FromIndex,
  type ToIndex,
} from '../../protocol/index-messages.ts'
import { UPDATE_EDGES_MAX } from '../../protocol/limits.ts'
import {
  fromRelay,
  RELAY_PROLOGUE,
  toRelay,
  type FromRelay,
  type ToRelay,
} from '../../protocol/relay-messages.ts'
import type { Currency, Hash, PublicKey, RequestId, Signature } from '../../protocol/types.ts'
import { toBase64url } from '../../protocol/wire.ts'
import { makeCertificate } from '../support/certificate.ts'
import { LinkClient, type ClientOptions } from '../support/link-client.ts'
import { DONE, run, RunningProgram } from '../support/program.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const OPERATED = '--admin 127.0.0.1:0 --log json'
const UPGRADE = [
  'GET / HTTP/1.1',
  'Host: a.example',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  '',
  '',
].join('\r\n')

interface Operated {
  readonly program: RunningProgram
  readonly folder: string
  readonly admin: string
  readonly port: number
}

/** Starts a program with an admin address and a log, and ends it with the test. */
async function start(folder: string, commandLine: string): Promise<Operated> {
  const program = new RunningProgram(folder, `${commandLine} ${OPERATED}`)
  onTestFinished(async () => {
    await program.ends('SIGKILL')
  })
  const port = async (event: string): Promise<number> => {
    const line = await program.says(new RegExp(`"event":"${event}"`))
    return (JSON.parse(line) as { port: number }).port
  }
  const admin = `http://127.0.0.1:${await port('adminListening')}`
  return { program, folder, admin, port: await port('listening') }
}

async function startRelay(more = ''): Promise<Operated> {
  return start(await temporaryFolder(), `strelay --identity relay.ident --listen 127.0.0.1:0 ${more}`)
}

/** `name{labels}` → value. */
async function metricsOf(admin: string): Promise<Map<string, number>> {
  const answer = await fetch(`${admin}/metrics`)
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
  const lines = (await answer.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => {
      const [, name = '', value] = /^(\S+(?:\{.*\})?) (\S+)$/.exec(line) ?? []
      return [name, Number(value)]
    }),
  )
}

async function untilMetric(admin: string, name: string, value: number): Promise<void> {
  while ((await metricsOf(admin)).get(name) !== value) await new Promise((resolve) => setTimeout(resolve, 20))
}

type Client<In, Out> = LinkClient<In, Out> & {
  /** Resolves to the code with which its WebSocket was closed. */
  readonly closed: Promise<number>
}

/** @param headers of the request for its WebSocket. */
async function connectTo<In, Out>(
  ticket: string,
  kind: 'relay' | 'index',
  protocol: Pick<ClientOptions<In, Out>, 'prologue' | 'says' | 'hears'>,
  seed: number,
  headers = {},
): Promise<Client<In, Out>> {
  const form = readAs(ticket, kind)
  if (!form.ok) throw new Error(form.error.message)
  const { publicKey, address } = form.value.ticket
  const url = addressToUrl(address)
  if (!url.ok) throw new Error(url.error.message)
  const socket = new WebSocket(url.value, { headers })
  await new Promise((resolve) => socket.once('open', resolve))
  const client = new LinkClient<In, Out>({
    ...protocol,
    socket: toSocket(socket),
    clock: systemClock,
    random: systemRandom,
    signer: nobleProvider.signer(new Uint8Array(32).fill(seed)),
    server: publicKey,
  })
  await client.until(() => client.isOpen)
  const closed = new Promise<number>((resolve) => socket.once('close', resolve))
  return Object.assign(client, { closed })
}

async function relayClient({ program }: Operated, seed: number): Promise<Client<FromRelay, ToRelay>> {
  const protocol = { prologue: RELAY_PROLOGUE, says: toRelay, hears: fromRelay }
  return connectTo(await program.says(/^offstrelay1/), 'relay', protocol, seed)
}

/** A client of an index server behind a proxy that says to have seen it at this address. */
async function indexClient(
  { program }: Operated,
  seed: number,
  address: string,
): Promise<Client<FromIndex, ToIndex>> {
  const protocol = { prologue: INDEX_PROLOGUE, says: toIndex, hears: fromIndex }
  const ticket = await program.says(/^offstindex1/)
  return connectTo(ticket, 'index', protocol, seed, { 'x-forwarded-for': address })
}

/** With as many edges as it may have, and signed by nobody. */
function unsignedUpdate(node: PublicKey): ToIndex {
  const friend = nobleProvider.signer(new Uint8Array(32).fill(9)).publicKey
  const body = update.encode({
    node,
    session: toBase64url(systemRandom(16)) as RequestId,
    counter: 1,
    freshness: toBase64url(systemRandom(32)) as Hash,
    full: true,
    edges: Array.from({ length: UPDATE_EDGES_MAX }, () => ({
      friend,
      currency: 'credit' as Currency,
      capacity: 1n,
      rate: { mul: 0, add: 1 },
    })),
  })
  return { kind: 'update', body, signature: toBase64url(new Uint8Array(64)) as Signature }
}

/** A client that opens a WebSocket and then does nothing, not even answer a farewell. */
async function silent(port: number): Promise<Stream> {
  const stream = connect(port, '127.0.0.1')
  stream.on('error', () => undefined)
  onTestFinished(() => void stream.destroy())
  await new Promise<void>((resolve) => {
    stream.once('data', () => resolve())
    stream.write(UPGRADE)
  })
  return stream
}

describe('metrics and log', () => {
  it('CLI-21 CLI-23 count what a relay does, and name no client in full', async () => {
    const relay = await startRelay()
    const [a, b] = [await relayClient(relay, 1), await relayClient(relay, 2)]
    b.say({ kind: 'allow', keys: [a.key] })
    await new Promise((resolve) => setTimeout(resolve, 50))
    a.say({ kind: 'send', to: b.key, payload: Uint8Array.of(1, 2, 3) })
    await b.until(() => b.heard.some(({ kind }) => kind === 'received'))
    a.say({
      kind: 'send',
      to: nobleProvider.signer(new Uint8Array(32).fill(3)).publicKey,
      payload: Uint8Array.of(),
    })
    await a.until(() => a.heard.some(({ kind }) => kind === 'peerGone'))
    expect(Object.fromEntries(await metricsOf(relay.admin))).toMatchObject({
      offst_ready: 1,
      'offst_links{server="relay"}': 2,
      'offst_links_opened_total{server="relay"}': 2,
      offst_relay_packets_total: 1,
      offst_relay_bytes_total: 3,
      'offst_relay_packets_lost_total{reason="notConnected"}': 1,
      'offst_message_seconds_count{server="relay"}': 3,
      offst_connections: 2,
    })
    // What is no message of the protocol ends its link.
    a.link.send(Uint8Array.of(255))
    const cut = await relay.program.says(/"event":"linkCut"/)
    expect(JSON.parse(cut)).toMatchObject({ reason: 'byServer', client: a.key.slice(0, 8), count: 1 })
    await untilMetric(relay.admin, 'offst_links{server="relay"}', 1)
    const metrics = await (await fetch(`${relay.admin}/metrics`)).text()
    const told = [metrics, ...relay.program.lines].join('\n')
    for (const { key } of [a, b]) expect(told).not.toContain(key)
    expect(told).not.toMatch(/"address"/)
  })

  it('CLI-21 say how a node is, and nothing of whom or how much', async () => {
    const folder = await temporaryFolder()
    for (const line of [
      'stmgr gen-ident --output node.ident',
      'stmgr init-node-db --idfile node.ident --output node.db',
    ])
      expect(run(folder, line)).toEqual(DONE)
    await mkdir(join(folder, 'trusted'))
    const node = await start(
      folder,
      'stnode --database node.db --identity node.ident --trusted trusted --listen 127.0.0.1:0',
    )
    await untilMetric(node.admin, 'offst_ready', 1)
    expect(await (await fetch(`${node.admin}/healthz`)).json()).toEqual({ state: 'ready' })
    const metrics = await metricsOf(node.admin)
    expect(metrics.get('offst_node_running')).toBe(1)
    expect(metrics.get('offst_node_friends{state="online"}')).toBe(0)
    expect(metrics.get('offst_node_commit_failures_total')).toBe(0)
    expect(metrics.get('offst_links{server="app"}')).toBe(0)
    const [key = ''] = /[\w-]{43}/.exec(await node.program.says(/The node of the card/)) ?? []
    expect([...metrics.keys()].join('\n')).not.toContain(key)
    expect(node.program.lines.filter((line) => line.startsWith('{')).join('\n')).not.toContain(key)
    expect(await node.program.ends('SIGTERM')).toBe(0)
  })

  it('are refused with a sentence where they cannot be', async () => {
    const folder = await temporaryFolder()
    const relay = 'strelay --idfile relay.ident --laddr 127.0.0.1:0'
    const taken = await startRelay()
    for (const [options, code, sentence] of [
      ['--admin nowhere', 2, /--admin "nowhere" is not host:port/],
      [`--admin ${taken.admin.slice(7)}`, 1, /Another program listens on 127\.0\.0\.1:\d+ already/],
      ['--log loud', 2, /--log "loud" is no format/],
      ['--tls-cert cert.pem', 2, /--tls-cert and --tls-key belong together/],
      ['--tls-cert cert.pem --tls-key key.pem', 1, /There is no file cert\.pem/],
    ] as const) {
      const outcome = run(folder, `${relay} ${options}`)
      expect([options, outcome.code]).toEqual([options, code])
      expect(outcome.error).toMatch(sentence)
      // CLI-11: nothing was made before it was refused.
      expect([outcome.out, await readdir(folder)]).toEqual(['', []])
    }
  })
})

describe('CLI-22 a server that is asked to stop', () => {
  it('lets its clients go at once with a farewell, takes no new ones, and says so until all have gone', async () => {
    const relay = await startRelay()
    const client = await relayClient(relay, 1)
    const stubborn = await silent(relay.port)
    const ended = relay.program.ends('SIGTERM')
    await client.until(() => client.ended !== undefined)
    expect(client.ended).toBe('closedByPeer')
    expect(await client.closed).toBe(1001)
    const health = await fetch(`${relay.admin}/healthz`)
    expect([health.status, await health.json()]).toEqual([503, { state: 'draining' }])
    await expect(fetch(`http://127.0.0.1:${relay.port}/`)).rejects.toThrow('fetch failed')
    stubborn.destroy()
    expect(await ended).toBe(0)
    const events = relay.program.lines.filter((line) => line.startsWith('{'))
    expect(events.map((line) => (JSON.parse(line) as { event: string }).event).slice(-2)).toEqual([
      'draining',
      'stopped',
    ])
  })

  it('does not wait for ever for who does not go', async () => {
    const relay = await startRelay()
    await silent(relay.port)
    expect(await relay.program.ends('SIGTERM')).toBe(0)
  })

  it('ends at once when it is asked twice', async () => {
    const relay = await startRelay()
    await silent(relay.port)
    const ended = relay.program.ends('SIGTERM')
    await relay.program.says(/"event":"draining"/)
    await relay.program.ends('SIGTERM')
    expect(await ended).toBeNull()
    expect(relay.program.lines.join()).not.toContain('"event":"stopped"')
  })
})

describe('TLS of a server', () => {
  /** The name in the certificate that a client sees. */
  async function seen(port: number, ca: string[]): Promise<string> {
    const socket = connectTls({ port, host: '127.0.0.1', ca })
    return new Promise<string>((resolve, reject) => {
      let name = ''
      socket.on('error', reject)
      socket.on('secureConnect', () => {
        name = String(socket.getPeerCertificate().subject.CN)
        socket.write('GET /healthz HTTP/1.0\r\n\r\n')
      })
      socket.resume()
      socket.on('close', () => resolve(name))
    })
  }

  it('CLI-25 ends TLS itself, with tickets that say so, and shows clients a new certificate without a restart', async () => {
    const folder = await temporaryFolder()
    const [first, second] = [makeCertificate('first'), makeCertificate('second')]
    const put = async ({ cert, key }: typeof first): Promise<void> => {
      await writeFile(join(folder, 'key.pem'), key)
      await writeFile(join(folder, 'cert.pem'), cert)
    }
    await put(first)
    const tls = '--tls-cert cert.pem --tls-key key.pem'
    const relay = await start(folder, `strelay --idfile relay.ident --laddr 127.0.0.1:0 ${tls}`)
    const form = readAs(await relay.program.says(/^offstrelay1/), 'relay')
    expect(form.ok && form.value.ticket.address).toBe(`wss://127.0.0.1:${relay.port}`)
    const trusted = [first.cert, second.cert]
    expect(await seen(relay.port, trusted)).toBe('first')

    await writeFile(join(folder, 'cert.pem'), 'rubbish')
    await relay.program.says(/"event":"certificateRefused"/)
    expect(await seen(relay.port, trusted)).toBe('first')
    await put(second)
    await relay.program.says(/"event":"certificateReloaded"/)
    expect(await seen(relay.port, trusted)).toBe('second')

    // Whoever speaks no TLS is let go and counted.
    const plain = connect(relay.port, '127.0.0.1', () => plain.write('GET / HTTP/1.1\r\n\r\n'))
    plain.on('error', () => undefined)
    await new Promise((resolve) => plain.on('close', resolve))
    await untilMetric(relay.admin, 'offst_refusals_total{reason="badTls"}', 1)
    expect(await relay.program.ends('SIGTERM')).toBe(0)
  })
})

describe('limits of an address', () => {
  it('CLI-26 keep one address behind a trusted proxy from all places, and leave them to others', async () => {
    const relay = await startRelay('--trust-proxy --log-addresses')
    const knock = async (address: string): Promise<string> => {
      const headers = { 'x-forwarded-for': `198.51.100.1, ${address}` }
      const socket = new WebSocket(`ws://127.0.0.1:${relay.port}`, { headers })
      onTestFinished(() => socket.terminate())
      return new Promise((resolve) => {
        socket.on('open', () => resolve('open'))
        socket.on('error', (error) => resolve(error.message))
      })
    }
    const knocks = Array.from({ length: ADDRESS_HANDSHAKES_MAX }, () => knock('203.0.113.5'))
    expect(new Set(await Promise.all(knocks))).toEqual(new Set(['open']))
    expect(await knock('203.0.113.5')).toContain('429')
    expect(await knock('203.0.113.6')).toBe('open')
    const refused = await relay.program.says(/"event":"refused"/)
    expect(JSON.parse(refused)).toMatchObject({ reason: 'addressHandshakes', address: '203.0.113.5' })
    await untilMetric(relay.admin, 'offst_refusals_total{reason="addressHandshakes"}', 1)
  })

  it('IDX-28 let no crowd of keys keep an index server from serving others', async () => {
    const program = 'stindex --identity index.ident --listen 127.0.0.1:0 --trust-proxy'
    const index = await start(await temporaryFolder(), program)
    const refusals = (client: Client<FromIndex, ToIndex>): string[] =>
      client.heard.flatMap((message) => (message.kind === 'refused' ? [message.reason] : []))
    const crowd = await Promise.all([1, 2, 3].map((seed) => indexClient(index, seed, '203.0.113.5')))
    for (const one of crowd) {
      const message = unsignedUpdate(one.key)
      for (let i = 0; i < CLIENT_BURST_UPDATES_MAX; i++) one.say(message)
    }
    for (const one of crowd) await one.until(() => refusals(one).length === CLIENT_BURST_UPDATES_MAX)
    expect(new Set(crowd.flatMap(refusals))).toEqual(new Set(['notFresh', 'tooFast']))

    const villager = await indexClient(index, 4, '203.0.113.6')
    villager.say(unsignedUpdate(villager.key))
    await villager.until(() => refusals(villager).length === 1)
    expect(refusals(villager)).toEqual(['notFresh'])
    const refused = (await metricsOf(index.admin)).get('offst_index_updates_total{outcome="tooFast"}')
    expect(refused).toBe(crowd.flatMap(refusals).filter((reason) => reason === 'tooFast').length)
  })
})
