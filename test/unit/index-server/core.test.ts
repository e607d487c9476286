import { describe, expect, it } from 'vitest'
import { nobleProvider } from '../../../protocol/ed25519.ts'
import {
  update as updateCodec,
  updateBytes,
  type EdgeReport,
  type FromIndex,
  type Query,
  type Update,
} from '../../../protocol/index-messages.ts'
import { INDEX_SILENT_MS_MAX, UPDATE_BYTES_MAX } from '../../../protocol/limits.ts'
import type { Signer } from '../../../protocol/crypto.ts'
import type { Currency, Hash, RequestId, Signature } from '../../../protocol/types.ts'
import { toBase64url } from '../../../protocol/wire.ts'
import { IndexCore } from '../../../index-server/core.ts'
import {
  CLIENT_BURST_QUERIES_MAX,
  CLIENT_BURST_UPDATES_MAX,
  DISCONNECT_GRACE_MS,
  FRESHNESS_HASHES_MAX,
  NETWORK_CURRENCIES_MAX,
  NETWORK_WORK_BURST_MAX,
  NETWORK_WORK_PER_SECOND_MAX,
  QUERY_WORK,
  UPDATE_WORK,
} from '../../../index-server/limits.ts'
import { seededRandom } from '../../support/seeded-random.ts'

const random = seededRandom('index-core')
const [alice, bob, carol] = [signer(), signer(), signer()]
const CREDIT = 'credit' as Currency
const NO_SIGNATURE = toBase64url(new Uint8Array(64)) as Signature

function signer(): Signer {
  return nobleProvider.signer(random(32))
}

/** A node that talks to the core over a connection of its own. */
class Node {
  readonly signer: Signer
  readonly connection: number
  session = toBase64url(random(16)) as RequestId
  counter = 0
  freshness: Hash
  readonly #world: World

  constructor(world: World, signer: Signer, connection: number, network?: string) {
    this.#world = world
    this.signer = signer
    this.connection = connection
    const [hello] = world.core.opened(connection, signer.publicKey, world.now, network)
    expect(hello?.message.kind).toBe('freshness')
    this.freshness = hello?.message.kind === 'freshness' ? hello.message.hash : ('' as Hash)
  }

  /** Sends an update; returns the reason of its refusal. */
  report(edges: readonly EdgeReport[], more: Partial<Update> = {}, signedBy = this.signer): string {
    const update: Update = {
      node: this.signer.publicKey,
      session: this.session,
      counter: ++this.counter,
      freshness: this.freshness,
      full: true,
      edges,
      ...more,
    }
    const body = updateCodec.encode(update)
    return this.#send(body, signedBy)
  }

  sendBody(body: Uint8Array): string {
    return this.#send(body, this.signer)
  }

  /** Sends what costs nothing to make. */
  babble(bytes = 0): string {
    return this.#say(new Uint8Array(bytes), NO_SIGNATURE)
  }

  #send(body: Uint8Array, signedBy: Signer): string {
    return this.#say(body, signedBy.sign(updateBytes(body)))
  }

  #say(body: Uint8Array, signature: Signature): string {
    const { core, now } = this.#world
    const [answer] = core.received(this.connection, { kind: 'update', body, signature }, now)
    return answer?.message.kind === 'refused' ? answer.message.reason : 'taken'
  }

  ask(amount: bigint, source: Signer, destination: Signer): FromIndex {
    const query: Query = {
      id: 5,
      currency: CREDIT,
      amount,
      source: source.publicKey,
      destination: destination.publicKey,
      excludedNodes: [],
      excludedEdges: [],
      rooms: [],
      maxParts: 1,
    }
    const { core, now } = this.#world
    const [answer] = core.received(this.connection, { kind: 'query', ...query }, now)
    return answer!.message
  }
}

class World {
  now = 1_000_000
  readonly core = new IndexCore(nobleProvider, random(32))
  readonly alice = new Node(this, alice, 1)
  readonly bob = new Node(this, bob, 2)
  readonly carol = new Node(this, carol, 3)

  /** Alice → Carol → Bob, 100 each way. */
  befriend(): void {
    expect(this.alice.report([edge(carol)])).toBe('taken')
    expect(this.bob.report([edge(carol)])).toBe('taken')
    expect(this.carol.report([edge(alice), edge(bob)])).toBe('taken')
  }

  /** Lets seconds pass, one by one; everybody still connected hears the new hash. */
  pass(seconds: number): void {
    for (let i = 0; i < seconds; i++) {
      this.now += 1000
      for (const { connection, message } of this.core.tick(this.now, random(32))) {
        const node = [this.alice, this.bob, this.carol].find((one) => one.connection === connection)
        if (node !== undefined && message.kind === 'freshness') node.freshness = message.hash
      }
    }
  }
}

function edge(friend: Signer, capacity = 100n): EdgeReport {
  return { friend: friend.publicKey, currency: CREDIT, capacity, rate: { mul: 0, add: 1 } }
}

describe('index core', () => {
  it('IDX-1 answers with the route that signed updates of all nodes on it allow', () => {
    const world = new World()
    world.befriend()
    expect(world.alice.ask(60n, alice, bob)).toEqual({
      kind: 'routes',
      id: 5,
      routes: [{ nodes: [alice, carol, bob].map((one) => one.publicKey), amount: 60n, fees: 1n }],
    })
    expect(world.alice.ask(100n, alice, bob)).toEqual({ kind: 'noRoute', id: 5, reason: 'noCapacity' })
  })

  it('IDX-1 takes an update only with the signature of its node, on a link of that node', () => {
    const world = new World()
    expect(world.alice.report([edge(carol)], {}, bob)).toBe('badSignature')
    expect(world.alice.report([edge(carol)], { node: bob.publicKey }, bob)).toBe('notYours')
    expect(world.core.size).toBe(0)
    expect(world.alice.report([edge(carol)])).toBe('taken')
  })

  it('IDX-1 a refused update does not use up its counter', () => {
    const world = new World()
    expect(world.alice.report([edge(carol)], { counter: 9 }, bob)).toBe('badSignature')
    expect(world.alice.report([edge(carol)], { counter: 5 })).toBe('taken')
  })

  it('IDX-2 publishes another hash every second, to everybody', () => {
    const world = new World()
    const first = world.alice.freshness
    world.pass(1)
    expect(world.alice.freshness).not.toBe(first)
    expect(world.bob.freshness).toBe(world.alice.freshness)
  })

  it('IDX-2 refuses an update that names none of its latest hashes', () => {
    const world = new World()
    const old = world.alice.freshness
    world.pass(FRESHNESS_HASHES_MAX - 1)
    expect(world.alice.report([], { freshness: old })).toBe('taken')
    world.pass(1)
    expect(world.alice.report([], { freshness: old })).toBe('notFresh')
    expect(world.alice.report([], { freshness: toBase64url(random(32)) as Hash })).toBe('notFresh')
  })

  it('IDX-3 refuses a counter that does not grow', () => {
    const world = new World()
    expect(world.alice.report([], { counter: 7 })).toBe('taken')
    expect(world.alice.report([], { counter: 7 })).toBe('stale')
    expect(world.alice.report([], { counter: 6 })).toBe('stale')
    expect(world.alice.report([], { counter: 8 })).toBe('taken')
  })

  it('IDX-3 an ended session does not come back, whatever its counter', () => {
    const world = new World()
    const [first, second] = ['a', 'b'].map(() => toBase64url(random(16)) as RequestId)
    expect(world.alice.report([], { session: first!, counter: 9 })).toBe('taken')
    expect(world.alice.report([], { session: second!, counter: 1 })).toBe('taken')
    expect(world.alice.report([], { session: first!, counter: 10 })).toBe('stale')
  })

  it('IDX-3 an ended session does not come back after a disconnection either', () => {
    const world = new World()
    const session = toBase64url(random(16)) as RequestId
    expect(world.alice.report([], { session, counter: 3 })).toBe('taken')
    expect(world.alice.report([], { counter: 1 })).toBe('taken')
    const { freshness } = world.alice
    world.core.closed(1, world.now)
    world.pass(DISCONNECT_GRACE_MS / 1000)
    const again = new Node(world, alice, 4)
    expect(again.report([], { session, counter: 4, freshness })).toBe('stale')
  })

  it('IDX-5 a full update replaces everything of its node, another one only what it names', () => {
    const world = new World()
    world.befriend()
    expect(world.carol.report([edge(alice, 10n)], { full: false })).toBe('taken')
    expect(world.alice.ask(60n, alice, bob)).toMatchObject({ reason: 'noCapacity' })
    expect(world.alice.ask(9n, alice, bob).kind).toBe('routes')
    expect(world.carol.report([edge(alice)])).toBe('taken')
    expect(world.alice.ask(9n, alice, bob)).toMatchObject({ reason: 'notConnected' })
  })

  it('IDX-5 asks for a full update when it has none of this session', () => {
    const world = new World()
    expect(world.alice.report([], { full: false })).toBe('needFull')
    expect(world.alice.report([])).toBe('taken')
    expect(world.alice.report([], { full: false })).toBe('taken')
    world.alice.session = toBase64url(random(16)) as RequestId
    expect(world.alice.report([], { full: false })).toBe('needFull')
  })

  it('IDX-6 keeps currencies apart', () => {
    const world = new World()
    world.befriend()
    const other = 'hours' as Currency
    expect(world.carol.report([edge(alice), { ...edge(bob), currency: other }])).toBe('taken')
    expect(world.alice.ask(1n, alice, bob)).toMatchObject({ reason: 'notConnected' })
  })

  it('IDX-7 drops a node that fell silent, and keeps one that says it is there', () => {
    const world = new World()
    world.befriend()
    const seconds = INDEX_SILENT_MS_MAX / 1000
    world.pass(seconds - 1)
    expect(world.alice.report([], { full: false })).toBe('taken')
    expect(world.bob.report([], { full: false })).toBe('taken')
    expect(world.core.size).toBe(3)
    world.pass(1)
    expect(world.core.size).toBe(2)
    expect(world.alice.ask(1n, alice, bob)).toMatchObject({ reason: 'notConnected' })
    world.pass(seconds)
    expect(world.core.size).toBe(0)
    expect(world.alice.ask(1n, alice, bob)).toMatchObject({ reason: 'unknownDestination' })
  })

  it('IDX-7 drops a node that disconnected after a short grace', () => {
    const world = new World()
    world.befriend()
    world.core.closed(3, world.now)
    world.pass(DISCONNECT_GRACE_MS / 1000 - 1)
    expect(world.alice.ask(1n, alice, bob).kind).toBe('routes')
    world.pass(1)
    expect(world.alice.ask(1n, alice, bob)).toMatchObject({ reason: 'notConnected' })
  })

  it('IDX-7 keeps a node that is back within the grace', () => {
    const world = new World()
    world.befriend()
    world.core.closed(3, world.now)
    const back = new Node(world, carol, 4)
    expect(back.report([edge(alice), edge(bob)])).toBe('taken')
    world.pass(DISCONNECT_GRACE_MS / 1000 + 1)
    expect(world.alice.ask(1n, alice, bob).kind).toBe('routes')
  })

  it('IDX-8 refuses updates and queries that come too fast, and takes them again later', () => {
    const world = new World()
    for (let i = 0; i < CLIENT_BURST_UPDATES_MAX; i++) expect(world.alice.report([])).toBe('taken')
    expect(world.alice.report([])).toBe('tooFast')
    for (let i = 0; i < CLIENT_BURST_QUERIES_MAX; i++) world.alice.ask(1n, alice, bob)
    expect(world.alice.ask(1n, alice, bob)).toEqual({ kind: 'noRoute', id: 5, reason: 'overloaded' })
    world.pass(1)
    expect(world.alice.report([])).toBe('taken')
    expect(world.alice.ask(1n, alice, bob)).toMatchObject({ reason: 'unknownDestination' })
  })

  it('IDX-8 takes the more of a bucket, the more a query made it look at', () => {
    const world = new World()
    world.befriend()
    // Whoever searches has to see that no way out of two crowds is as wide as all in them.
    for (const [member, first] of [
      [world.alice, 100],
      [world.bob, 300],
    ] as const) {
      const crowd = Array.from({ length: 110 }, (_, i) => new Node(world, signer(), first + i))
      const wide = (node: Node) => edge(node.signer, 10_000n)
      expect(member.report([edge(carol), ...crowd.map(wide)])).toBe('taken')
      for (const node of crowd) {
        const others = [member, ...crowd].filter((other) => other !== node)
        expect(node.report(others.map(wide))).toBe('taken')
      }
    }
    let answered = 0
    for (let i = 0; i < CLIENT_BURST_QUERIES_MAX; i++) {
      const answer = world.alice.ask(1_000n, alice, bob)
      if (answer.kind === 'noRoute' && answer.reason === 'noCapacity') answered++
    }
    expect(answered).toBeGreaterThan(0)
    expect(answered).toBeLessThan(CLIENT_BURST_QUERIES_MAX - 10)
  })

  it('IDX-28 lets the clients of one network together make only so much work, whatever those of others do', () => {
    const world = new World()
    const updates = NETWORK_WORK_BURST_MAX / UPDATE_WORK
    const busy = Array.from({ length: 2 + updates / CLIENT_BURST_UPDATES_MAX }, (_, i) => {
      return new Node(world, signer(), 10 + i, 'crowd')
    })
    const neighbour = new Node(world, signer(), 5, 'village')
    const [late, ...early] = busy
    let heard = 0
    for (const node of early) {
      for (let i = 0; i < CLIENT_BURST_UPDATES_MAX; i++) if (node.babble() === 'malformed') heard++
    }
    expect(heard).toBe(updates)
    expect(late!.report([])).toBe('tooFast')
    expect(late!.ask(1n, alice, bob)).toMatchObject({ reason: 'overloaded' })
    expect(neighbour.report([])).toBe('taken')
    expect(neighbour.ask(1n, alice, bob)).toMatchObject({ reason: 'unknownDestination' })
    expect(world.alice.report([])).toBe('taken')
    world.pass(1)
    expect(late!.report([])).toBe('taken')
    expect(late!.ask(1n, alice, bob)).toMatchObject({ reason: 'unknownDestination' })
    let more = 0
    for (const node of busy) {
      for (let i = 0; i < CLIENT_BURST_UPDATES_MAX; i++) if (node.babble() === 'malformed') more++
    }
    expect(more).toBeLessThan(NETWORK_WORK_PER_SECOND_MAX / UPDATE_WORK)
  })

  it('IDX-28 counts the bytes of updates, and the edges that queries look at, as work', () => {
    const world = new World()
    const untilRefused = (more: () => boolean): number => {
      let count = 0
      while (more()) count++
      return count
    }
    const big = Array.from({ length: 10 }, (_, i) => new Node(world, signer(), 10 + i, 'big'))
    const heard = big.map((node) => untilRefused(() => node.babble(UPDATE_BYTES_MAX) === 'malformed'))
    const updates = heard.reduce((sum, count) => sum + count)
    expect(updates).toBeGreaterThan(CLIENT_BURST_UPDATES_MAX)
    expect(updates).toBeLessThan(NETWORK_WORK_BURST_MAX / UPDATE_WORK / 10)

    world.befriend()
    const askers = Array.from({ length: 300 }, (_, i) => new Node(world, signer(), 100 + i, 'curious'))
    const asked = askers.map((node) => untilRefused(() => node.ask(60n, alice, bob).kind === 'routes'))
    const queries = asked.reduce((sum, count) => sum + count)
    expect(queries).toBeGreaterThan(CLIENT_BURST_QUERIES_MAX)
    expect(queries).toBeLessThan(NETWORK_WORK_BURST_MAX / QUERY_WORK)
  })

  it('IDX-28 lets the nodes of one network bring only so many currencies', () => {
    const world = new World()
    const friend = signer()
    const currencies = (from: number, count: number): EdgeReport[] =>
      Array.from({ length: count }, (_, i) => ({ ...edge(friend), currency: `c${from + i}` as Currency }))
    const [first, second, other] = [5, 6, 7].map((connection) => {
      return new Node(world, signer(), connection, connection === 7 ? 'village' : 'crowd')
    })
    expect(first!.report(currencies(0, 500))).toBe('taken')
    expect(second!.report(currencies(500, NETWORK_CURRENCIES_MAX - 500))).toBe('taken')
    expect(first!.report(currencies(NETWORK_CURRENCIES_MAX, 1), { full: false })).toBe('overloaded')
    expect(first!.report(currencies(0, 500), { full: false })).toBe('taken')
    expect(other!.report(currencies(NETWORK_CURRENCIES_MAX, 1))).toBe('taken')
  })

  it('IDX-12 refuses an update that is not decodable, or names its own node as a friend', () => {
    const world = new World()
    expect(world.alice.sendBody(new Uint8Array(7))).toBe('malformed')
    expect(world.alice.report([edge(alice)])).toBe('malformed')
  })

  it('hears nothing from a connection that has ended', () => {
    const world = new World()
    const body = new Uint8Array(0)
    world.core.closed(1, world.now)
    world.core.closed(1, world.now)
    const signature = alice.sign(body)
    expect(world.core.received(1, { kind: 'update', body, signature }, world.now)).toEqual([])
  })
})
