// The simulator itself is put to the test: programs that are broken on purpose must not get past it.

import { expect, it } from 'vitest'
import { MUTANTS, type MutantName } from './engine/mutants.ts'
import { simulate } from './engine/simulation.ts'

/** A mistake must be found in as many worlds at the latest. */
const SEEDS_MAX = 200

/** Honest friends never make use of these mistakes: somebody in each world does. */
const ATTACKS: Partial<Record<MutantName, string>> = { responseNotVerified: 'falseResponses' }

it.each(Object.keys(MUTANTS) as MutantName[])('a program with the mistake %s is caught', async (mutant) => {
  for (let seed = 1; seed <= SEEDS_MAX; seed++) {
    const { violations } = await simulate(String(seed), { mutant, attack: ATTACKS[mutant] })
    if (violations.length > 0) return
  }
  expect.unreachable(`${SEEDS_MAX} worlds did not catch ${mutant}`)
})
