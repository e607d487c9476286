import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { incomingFor } from '../../protocol/fees.ts'
import type { Query } from '../../protocol/index-messages.ts'
import { creditsForOne } from '../../protocol/reserve.ts'
import type { Currency, PublicKey, Rate } from '../../protocol/types.ts'
import { CurrencyGraph } from '../../index-server/graph.ts'
import { Solver } from '../../index-server/solver.ts'

const NODES = 6
const SOURCE = 0
const DESTINATION = NODES - 1
const key = (index: number) => `n${index}` as PublicKey

interface Edge {
  readonly from: number
  readonly to: number
  readonly capacity: bigint
  readonly rate: Rate
}

interface Case {
  /** By `from>to`. */
  readonly edges: ReadonlyMap<string, Edge>
  readonly amount: bigint
  readonly maxParts: number
}

/** Networks so small that a single credit matters: far harder than real ones. */
function cases(rate: fc.Arbitrary<Rate>): fc.Arbitrary<Case> {
  const node = fc.nat(NODES - 1)
  const capacity = fc.bigInt(0n, 14n)
  const friendship = fc
    .record({ a: node, b: node, forth: capacity, back: capacity, rates: fc.tuple(rate, rate) })
    .filter(({ a, b }) => a !== b)
  return fc.record({
    edges: fc
      .uniqueArray(friendship, {
        selector: ({ a, b }) => `${Math.min(a, b)}-${Math.max(a, b)}`,
        minLength: 6,
        maxLength: 9,
      })
      .map((friendships) => {
        const edges = friendships.flatMap(({ a, b, forth, back, rates }): Edge[] => [
          { from: a, to: b, capacity: forth, rate: rates[0] },
          { from: b, to: a, capacity: back, rate: rates[1] },
        ])
        return new Map(edges.map((edge) => [`${edge.from}>${edge.to}`, edge]))
      }),
    amount: fc.bigInt(1n, 14n),
    maxParts: fc.constantFrom(2, 3, 16),
  })
}

/** The least fees of all ways to split the amount over ways without circles; undefined when there is none. */
function leastByHand({ edges, amount, maxParts }: Case): bigint | undefined {
  const rooms = new Map(
    [...edges].map(([name, { from, capacity }]) => [
      name,
      from === SOURCE ? capacity : creditsForOne(capacity),
    ]),
  )
  const ways = waysFrom(edges, [SOURCE])
  let best: bigint | undefined
  const split = (way: number, left: bigint, parts: number, fees: bigint): void => {
    if (best !== undefined && fees >= best) return
    if (left === 0n) best = fees
    const nodes = ways[way]
    if (left === 0n || parts === 0 || nodes === undefined) return
    for (let part = left; part > 0n; part--) {
      const loads = loadsOf(edges, nodes, part)
      if (loads.some(([name, load]) => rooms.get(name)! < load)) continue
      for (const [name, load] of loads) rooms.set(name, rooms.get(name)! - load)
      split(way + 1, left - part, parts - 1, fees + loads[0]![1] - part)
      for (const [name, load] of loads) rooms.set(name, rooms.get(name)! + load)
    }
    split(way + 1, left, parts, fees)
  }
  split(0, amount, maxParts, 0n)
  return best
}

function waysFrom(edges: Case['edges'], visited: readonly number[]): (readonly number[])[] {
  const last = visited.at(-1)!
  if (last === DESTINATION) return [visited]
  return [...edges.values()]
    .filter(({ from, to, capacity }) => from === last && capacity > 0n && !visited.includes(to))
    .flatMap(({ to }) => waysFrom(edges, [...visited, to]))
}

function loadsOf(edges: Case['edges'], nodes: readonly number[], amount: bigint): [string, bigint][] {
  const loads: [string, bigint][] = []
  let load = amount
  for (let i = nodes.length - 1; i > 0; i--) {
    const name = `${nodes[i - 1]}>${nodes[i]}`
    if (i < nodes.length - 1) load = incomingFor(edges.get(name)!.rate, load)!
    loads.unshift([name, load])
  }
  return loads
}

/** What the answer's routes take; undefined when there are none. */
function feesFound({ edges, amount, maxParts }: Case): bigint | undefined {
  const graph = new CurrencyGraph()
  for (const { from, to, capacity, rate } of edges.values()) graph.set(key(to), key(from), capacity, rate)
  const query: Query = {
    id: 0,
    currency: 'credit' as Currency,
    amount,
    source: key(SOURCE),
    destination: key(DESTINATION),
    excludedNodes: [],
    excludedEdges: [],
    rooms: [],
    maxParts,
  }
  const found = new Solver().solve(graph, query)
  return found.ok ? found.routes.reduce((sum, { fees }) => sum + fees, 0n) : undefined
}

const FIXED = fc.record({ mul: fc.constant(0), add: fc.constantFrom(0, 1, 2, 4) })
const SHARES = fc.record({ mul: fc.constantFrom(0, 2 ** 29, 2 ** 30, 2 ** 31), add: fc.constant(0) })
const BOTH = fc.record({
  mul: fc.constantFrom(0, 2 ** 29, 2 ** 30, 2 ** 31),
  add: fc.constantFrom(0, 1, 2, 4),
})

describe('the fees of several routes', () => {
  it('IDX-22 are no more than those of the cheapest single route, and no less than the least of all', () => {
    fc.assert(
      fc.property(fc.oneof(cases(FIXED), cases(SHARES), cases(BOTH)), (one) => {
        const found = feesFound(one)
        const least = leastByHand(one)
        const single = leastByHand({ ...one, maxParts: 1 })
        if (single !== undefined) expect(found).toBeDefined()
        if (found === undefined) return
        expect(least).toBeDefined()
        expect(found).toBeGreaterThanOrEqual(least!)
        if (single !== undefined) expect(found).toBeLessThanOrEqual(single)
      }),
      { numRuns: 300 },
    )
  })

  it.each([
    ['fixed', FIXED],
    ['shares', SHARES],
    ['both', BOTH],
  ])(
    'IDX-22 are mostly the least possible, and mostly found, even where fees are as large as amounts: %s',
    (_, rate) => {
      const possible = fc
        .sample(cases(rate), { numRuns: 800, seed: 5 })
        .filter((one) => leastByHand(one) !== undefined)
      const found = possible.filter((one) => feesFound(one) !== undefined)
      const best = found.filter((one) => feesFound(one) === leastByHand(one))
      expect(possible.length).toBeGreaterThan(200)
      expect(found.length / possible.length).toBeGreaterThan(0.97)
      expect(best.length / found.length).toBeGreaterThan(0.88)
    },
  )
})
