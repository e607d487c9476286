import { describe, expect, it } from 'vitest'
import { capacityFor, creditsForOne, placesForOne } from '../../../protocol/reserve.ts'
import { AMOUNT_MAX } from '../../../protocol/wire.ts'

describe('the reserve', () => {
  it('PAY-16 is a sixteenth of what is free and frozen together, rounded down', () => {
    expect([0n, 1n, 15n, 16n, 31n, 32n, 100n, 1_000n].map(creditsForOne)).toEqual([
      0n,
      1n,
      15n,
      15n,
      30n,
      30n,
      94n,
      938n,
    ])
    expect(creditsForOne(AMOUNT_MAX)).toBe(AMOUNT_MAX - (AMOUNT_MAX >> 4n))
  })

  it('PAY-17 leaves half of the places to others, and the last one to the card itself', () => {
    expect([0, 1, 2, 3, 511, 512].map(placesForOne)).toEqual([0, 0, 1, 1, 255, 256])
  })

  it('IDX-15 the least capacity for an amount is the first of which one friend may freeze it', () => {
    const amounts = [0n, 1n, 2n, 14n, 15n, 16n, 17n, 94n, 2n ** 64n, 2n ** 64n + 7n, AMOUNT_MAX]
    for (const amount of [...amounts, ...Array.from({ length: 300 }, (_, i) => BigInt(i))]) {
      expect(creditsForOne(capacityFor(amount))).toBe(amount)
      if (amount > 0n) expect(creditsForOne(capacityFor(amount) - 1n)).toBeLessThan(amount)
    }
  })
})
