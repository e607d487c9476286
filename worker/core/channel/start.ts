// How an epoch begins: balances on both sides, and the hash that both logs chain to (PROTOCOL.md, CH-1..3).

import { epochStart } from '../../../protocol/channel-messages.ts'
import { DEFAULT_RATE } from '../../../protocol/fees.ts'
import type { Currency, Hash, PublicKey } from '../../../protocol/types.ts'
import * as wire from '../../../protocol/wire.ts'
import { emptyLedger } from '../ledger.ts'
import type { Channel, ClaimRecord, CurrencyConfig } from '../records.ts'
import { compareKeys } from '../state.ts'

/** In the one order that is hashed and signed: by the currency's UTF-16 code units, without zeros. */
export function canonicalClaims(claims: readonly ClaimRecord[]): ClaimRecord[] {
  return claims.filter((claim) => claim.balance !== 0n).sort((a, b) => (a.currency < b.currency ? -1 : 1))
}

/** Whether claims that a friend sent are in their one order. */
export function areCanonical(claims: readonly ClaimRecord[]): boolean {
  return claims.every(
    (claim, index) => claim.balance !== 0n && (claims[index - 1]?.currency ?? '') < claim.currency,
  )
}

/** The same claims as seen from the other side. */
export function mirrored(claims: readonly ClaimRecord[]): ClaimRecord[] {
  return claims.map(({ currency, balance }) => ({ currency, balance: -balance }))
}

export function areEqual(a: readonly ClaimRecord[], b: readonly ClaimRecord[]): boolean {
  return (
    a.length === b.length &&
    a.every((claim, i) => claim.currency === b[i]?.currency && claim.balance === b[i].balance)
  )
}

/**
 * Hash of an epoch's start, the same on both sides: the claims as the holder of the lower key sees them.
 * @param claims what the friend owes me, canonical.
 */
export function startHashOf(
  me: PublicKey,
  friend: PublicKey,
  epoch: number,
  claims: readonly ClaimRecord[],
): Hash {
  const isLower = compareKeys(me, friend) < 0
  return wire.taggedHash(
    'offst/epoch/v1',
    wire.publicKey.encode(isLower ? me : friend),
    wire.publicKey.encode(isLower ? friend : me),
    epochStart.encode({ epoch, claims: isLower ? claims : mirrored(claims) }),
  )
}

/** A currency as it begins: closed, without credit. */
export function newCurrency(currency: Currency): CurrencyConfig {
  return { currency, remoteMaxDebt: 0n, open: false, rate: DEFAULT_RATE }
}

/** An epoch with empty logs. */
export function newChannel(
  me: PublicKey,
  friend: PublicKey,
  epoch: number,
  claims: readonly ClaimRecord[],
): Channel {
  const startHash = startHashOf(me, friend, epoch, claims)
  return {
    status: 'waiting',
    epoch,
    startHash,
    sentSeq: 0,
    sentHash: startHash,
    ackedSeq: 0,
    signedAckSeq: 0,
    receivedSeq: 0,
    receivedHash: startHash,
    ledgers: claims.map(({ currency, balance }) => emptyLedger(currency, balance)),
    notedSent: 0,
    notedReceived: 0,
    repairs: 0,
    nextOperation: 1,
  }
}
