// Rates as people type them.

import { expect, it } from 'vitest'
import { rateOf } from '../../../../cli/ctl/terms.ts'
import { feeFor } from '../../../../protocol/fees.ts'

it('takes the per cent that were typed, to the credit', () => {
  for (const [percent, amount, fee] of [
    ['1', 100n, 1n],
    ['0.5', 200n, 1n],
    ['0.5', 199n, 0n],
    ['50', 3n, 1n],
    ['0.000001', 100_000_000n, 1n],
    ['99.999999', 100_000_000n, 99_999_999n],
    ['0', 10n ** 30n, 0n],
  ] as const) {
    const rate = rateOf('0', percent)
    expect([percent, rate.ok && feeFor(rate.value, amount)]).toEqual([percent, fee])
  }
  expect(rateOf('7', '0')).toEqual({ ok: true, value: { mul: 0, add: 7 } })
})

it.each([
  ['0', '100'],
  ['0', '-1'],
  ['0', '1,5'],
  ['0', '0.0000001'],
  ['-1', '0'],
  ['4294967296', '0'],
])('refuses %s credits and %s per cent', (add, percent) => {
  expect(rateOf(add, percent)).toMatchObject({ error: { code: 'usage' } })
})
