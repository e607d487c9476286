import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { incomingFor } from '../../protocol/fees.ts'
import type { Query, Route } from '../../protocol/index-messages.ts'
import { creditsForOne } from '../../protocol/reserve.ts'
import type { Currency, PublicKey, Rate } from '../../protocol/types.ts'
import { CurrencyGraph } from '../../index-server/graph.ts'
import { Solver } from '../../index-server/solver.ts'

const key = (index: number) => `n${index}` as PublicKey
const number = (name: PublicKey | undefined) => Number(name?.slice(1))

interface Friendship {
  readonly a: number
  readonly b: number
  readonly capacities: readonly [bigint, bigint]
  readonly rates: readonly [Rate, Rate]
}

interface World {
  readonly graph: CurrencyGraph
  /** By `from>to`: what the edge can carry, and its rate. */
  readonly edges: ReadonlyMap<string, { readonly usable: bigint; readonly rate: Rate }>
}

const SOURCE = 0

function friendshipsOf(
  nodes: number,
  capacity: fc.Arbitrary<bigint>,
  rate: fc.Arbitrary<Rate>,
  max: number,
): fc.Arbitrary<Friendship[]> {
  const friendship = fc.record({
    a: fc.nat(nodes - 1),
    b: fc.nat(nodes - 1),
    capacities: fc.tuple(capacity, capacity),
    rates: fc.tuple(rate, rate),
  })
  return fc.uniqueArray(
    friendship.filter(({ a, b }) => a !== b),
    { selector: ({ a, b }) => `${Math.min(a, b)}-${Math.max(a, b)}`, minLength: nodes, maxLength: max },
  )
}

/** What the source says of its own edges, by friend: some of them, and of strangers, too. */
type Rooms = ReadonlyMap<number, bigint>

function roomsOf(nodes: number, capacity: fc.Arbitrary<bigint>): fc.Arbitrary<Rooms> {
  const room = fc.tuple(fc.nat(nodes - 1), capacity)
  return fc.array(room, { maxLength: 3 }).map((rooms) => new Map(rooms))
}

function build(friendships: readonly Friendship[], rooms: Rooms): World {
  const graph = new CurrencyGraph()
  const edges = new Map<string, { usable: bigint; rate: Rate }>()
  const add = (reporter: number, friend: number, capacity: bigint, rate: Rate): void => {
    graph.set(key(reporter), key(friend), capacity, rate)
    const usable = friend === SOURCE ? (rooms.get(reporter) ?? capacity) : creditsForOne(capacity)
    edges.set(`${friend}>${reporter}`, { usable, rate })
  }
  for (const { a, b, capacities, rates } of friendships) {
    add(a, b, capacities[0], rates[0])
    add(b, a, capacities[1], rates[1])
  }
  return { graph, edges }
}

function query(amount: bigint | undefined, destination: number, rooms: Rooms): Query {
  return {
    id: 0,
    currency: 'credit' as Currency,
    amount,
    source: key(SOURCE),
    destination: key(destination),
    excludedNodes: [],
    excludedEdges: [],
    rooms: [...rooms].map(([friend, capacity]) => ({ friend: key(friend), capacity })),
    maxParts: 16,
  }
}

/** Plain Ford and Fulkerson over a table, depth first. */
function maxFlow({ edges }: World, nodes: number, destination: number): bigint {
  const room = new Map([...edges].map(([edge, { usable }]) => [edge, usable]))
  const push = (node: number, most: bigint, seen: Set<number>): bigint => {
    if (node === destination) return most
    seen.add(node)
    for (let next = 0; next < nodes; next++) {
      const left = room.get(`${node}>${next}`) ?? 0n
      if (left === 0n || seen.has(next)) continue
      const sent = push(next, left < most ? left : most, seen)
      if (sent === 0n) continue
      room.set(`${node}>${next}`, left - sent)
      room.set(`${next}>${node}`, (room.get(`${next}>${node}`) ?? 0n) + sent)
      return sent
    }
    return 0n
  }
  let flow = 0n
  for (let sent = -1n; sent !== 0n; flow += sent) sent = push(SOURCE, 1n << 127n, new Set())
  return flow
}

/** What each edge of a route carries, from the source on. */
function loads({ edges }: World, route: Pick<Route, 'nodes' | 'amount'>): [string, bigint][] {
  const result: [string, bigint][] = []
  let load = route.amount
  for (let i = route.nodes.length - 1; i > 0; i--) {
    const edge = `${number(route.nodes[i - 1])}>${number(route.nodes[i])}`
    const known = edges.get(edge)
    expect(known, `the edge ${edge} exists`).toBeDefined()
    if (i < route.nodes.length - 1) load = incomingFor(known!.rate, load)!
    result.unshift([edge, load])
  }
  return result
}

/** Checks that the routes can be paid as they are, together, and returns what they take. */
function check(world: World, asked: Query, routes: readonly Route[]): bigint {
  const carried = new Map<string, bigint>()
  for (const route of routes) {
    expect([route.nodes[0], route.nodes.at(-1)]).toEqual([asked.source, asked.destination])
    expect(new Set(route.nodes).size).toBe(route.nodes.length)
    const laid = loads(world, route)
    expect(laid[0]![1] - route.amount).toBe(route.fees)
    for (const [edge, load] of laid) carried.set(edge, (carried.get(edge) ?? 0n) + load)
  }
  for (const [edge, load] of carried) expect(load).toBeLessThanOrEqual(world.edges.get(edge)!.usable)
  expect(routes.reduce((sum, { amount }) => sum + amount, 0n)).toBe(asked.amount)
  expect(routes.length).toBeLessThanOrEqual(asked.maxParts)
  return routes.reduce((sum, { fees }) => sum + fees, 0n)
}

/** The answer to what is the most that can be paid. */
function most({ graph }: World, asked: Query): { readonly total: bigint; readonly routes: readonly Route[] } {
  const found = new Solver().solve(graph, asked)
  const routes = found.ok ? found.routes : []
  return { total: routes.reduce((sum, { amount }) => sum + amount, 0n), routes }
}

const FREE = fc.constant<Rate>({ mul: 0, add: 0 })
/** Whole numbers of all sizes, often alike, so that much depends on a single credit. */
const anySize = fc.oneof(
  fc.bigInt(0n, 12n),
  fc.bigInt(0n, 1n << 20n),
  fc.bigInt((1n << 60n) - 3n, 1n << 60n),
  fc.bigInt(0n, 1n << 123n),
)

describe('routes together', () => {
  it('IDX-22 carry what the maximum flow carries, to the last credit, and nothing more', () => {
    const nodes = 7
    const friendships = friendshipsOf(nodes, anySize, FREE, 14)
    fc.assert(
      fc.property(friendships, roomsOf(nodes, anySize), fc.nat(1_000), (known, rooms, share) => {
        const world = build(known, rooms)
        const most = maxFlow(world, nodes, nodes - 1)
        const solver = new Solver()
        const over = solver.solve(world.graph, query(most + 1n, nodes - 1, rooms))
        expect(over.ok).toBe(false)
        for (const amount of [most, (most * BigInt(share)) / 1_000n]) {
          if (amount === 0n) continue
          const asked = query(amount, nodes - 1, rooms)
          const found = solver.solve(world.graph, asked)
          expect(found.ok ? check(world, asked, found.routes) : found.reason).toBe(0n)
        }
      }),
      { numRuns: 400 },
    )
  })

  it('IDX-22 are found whenever the maximum flow carries the amount and all that could be taken on the way', () => {
    const nodes = 7
    const rate = fc.record({ mul: fc.constantFrom(0, 0, 2 ** 20, 2 ** 26), add: fc.constantFrom(0, 1, 3) })
    const capacity = fc.bigInt(0n, 100_000n)
    const friendships = friendshipsOf(nodes, capacity, rate, 14)
    fc.assert(
      fc.property(friendships, roomsOf(nodes, capacity), fc.nat(1_000), (known, rooms, share) => {
        const world = build(known, rooms)
        const most = maxFlow(world, nodes, nodes - 1)
        // 14 parts, of at most 5 mediators each, who take 3 credits and a 64th at most.
        const sure = ((most - 14n * 5n * 4n) * 9n) / 10n
        const amount = (sure * BigInt(share)) / 1_000n
        if (amount <= 0n) return
        const asked = query(amount, nodes - 1, rooms)
        const found = new Solver().solve(world.graph, asked)
        expect(found.ok ? 'found' : found.reason).toBe('found')
        if (found.ok) check(world, asked, found.routes)
      }),
      { numRuns: 400 },
    )
  })

  it('IDX-23 carry, where the most is asked for, what the maximum flow carries, to the last credit', () => {
    const nodes = 7
    const friendships = friendshipsOf(nodes, anySize, FREE, 14)
    fc.assert(
      fc.property(friendships, roomsOf(nodes, anySize), (known, rooms) => {
        const world = build(known, rooms)
        const { total, routes } = most(world, query(undefined, nodes - 1, rooms))
        expect(total).toBe(maxFlow(world, nodes, nodes - 1))
        if (total > 0n) expect(check(world, query(total, nodes - 1, rooms), routes)).toBe(0n)
      }),
      { numRuns: 300 },
    )
  })

  it('IDX-23 carry, where the most is asked for, what can be paid, of which one credit more cannot', () => {
    const nodes = 7
    const rate = fc.record({ mul: fc.constantFrom(0, 0, 2 ** 20, 2 ** 26), add: fc.constantFrom(0, 1, 3) })
    const capacity = fc.bigInt(0n, 100_000n)
    const friendships = friendshipsOf(nodes, capacity, rate, 14)
    fc.assert(
      fc.property(
        friendships,
        roomsOf(nodes, capacity),
        fc.integer({ min: 2, max: 16 }),
        (known, rooms, maxParts) => {
          const world = build(known, rooms)
          const asked = { ...query(undefined, nodes - 1, rooms), maxParts }
          const { total, routes } = most(world, asked)
          const one = most(world, { ...asked, maxParts: 1 }).total
          expect(total).toBeGreaterThanOrEqual(one)
          expect(total).toBeLessThanOrEqual(maxFlow(world, nodes, nodes - 1))
          expect(new Solver().solve(world.graph, { ...asked, amount: total + 1n }).ok).toBe(false)
          if (total === 0n) return
          check(world, { ...asked, amount: total }, routes)
          expect(new Solver().solve(world.graph, { ...asked, amount: total }).ok).toBe(true)
        },
      ),
      { numRuns: 300 },
    )
  })
})
