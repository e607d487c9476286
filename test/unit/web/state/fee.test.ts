// Rates in the words of people.

import { expect, it } from 'vitest'
import { feeWords, percentOf, rateOf } from '../../../../web/state/fee.ts'

function words(flat: bigint, percent: number): string {
  const zero = { balance: '0', remoteMaxDebt: '0', localMaxDebt: '0', localPending: '0', remotePending: '0' }
  const shut = { localOpen: false, remoteOpen: false, canSpend: '0', canReceive: '0' }
  return feeWords({ currency: 'credit', ...zero, ...shut, rate: rateOf(flat, percent) })
}

it('says what a mediator takes', () => {
  expect(words(1n, 0)).toBe('1 credit each')
  expect(words(0n, 0)).toBe('free')
  expect(words(0n, 0.5)).toBe('0.5 %')
  expect(words(2n, 1)).toBe('2 credits + 1 %')
})

it('gives back the per cent that were typed', () => {
  for (const percent of [0, 0.01, 0.5, 1, 12.34, 99.99]) expect(percentOf(rateOf(0n, percent))).toBe(percent)
})
