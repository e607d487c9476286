import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { incomingFor } from '../../protocol/fees.ts'
import type { Query, Route } from '../../protocol/index-messages.ts'
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

/** By `reporter<friend`. */
type Reports = ReadonlyMap<string, Report>

const NODES = 6
const CAPACITY_MAX = 60n
const key = (index: number) => `n${index}` as PublicKey

const rate = fc.record({
  mul: fc.constantFrom(0, 2 ** 30, 2 ** 32 - 1),
  add: fc.constantFrom(0, 1, 7),
})
/** Often about as much as is to be carried. */
const capacity = fc.oneof(fc.bigInt(0n, CAPACITY_MAX), fc.bigInt(18n, 22n))
/** What both ends of a friendship say of it; seldom one end says nothing. */
function friendshipOf(a: number, b: number): fc.Arbitrary<readonly Report[]> {
  return fc
    .record({
      capacities: fc.tuple(capacity, capacity),
      rates: fc.tuple(rate, rate),
      ends: fc.constantFrom(2, 2, 2, 2, 1),
    })
    .map(({ capacities, rates, ends }) =>
      [
        { reporter: a, friend: b, capacity: capacities[0], rate: rates[0] },
        { reporter: b, friend: a, capacity: capacities[1], rate: rates[1] },
      ].slice(0, ends),
    )
}

/** Of any two nodes from this one on. */
function friendship(from: number): fc.Arbitrary<readonly Report[]> {
  const node = fc.integer({ min: from, max: NODES - 1 })
  return fc.tuple(node, node).chain(([a, b]) => friendshipOf(a, b))
}

/** By IDX-15. */
function usableOf({ reporter, friend, capacity }: Report, { source, rooms }: Query): bigint {
  if (key(friend) !== source) return creditsForOne(capacity)
  return rooms.find((room) => room.friend === key(reporter))?.capacity ?? capacity
}

/** Total sent by the source along the cheapest way without circles, or around the cheapest cycle; tries them all. */
function cheapestByHand(reports: Reports, query: Query): bigint | undefined {
  const { source, destination, cycle, excludedNodes } = query
  if (excludedNodes.includes(destination) || (source === destination && cycle === undefined)) return undefined
  let best: bigint | undefined
  const walk = (node: number, amount: bigint, visited: readonly number[]): void => {
    for (let friend = 0; friend < NODES; friend++) {
      const edge = reports.get(`${node}<${friend}`)
      if (edge === undefined || !reports.has(`${friend}<${node}`)) continue
      if (excludedNodes.includes(key(friend))) continue
      const isFirstStep = visited.length === 1
      if (isFirstStep && cycle !== undefined && key(friend) !== cycle.last) continue
      const needed = isFirstStep ? amount : incomingFor(edge.rate, amount)
      if (needed === undefined || needed > usableOf(edge, query)) continue
      if (key(friend) !== source) {
        if (!visited.includes(friend)) walk(friend, needed, [...visited, friend])
      } else if (cycle === undefined || (key(node) === cycle.first && cycle.first !== cycle.last)) {
        if (best === undefined || needed < best) best = needed
      }
    }
  }
  const end = Number(destination.slice(1))
  walk(end, query.amount ?? 0n, [end])
  return best
}

/** The largest amount that any way can carry. */
function mostByHand(reports: Reports, query: Query): bigint {
  for (let amount = CAPACITY_MAX; amount > 0n; amount--) {
    if (cheapestByHand(reports, { ...query, amount }) !== undefined) return amount
  }
  return 0n
}

/** Checks that the route can be used as it is, for what it says; gives back what is sent. */
function check(reports: Reports, query: Query, { nodes, amount, fees }: Route): bigint {
  expect([nodes[0], nodes.at(-1)]).toEqual([query.source, query.destination])
  expect(new Set(nodes.slice(1)).size).toBe(nodes.length - 1)
  if (query.cycle === undefined) expect(nodes.slice(1)).not.toContain(query.source)
  else expect([nodes[1], nodes.at(-2)]).toEqual([query.cycle.first, query.cycle.last])
  let total = amount
  for (let i = nodes.length - 1; i > 0; i--) {
    const edge = reports.get(`${nodes[i]!.slice(1)}<${nodes[i - 1]!.slice(1)}`)!
    if (i < nodes.length - 1) total = incomingFor(edge.rate, total)!
    expect(total).toBeLessThanOrEqual(usableOf(edge, query))
  }
  expect(total - amount).toBe(fees)
  return total
}

const KNOWN = fc.array(friendship(0), { minLength: 4, maxLength: 20 }).map(reportsOf)
/** Denser, and the source is a friend of nodes 1 and 2: there are cycles. */
const CIRCULAR = fc
  .tuple(
    fc.array(friendship(1), { minLength: 8, maxLength: 20 }),
    fc.tuple(friendshipOf(0, 1), friendshipOf(0, 2)),
  )
  .map((friendships) => reportsOf(friendships.flat()))

function reportsOf(friendships: readonly (readonly Report[])[]): Reports {
  const reports = friendships.flat().filter(({ reporter, friend }) => reporter !== friend)
  return new Map(reports.map((report) => [`${report.reporter}<${report.friend}`, report]))
}

/** Queries for one route; a few of those for cycles name nodes that are no friends of the source. */
function queries(isCycle: boolean): fc.Arbitrary<Query> {
  const node = fc.nat(NODES - 1).map(key)
  const cycle = fc.record({
    first: fc.oneof({ weight: 9, arbitrary: fc.constant(key(1)) }, node),
    last: fc.oneof({ weight: 9, arbitrary: fc.constant(key(2)) }, node),
  })
  return fc.record({
    id: fc.constant(0),
    currency: fc.constant('credit' as Currency),
    // Those of a cycle take their share twice at least.
    amount: isCycle ? fc.bigInt(1n, 10n) : fc.oneof(fc.bigInt(1n, 25n), fc.bigInt(18n, 22n)),
    source: fc.constant(key(0)),
    destination: fc.constant(isCycle ? key(0) : key(NODES - 1)),
    cycle: isCycle ? cycle : fc.constant(undefined),
    excludedNodes: fc.array(node, { maxLength: 1 }),
    excludedEdges: fc.constant([]),
    rooms: fc.uniqueArray(fc.record({ friend: node, capacity }), {
      selector: ({ friend }) => friend,
      maxLength: 3,
    }),
    maxParts: fc.constant(1),
  })
}

function graphOf(reports: Reports): CurrencyGraph {
  const graph = new CurrencyGraph()
  for (const { reporter, friend, capacity, rate } of reports.values()) {
    graph.set(key(reporter), key(friend), capacity, rate)
  }
  return graph
}

/** The only route of an answer. */
function solved(graph: CurrencyGraph, query: Query): Route | undefined {
  const found = new Solver().solve(graph, query)
  expect(found.ok ? found.routes.length : 1).toBe(1)
  return found.ok ? found.routes[0] : undefined
}

function expectCheapest(reports: Reports, query: Query): void {
  const route = solved(graphOf(reports), query)
  if (route !== undefined) expect(route.amount).toBe(query.amount)
  expect(route && check(reports, query, route)).toBe(cheapestByHand(reports, query))
}

function expectMost(reports: Reports, query: Query): void {
  const graph = graphOf(reports)
  const route = solved(graph, { ...query, amount: undefined })
  expect(route?.amount ?? 0n).toBe(mostByHand(reports, query))
  if (route === undefined) return
  const asked = { ...query, amount: route.amount }
  expect(check(reports, asked, route)).toBe(cheapestByHand(reports, asked))
}

describe('route search', () => {
  it('IDX-10 IDX-15 finds the least total that any path can carry, and a path that costs exactly that', () => {
    fc.assert(fc.property(KNOWN, queries(false), expectCheapest), { numRuns: 500 })
  })

  it('IDX-23 finds the largest amount that any path can carry, and the cheapest path for it', () => {
    fc.assert(fc.property(KNOWN, queries(false), expectMost), { numRuns: 300 })
  })

  it('IDX-24 finds the least total that any cycle over the two friends can carry, and a cycle that costs that', () => {
    fc.assert(fc.property(CIRCULAR, queries(true), expectCheapest), { numRuns: 500 })
  })

  it('IDX-24 finds the largest amount that any cycle over the two friends can carry', () => {
    fc.assert(fc.property(CIRCULAR, queries(true), expectMost), { numRuns: 300 })
  })
})
