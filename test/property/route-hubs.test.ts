import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { incomingFor } from '../../protocol/fees.ts'
import type { Rate } from '../../protocol/types.ts'
import { Solver } from '../../index-server/solver.ts'
import { build, check, maxFlow, query, SOURCE, type Friendship, type World } from '../support/route-world.ts'

/** Nodes 1 to 3 have more friends than a search looks at at once, and mostly the same ones. */
const HUBS = [1, 2, 3]
const MEMBERS = 120
const NODES = HUBS.length + MEMBERS + 2
const DESTINATION = NODES - 1
const AMOUNT_MAX = 10n ** 9n

const capacity = fc.oneof(fc.bigInt(0n, 2n * AMOUNT_MAX), fc.bigInt(0n, AMOUNT_MAX / 4n))
const capacities = fc.tuple(capacity, capacity)
const rate = fc.record({ mul: fc.oneof(fc.constant(0), fc.nat(2 ** 26)), add: fc.nat(100) })

/** Each hub is a friend of each other node with this chance; source and destination may know each other. */
function friendships(rates: fc.Arbitrary<Rate>): fc.Arbitrary<Friendship[]> {
  const link = fc.record({ isThere: fc.nat(99), capacities, rates: fc.tuple(rates, rates) })
  const pairs = HUBS.flatMap((hub) =>
    Array.from({ length: NODES }, (_, node) => ({ a: hub, b: node })).filter(
      ({ b }) => !HUBS.includes(b) || b > hub,
    ),
  )
  return fc
    .array(link, { minLength: pairs.length, maxLength: pairs.length })
    .map((links) =>
      links.flatMap(({ isThere, ...link }, i) => (isThere < 80 ? [{ ...pairs[i]!, ...link }] : [])),
    )
}

/** What the source sends along the cheapest way, whatever its length: from the destination backwards, over a table. */
function cheapest({ edges }: World, amount: bigint): bigint | undefined {
  const needed = new Map([[DESTINATION, amount]])
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
      const arriving = node === DESTINATION ? load : incomingFor(edge.rate, load)
      if (arriving === undefined || arriving > edge.usable) continue
      if (arriving < (needed.get(from) ?? arriving + 1n)) needed.set(from, arriving)
    }
  }
}

describe('routes over nodes with many friends', () => {
  const amounts = fc.oneof(fc.bigInt(1n, AMOUNT_MAX), fc.bigInt(1n, 1_000n))

  it('IDX-10 are the cheapest, though not all ways were looked at', () => {
    fc.assert(
      fc.property(friendships(rate), amounts, (known, amount) => {
        const world = build(known, new Map())
        const least = cheapest(world, amount)
        const asked = { ...query(amount, DESTINATION, new Map()), maxParts: 1 }
        const found = new Solver().solve(world.graph, asked)
        expect(found.ok).toBe(least !== undefined)
        if (found.ok) expect(amount + check(world, asked, found.routes)).toBe(least)
      }),
      { numRuns: 60 },
    )
  })

  it('IDX-10 take no more together than the cheapest alone', () => {
    fc.assert(
      fc.property(friendships(rate), amounts, (known, amount) => {
        const world = build(known, new Map())
        const least = cheapest(world, amount)
        const asked = query(amount, DESTINATION, new Map())
        const found = new Solver().solve(world.graph, asked)
        if (least !== undefined) expect(found.ok).toBe(true)
        if (!found.ok) return
        const fees = check(world, asked, found.routes)
        if (least !== undefined) expect(amount + fees).toBeLessThanOrEqual(least)
      }),
      { numRuns: 60 },
    )
  })

  it('IDX-22 carry what the maximum flow carries', () => {
    const free = rate.map((): Rate => ({ mul: 0, add: 0 }))
    fc.assert(
      fc.property(friendships(free), fc.integer({ min: 50, max: 100 }), (known, percent) => {
        const world = build(known, new Map())
        const most = maxFlow(world, NODES, DESTINATION)
        const amount = (most * BigInt(percent)) / 100n
        if (amount === 0n) return
        const asked = query(amount, DESTINATION, new Map())
        const found = new Solver().solve(world.graph, asked)
        expect(found.ok ? check(world, asked, found.routes) : found.reason).toBe(0n)
      }),
      { numRuns: 40 },
    )
  })
})
