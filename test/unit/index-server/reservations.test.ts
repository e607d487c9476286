import { describe, expect, it } from 'vitest'
import { nobleProvider } from '../../../protocol/ed25519.ts'
import { update as updateCodec, updateBytes, type Query } from '../../../protocol/index-messages.ts'
import type { Currency, Hash, PublicKey, Rate, RequestId } from '../../../protocol/types.ts'
import { toBase64url } from '../../../protocol/wire.ts'
import { IndexCore } from '../../../index-server/core.ts'
import { CurrencyGraph } from '../../../index-server/graph.ts'
import { CLIENT_RESERVATIONS_MAX, RESERVE_MS, RESERVED_EDGES_MAX } from '../../../index-server/limits.ts'
import { Reservations } from '../../../index-server/reservations.ts'
import { seededRandom } from '../../support/seeded-random.ts'

const random = seededRandom('reservations')
const CREDIT = 'credit' as Currency
const FREE: Rate = { mul: 0, add: 0 }

/** What flows from one node to another: capacity and rate. */
type Edges = Readonly<Record<string, readonly [capacity: bigint, rate?: Rate]>>

/** A server to which nodes with names of one letter have reported their edges. */
class World {
  now = 1_000_000
  readonly core: IndexCore
  readonly #signers = new Map(
    ['a', 'b', 'm', 'x', 'y', 'z'].map((name, index) => [
      name,
      { signer: nobleProvider.signer(random(32)), index },
    ]),
  )
  readonly #freshness = new Map<string, Hash>()
  #counter = 0

  constructor(edges: Edges, reserveMs?: number) {
    this.core = new IndexCore(nobleProvider, random(32), { reserveMs })
    for (const name of this.#signers.keys()) {
      const [hello] = this.core.opened(this.#of(name).index, this.key(name), this.now)
      if (hello?.message.kind !== 'freshness') throw new Error('a server greets with a hash')
      this.#freshness.set(name, hello.message.hash)
      this.report(name, edges)
    }
  }

  key(name: string): PublicKey {
    return this.#of(name).signer.publicKey
  }

  /** The node says what it can receive over these edges, and that it has no others. */
  report(name: string, edges: Edges): void {
    const friends = Object.keys(edges).filter((ends) => ends.includes(name))
    const body = updateCodec.encode({
      node: this.key(name),
      session: toBase64url(new Uint8Array(16)) as RequestId,
      counter: ++this.#counter,
      freshness: this.#freshness.get(name)!,
      full: true,
      edges: friends.map((ends) => {
        const isTarget = ends.endsWith(name)
        const [capacity, rate = FREE] = isTarget ? edges[ends]! : ([0n] as const)
        return { friend: this.key(ends[isTarget ? 0 : 1]!), currency: CREDIT, capacity, rate }
      }),
    })
    const { signer, index } = this.#of(name)
    const signature = signer.sign(updateBytes(body))
    expect(this.core.received(index, { kind: 'update', body, signature }, this.now)).toEqual([])
  }

  /** The ways by which the asker can pay, by the names of those on them. */
  ask(asker: string, amount: bigint | undefined, more: Partial<Query> = {}): string {
    const query: Query = {
      id: 1,
      currency: CREDIT,
      amount,
      source: this.key(asker),
      destination: this.key('z'),
      excludedNodes: [],
      excludedEdges: [],
      rooms: [],
      maxParts: 1,
      ...more,
    }
    const [answer] = this.core.received(this.#of(asker).index, { kind: 'query', ...query }, this.now)
    if (answer?.message.kind !== 'routes')
      return answer?.message.kind === 'noRoute' ? answer.message.reason : ''
    const names = new Map([...this.#signers.keys()].map((name) => [this.key(name), name]))
    return answer.message.routes.map(({ nodes }) => nodes.map((node) => names.get(node)).join('')).join(' ')
  }

  #of(name: string) {
    return this.#signers.get(name)!
  }
}

/** Two buyers, a and b, whose friend m has two ways to z: over x, and over y, who takes a little. */
const TWO_WAYS: Edges = {
  am: [500n],
  bm: [500n],
  mx: [100n],
  my: [100n, { mul: 0, add: 1 }],
  xz: [100n],
  yz: [100n],
}
const { my: _, ...ONE_WAY } = TWO_WAYS

describe('two who ask at the same time', () => {
  it('IDX-25 get different ways, where there are two', () => {
    const world = new World(TWO_WAYS)
    expect(world.ask('a', 60n)).toBe('amxz')
    expect(world.ask('b', 60n)).toBe('bmyz')
  })

  it('IDX-25 get the same way when it is wide enough for both', () => {
    const world = new World(TWO_WAYS)
    expect(world.ask('a', 40n)).toBe('amxz')
    expect(world.ask('b', 40n)).toBe('bmxz')
  })

  it('IDX-25 get the same way when there is no other one', () => {
    const world = new World(ONE_WAY)
    expect(world.ask('a', 60n)).toBe('amxz')
    expect(world.ask('b', 60n)).toBe('bmxz')
  })

  it('IDX-25 get the same way when the other one costs far more', () => {
    const world = new World({ ...TWO_WAYS, my: [100n, { mul: 0, add: 4 }] })
    expect(world.ask('a', 60n)).toBe('amxz')
    expect(world.ask('b', 60n)).toBe('bmxz')
    // Three and a sixteenth of 64 more than nothing.
    expect(world.ask('b', 64n)).toBe('bmyz')
  })

  it('IDX-25 get the same way when the first one has had time to pay', () => {
    const world = new World(TWO_WAYS)
    expect(world.ask('a', 60n)).toBe('amxz')
    world.now += RESERVE_MS - 1
    expect(world.ask('b', 60n)).toBe('bmyz')
    world.now += 1
    expect(world.ask('b', 60n)).toBe('bmxz')
  })

  it('IDX-25 get the same way where an edge was reported anew', () => {
    const world = new World(TWO_WAYS)
    expect(world.ask('a', 60n)).toBe('amxz')
    world.report('x', { ...TWO_WAYS, mx: [70n] })
    expect(world.ask('b', 60n)).toBe('bmyz')
    world.report('z', { ...TWO_WAYS, xz: [70n] })
    expect(world.ask('b', 60n)).toBe('bmxz')
  })

  it('IDX-25 get the same way when the server reserves nothing, or only the most was asked for', () => {
    const careless = new World(TWO_WAYS, 0)
    expect([careless.ask('a', 60n), careless.ask('b', 60n)]).toEqual(['amxz', 'bmxz'])
    const world = new World(TWO_WAYS)
    expect([world.ask('a', undefined), world.ask('b', 60n)]).toEqual(['amxz', 'bmxz'])
  })
})

describe('what is reserved', () => {
  it('IDX-25 is not in the way of its own client, whose next answer takes its place', () => {
    const world = new World({ ...TWO_WAYS, mx: [160n], xz: [160n] })
    for (let i = 0; i < 3; i++) expect(world.ask('a', 60n)).toBe('amxz')
    expect(world.ask('b', 60n)).toBe('bmxz')
    expect(world.ask('b', 90n)).toBe('bmxz')
    expect(world.ask('a', 80n)).toBe('amyz')
  })

  it('IDX-25 blocks nobody, however much somebody asks for', () => {
    const world = new World(TWO_WAYS)
    expect(world.ask('a', 186n, { maxParts: 16 }).split(' ').sort()).toEqual(['amxz', 'amyz'])
    expect(world.ask('b', 60n)).toBe('bmxz')
    expect(world.ask('b', 186n, { maxParts: 16 }).split(' ').sort()).toEqual(['bmxz', 'bmyz'])
  })

  it('IDX-25 is bounded for each client and for all together, and goes', () => {
    const graph = new CurrencyGraph()
    const loads = new Map(Array.from({ length: 100 }, (_, edge) => [edge, 1n]))
    const reservations = new Reservations(RESERVE_MS)
    const add = (client: number, destination: number): void => {
      const query = { currency: CREDIT, destination: `${destination}` as PublicKey } as Query
      reservations.add(`${client}` as PublicKey, graph, query, loads, 0)
    }
    for (let i = 0; i < 3; i++) add(0, 0)
    expect(reservations.size).toBe(loads.size)
    for (let i = 0; i < 100; i++) add(0, i)
    expect(reservations.size).toBe(CLIENT_RESERVATIONS_MAX * loads.size)
    for (let client = 1; client < 1_000; client++) add(client, 0)
    expect(reservations.size).toBeLessThanOrEqual(RESERVED_EDGES_MAX)
    expect(reservations.size).toBeGreaterThan(RESERVED_EDGES_MAX - loads.size)
    expect(reservations.byOthers('me' as PublicKey, graph, loads, RESERVE_MS - 1).size).toBe(loads.size)
    expect(reservations.byOthers('me' as PublicKey, graph, loads, RESERVE_MS).size).toBe(0)
    expect(reservations.size).toBe(0)
  })
})
