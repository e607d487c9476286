// The parts of a balance bar, as the design draws them.

import { expect, it } from 'vitest'
import { layOut, layOutClaims, rowScale, wideScale, type BarNumbers } from '../../../../web/state/bar.ts'

const EVEN: BarNumbers = {
  balance: 0n,
  localPending: 0n,
  remotePending: 0n,
  localMaxDebt: 100n,
  remoteMaxDebt: 100n,
}

/** `kind from..to`, without the room. */
function partsOf(numbers: BarNumbers): string[] {
  return layOut(numbers, rowScale(numbers))
    .pieces.filter(({ kind }) => kind !== 'room')
    .map(({ kind, start, width }) => `${kind} ${start}..${start + width}`)
}

it('keeps zero in the middle of a row, whatever the limits', () => {
  const numbers = { ...EVEN, localMaxDebt: 30n, remoteMaxDebt: 60n }
  const { zero, pieces } = layOut(numbers, rowScale(numbers))
  expect(zero).toBe(50)
  expect(pieces).toEqual([{ kind: 'room', start: 25, width: 75 }])
})

it('fills from zero to what is settled, on the side of whoever owes', () => {
  expect(partsOf({ ...EVEN, balance: 50n })).toEqual(['plus 50..75'])
  expect(partsOf({ ...EVEN, balance: -100n })).toEqual(['minus 0..50'])
  expect(partsOf(EVEN)).toEqual([])
})

it('hatches what may still change, also across zero', () => {
  expect(partsOf({ ...EVEN, balance: 50n, localPending: 20n })).toEqual(['plus 50..65', 'plusPending 65..75'])
  expect(partsOf({ ...EVEN, balance: -20n, localPending: 20n })).toEqual([
    'minus 40..50',
    'minusPending 30..40',
  ])
  expect(partsOf({ ...EVEN, balance: 20n, localPending: 40n })).toEqual([
    'minusPending 40..50',
    'plusPending 50..60',
  ])
  expect(partsOf({ ...EVEN, remotePending: 20n })).toEqual(['plusPending 50..60'])
})

it('marks a limit that the balance is beyond', () => {
  const numbers = { ...EVEN, balance: 80n, remoteMaxDebt: 50n }
  expect(layOut(numbers, rowScale(numbers)).marks).toEqual([75])
})

it('shows two claims by two marks, and the difference between them', () => {
  const { pieces, marks } = layOutClaims(EVEN, 20n, 12n, rowScale(EVEN))
  expect(marks).toEqual([56, 60])
  expect(pieces.map(({ kind }) => kind)).toEqual(['room', 'plus', 'apart'])
})

it('draws amounts of 127 bits, and no limits at all', () => {
  const limit = (1n << 127n) - 1n
  const huge = { ...EVEN, balance: limit, localMaxDebt: limit, remoteMaxDebt: limit }
  expect(partsOf(huge)).toEqual(['plus 50..100'])
  expect(partsOf({ ...EVEN, localMaxDebt: 0n, remoteMaxDebt: 0n })).toEqual([])
  expect(wideScale(0n, 0n)(0n)).toBe(0)
})
