import { describe, expect, it } from 'vitest'
import { IndexCore } from '../../../index-server/core.ts'
import type { Signer } from '../../../protocol/crypto.ts'
import { hashOfList } from '../../../protocol/federation-messages.ts'
import {
  update as updateCodec,
  updateBytes,
  type EdgeReport,
  type SignedUpdate,
  type Update,
} from '../../../protocol/index-messages.ts'
import { INDEX_SILENT_MS_MAX } from '../../../protocol/limits.ts'
import type { Hash, RequestId } from '../../../protocol/types.ts'
import { toBase64url } from '../../../protocol/wire.ts'
import { nodeProvider } from '../../../worker/runtime/crypto/node.ts'
import { CREDIT } from '../../support/federation-world.ts'
import { seededRandom } from '../../support/seeded-random.ts'
import { nodesOf, readSnapshot } from '../../support/snapshot.ts'

const random = seededRandom('snapshot')
const [server, stranger, alice, bob, carol] = Array.from({ length: 5 }, () =>
  nodeProvider.signer(random(32)),
) as [Signer, Signer, Signer, Signer, Signer]
const sessions = new Map([alice, bob, carol].map((node) => [node, session()]))
const START = 1_000_000

function session(): RequestId {
  return toBase64url(random(16)) as RequestId
}

function edge(friend: Signer, capacity: bigint): EdgeReport {
  return { friend: friend.publicKey, currency: CREDIT, capacity, rate: { mul: 7, add: 1 } }
}

/** A server that is stopped and started again, and time that goes on meanwhile. */
class World {
  now = START
  core = new IndexCore(nodeProvider, random(32))
  #connections = 0
  #counter = 0

  /** What the server would write down now. */
  snapshot(signer = server): Uint8Array {
    return new Uint8Array(Buffer.concat([...this.core.snapshot(signer)]))
  }

  start(snapshot: Uint8Array, federates = false): void {
    const restored = nodesOf(snapshot, server.publicKey, this.now)
    this.core = new IndexCore(nodeProvider, random(32), { federates, restored })
  }

  connect(node: Signer): { readonly connection: number; readonly freshness: Hash } {
    const connection = ++this.#connections
    const [hello] = this.core.opened(connection, node.publicKey, this.now)
    if (hello?.message.kind !== 'freshness') throw new Error('a server says a hash first')
    return { connection, freshness: hello.message.hash }
  }

  sign(
    node: Signer,
    freshness: Hash,
    edges: readonly EdgeReport[],
    more: Partial<Update> = {},
  ): SignedUpdate {
    const head = { node: node.publicKey, session: sessions.get(node)!, counter: ++this.#counter, freshness }
    const body = updateCodec.encode({ ...head, full: true, edges, ...more })
    return { body, signature: node.sign(updateBytes(body)) }
  }

  send(connection: number, signed: SignedUpdate): string {
    const [answer] = this.core.received(connection, { kind: 'update', ...signed }, this.now)
    return answer?.message.kind === 'refused' ? answer.message.reason : 'taken'
  }

  /** A node connects and reports. */
  report(node: Signer, edges: readonly EdgeReport[], more: Partial<Update> = {}): string {
    const { connection, freshness } = this.connect(node)
    return this.send(connection, this.sign(node, freshness, edges, more))
  }

  /** Alice → Carol → Bob, 100 each way. */
  befriend(): void {
    expect(this.report(alice, [edge(carol, 100n)])).toBe('taken')
    expect(this.report(bob, [edge(carol, 100n)])).toBe('taken')
    expect(this.report(carol, [edge(alice, 100n), edge(bob, 100n)])).toBe('taken')
  }

  /** What somebody is told who asks for a way from Alice to Bob. */
  ask(amount = 60n): string {
    const { connection } = this.connect(stranger)
    const [source, destination] = [alice.publicKey, bob.publicKey]
    const exclusions = { excludedNodes: [], excludedEdges: [], rooms: [] }
    const query = { id: 1, currency: CREDIT, amount, source, destination, maxParts: 1, ...exclusions }
    const [answer] = this.core.received(connection, { kind: 'query', ...query }, this.now)
    if (answer?.message.kind === 'noRoute') return answer.message.reason
    return answer?.message.kind ?? ''
  }

  /** A new hash is published, and what is too old is dropped. */
  tick(): Hash {
    this.core.tick(this.now, random(32))
    const { freshness } = this.connect(stranger)
    return freshness
  }
}

function befriended(): World {
  const world = new World()
  world.befriend()
  return world
}

describe('the snapshot of an index server', () => {
  it('IDX-26 lets it answer as before when it starts again, before any node has reported', () => {
    const world = befriended()
    world.start(world.snapshot())
    expect([world.core.size, world.core.reports]).toEqual([3, 4])
    expect([world.ask(60n), world.ask(100n)]).toEqual(['routes', 'noCapacity'])
    expect(world.core.capacity(CREDIT, carol.publicKey, bob.publicKey)).toBe(100n)
  })

  it('IDX-26 makes no node younger: its edges go when it has been silent for too long, the stop included', () => {
    const world = befriended()
    world.now += INDEX_SILENT_MS_MAX - 2_000
    world.start(world.snapshot())
    world.now += 1_000
    world.start(world.snapshot())
    world.tick()
    expect(world.ask()).toBe('routes')
    world.now += 1_000
    world.tick()
    expect([world.ask(), world.core.size, world.core.reports]).toEqual(['unknownDestination', 0, 0])
  })

  it('IDX-26 holds nothing for a server that starts too late, or whose clock was set back', () => {
    for (const shift of [INDEX_SILENT_MS_MAX, -1, -INDEX_SILENT_MS_MAX]) {
      const world = befriended()
      const snapshot = world.snapshot()
      world.now += shift
      world.start(snapshot)
      expect([world.ask(), world.core.size]).toEqual(['unknownDestination', 0])
      world.befriend()
      expect(world.ask()).toBe('routes')
    }
  })

  it('IDX-26 leaves out the edges of a node whose connection has ended', () => {
    const world = befriended()
    const { connection, freshness } = world.connect(carol)
    world.send(connection, world.sign(carol, freshness, [edge(alice, 100n), edge(bob, 100n)]))
    world.core.closed(connection, world.now)
    world.start(world.snapshot())
    expect(world.core.size).toBe(2)
  })

  it('IDX-26 IDX-5 a node has to report everything first, and that replaces what the snapshot says', () => {
    const world = befriended()
    world.start(world.snapshot())
    expect(world.report(carol, [edge(bob, 5n)], { full: false })).toBe('needFull')
    expect(world.report(carol, [], { full: false })).toBe('needFull')
    expect(world.ask()).toBe('routes')
    expect(world.report(carol, [edge(bob, 500n)])).toBe('taken')
    expect([world.core.size, world.core.reports]).toEqual([3, 3])
    expect(world.core.capacity(CREDIT, carol.publicKey, alice.publicKey)).toBeUndefined()
    expect(world.report(carol, [edge(alice, 100n)], { full: false })).toBe('taken')
    expect(world.ask()).toBe('routes')
  })

  it('IDX-26 a node that has reported anew stays, one that has not goes', () => {
    const world = befriended()
    world.start(world.snapshot())
    world.now += INDEX_SILENT_MS_MAX / 2
    expect(world.report(carol, [edge(alice, 100n), edge(bob, 100n)])).toBe('taken')
    world.now += INDEX_SILENT_MS_MAX / 2
    world.tick()
    expect([world.core.size, world.core.reports]).toEqual([1, 2])
  })

  it('IDX-26 IDX-3 nothing old comes back: no update from before, no counter, no ended session', () => {
    const world = new World()
    const ended = session()
    expect(world.report(carol, [], { session: ended })).toBe('taken')
    world.befriend()
    const { connection, freshness } = world.connect(carol)
    const early = world.sign(carol, freshness, [edge(bob, 9n)])
    const late = world.sign(carol, freshness, [edge(bob, 8n)])
    expect(world.send(connection, early)).toBe('taken')
    world.start(world.snapshot())
    const again = world.connect(carol)
    expect(world.send(again.connection, early)).toBe('notFresh')
    expect(world.send(again.connection, late)).toBe('notFresh')
    expect(world.report(carol, [], { counter: 1 })).toBe('stale')
    expect(world.report(carol, [], { session: ended })).toBe('stale')
    expect(world.report(carol, [edge(bob, 7n)], { session: session() })).toBe('taken')
    expect(world.core.reports).toBe(3)
  })

  it('IDX-26 other servers are told nothing of it, and can add nothing without a proof', () => {
    const world = befriended()
    const { connection, freshness } = world.connect(carol)
    const known = world.sign(carol, freshness, [edge(bob, 9n)], { full: false })
    const unheard = world.sign(carol, freshness, [edge(bob, 8n)])
    expect(world.send(connection, known)).toBe('taken')
    world.start(world.snapshot(), true)
    const federation = world.core.federation!
    const neighbour = stranger.publicKey
    federation.joined(neighbour, world.now)
    federation.takeActions()

    federation.received(neighbour, { kind: 'need', node: carol.publicKey }, world.now)
    expect(federation.next(neighbour, world.now)).toBeUndefined()
    for (const one of [known, unheard]) federation.received(neighbour, { kind: 'known', ...one }, world.now)
    const about = { node: carol.publicKey, session: sessions.get(carol)!, counter: 99 }
    federation.received(neighbour, { kind: 'gone', ...about }, world.now)
    expect(federation.counts).toMatchObject({ unproven: 2, falseGone: 1, learned: 0 })
    expect(federation.takeActions()).toEqual([])
    expect(world.core.capacity(CREDIT, carol.publicKey, bob.publicKey)).toBe(9n)
  })

  it('IDX-26 a sign of life that another server forwards makes this one ask for all, and keeps nothing for ever', () => {
    const world = befriended()
    world.start(world.snapshot(), true)
    const federation = world.core.federation!
    const neighbour = stranger.publicKey
    federation.joined(neighbour, world.now)
    const sayAlive = (): void => {
      const list = { random: random(32), neighbours: [world.tick()] }
      const signed = world.sign(carol, hashOfList(list), [], { full: false })
      federation.takeActions()
      federation.received(neighbour, { kind: 'update', ...signed, chain: [list] }, world.now)
    }
    sayAlive()
    const need = { kind: 'need', node: carol.publicKey }
    expect(federation.takeActions()).toEqual([{ kind: 'say', neighbour, message: need }])
    expect(world.core.capacity(CREDIT, carol.publicKey, bob.publicKey)).toBe(100n)
    world.now += INDEX_SILENT_MS_MAX - 1_000
    sayAlive()
    expect(world.core.size).toBe(3)
    world.now += 1_000
    sayAlive()
    expect([world.core.size, world.core.reports]).toEqual([0, 0])
  })

  it('IDX-26 is written piece by piece while updates are taken, each node as it is at its turn', () => {
    const world = befriended()
    const pieces: Uint8Array[] = []
    for (const piece of world.core.snapshot(server)) {
      pieces.push(piece)
      world.now += 1
      expect(world.report(alice, [edge(carol, 100n)])).toBe('taken')
      expect(world.report(carol, [edge(bob, 100n), edge(alice, 100n)])).toBe('taken')
    }
    // The head, three nodes with their edges, the end: no node twice, though all the time some became the latest.
    expect(pieces).toHaveLength(8)
    world.start(Buffer.concat(pieces))
    expect([world.ask(), world.core.reports]).toEqual(['routes', 4])
  })

  it('IDX-26 is the same however it is cut into slices', () => {
    const world = befriended()
    const bytes = world.snapshot()
    for (const size of [1, 7, 64, bytes.length]) {
      const nodes = readSnapshot(bytes, server.publicKey, world.now, size)
      expect(nodes.ok && [nodes.value.size, nodes.value.reports]).toEqual([3, 4])
    }
  })

  it('IDX-26 counts only if it is whole, and written by this very server', () => {
    const world = befriended()
    const bytes = world.snapshot()
    const codeOf = (file: Uint8Array): string => {
      const nodes = readSnapshot(file, server.publicKey, world.now)
      return nodes.ok ? 'ok' : nodes.error.code
    }
    expect(codeOf(bytes)).toBe('ok')
    for (let length = 0; length < bytes.length; length++) {
      expect([length, codeOf(bytes.subarray(0, length))]).not.toEqual([length, 'ok'])
    }
    for (let place = 0; place < bytes.length; place++) {
      const changed = bytes.slice()
      changed[place]! ^= 1 << (place % 8)
      expect([place, codeOf(changed)]).not.toEqual([place, 'ok'])
    }
    const middle = bytes.length >> 1
    expect(codeOf(Buffer.concat([bytes, bytes.subarray(middle)]))).toBe('damaged')
    expect(codeOf(Buffer.concat([bytes, new Uint8Array(1)]))).toBe('damaged')
    expect(codeOf(world.snapshot(stranger))).toBe('foreign')
    expect(codeOf(new Uint8Array(bytes.length))).toBe('noSnapshot')
    expect(codeOf(new Uint8Array(0))).toBe('noSnapshot')
  })
})
