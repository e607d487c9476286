import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Query, Route } from '../../protocol/index-messages.ts'
import type { Rate } from '../../protocol/types.ts'
import { Solver } from '../../index-server/solver.ts'
import {
  build,
  check,
  maxFlow,
  query,
  type Friendship,
  type Rooms,
  type World,
} from '../support/route-world.ts'

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

function roomsOf(nodes: number, capacity: fc.Arbitrary<bigint>): fc.Arbitrary<Rooms> {
  const room = fc.tuple(fc.nat(nodes - 1), capacity)
  return fc.array(room, { maxLength: 3 }).map((rooms) => new Map(rooms))
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
