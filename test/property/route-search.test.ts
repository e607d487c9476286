import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { incomingFor } from '../../protocol/fees.ts'
import type { Query } from '../../protocol/index-messages.ts'
import { creditsForOne } from '../../protocol/reserve.ts'
import type { Currency, PublicKey, Rate } from '../../protocol/types.ts'
import { CurrencyGraph } from '../../index-server/graph.ts'
import { Solver } from '../../index-server/solver.ts'

interface Report {
  readonly reporter: number
  readonly friend: number
  readonly capacity: bigint
  readonly rate: Rate
}

const NODES = 6
const key = (index: number) => `n${index}` as PublicKey

const rate = fc.record({
  mul: fc.constantFrom(0, 2 ** 30, 2 ** 32 - 1),
  add: fc.constantFrom(0, 1, 7),
})
/** Often about as much as is to be carried. */
const capacity = fc.oneof(fc.bigInt(0n, 60n), fc.bigInt(18n, 22n))
/** What both ends of a friendship say of it; seldom one end says nothing. */
const friendship: fc.Arbitrary<readonly Report[]> = fc
  .record({
    a: fc.nat(NODES - 1),
    b: fc.nat(NODES - 1),
    capacities: fc.tuple(capacity, capacity),
    rates: fc.tuple(rate, rate),
    ends: fc.constantFrom(2, 2, 2, 2, 1),
  })
  .map(({ a, b, capacities, rates, ends }) =>
    [
      { reporter: a, friend: b, capacity: capacities[0], rate: rates[0] },
      { reporter: b, friend: a, capacity: capacities[1], rate: rates[1] },
    ].slice(0, ends),
  )

/** By IDX-15. */
function usableOf({ reporter, friend, capacity }: Report, { source, rooms }: Query): bigint {
  if (key(friend) !== source) return creditsForOne(capacity)
  return rooms.find((room) => room.friend === key(reporter))?.capacity ?? capacity
}

/** Total sent by the source along the cheapest simple path; tries them all. */
function cheapestByHand(reports: Map<string, Report>, query: Query): bigint | undefined {
  let best: bigint | undefined
  const walk = (node: number, amount: bigint, visited: readonly number[]): void => {
    if (key(node) === query.source) {
      if (best === undefined || amount < best) best = amount
      return
    }
    for (let friend = 0; friend < NODES; friend++) {
      const edge = reports.get(`${node}<${friend}`)
      if (edge === undefined || !reports.has(`${friend}<${node}`) || visited.includes(friend)) continue
      if (query.excludedNodes.includes(key(friend))) continue
      const needed = visited.length === 1 ? amount : incomingFor(edge.rate, amount)
      const usable = usableOf(edge, query)
      if (needed !== undefined && needed <= usable) walk(friend, needed, [...visited, friend])
    }
  }
  const destination = Number(query.destination.slice(1))
  if (query.excludedNodes.includes(query.destination)) return undefined
  walk(destination, query.amount ?? 0n, [destination])
  return best
}

describe('route search', () => {
  it('IDX-10 IDX-15 finds the least total that any path can carry, and a path that costs exactly that', () => {
    const world = fc.record({
      friendships: fc.array(friendship, { minLength: 4, maxLength: 20 }),
      amount: fc.oneof(fc.bigInt(1n, 25n), fc.bigInt(18n, 22n)),
      excluded: fc.array(fc.nat(NODES - 1), { maxLength: 1 }),
      rooms: fc.uniqueArray(fc.record({ friend: fc.nat(NODES - 1).map(key), capacity }), {
        selector: ({ friend }) => friend,
        maxLength: 3,
      }),
    })
    fc.assert(
      fc.property(world, ({ friendships, amount, excluded, rooms }) => {
        const graph = new CurrencyGraph()
        const known = new Map<string, Report>()
        for (const one of friendships.flat()) {
          if (one.reporter === one.friend) continue
          graph.set(key(one.reporter), key(one.friend), one.capacity, one.rate)
          known.set(`${one.reporter}<${one.friend}`, one)
        }
        const query: Query = {
          id: 0,
          currency: 'credit' as Currency,
          amount,
          source: key(0),
          destination: key(NODES - 1),
          excludedNodes: excluded.map(key),
          excludedEdges: [],
          rooms,
          maxParts: 1,
        }
        const found = new Solver().solve(graph, query)
        const [route] = found.ok ? found.routes : []
        expect(route === undefined ? undefined : route.amount + route.fees).toBe(cheapestByHand(known, query))
        if (route === undefined) return
        const { nodes } = route
        expect([nodes[0], nodes.at(-1)]).toEqual([query.source, query.destination])
        expect(new Set(nodes).size).toBe(nodes.length)
        let total = amount
        for (let i = nodes.length - 1; i > 0; i--) {
          const edge = known.get(`${nodes[i]!.slice(1)}<${nodes[i - 1]!.slice(1)}`)!
          if (i < nodes.length - 1) total = incomingFor(edge.rate, total)!
          expect(total).toBeLessThanOrEqual(usableOf(edge, query))
        }
        expect(total - amount).toBe(route.fees)
      }),
      { numRuns: 500 },
    )
  })
})
