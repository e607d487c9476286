import { describe, expect, it } from 'vitest'
import type { Signer } from '../../../protocol/crypto.ts'
import { nobleProvider } from '../../../protocol/ed25519.ts'
import {
  fromIndex,
  INDEX_PROLOGUE,
  toIndex,
  update,
  updateBytes,
  type FromIndex,
  type ToIndex,
} from '../../../protocol/index-messages.ts'
import { PAYMENT_PARTS_MAX, ROUTE_NODES_MAX } from '../../../protocol/limits.ts'
import type { Currency, PublicKey, RequestId, Signature } from '../../../protocol/types.ts'
import { toBase64url } from '../../../protocol/wire.ts'
import {
  CLIENT_BURST_QUERIES_MAX,
  CLIENT_BURST_UPDATES_MAX,
  CLIENT_QUEUE_BYTES_MAX,
  CLIENT_TOO_FAST_MAX,
  DISCONNECT_GRACE_MS,
} from '../../../index-server/limits.ts'
import { IndexServer } from '../../../index-server/server.ts'
import { LinkClient } from '../../support/link-client.ts'
import { MemorySocket } from '../../support/memory-socket.ts'
import { seededRandom } from '../../support/seeded-random.ts'
import { nodesOf } from '../../support/snapshot.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const random = seededRandom('index-server')
const [alice, bob] = [nobleProvider.signer(random(32)), nobleProvider.signer(random(32))]
const CREDIT = 'credit' as Currency
const NO_SIGNATURE = toBase64url(new Uint8Array(64)) as Signature
type Client = LinkClient<FromIndex, ToIndex>

class IndexWorld {
  readonly clock = new VirtualClock()
  /** Milliseconds that pass until the server looks at its clock again. */
  slowness_ms = 0
  #late_ms = 0
  readonly server = new IndexServer({
    signer: nobleProvider.signer(random(32)),
    crypto: nobleProvider,
    clock: {
      now: () => this.clock.now() + (this.#late_ms += this.slowness_ms),
      after: (delay_ms, callback) => this.clock.after(delay_ms, callback),
    },
    random,
  })
  readonly serverSockets: MemorySocket[] = []

  client(signer: Signer, network?: string): Client {
    const [mine, servers] = MemorySocket.pair(this.clock)
    this.server.accept(Object.assign(servers, { network }))
    this.serverSockets.push(servers)
    const client = new LinkClient({
      socket: mine,
      clock: this.clock,
      random,
      signer,
      server: this.server.publicKey,
      prologue: INDEX_PROLOGUE,
      says: toIndex,
      hears: fromIndex,
    })
    this.clock.advance(10)
    return client
  }

  /** Reports one friend, with the latest hash that the client heard. */
  report(client: Client, signer: Signer, friend: Signer): void {
    const latest = client.take().findLast((message) => message.kind === 'freshness')
    const body = update.encode({
      node: signer.publicKey,
      session: toBase64url(random(16)) as RequestId,
      counter: 1,
      freshness: latest!.hash,
      full: true,
      edges: [{ friend: friend.publicKey, currency: CREDIT, capacity: 10n, rate: { mul: 0, add: 1 } }],
    })
    client.say({ kind: 'update', body, signature: signer.sign(updateBytes(body)) })
    this.clock.advance(10)
  }
}

function query(source: string, destination: string): ToIndex {
  return {
    kind: 'query',
    id: 8,
    currency: CREDIT,
    amount: 1n,
    source: source as PublicKey,
    destination: destination as PublicKey,
    excludedNodes: [],
    excludedEdges: [],
    rooms: [],
    maxParts: 1,
  }
}

describe('index server', () => {
  it('IDX-2 gives a hash at once, and another every second', () => {
    const world = new IndexWorld()
    const client = world.client(alice)
    world.clock.advance(3000)
    const hashes = client.take().map((message) => (message.kind === 'freshness' ? message.hash : ''))
    expect(hashes).toHaveLength(4)
    expect(new Set(hashes).size).toBe(4)
  })

  it('IDX-26 keeps the edges of those whom it lets go when it ends, and not of those who had left before', () => {
    const world = new IndexWorld()
    const [a, b] = [world.client(alice), world.client(bob)]
    world.report(a, alice, bob)
    world.report(b, bob, alice)
    a.link.close()
    world.clock.advance(10)
    world.server.close()
    world.clock.advance(10)
    expect(b.ended).toBe('closedByPeer')
    const snapshot = Buffer.concat([...world.server.snapshot()])
    expect(nodesOf(snapshot, world.server.publicKey, world.clock.now())).toMatchObject({
      size: 1,
      reports: 1,
    })
  })

  it('IDX-1 takes updates and answers queries over links', () => {
    const world = new IndexWorld()
    const [a, b] = [world.client(alice), world.client(bob)]
    world.report(a, alice, bob)
    world.report(b, bob, alice)
    const here = { clients: 2, handshakes: 0, turnedAway: 0, nodes: 2, reports: 2 }
    expect(world.server.stats()).toMatchObject({ ...here, updates: { taken: 2, stale: 0 } })
    a.take()
    const [source, destination] = [a.key, b.key]
    const query = {
      id: 8,
      currency: CREDIT,
      source,
      destination,
      excludedNodes: [],
      excludedEdges: [],
      rooms: [],
    }
    a.say({ kind: 'query', ...query, amount: 10n, maxParts: 1 })
    world.clock.advance(10)
    expect(a.take()).toEqual([
      { kind: 'routes', id: 8, routes: [{ nodes: [source, destination], amount: 10n, fees: 0n }] },
    ])
    a.say({ kind: 'query', ...query, amount: 1n << 100n, maxParts: 1 })
    world.clock.advance(10)
    expect(world.server.stats().queries).toMatchObject({ answered: 1, noCapacity: 1, overloaded: 0 })
  })

  it('IDX-7 drops a node whose connection broke', () => {
    const world = new IndexWorld()
    world.report(world.client(alice), alice, bob)
    world.serverSockets[0]?.cut()
    world.clock.advance(DISCONNECT_GRACE_MS + 1000)
    expect(world.server.stats()).toMatchObject({ clients: 0, nodes: 0 })
  })

  it('IDX-12 ends a link on which something else is spoken', () => {
    const world = new IndexWorld()
    const client = world.client(alice)
    client.link.send(Uint8Array.of(9, 9, 9))
    world.clock.advance(10)
    expect(client.ended).toBe('closedByPeer')
    expect(world.server.stats().clients).toBe(0)
  })

  it('IDX-8 answers others while one asks and reports as fast as it can', () => {
    const world = new IndexWorld()
    const [a, b] = [world.client(alice), world.client(bob)]
    const rubbish: ToIndex = { kind: 'update', body: new Uint8Array(200), signature: NO_SIGNATURE }
    world.report(a, alice, bob)
    // Once more, and it would be disconnected.
    const tooMany = (CLIENT_TOO_FAST_MAX - 2) / 2
    for (let i = 0; i < CLIENT_BURST_QUERIES_MAX + tooMany; i++) a.say(query(a.key, b.key))
    for (let i = 0; i < CLIENT_BURST_UPDATES_MAX + tooMany; i++) a.say(rubbish)
    world.report(b, bob, alice)
    b.say(query(b.key, a.key))
    world.clock.advance(10)
    expect(b.take()).toMatchObject([{ kind: 'routes', routes: [{ nodes: [b.key, a.key] }] }])
    const reasons = a.take().map((message) => ('reason' in message ? message.reason : message.kind))
    const count = (reason: string): number => reasons.filter((each) => each === reason).length
    expect([count('unknownDestination'), count('overloaded')]).toEqual([CLIENT_BURST_QUERIES_MAX, tooMany])
    // One was its report.
    expect([count('malformed'), count('tooFast')]).toEqual([CLIENT_BURST_UPDATES_MAX - 1, tooMany + 1])
    expect(a.ended).toBeUndefined()
  })

  it('IDX-8 disconnects a client that goes on although it was told often that it is too fast', () => {
    const world = new IndexWorld()
    const [a, b] = [world.client(alice), world.client(bob)]
    const rubbish: ToIndex = { kind: 'update', body: new Uint8Array(200), signature: NO_SIGNATURE }
    for (let i = 0; i < CLIENT_BURST_UPDATES_MAX + CLIENT_TOO_FAST_MAX + 10; i++) a.say(rubbish)
    world.clock.advance(10)
    expect(a.ended).toBe('closedByPeer')
    expect(b.ended).toBeUndefined()
    expect(world.server.stats().updates.tooFast).toBe(CLIENT_TOO_FAST_MAX)
  })

  it('IDX-8 disconnects him also when now and then something of his is taken', () => {
    const world = new IndexWorld()
    const a = world.client(alice)
    const rubbish: ToIndex = { kind: 'update', body: new Uint8Array(200), signature: NO_SIGNATURE }
    for (let second = 0; second < CLIENT_TOO_FAST_MAX && a.ended === undefined; second++) {
      for (let i = 0; i < CLIENT_BURST_UPDATES_MAX; i++) a.say(rubbish)
      world.clock.advance(1000)
    }
    expect(a.ended).toBe('closedByPeer')
    expect(world.server.stats().updates.malformed).toBeGreaterThan(CLIENT_BURST_UPDATES_MAX)
  })

  it('IDX-28 counts the time that a query takes, whatever it was estimated to take', () => {
    const world = new IndexWorld()
    const [a, b] = [world.client(alice, 'crowd'), world.client(bob)]
    world.slowness_ms = 100
    for (const client of [a, b]) {
      for (let i = 0; i < CLIENT_BURST_QUERIES_MAX; i++) client.say(query(a.key, b.key))
    }
    world.clock.advance(10)
    const overloaded = (client: Client): number =>
      client.take().filter((message) => message.kind === 'noRoute' && message.reason === 'overloaded').length
    expect(overloaded(a)).toBeGreaterThan(0)
    expect(overloaded(b)).toBe(0)
  })

  it('IDX-8 many of the largest answers may wait for a client', () => {
    const nodes = Array.from({ length: ROUTE_NODES_MAX + 1 }, () => alice.publicKey)
    const routes = Array.from({ length: PAYMENT_PARTS_MAX }, () => ({ nodes, amount: 1n, fees: 1n }))
    const answer = fromIndex.encode({ kind: 'routes', id: 1, routes })
    expect(CLIENT_QUEUE_BYTES_MAX).toBeGreaterThan(10 * answer.length)
  })

  it('IDX-8 disconnects a client that does not read', () => {
    const world = new IndexWorld()
    const [a, b] = [world.client(alice), world.client(bob)]
    world.serverSockets[0]!.bufferedBytes = CLIENT_QUEUE_BYTES_MAX + 1
    world.clock.advance(1000)
    expect(a.ended).toBe('closedByPeer')
    expect(b.ended).toBeUndefined()
  })

  it('stops its clock when it closes', () => {
    const world = new IndexWorld()
    const client = world.client(alice)
    world.server.close()
    world.clock.advance(5000)
    expect(client.ended).toBe('closedByPeer')
    expect(client.take()).toHaveLength(1)
  })
})
