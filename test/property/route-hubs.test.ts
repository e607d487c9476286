import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { incomingFor } from '../../protocol/fees.ts'
import type { Rate } from '../../protocol/types.ts'
import { Solver } from '../../index-server/solver.ts'
import { build, check, maxFlow, query, SOURCE, type Friendship, type World } from '../support/route-world.ts'

/**
 * Nodes 1 to 3 have more friends than a search looks at at once, and mostly the same ones. The source knows the first
 * hub alone.
 */
const HUBS = [1, 2, 3]
const MEMBERS = 120
const NODES = HUBS.length + MEMBERS + 2
/** A friend of the last hub alone, or that hub itself. */
const DESTINATIONS = [NODES - 1, HUBS.length]
const AMOUNT_MAX = 10n ** 9n

const upTo = (most: bigint) => fc.noBias(fc.bigInt(0n, most))
const capacity = fc.oneof(upTo(2n * AMOUNT_MAX), upTo(AMOUNT_MAX / 4n))
const capacities = fc.tuple(capacity, capacity)
const rate = fc.record({ mul: fc.noBias(fc.nat(2 ** 26)), add: fc.nat(100) })

function friendships(rates: fc.Arbitrary<Rate>): fc.Arbitrary<Friendship[]> {
  const members = Array.from({ length: MEMBERS }, (_, i) => HUBS.length + 1 + i)
  const pairs = [
    ...HUBS.flatMap((hub) => members.map((member) => [hub, member] as const)),
    ...[[1, 2] as const, [2, 3] as const, [1, 3] as const],
  ]
  const links = fc.array(fc.record({ capacities, rates: fc.tuple(rates, rates), absent: fc.nat(4) }), {
    minLength: pairs.length,
    maxLength: pairs.length,
  })
  const wide: Pick<Friendship, 'capacities' | 'rates'> = {
    capacities: [4n * AMOUNT_MAX, 4n * AMOUNT_MAX],
    rates: [
      { mul: 0, add: 0 },
      { mul: 0, add: 0 },
    ],
  }
  return links.map((list) => [
    { a: SOURCE, b: 1, ...wide },
    { a: HUBS.length, b: NODES - 1, ...wide },
    ...list.flatMap(({ absent, ...link }, i) => {
      const [a, b] = pairs[i]!
      return absent === 0 ? [] : [{ a, b, ...link }]
    }),
  ])
}

/** What the source sends along the cheapest way, whatever its length: from the destination backwards, over a table. */
function cheapest({ edges }: World, amount: bigint, destination: number): bigint | undefined {
  const needed = new Map([[destination, amount]])
  const done = new Set<number>()
  for (;;) {
    const open = [...needed].filter(([node]) => !done.has(node))
    if (open.length === 0) return undefined
    const [node, load] = open.reduce((least, one) => (one[1] < least[1] ? one : least))
    if (node === SOURCE) return load
    done.add(node)
    for (let from = 0; from < NODES; from++) {
      const edge = edges.get(`${from}>${node}`)
      if (edge === undefined) continue
      const arriving = node === destination ? load : incomingFor(edge.rate, load)
      if (arriving === undefined || arriving > edge.usable) continue
      if (arriving < (needed.get(from) ?? arriving + 1n)) needed.set(from, arriving)
    }
  }
}

describe('routes over nodes with many friends', () => {
  const amounts = fc.oneof(fc.noBias(fc.bigInt(1n, AMOUNT_MAX)), fc.bigInt(1n, 1_000n))

  const percents = fc.integer({ min: 50, max: 100 })
  const destinations = fc.constantFrom(...DESTINATIONS)

  it('IDX-10 are the cheapest, though not all ways were looked at', () => {
    fc.assert(
      fc.property(friendships(rate), amounts, destinations, (known, amount, destination) => {
        const world = build(known, new Map())
        const least = cheapest(world, amount, destination)
        const asked = { ...query(amount, destination, new Map()), maxParts: 1 }
        const found = new Solver().solve(world.graph, asked)
        expect(found.ok).toBe(least !== undefined)
        if (found.ok) expect(amount + check(world, asked, found.routes)).toBe(least)
      }),
      { numRuns: 400 },
    )
  })

  it('IDX-10 take no more together than the cheapest alone', () => {
    fc.assert(
      fc.property(friendships(rate), amounts, destinations, (known, amount, destination) => {
        const world = build(known, new Map())
        const least = cheapest(world, amount, destination)
        const asked = query(amount, destination, new Map())
        const found = new Solver().solve(world.graph, asked)
        if (least !== undefined) expect(found.ok).toBe(true)
        if (!found.ok) return
        const fees = check(world, asked, found.routes)
        if (least !== undefined) expect(amount + fees).toBeLessThanOrEqual(least)
      }),
      { numRuns: 400 },
    )
  })

  it('IDX-22 carry what the maximum flow carries', () => {
    const free = rate.map((): Rate => ({ mul: 0, add: 0 }))
    fc.assert(
      fc.property(friendships(free), percents, destinations, (known, percent, destination) => {
        const world = build(known, new Map())
        const most = maxFlow(world, NODES, destination)
        const amount = (most * BigInt(percent)) / 100n
        if (amount === 0n) return
        const asked = query(amount, destination, new Map())
        const found = new Solver().solve(world.graph, asked)
        expect(found.ok ? check(world, asked, found.routes) : found.reason).toBe(0n)
      }),
      { numRuns: 40 },
    )
  })
})
