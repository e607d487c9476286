// Relay and index server behind real WebSockets on loopback, as `offst up` runs them.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CoderType } from 'micro-packed'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { systemClock, systemRandom } from '../../cli/system.ts'
import { startUp, type RunningUp } from '../../cli/up.ts'
import { toSocket } from '../../cli/ws-listener.ts'
import { nobleProvider } from '../../protocol/ed25519.ts'
import { addressToUrl, readAs } from '../../protocol/forms.ts'
import {
  fromIndex,
  INDEX_PROLOGUE,
  toIndex,
  update,
  updateBytes,
  type FromIndex,
  type ToIndex,
} from '../../protocol/index-messages.ts'
import { FRAME_BYTES_MAX } from '../../protocol/limits.ts'
import {
  fromRelay,
  RELAY_PROLOGUE,
  toRelay,
  type FromRelay,
  type ToRelay,
} from '../../protocol/relay-messages.ts'
import type { Currency, PublicKey, RequestId } from '../../protocol/types.ts'
import { toBase64url } from '../../protocol/wire.ts'
import { LinkClient } from '../support/link-client.ts'

const [alice, bob] = [1, 2].map((seed) => nobleProvider.signer(new Uint8Array(32).fill(seed))) as [
  ReturnType<typeof nobleProvider.signer>,
  ReturnType<typeof nobleProvider.signer>,
]

let folder: string
let running: RunningUp
let relayTicket: Ticket
let indexTicket: Ticket

interface Ticket {
  readonly publicKey: PublicKey
  readonly address: string
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'offst-servers-'))
  const wallet = join(folder, 'web')
  await mkdir(wallet)
  await writeFile(join(wallet, 'index.html'), '')
  const terminal = { out: () => undefined, error: () => undefined }
  const started = await startUp({ port: '0', data: join(folder, 'data'), wallet }, terminal)
  if (!started.ok) throw new Error(started.error.message)
  running = started.value
  const answer = await fetch(`${running.url}/.well-known/offst.json`)
  const servers = (await answer.json()) as { relays: string[]; indexServers: string[] }
  const [relay, index] = [readAs(servers.relays[0]!, 'relay'), readAs(servers.indexServers[0]!, 'index')]
  if (!relay.ok || !index.ok) throw new Error('the tickets cannot be read')
  relayTicket = relay.value.ticket
  indexTicket = index.value.ticket
})

afterAll(async () => {
  await running.stop()
  await rm(folder, { recursive: true })
})

async function dial(address: string): Promise<WebSocket> {
  const url = addressToUrl(address)
  if (!url.ok) throw new Error(url.error.message)
  const socket = new WebSocket(url.value)
  await new Promise((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
  return socket
}

async function connect<In, Out>(
  ticket: Ticket,
  signer: typeof alice,
  prologue: Uint8Array,
  says: CoderType<Out>,
  hears: CoderType<In>,
): Promise<LinkClient<In, Out>> {
  const client = new LinkClient<In, Out>({
    socket: toSocket(await dial(ticket.address)),
    clock: systemClock,
    random: systemRandom,
    signer,
    server: ticket.publicKey,
    prologue,
    says,
    hears,
  })
  await client.until(() => client.isOpen || client.ended !== undefined)
  return client
}

const toTheRelay = (signer: typeof alice) =>
  connect<FromRelay, ToRelay>(relayTicket, signer, RELAY_PROLOGUE, toRelay, fromRelay)
const toTheIndex = (signer: typeof alice) =>
  connect<FromIndex, ToIndex>(indexTicket, signer, INDEX_PROLOGUE, toIndex, fromIndex)

describe('servers over WebSockets', () => {
  it('NOI-11 messages that wait count by the memory that they take, until they are gone', async () => {
    const stream = await dial(relayTicket.address)
    const socket = toSocket(stream)
    const count = 1000
    for (let i = 0; i < count; i++) socket.send(Uint8Array.of(1))
    expect(socket.bufferedBytes).toBeGreaterThan(100 * count)
    while (socket.bufferedBytes > 0) await new Promise((resolve) => setTimeout(resolve, 10))
    stream.terminate()
  })

  it('REL-2 the relay carries a thousand packets of every size in order', async () => {
    const [a, b] = [await toTheRelay(alice), await toTheRelay(bob)]
    b.say({ kind: 'allow', keys: [a.key] })
    a.say({ kind: 'allow', keys: [b.key] })
    // The answer to a packet to itself says that the list before it was taken.
    b.say({ kind: 'send', to: b.key, payload: new Uint8Array(0) })
    await b.until(() => b.heard.some((message) => message.kind === 'peerGone'))
    b.take()
    const sizes = Array.from({ length: 1000 }, (_, i) => (i % 100 === 99 ? 60_000 : i))
    for (const [i, size] of sizes.entries()) {
      a.say({ kind: 'send', to: b.key, payload: new Uint8Array(size).fill(i) })
    }
    await b.until(() => b.heard.length === sizes.length)
    const got = b.take().map((message) => (message.kind === 'received' ? message.payload : new Uint8Array(0)))
    expect(got.map((payload) => payload.length)).toEqual(sizes)
    expect(got.every((payload, i) => payload.every((byte) => byte === (i & 0xff)))).toBe(true)
    a.link.close()
    await b.until(() => b.heard.length > 0)
    expect(b.take()).toEqual([{ kind: 'peerGone', key: a.key, reason: 'disconnected' }])
    b.link.close()
  })

  it('REL-5 the older of two connections is told that it is replaced', async () => {
    const older = await toTheRelay(alice)
    const newer = await toTheRelay(alice)
    await older.until(() => older.ended !== undefined)
    expect(older.take().at(-1)).toEqual({ kind: 'replaced' })
    expect(newer.ended).toBeUndefined()
    newer.link.close()
  })

  it('REL-7 rubbish ends its own connection, and no other', async () => {
    const good = await toTheRelay(alice)
    const rubbish = [
      (socket: WebSocket) => socket.send('text'),
      (socket: WebSocket) => socket.send(new Uint8Array(FRAME_BYTES_MAX + 1)),
      (socket: WebSocket) => socket.send(new Uint8Array(34)),
      (socket: WebSocket) => socket.send(new Uint8Array(0)),
      (socket: WebSocket) => socket.send(new Uint8Array(40_000).fill(255)),
    ]
    for (const speak of rubbish) {
      const socket = await dial(relayTicket.address)
      speak(socket)
      await new Promise((resolve) => socket.once('close', resolve))
    }
    good.say({ kind: 'send', to: bob.publicKey, payload: new Uint8Array(1) })
    await good.until(() => good.heard.at(-1)?.kind === 'peerGone')
    expect(good.ended).toBeUndefined()
    good.link.close()
  })

  it('a client does not talk to a server that holds another key', async () => {
    const wrong = { ...relayTicket, publicKey: indexTicket.publicKey }
    const client = await connect(wrong, alice, RELAY_PROLOGUE, toRelay, fromRelay)
    expect([client.isOpen, client.ended]).toEqual([false, 'wrongPeer'])
  })

  it('IDX-1 the index server finds the route that two nodes have reported', async () => {
    const [a, b] = [await toTheIndex(alice), await toTheIndex(bob)]
    for (const [client, signer, friend] of [
      [a, alice, bob],
      [b, bob, alice],
    ] as const) {
      await client.until(() => client.heard.length > 0)
      const [hello] = client.take()
      if (hello?.kind !== 'freshness') throw new Error('the server did not say a hash first')
      const body = update.encode({
        node: signer.publicKey,
        session: toBase64url(systemRandom(16)) as RequestId,
        counter: 1,
        freshness: hello.hash,
        full: true,
        edges: [
          {
            friend: friend.publicKey,
            currency: 'credit' as Currency,
            capacity: 100n,
            rate: { mul: 0, add: 1 },
          },
        ],
      })
      client.say({ kind: 'update', body, signature: signer.sign(updateBytes(body)) })
    }
    await b.until(() => b.heard.some((message) => message.kind === 'freshness'))
    a.say({
      kind: 'query',
      id: 3,
      currency: 'credit' as Currency,
      amount: 100n,
      source: a.key,
      destination: b.key,
      excludedNodes: [],
      excludedEdges: [],
      rooms: [],
      maxParts: 1,
    })
    await a.until(() => a.heard.some((message) => message.kind !== 'freshness'))
    expect(a.take().find((message) => message.kind !== 'freshness')).toEqual({
      kind: 'routes',
      id: 3,
      routes: [{ nodes: [a.key, b.key], amount: 100n, fees: 0n }],
    })
    a.link.close()
    b.link.close()
  })
})
