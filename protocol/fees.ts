// What mediators take. Buyer, mediators and index servers compute it here, so that they agree to the last credit.

import type { Rate } from './types.ts'
import { AMOUNT_MAX } from './wire.ts'

const SCALE_BITS = 32n
const SCALE = 1n << SCALE_BITS

/** A friend's rate until he announces another: exactly one credit. */
export const DEFAULT_RATE: Rate = { mul: 0, add: 1 }

/** The fee for passing on `forwardedTotal` (the destination's payment and all fees that are still to come). */
export function feeFor(rate: Rate, forwardedTotal: bigint): bigint {
  return ((forwardedTotal * BigInt(rate.mul)) >> SCALE_BITS) + BigInt(rate.add)
}

/** What must arrive so that `forwardedTotal` can be passed on; undefined when that is no 128-bit amount. */
export function incomingFor(rate: Rate, forwardedTotal: bigint): bigint | undefined {
  const incoming = forwardedTotal + feeFor(rate, forwardedTotal)
  return incoming > AMOUNT_MAX ? undefined : incoming
}

/**
 * The most that can be passed on of what arrives: the largest T with `T + feeFor(rate, T) <= incomingTotal`,
 * or 0 when even the fixed part of the fee is not covered. Undoes `incomingFor` exactly.
 */
export function forwardable(rate: Rate, incomingTotal: bigint): bigint {
  const rest = incomingTotal - BigInt(rate.add)
  if (rest < 0n) return 0n
  // floor(T * (2^32 + mul) / 2^32) <= rest holds exactly while T * (2^32 + mul) < (rest + 1) * 2^32.
  return (((rest + 1n) << SCALE_BITS) - 1n) / (SCALE + BigInt(rate.mul))
}
