// Seeded worlds in which everything dies, breaks and comes back while people pay: a short run of what
// `npm run sim` does at length. A failing seed prints its story; `npm run sim -- --replay SEED` tells all of it.

import { describe, expect, it } from 'vitest'
import { simulate, type SimulationOptions } from './engine/simulation.ts'
import { expectSound } from './expect-sound.ts'

const SEEDS = 40

/** Seeds in which something was wrong once, and what it was. */
const REGRESSIONS: readonly { seed: string; what: string; options?: SimulationOptions }[] = [
  { seed: '410', what: 'a friend who accepted late was never greeted in the new epoch' },
  { seed: '2011', what: 'a way was not found where the other direction was used up' },
  {
    seed: '8481',
    what: 'a payment ordered while the clock was ahead was searched until the clock had caught up',
  },
  { seed: '1303', what: 'a currency that came back was not reported' },
  { seed: '1136', what: 'a way that was found late and lost at once had no time to come back' },
]

describe('STO-1 STO-3 CH-10 whatever dies, all have what they should have and nothing stays frozen', () => {
  it.each(Array.from({ length: SEEDS }, (_, seed) => String(seed + 1)))(
    'in the world of seed %s',
    async (seed) => {
      expectSound(await simulate(seed))
    },
  )
})

it.each(REGRESSIONS)('seed $seed again: $what', async ({ seed, options }) => {
  expectSound(await simulate(seed, options))
})

it('tells the same story of the same seed, to the millisecond', async () => {
  const [first, second] = [await simulate('12'), await simulate('12')]
  expect(second).toEqual(first)
  expect((await simulate('13')).story).not.toEqual(first.story)
})
