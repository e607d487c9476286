import { describe, expect, it } from 'vitest'
import { DEFAULT_RATE, feeFor, forwardable, incomingFor } from '../../../protocol/fees.ts'
import { AMOUNT_MAX } from '../../../protocol/wire.ts'

const RATES = [
  DEFAULT_RATE,
  { mul: 0, add: 0 },
  { mul: 1, add: 0 },
  { mul: 2 ** 31, add: 7 },
  { mul: 2 ** 32 - 1, add: 2 ** 32 - 1 },
]

describe('fees', () => {
  it('IDX-9 a mediator takes floor(total * mul / 2^32) + add of what it passes on', () => {
    expect(feeFor(DEFAULT_RATE, 60n)).toBe(1n)
    expect(feeFor({ mul: 2 ** 31, add: 3 }, 61n)).toBe(33n)
    expect(feeFor({ mul: 2 ** 32 - 1, add: 0 }, 1n)).toBe(0n)
  })

  it('IDX-9 what can be passed on of what arrives is exactly what it was computed from', () => {
    for (const rate of RATES) {
      for (const total of [1n, 2n, 59n, 2n ** 32n, 2n ** 64n + 1n, 2n ** 126n]) {
        expect(forwardable(rate, incomingFor(rate, total)!)).toBe(total)
      }
    }
  })

  it('IDX-9 nothing more than that fits into what arrives', () => {
    for (const rate of RATES) {
      for (const incoming of [0n, 1n, 5n, 2n ** 32n, 2n ** 33n + 3n, AMOUNT_MAX]) {
        const total = forwardable(rate, incoming)
        expect(total + 1n + feeFor(rate, total + 1n)).toBeGreaterThan(incoming)
        if (total > 0n) expect(total + feeFor(rate, total)).toBeLessThanOrEqual(incoming)
      }
    }
  })

  it('says so when the sum is no 128-bit amount', () => {
    expect(incomingFor({ mul: 0, add: 0 }, AMOUNT_MAX)).toBe(AMOUNT_MAX)
    expect(incomingFor(DEFAULT_RATE, AMOUNT_MAX)).toBeUndefined()
    expect(incomingFor({ mul: 2 ** 32 - 1, add: 0 }, 2n ** 127n + 2n ** 96n)).toBeUndefined()
  })
})
