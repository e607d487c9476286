// The mediator: takes its fee, passes requests on, and their outcome back (PROTOCOL.md, PAY-10..).

import type { CancelReason, Request } from '../../../protocol/channel-messages.ts'
import { DEFAULT_RATE, forwardable } from '../../../protocol/fees.ts'
import { invariant } from '../../../protocol/result.ts'
import type { Currency, PublicKey, RequestId, Signature } from '../../../protocol/types.ts'
import { cancelOrAsk, frozenAmount, queueCancel, queueRequest, queueResponse } from '../channel/queue.ts'
import type { CurrencyConfig, PendingIn, PendingOut } from '../records.ts'
import type { Friend, State } from '../state.ts'
import { roomFor } from './room.ts'

function configOf(friend: Friend, currency: Currency): CurrencyConfig | undefined {
  return friend.record.currencies.find((config) => config.currency === currency)
}

/**
 * Why I do not take this friend's request at all, wherever it goes (PAY-11).
 * @param fits whether it keeps within the limit that I grant him.
 */
export function refusal(s: State, friend: Friend, request: Request, fits: boolean): CancelReason | undefined {
  const config = configOf(friend, request.currency)
  if (config === undefined) return 'unknownCurrency'
  if (!config.open) return 'requestsClosed'
  if (!fits) return 'overLimit'
  if (request.expires <= s.now) return 'expired'
  return undefined
}

/** Gives a request back that was not passed on. */
export function refuse(s: State, friend: Friend, pending: PendingIn, reason: CancelReason): void {
  queueCancel(s, friend, pending, reason, s.publicKey)
}

/** Passes a request on to the next friend of its route, or gives it back with the reason. */
export function forward(s: State, from: Friend, pending: PendingIn): void {
  const { request } = pending
  const [nextKey, ...route] = request.route
  invariant(nextKey !== undefined, 'a request for me is not forwarded')
  const next = s.friends.get(nextKey)
  const plan = next === undefined ? 'unknownFriend' : planForward(from, next, request)
  if (typeof plan === 'string') {
    refuse(s, from, pending, plan)
    return
  }
  pending.next = nextKey
  s.touchPendingIn(pending)
  const origin = { kind: 'friend', friend: from.record.publicKey } as const
  queueRequest(s, plan.next, { ...request, route, leftFees: plan.leftFees }, origin)
}

function planForward(
  from: Friend,
  next: Friend,
  request: Request,
): { next: Friend; leftFees: bigint } | CancelReason {
  if (next.pendingOut.has(request.requestId)) return 'duplicateRequest'
  const room = roomFor(from.record.publicKey, next, request.currency)
  if (typeof room === 'string') return room
  const rate = configOf(from, request.currency)?.rate ?? DEFAULT_RATE
  const outgoing = forwardable(rate, frozenAmount(request))
  if (outgoing < request.destPayment) return 'feeTooLow'
  if (outgoing > room.amount) return 'overLimit'
  return { next, leftFees: outgoing - request.destPayment }
}

/** The next friend answered: the credits move on the way back, and the fee is mine. */
export function passResponse(s: State, pending: PendingOut, signature: Signature): void {
  const upstream = findUpstream(s, pending)
  if (upstream === undefined) return
  const { friend, pendingIn } = upstream
  const fee = frozenAmount(pendingIn.request) - frozenAmount(pending.request)
  queueResponse(s, friend, pendingIn, signature)
  if (fee === 0n) return
  s.addActivity({
    kind: 'feeEarned',
    currency: pending.request.currency,
    amount: fee,
    friend: friend.record.publicKey,
    friendName: friend.record.name,
    nextFriend: pending.friend,
  })
}

/** Answered after a reset that counted it as owed (CH-46), or for nobody any more (PAY-43): the history says so. */
export function recordLateAnswer(s: State, { friend, origin, request }: PendingOut): void {
  const about = (origin.kind === 'claimed' ? s.friends.get(origin.friend) : undefined) ?? s.friend(friend)
  s.addActivity({
    kind: 'balanceReset',
    currency: request.currency,
    amount: -frozenAmount(request),
    friend: about.record.publicKey,
    friendName: about.record.name,
  })
}

/** The next friend, or what became of him, gives the request back. */
export function passCancel(s: State, pending: PendingOut, reason: CancelReason, reporter: PublicKey): void {
  const upstream = findUpstream(s, pending)
  if (upstream !== undefined) queueCancel(s, upstream.friend, upstream.pendingIn, reason, reporter)
}

/** Passes the buyer's wish to cancel on toward the destination. */
export function passAskCancel(s: State, pending: PendingIn, requestId: RequestId): void {
  const next = pending.next === undefined ? undefined : s.friends.get(pending.next)
  const forwarded = next?.pendingOut.get(requestId)
  if (next !== undefined && forwarded !== undefined) cancelOrAsk(s, next, forwarded)
}

function findUpstream(s: State, pending: PendingOut): { friend: Friend; pendingIn: PendingIn } | undefined {
  if (pending.origin.kind !== 'friend') return undefined
  const friend = s.friends.get(pending.origin.friend)
  const pendingIn = friend?.pendingIn.get(pending.request.requestId)
  invariant(friend !== undefined && pendingIn !== undefined, 'a forwarded request is pending upstream')
  return { friend, pendingIn }
}
