// How much of the way to the next friend the requests of one friend may take. Mediators and index servers compute it
// here, so that the ways that are offered are taken.

import { CAPACITY_RESERVE_DIVISOR, PENDING_SHARE_DIVISOR } from './limits.ts'

/** Of `total`, the credits that are free and those that his requests have frozen: how many these may freeze (PAY-16). */
export function creditsForOne(total: bigint): bigint {
  return total - total / CAPACITY_RESERVE_DIVISOR
}

/** The least capacity of which one friend's requests may freeze `amount`: undoes `creditsForOne` exactly. */
export function capacityFor(amount: bigint): bigint {
  // creditsForOne(c) is (D - 1) * c / D rounded up, so it reaches `amount` when (D - 1) * c is over D * (amount - 1).
  return (CAPACITY_RESERVE_DIVISOR * (amount - 1n)) / (CAPACITY_RESERVE_DIVISOR - 1n) + 1n
}

/** Of `total`, the places that are free and those that his requests have taken: how many these may take (PAY-17). */
export function placesForOne(total: number): number {
  return Math.floor(total / PENDING_SHARE_DIVISOR)
}
