// The largest amount that can be paid, found by trying.

import type { Part } from './paths.ts'

/** What an amount can be paid with, and how much these same routes can carry. */
export interface Payable {
  readonly parts: Part[]
  readonly most: bigint
}

/**
 * The parts for the largest amount up to `limit` that can be paid, if all that is less can be paid, too; else for one
 * that can be paid while one credit more cannot. Undefined when not a single credit can be paid.
 * @param guess where to begin: the nearer it is, the fewer tries are needed.
 */
export function largest(
  guess: bigint,
  limit: bigint,
  pay: (amount: bigint) => Payable | undefined,
): Part[] | undefined {
  let best: Part[] | undefined
  let payable = 0n
  let tooMuch = limit + 1n
  let step = 1n
  let next = guess
  while (payable + 1n < tooMuch) {
    const amount = between(next, payable + 1n, tooMuch - 1n)
    const found = pay(amount)
    const middle = (): bigint => (payable + tooMuch) / 2n
    if (found !== undefined) {
      best = found.parts
      payable = amount
      next = found.most > amount ? found.most : tooMuch <= limit ? middle() : amount + step
    } else {
      tooMuch = amount
      next = best === undefined ? amount - step : middle()
    }
    if (next === amount + step || next === amount - step) step *= 2n
  }
  return best
}

function between(amount: bigint, least: bigint, most: bigint): bigint {
  if (amount < least) return least
  return amount > most ? most : amount
}
