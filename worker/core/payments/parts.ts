// The parts of a payment: each a request along a route of its own, together never more than the payment.

import type { CancelReason } from '../../../protocol/channel-messages.ts'
import { PENDING_REQUESTS_MAX, REQUEST_EXPIRES_MS } from '../../../protocol/limits.ts'
import { invariant } from '../../../protocol/result.ts'
import type { PaymentId, PublicKey, RequestId } from '../../../protocol/types.ts'
import { cancelOrAsk, queueRequest } from '../channel/queue.ts'
import type { Part, PaymentRecord, PendingOut } from '../records.ts'
import type { Route } from '../routes.ts'
import type { State } from '../state.ts'
import { roomToward } from './room.ts'

/** The friend through whom a route begins. */
export function firstHop(hops: readonly PublicKey[]): PublicKey {
  const [first] = hops
  invariant(first !== undefined, 'a route has at least one hop')
  return first
}

export function pendingParts(payment: PaymentRecord): Part[] {
  return payment.parts.filter(({ state }) => state === 'pending')
}

/** Parts that are or will be answered. */
function keptParts(payment: PaymentRecord): Part[] {
  return payment.parts.filter(({ state }) => state !== 'cancelled')
}

/** What no part carries that is under way. */
export function missingAmount(payment: PaymentRecord): bigint {
  return keptParts(payment).reduce((missing, { amount }) => missing - amount, payment.amount)
}

/** Fees of the parts that are or will be answered. */
export function keptFees(payment: PaymentRecord): bigint {
  return keptParts(payment).reduce((sum, { fees }) => sum + fees, 0n)
}

/** What has left and not come back: less than was to be paid when the destination answers only some parts. */
export function keptCost(payment: PaymentRecord): bigint {
  return payment.amount - missingAmount(payment) + keptFees(payment)
}

/** Why a friend cannot take now what these routes would send through him; undefined: all can be sent. */
export function obstacleOn(
  s: State,
  payment: PaymentRecord,
  routes: readonly Route[],
): CancelReason | undefined {
  const left = new Map<PublicKey, { amount: bigint; places: number }>()
  for (const { nodes, amount, fees } of routes) {
    const first = firstHop(nodes.slice(1))
    const friend = s.friends.get(first)
    if (friend === undefined) return 'unknownFriend'
    if (isExcluded(payment, s.publicKey, first)) return 'unavailable'
    const room = roomToward(friend, payment.currency)
    if (typeof room === 'string') return room
    // Each part counts, also those of this payment (CH-24).
    const before = left.get(first) ?? {
      amount: room.amount,
      places: PENDING_REQUESTS_MAX - friend.pendingOut.size,
    }
    const after = { amount: before.amount - amount - fees, places: before.places - 1 }
    if (after.amount < 0n) return 'overLimit'
    if (after.places < 0) return 'tooManyPending'
    left.set(first, after)
  }
  return undefined
}

export function sendPart(s: State, payment: PaymentRecord, route: Route): void {
  const hops = route.nodes.slice(1)
  const requestId = s.drawId() as RequestId
  const request = {
    requestId,
    route: hops.slice(1),
    currency: payment.currency,
    destPayment: route.amount,
    totalDestPayment: payment.amount,
    invoiceId: payment.invoiceId,
    leftFees: route.fees,
    receiptKey: payment.destination,
    expires: s.now + REQUEST_EXPIRES_MS,
  }
  queueRequest(s, s.friend(firstHop(hops)), request, { kind: 'payment', payment: payment.id })
  payment.parts.push({
    requestId,
    route: hops,
    amount: route.amount,
    fees: route.fees,
    sent: s.now,
    state: 'pending',
  })
}

export function askCancelParts(s: State, payment: PaymentRecord): void {
  for (const part of pendingParts(payment)) {
    const friend = s.friends.get(firstHop(part.route))
    const pending = friend?.pendingOut.get(part.requestId)
    if (friend !== undefined && pending !== undefined) cancelOrAsk(s, friend, pending)
  }
}

export function findPart(
  s: State,
  paymentId: PaymentId,
  pending: PendingOut,
): { payment: PaymentRecord; part: Part } | undefined {
  const payment = s.payments.get(paymentId)
  const part = payment?.parts.find((candidate) => candidate.requestId === pending.request.requestId)
  return payment === undefined || part === undefined ? undefined : { payment, part }
}

/** No part goes over this edge any more. */
export function exclude(payment: PaymentRecord, from: PublicKey, to: PublicKey): void {
  if (!isExcluded(payment, from, to)) payment.excludedEdges.push({ from, to })
}

function isExcluded(payment: PaymentRecord, from: PublicKey, to: PublicKey): boolean {
  return payment.excludedEdges.some((edge) => edge.from === from && edge.to === to)
}
