// My own operations: applied to the books at once, queued until they are sealed into a batch (PROTOCOL.md, CH-10..).

import type { CancelReason, Operation, Request } from '../../../protocol/channel-messages.ts'
import { invariant } from '../../../protocol/result.ts'
import type { Currency, PublicKey, Signature, Time } from '../../../protocol/types.ts'
import { apply, emptyLedger, freezeLocal, frozenBy, inverse, settleRemote } from '../ledger.ts'
import type { Delta, Ledger, Origin, PendingIn, PendingOut, QueuedOperation } from '../records.ts'
import { findLedger, type Friend, type State } from '../state.ts'

/** What an honest request freezes on the hop that it names; it was checked when it entered. */
export function frozenAmount(request: Request): bigint {
  const frozen = frozenBy(request)
  invariant(frozen !== undefined, 'a request in the books freezes a 128-bit amount')
  return frozen
}

/** The books of one currency, opened when it is first used. */
export function ledgerOf(friend: Friend, currency: Currency): Ledger {
  const found = findLedger(friend, currency)
  if (found !== undefined) return found
  const ledger = emptyLedger(currency)
  friend.record.channel.ledgers.push(ledger)
  return ledger
}

/** Sends `request` to the friend; the caller has checked that there is room. */
export function queueRequest(s: State, friend: Friend, request: Request, origin: Origin): void {
  invariant(!friend.pendingOut.has(request.requestId), 'a request id is pending once per friend')
  const delta = freezeLocal(request.currency, frozenAmount(request))
  const queued = enqueue(s, friend, { kind: 'request', request }, delta)
  const pending: PendingOut = {
    friend: friend.record.publicKey,
    request,
    origin,
    queued: queued.number,
    askedCancel: false,
  }
  friend.pendingOut.set(request.requestId, pending)
  s.touchPendingOut(pending)
  watchQueue(s, friend, request.expires)
}

function watchQueue(s: State, friend: Friend, expires: Time): void {
  const timer = `queue/${friend.record.publicKey}`
  s.timers.set(timer, Math.min(expires, s.timers.get(timer) ?? expires))
}

/** Gives back what expired before it could be sealed, however long the friend is away (PAY-14). */
export function expireQueued(s: State, friend: Friend): void {
  for (const pending of [...friend.pendingOut.values()]) {
    if (pending.queued === undefined) continue
    const { expires } = pending.request
    if (expires <= s.now) withdraw(s, friend, pending, 'expired')
    else watchQueue(s, friend, expires)
  }
}

/** Answers the friend's request: what he froze is mine now. */
export function queueResponse(s: State, friend: Friend, pending: PendingIn, signature: Signature): void {
  const { request } = pending
  const delta = settleRemote(request.currency, frozenAmount(request))
  removePendingIn(s, friend, pending)
  if (isFrozen(friend)) {
    // The claim of the reset under way counts it as owed already (CH-46).
    apply(ledgerOf(friend, request.currency), delta)
    s.touchFriend(friend)
    return
  }
  enqueue(s, friend, { kind: 'response', requestId: request.requestId, signature }, delta)
}

/** Gives the friend's request back. */
export function queueCancel(
  s: State,
  friend: Friend,
  pending: PendingIn,
  reason: CancelReason,
  reporter: PublicKey,
): void {
  const { request } = pending
  if (isFrozen(friend)) {
    pending.released = true
    s.touchPendingIn(pending)
    return
  }
  removePendingIn(s, friend, pending)
  const amount = frozenAmount(request)
  const delta = inverse({ currency: request.currency, balance: 0n, localPending: 0n, remotePending: amount })
  enqueue(s, friend, { kind: 'cancel', requestId: request.requestId, reason, reporter }, delta)
}

/** Asks that my request be cancelled: by the destination if it was sent on, here and now if it was not. */
export function cancelOrAsk(s: State, friend: Friend, pending: PendingOut): void {
  if (pending.queued !== undefined) {
    withdraw(s, friend, pending, 'cancelledByBuyer')
    return
  }
  if (pending.askedCancel || isFrozen(friend)) return
  pending.askedCancel = true
  s.touchPendingOut(pending)
  enqueue(s, friend, { kind: 'askCancel', requestId: pending.request.requestId })
}

/** Takes a request that is not sealed yet out of the queue, as if the friend had cancelled it. */
export function withdraw(s: State, friend: Friend, pending: PendingOut, reason: CancelReason): void {
  invariant(pending.queued !== undefined, 'only a queued request can be withdrawn')
  const queued = friend.queue.get(pending.queued)
  invariant(queued?.delta !== undefined, 'a queued request has its operation in the queue')
  friend.queue.delete(queued.number)
  s.touchQueue(queued)
  apply(ledgerOf(friend, queued.delta.currency), inverse(queued.delta))
  removePendingOut(s, friend, pending)
  s.effects.push({ kind: 'cancelled', pending, reason, reporter: s.publicKey })
  s.touchFriend(friend)
}

export function removePendingOut(s: State, friend: Friend, pending: PendingOut): void {
  friend.pendingOut.delete(pending.request.requestId)
  s.touchPendingOut(pending)
}

export function removePendingIn(s: State, friend: Friend, pending: PendingIn): void {
  friend.pendingIn.delete(pending.request.requestId)
  s.touchPendingIn(pending)
}

/** Inconsistent or stale: nothing of mine may enter the log until the next epoch. */
export function isFrozen(friend: Friend): boolean {
  const { status } = friend.record.channel
  return status === 'inconsistent' || status === 'stale'
}

function enqueue(s: State, friend: Friend, operation: Operation, delta?: Delta): QueuedOperation {
  invariant(!isFrozen(friend), 'nothing is queued for a frozen channel')
  const { channel, publicKey } = friend.record
  if (delta !== undefined) apply(ledgerOf(friend, delta.currency), delta)
  const queued: QueuedOperation = {
    friend: publicKey,
    number: channel.nextOperation++,
    operation,
    ...(delta === undefined ? {} : { delta }),
  }
  friend.queue.set(queued.number, queued)
  s.touchQueue(queued)
  s.touchFriend(friend)
  return queued
}
