// A small world of federated index servers under churn, and what is measured in it: what
// `npm run sim -- --world federation` does with 500 cards.

import { expect, it } from 'vitest'
import { Dice } from './engine/dice.ts'
import { FlowNetwork } from './engine/federation/max-flow.ts'
import { simulateFederation } from './engine/federation/world.ts'

const SEED = '7'
const SHARE_MIN = 0.99

it('IDX-19 pays under churn what the ledgers allow, by servers of which each hears of its own nodes alone', async () => {
  const { counts, violations, story } = await simulateFederation(SEED, {
    size: 60,
    steps: 90,
    every_ms: 2_000,
    isMade: true,
  })
  const count = (name: string): number => counts.get(name) ?? 0
  expect(violations).toEqual([])
  // Enough happened, and some of it took several ways or could not be.
  expect(count('network allowed')).toBeGreaterThan(20)
  expect(count('in several parts')).toBeGreaterThan(0)
  expect(count('ordered') - count('ledgers allowed')).toBeGreaterThan(5)
  for (const kind of ['leave', 'limit', 'close', 'serverDies'])
    expect(count(`churn ${kind}`)).toBeGreaterThan(0)
  const share = count('network paid') / count('network allowed')
  expect(share, story.filter((line) => line.includes('UNPAID')).join('\n')).toBeGreaterThanOrEqual(SHARE_MIN)
})

it('measures by a maximum flow that equals the least cut', () => {
  const dice = new Dice('flows')
  for (let round = 0; round < 200; round++) {
    const size = dice.between(2, 7)
    const arcs = Array.from({ length: dice.between(0, 20) }, () => ({
      from: dice.below(size),
      to: dice.below(size),
      capacity: BigInt(dice.below(50)),
    }))
    const network = new FlowNetwork(size)
    for (const { from, to, capacity } of arcs) network.add(from, to, capacity)
    // Every set of nodes with the source, 0, and without the sink, 1, is a cut.
    const cuts = Array.from({ length: 2 ** (size - 2) }, (_, others) => {
      const isInside = (node: number): boolean =>
        node === 0 || (node > 1 && ((others >> (node - 2)) & 1) === 1)
      return arcs.reduce(
        (sum, { from, to, capacity }) => (isInside(from) && !isInside(to) ? sum + capacity : sum),
        0n,
      )
    })
    const least = cuts.reduce((a, b) => (a < b ? a : b))
    expect(network.maxFlow(0, 1)).toBe(least)
  }
})
