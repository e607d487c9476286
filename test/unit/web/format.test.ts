// Amounts and times as people write and read them.

import { expect, it } from 'vitest'
import { amount, money, parseAmount, shortText, signedAmount, timeUntil } from '../../../web/format.ts'

const MINUTE_MS = 60_000

it('shows amounts of 128 bits exactly, with a real minus sign', () => {
  expect(amount(170141183460469231731687303715884105727n).replace(/\D/g, '')).toBe(
    '170141183460469231731687303715884105727',
  )
  expect(signedAmount(-28n)).toBe('\u221228')
  expect(signedAmount(42n)).toBe('+42')
  expect(signedAmount(0n)).toBe('0')
})

it('says one credit and two credits, and other currencies by their names', () => {
  expect(money(1n, 'credit')).toBe('1 credit')
  expect(money(61n, 'credit')).toBe('61 credits')
  expect(money(2n, 'hours')).toBe('2 hours')
})

it('reads amounts as people type them, and its own output', () => {
  expect(parseAmount(' 1 234 ')).toEqual({ ok: true, value: 1234n })
  expect(parseAmount('+60')).toEqual({ ok: true, value: 60n })
  expect(parseAmount(amount(1_234_567n))).toEqual({ ok: true, value: 1_234_567n })
})

it.each([
  ['', 'empty'],
  ['sixty', 'notNumber'],
  ['0x10', 'notNumber'],
  ['1e3', 'notNumber'],
  ['-5', 'negative'],
  ['\u22125', 'negative'],
  ['9'.repeat(40), 'tooLarge'],
])('refuses "%s" as an amount: %s', (text, why) => {
  expect(parseAmount(text)).toEqual({ ok: false, why })
})

it.each(['7,5', '7.5', '1.0', '1,00', '12,3456', '.5'])('refuses "%s", which is no whole amount', (text) => {
  expect(parseAmount(text)).toEqual({ ok: false, why: 'fraction' })
})

it('takes thousands set apart in the ways of the world, and never a decimal point for one of them', () => {
  for (const text of ['1 234 567', "1'234'567", '12 34 567', '1_234_567']) {
    expect(parseAmount(text)).toMatchObject({ ok: true })
  }
  const group = (1000).toLocaleString().charAt(1)
  const decimal = (0.5).toLocaleString().charAt(1)
  expect(parseAmount(`1${group}000`)).toEqual({ ok: true, value: 1000n })
  expect(parseAmount(`1${decimal}000`)).toEqual({ ok: false, why: 'fraction' })
})

it('never shows a time in the past as time that is left', () => {
  expect(timeUntil(0, MINUTE_MS)).toBe(timeUntil(0, 0))
  expect(timeUntil(58 * MINUTE_MS, 0)).toContain('58')
})

it('shortens a long text to its two ends', () => {
  expect(shortText('offstfriend1abcdefghijklmnopqrstuvwxyz')).toBe('offstfriend1abcd…uvwxyz')
  expect(shortText('offstfriend1')).toBe('offstfriend1')
})
