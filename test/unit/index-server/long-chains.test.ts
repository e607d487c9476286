// What long paths cost the solver is charged to the query, and comes to an end.

import { describe, expect, it } from 'vitest'
import type { Query } from '../../../protocol/index-messages.ts'
import type { Currency, PublicKey } from '../../../protocol/types.ts'
import { CurrencyGraph } from '../../../index-server/graph.ts'
import { Solver } from '../../../index-server/solver.ts'

const WIDE = 1n << 100n
const FAN = 32
const NO_END = 1_000_000_000
/** To look at an edge is to ask for its ends, some of them twice. */
const STEPS_PER_EDGE_MAX = 4

/** Counts how often somebody asks where an edge begins or ends. */
class Counted extends CurrencyGraph {
  steps = 0
  override reporter(report: number): number {
    this.steps++
    return super.reporter(report)
  }
  override friend(report: number): number {
    this.steps++
    return super.friend(report)
  }
}

function link(graph: CurrencyGraph, from: string, to: string, capacity: bigint, add = 0): void {
  graph.set(to as PublicKey, from as PublicKey, capacity, { mul: 0, add })
  graph.set(from as PublicKey, to as PublicKey, capacity, { mul: 0, add })
}

/** A chain of so many nodes, and behind it ways to z of which each is wider than the one before and takes more. */
function chainAndFan(length: number): Counted {
  const graph = new Counted()
  for (let i = 1; i < length; i++) link(graph, `n${i - 1}`, `n${i}`, WIDE)
  for (let i = 0; i < FAN; i++) {
    link(graph, `n${length - 1}`, `fan${i}`, 1024n << BigInt(i), i * 1000)
    link(graph, `fan${i}`, 'z', 1024n << BigInt(i))
  }
  graph.steps = 0
  return graph
}

function solved(length: number, amount: bigint | undefined, edgesMax: number) {
  const graph = chainAndFan(length)
  const solver = new Solver()
  const query: Query = {
    id: 1,
    currency: 'credit' as Currency,
    amount,
    source: 'n0' as PublicKey,
    destination: 'z' as PublicKey,
    excludedNodes: [],
    excludedEdges: [],
    rooms: [],
    maxParts: 16,
  }
  const found = solver.solve(graph, query, edgesMax)
  return { reason: found.ok ? 'found' : found.reason, work: solver.work, steps: graph.steps }
}

describe('a long chain', () => {
  for (const [asked, amount] of [
    ['an amount', 900n],
    ['the most', undefined],
  ] as const) {
    it(`IDX-8 costs who asks for ${asked} as much as is done along it: twice as much for twice the length`, () => {
      const short = solved(200, amount, NO_END)
      const long = solved(400, amount, NO_END)
      expect([short.reason, long.reason]).toEqual(['tooLong', 'tooLong'])
      for (const { steps, work } of [short, long]) expect(steps).toBeLessThan(STEPS_PER_EDGE_MAX * work)
      expect(long.work / short.work).toBeLessThan(2.1)
      expect(long.steps / short.steps).toBeLessThan(2.1)
    })

    it(`IDX-8 ends the search of who asks for ${asked} when that has used up its budget`, () => {
      const edgesMax = 200_000
      const { reason, work, steps } = solved(1_000, amount, edgesMax)
      expect(reason).toBe('overloaded')
      expect(work).toBeLessThan(1.5 * edgesMax)
      expect(steps).toBeLessThan(STEPS_PER_EDGE_MAX * work)
    })
  }
})
