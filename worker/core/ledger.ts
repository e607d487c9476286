// The arithmetic of one currency between two friends: what is frozen, what moves, what is left (PROTOCOL.md, CH-20..).

import { AMOUNT_MAX, BALANCE_MAX, BALANCE_MIN } from '../../protocol/wire.ts'
import { invariant } from '../../protocol/result.ts'
import type { Currency } from '../../protocol/types.ts'
import type { CurrencyConfig, Delta, Ledger } from './records.ts'

export function emptyLedger(currency: Currency, balance = 0n): Ledger {
  return {
    currency,
    balance,
    localPending: 0n,
    remotePending: 0n,
    localAdded: false,
    remoteAdded: false,
  }
}

/** Whether the books say nothing that books never opened would not say. */
export function isBlank(ledger: Ledger): boolean {
  const { balance, localPending, remotePending, localAdded, remoteAdded } = ledger
  return balance === 0n && localPending === 0n && remotePending === 0n && !localAdded && !remoteAdded
}

/** What a request freezes on one hop; undefined when it is over 2^128-1. */
export function frozenBy(request: { destPayment: bigint; leftFees: bigint }): bigint | undefined {
  const frozen = request.destPayment + request.leftFees
  return frozen <= AMOUNT_MAX ? frozen : undefined
}

/** Whether the numbers are those of 128-bit integers. */
export function isInRange(ledger: Ledger): boolean {
  return (
    ledger.balance >= BALANCE_MIN &&
    ledger.balance <= BALANCE_MAX &&
    ledger.localPending >= 0n &&
    ledger.localPending <= AMOUNT_MAX &&
    ledger.remotePending >= 0n &&
    ledger.remotePending <= AMOUNT_MAX
  )
}

/** Adds `delta`; false, and nothing is changed, when a number would leave its 128 bits. */
export function tryApply(ledger: Ledger, delta: Delta): boolean {
  const changed: Ledger = {
    ...ledger,
    balance: ledger.balance + delta.balance,
    localPending: ledger.localPending + delta.localPending,
    remotePending: ledger.remotePending + delta.remotePending,
  }
  if (!isInRange(changed)) return false
  ledger.balance = changed.balance
  ledger.localPending = changed.localPending
  ledger.remotePending = changed.remotePending
  return true
}

/** Adds the delta of an operation of our own, which was checked to fit. */
export function apply(ledger: Ledger, delta: Delta): void {
  invariant(tryApply(ledger, delta), 'an operation of our own leaves the range of the ledger')
}

export function inverse(delta: Delta): Delta {
  return {
    currency: delta.currency,
    balance: -delta.balance,
    localPending: -delta.localPending,
    remotePending: -delta.remotePending,
  }
}

/** My request freezes `amount` of my credit. */
export function freezeLocal(currency: Currency, amount: bigint): Delta {
  return { currency, balance: 0n, localPending: amount, remotePending: 0n }
}

/** The friend's request freezes `amount` of his credit. */
export function freezeRemote(currency: Currency, amount: bigint): Delta {
  return { currency, balance: 0n, localPending: 0n, remotePending: amount }
}

/** My request of `amount` was answered: I owe it now. */
export function settleLocal(currency: Currency, amount: bigint): Delta {
  return { currency, balance: -amount, localPending: -amount, remotePending: 0n }
}

/** I answer the friend's request: he owes it now. */
export function settleRemote(currency: Currency, amount: bigint): Delta {
  return { currency, balance: amount, localPending: 0n, remotePending: -amount }
}

/** What I may still send: until I owe the friend as much as he grants me. Never negative. */
export function sendCapacity(ledger: Ledger): bigint {
  const localMaxDebt = ledger.remoteTerms?.remoteMaxDebt ?? 0n
  return positive(ledger.balance - ledger.localPending + localMaxDebt)
}

/** What the friend may still send me: until he owes me as much as I grant him. Never negative. */
export function receiveCapacity(ledger: Ledger, config: CurrencyConfig): bigint {
  return positive(config.remoteMaxDebt - ledger.balance - ledger.remotePending)
}

/** Whether the friend's pending requests, all of them answered, keep within the limit that I grant. */
export function isWithinLimit(ledger: Ledger, config: CurrencyConfig): boolean {
  return ledger.balance + ledger.remotePending <= config.remoteMaxDebt
}

/** Leading bits of a capacity that is told roughly: steps of an eighth to a quarter of it. */
const COARSE_BITS = 3

/** The capacity rounded down, so that small payments seldom show in it (IDX-27). */
export function coarsely(capacity: bigint): bigint {
  const lost = BigInt(Math.max(0, capacity.toString(2).length - COARSE_BITS))
  return (capacity >> lost) << lost
}

function positive(value: bigint): bigint {
  return value > 0n ? value : 0n
}
