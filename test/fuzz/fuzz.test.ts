// Every decoder against mutated input. `npm run fuzz` asks for more runs, of some targets, with another seed.

import { appendFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { defineTarget, type FuzzTarget, type Target } from './fuzzer.ts'
import { targets } from './targets.ts'

const RUNS = process.env['FUZZ_RUNS']
const SEED = process.env['FUZZ_SEED'] ?? 'offst'
const NAMES = (process.env['FUZZ_TARGETS'] ?? '').split(',').filter((name) => name !== '')
/** Where to add one line of JSON for each target. */
const REPORT = process.env['FUZZ_REPORT']

const RUNS_DEFAULT = 3_000
/** Far more than the slowest run takes: only a decoder that hangs is stopped. */
const RUN_MS_MAX = 100

function runsOf({ cost }: FuzzTarget): number {
  return RUNS === undefined ? Math.ceil(RUNS_DEFAULT / cost) : Number(RUNS)
}

const chosen = targets.filter(
  ({ name }) => NAMES.length === 0 || NAMES.some((start) => name.startsWith(start)),
)

describe('whatever comes, decodes as itself or is refused with a fault', () => {
  it.each(chosen.map((target) => [target.name, target] as const))(
    '%s',
    async (_, target) => {
      const report = await target.fuzz({ seed: SEED, runs: runsOf(target) })
      if (REPORT !== undefined) appendFileSync(REPORT, `${JSON.stringify(report)}\n`)
      expect(report.violations).toEqual([])
      expect(report.refused).toBeGreaterThan(0)
    },
    Number(RUNS ?? RUNS_DEFAULT) * RUN_MS_MAX,
  )
})

describe('the fuzzer', () => {
  const target: Target<string> = {
    name: 'toy',
    seeds: ['a'],
    faults: ['known'],
    mutate: (random, input) => input + random.pick(['a', 'b', 'c']),
    decode: (input) => ({ accepted: true, shape: input.slice(0, 5) }),
    sizeOf: (input) => input.length,
    show: (input) => input,
  }
  const options = { seed: '1', runs: 20_000 }
  const refuse = (code: string, message: string) => ({ accepted: false, fault: { code, message } }) as const

  it('finds what takes five steps, since it goes on from whatever is new', async () => {
    const decode = (input: string) => {
      if (input.startsWith('acbba')) throw new Error('five steps')
      return target.decode(input)
    }
    const { violations } = await defineTarget({ ...target, decode }).fuzz(options)
    expect(violations[0]).toMatchObject({ target: 'toy', seed: '1', message: /five steps/ })
    expect(violations[0]?.input).toMatch(/^acbba/)
  })

  it('reports a rejected promise, an unknown fault and a fault that is too long', async () => {
    for (const [outcome, message] of [
      [Promise.reject(new Error('late')), /late/],
      [refuse('unheard', 'of'), /not documented: unheard/],
      [refuse('known', 'x'.repeat(1_000)), /1000 characters/],
    ] as const) {
      await Promise.allSettled([outcome])
      const decode = (input: string) => (input === 'a' ? target.decode(input) : outcome)
      const { violations, runs } = await defineTarget({ ...target, decode }).fuzz(options)
      expect(violations[0]?.message).toMatch(message)
      expect(runs).toBeLessThan(options.runs)
    }
  })

  it('does the same for the same seed, and something else for another', async () => {
    const [first, again, other] = await Promise.all(
      ['1', '1', '2'].map(async (seed) => {
        const inputs: string[] = []
        const decode = (input: string) => {
          inputs.push(input)
          return target.decode(input)
        }
        await defineTarget({ ...target, decode }).fuzz({ seed, runs: 50 })
        return inputs
      }),
    )
    expect(again).toEqual(first)
    expect(other).not.toEqual(first)
  })

  it('does not start from seeds that its target refuses', async () => {
    const broken = defineTarget({ ...target, decode: () => refuse('known', 'no') })
    await expect(broken.fuzz(options)).rejects.toThrow('does not take its own seeds: known: no')
  })
})
