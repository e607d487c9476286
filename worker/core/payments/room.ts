// What can be sent over a friendship now: by the card itself, and for a friend who pays through it.

import type { CancelReason } from '../../../protocol/channel-messages.ts'
import { PENDING_REQUESTS_MAX } from '../../../protocol/limits.ts'
import { creditsForOne, placesForOne } from '../../../protocol/reserve.ts'
import type { Currency, PublicKey } from '../../../protocol/types.ts'
import { frozenAmount } from '../channel/queue.ts'
import { sendCapacity } from '../ledger.ts'
import { findLedger, isUsable, type Friend } from '../state.ts'

/** How much may be sent, or the reason when nothing may be sent at all. */
type Room = { amount: bigint } | CancelReason

/** What I may send over this friendship now, in one currency. */
export function roomToward(friend: Friend, currency: Currency): Room {
  if (!isUsable(friend)) return 'friendOffline'
  const ledger = findLedger(friend, currency)
  if (ledger?.localAdded !== true || !ledger.remoteAdded) return 'unknownCurrency'
  if (ledger.remoteTerms?.open !== true) return 'requestsClosed'
  if (friend.pendingOut.size >= PENDING_REQUESTS_MAX) return 'tooManyPending'
  return { amount: sendCapacity(ledger) }
}

/**
 * What I may send to `next` for another friend. Whoever never lets his requests be answered freezes only his share of
 * the way, and others get through (PAY-16, PAY-17).
 */
export function roomFor(from: PublicKey, next: Friend, currency: Currency): Room {
  const room = roomToward(next, currency)
  if (typeof room === 'string') return room
  const held = heldBy(from, next, currency)
  const places = PENDING_REQUESTS_MAX - next.pendingOut.size + held.requests
  if (held.requests + 1 > placesForOne(places)) return 'tooManyPending'
  return { amount: creditsForOne(room.amount + held.amount) - held.amount }
}

/** What the requests that came from one friend hold on the way to another. */
function heldBy(from: PublicKey, next: Friend, currency: Currency): { requests: number; amount: bigint } {
  const held = { requests: 0, amount: 0n }
  for (const { origin, request } of next.pendingOut.values()) {
    const isHis = (origin.kind === 'friend' || origin.kind === 'claimed') && origin.friend === from
    if (!isHis) continue
    held.requests++
    if (request.currency === currency) held.amount += frozenAmount(request)
  }
  return held
}
