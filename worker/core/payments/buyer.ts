// The buyer: finds a route, sends the parts, tries again around failed hops, and ends in paid or failed, through any
// number of restarts (PROTOCOL.md, PAY-30..).

import type { CancelReason } from '../../../protocol/channel-messages.ts'
import {
  OUTAGE_PATIENCE_MS,
  PART_ANSWER_MS_MAX,
  PAYMENT_ATTEMPTS_MAX,
  PENDING_REQUESTS_MAX,
  REFUND_AGAIN_MS,
  REQUEST_EXPIRES_MS,
  ROUTE_QUERY_MS_MAX,
  SEARCH_AGAIN_MS,
  SETTLING_MS,
} from '../../../protocol/limits.ts'
import { invariant, type Fault } from '../../../protocol/result.ts'
import type { PaymentId, PublicKey, RequestId, Signature } from '../../../protocol/types.ts'
import { cancelOrAsk, queueRequest } from '../channel/queue.ts'
import type { Part, PaymentRecord, PendingOut } from '../records.ts'
import type { Route, RouteQueryAnswer } from '../routes.ts'
import type { State } from '../state.ts'
import { cancelFault, isFinal, noRouteFault, OUTAGES } from './faults.ts'
import { queryRoutes } from './query.ts'
import { roomToward } from './room.ts'

/** Somebody on the way has lost a connection, and may have it back in a moment. */
const INTERRUPTIONS: ReadonlySet<string> = new Set(['friendOffline', 'unavailable'])

/** Starts a stored payment, on `route` if one was chosen. */
export function startPayment(s: State, payment: PaymentRecord, route?: Route): void {
  s.payments.set(payment.id, payment)
  s.touchPayment(payment)
  if (route !== undefined && route.fees <= payment.maxFees && trySend(s, payment, [route])) return
  search(s, payment)
}

/** After a restart: what was searching searches again, what was sent waits for its answer. */
export function resumePayments(s: State): void {
  for (const payment of s.payments.values()) {
    if (payment.state === 'searching') s.timers.set(timerOf(payment.id), s.now + SEARCH_AGAIN_MS)
    else if (payment.finished === undefined) waitForAnswer(s, payment)
  }
}

/** Straight to a friend if he is one, else by way of the index servers. */
function search(s: State, payment: PaymentRecord): void {
  payment.state = 'searching'
  s.touchPayment(payment)
  if (payment.attempts >= PAYMENT_ATTEMPTS_MAX) return failPayment(s, payment, lastFault(s, payment))
  if (trySend(s, payment, [directRoute(s, payment)])) return
  if (payment.refundOf !== undefined) return searchRefund(s, payment)
  queryRoutes(s, { kind: 'payment', payment: payment.id }, payment)
  s.timers.set(timerOf(payment.id), s.now + ROUTE_QUERY_MS_MAX)
}

/** A refund goes straight to its friend, and waits for as long as he cannot take it (CH-46). */
function searchRefund(s: State, payment: PaymentRecord): void {
  if (!s.friends.has(payment.destination)) return failPayment(s, payment, lastFault(s, payment))
  s.timers.set(timerOf(payment.id), s.now + REFUND_AGAIN_MS)
}

function directRoute(s: State, payment: PaymentRecord): Route {
  return { nodes: [s.publicKey, payment.destination], amount: payment.amount, fees: 0n }
}

/** The index servers' answer for a payment that still searches. */
export function receiveRoutes(s: State, paymentId: PaymentId, answer: RouteQueryAnswer): void {
  const payment = s.payments.get(paymentId)
  if (payment?.state !== 'searching') return
  if (!answer.ok) return searchLater(s, payment, answer.fault)
  const fees = answer.routes.reduce((sum, route) => sum + route.fees, 0n)
  if (fees > payment.maxFees) {
    return failPayment(s, payment, {
      code: 'feeTooHigh',
      message: `The way there costs ${fees} in fees, and you allowed ${payment.maxFees}. Raise the maximum fee.`,
    })
  }
  if (!trySend(s, payment, answer.routes)) {
    for (const route of answer.routes) exclude(payment, s.publicKey, firstHop(route.nodes.slice(1)))
    payment.attempts++
    search(s, payment)
  }
}

/** No route: while something may be just on its way back, the same ways are worth another try. */
function searchLater(s: State, payment: PaymentRecord, fault: Fault): void {
  if (isWorthWaiting(s, payment, fault)) {
    if (isInterrupted(payment)) payment.excludedEdges = []
    s.touchPayment(payment)
    s.timers.set(timerOf(payment.id), s.now + SEARCH_AGAIN_MS)
  } else if (fault.code === 'noRoute' && payment.excludedNodes.length > 0) {
    // Perhaps these ask for no more than was announced, and the fees of an answer were wrong.
    payment.excludedNodes = []
    search(s, payment)
  } else if (payment.lastFault !== undefined && payment.attempts > 0) {
    failPayment(s, payment, payment.lastFault)
  } else {
    failPayment(s, payment, noRouteFault(s, payment, fault))
  }
}

function isWorthWaiting(s: State, payment: PaymentRecord, fault: Fault): boolean {
  if (s.friends.size === 0) return false
  // Ordered in this run; before, or by a clock that was set back since, the run itself began later.
  const begun = payment.created > s.now ? s.started : Math.max(s.started, payment.created)
  if (OUTAGES.has(fault.code)) {
    return s.card.indexServers.length > 0 && s.now < begun + OUTAGE_PATIENCE_MS
  }
  if (isInterrupted(payment)) return s.now < begun + SETTLING_MS
  // Of a node that has just started the index servers hear only now.
  return payment.attempts === 0 && s.now < s.started + SETTLING_MS
}

function isInterrupted({ lastFault }: PaymentRecord): boolean {
  return lastFault !== undefined && INTERRUPTIONS.has(lastFault.code)
}

/** Sends all parts, or none when a first hop has no room. */
function trySend(s: State, payment: PaymentRecord, routes: readonly Route[]): boolean {
  const left = new Map<PublicKey, bigint>()
  for (const { nodes, amount, fees } of routes) {
    const first = firstHop(nodes.slice(1))
    const friend = s.friends.get(first)
    if (friend === undefined || isExcluded(payment, s.publicKey, first)) return false
    const room = roomToward(friend, payment.currency)
    if (typeof room === 'string') return false
    const rest = (left.get(first) ?? room.amount) - amount - fees
    // Each part counts, also those of this payment (CH-24).
    if (rest < 0n || friend.pendingOut.size + routes.length > PENDING_REQUESTS_MAX) return false
    left.set(first, rest)
  }
  for (const route of routes) sendPart(s, payment, route)
  payment.attempts++
  payment.state = 'sending'
  s.touchPayment(payment)
  waitForAnswer(s, payment)
  return true
}

function sendPart(s: State, payment: PaymentRecord, route: Route): void {
  const hops = route.nodes.slice(1)
  const first = firstHop(hops)
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
  queueRequest(s, s.friend(first), request, { kind: 'payment', payment: payment.id })
  payment.parts.push({
    requestId,
    route: hops,
    amount: route.amount,
    fees: route.fees,
    sent: s.now,
    state: 'pending',
  })
}

function waitForAnswer(s: State, payment: PaymentRecord): void {
  const pending = payment.parts.filter((part) => part.state === 'pending')
  const sent = Math.min(...pending.map((part) => s.begun(part.sent)))
  if (pending.length > 0) s.timers.set(timerOf(payment.id), Math.max(sent + PART_ANSWER_MS_MAX, s.now))
}

/** The payment's timer: it waits for routes, for its next search, or for an answer. */
export function paymentTimer(s: State, paymentId: PaymentId): void {
  const payment = s.payments.get(paymentId)
  if (payment === undefined || payment.finished !== undefined) return
  if (payment.state === 'searching') {
    for (const [query, waiter] of s.routeQueries) {
      if (waiter.kind !== 'payment' || waiter.payment !== paymentId) continue
      s.routeQueries.delete(query)
      const message = 'No index server answered. Look at your servers, or try again later.'
      return searchLater(s, payment, { code: 'timedOut', message })
    }
    return search(s, payment)
  }
  if (payment.state === 'sending') {
    const message = 'The seller did not answer in time, so the payment was called back. Nothing was paid.'
    payment.lastFault = { code: 'timedOut', message }
    s.touchPayment(payment)
  }
  askCancelParts(s, payment)
}

/** The user wants it stopped: it ends as failed, unless the destination signs first. */
export function cancelPayment(s: State, payment: PaymentRecord): void {
  if (payment.finished !== undefined || payment.state === 'cancelling') return
  payment.lastFault = { code: 'cancelled', message: 'You cancelled it. Nothing was paid.' }
  if (payment.state === 'searching') return failPayment(s, payment, payment.lastFault)
  payment.state = 'cancelling'
  s.touchPayment(payment)
  askCancelParts(s, payment)
}

function askCancelParts(s: State, payment: PaymentRecord): void {
  for (const part of payment.parts) {
    if (part.state !== 'pending') continue
    const friend = s.friends.get(firstHop(part.route))
    const pending = friend?.pendingOut.get(part.requestId)
    if (friend !== undefined && pending !== undefined) cancelOrAsk(s, friend, pending)
  }
}

/** A part was answered: its signature is the receipt for the whole. */
export function partPaid(s: State, paymentId: PaymentId, pending: PendingOut, signature: Signature): void {
  const found = findPart(s, paymentId, pending)
  if (found === undefined) return
  const { payment, part } = found
  part.state = 'paid'
  s.touchPayment(payment)
  if (payment.state === 'paid') return
  const { requestId, invoiceId, currency, destPayment, totalDestPayment, receiptKey } = pending.request
  payment.receipt = {
    requestId,
    invoiceId,
    currency,
    destPayment,
    totalDestPayment,
    receiptKey,
    signature,
  }
  payment.state = 'paid'
  payment.finished = s.now
  s.timers.cancel(timerOf(payment.id))
  s.addActivity({
    kind: 'sent',
    ...describe(payment),
    // What comes back of it later is told when it does.
    amount: -costOf(payment),
    fees: paidFees(payment),
    friend: firstHop(part.route),
  })
}

/** What has left and not come back: less than was to be paid when the destination answers only some parts. */
function costOf(payment: PaymentRecord): bigint {
  const kept = payment.parts.filter(({ state }) => state !== 'cancelled')
  return kept.reduce((sum, { amount, fees }) => sum + amount + fees, 0n)
}

/** One receipt proves the whole payment: a part of it that is given back after it was a present. */
function recordPresent(s: State, payment: PaymentRecord, part: Part): void {
  const friend = firstHop(part.route)
  const friendName = s.friends.get(friend)?.record.name
  s.addActivity({
    kind: 'balanceReset',
    currency: payment.currency,
    amount: part.amount + part.fees,
    payment: payment.id,
    friend,
    ...(friendName === undefined ? {} : { friendName }),
  })
}

/** Fees of the parts that are or will be answered. */
export function paidFees(payment: PaymentRecord): bigint {
  return payment.parts.reduce((sum, part) => (part.state === 'cancelled' ? sum : sum + part.fees), 0n)
}

/** A part came back: another way, or the end. */
export function partCancelled(
  s: State,
  paymentId: PaymentId,
  pending: PendingOut,
  reason: CancelReason,
  reporter: PublicKey,
): void {
  const found = findPart(s, paymentId, pending)
  if (found === undefined) return
  const { payment, part } = found
  part.state = 'cancelled'
  s.touchPayment(payment)
  if (payment.state === 'paid') return recordPresent(s, payment, part)
  if (payment.refundOf !== undefined) return refundCameBack(s, payment, reason, reporter)
  excludeFailedHop(s, payment, part, reason, reporter)
  const isCalledBack = payment.state === 'cancelling' || payment.lastFault?.code === 'timedOut'
  if (!isCalledBack) payment.lastFault = cancelFault(s, payment, reason, reporter)
  if (payment.parts.some((other) => other.state === 'pending')) return askCancelParts(s, payment)
  if (isCalledBack || isFinal(reason)) return failPayment(s, payment, lastFault(s, payment))
  search(s, payment)
}

/** The friend did not take it now; `invoicePaid`: he has it already, by the books that a reset started from. */
function refundCameBack(s: State, payment: PaymentRecord, reason: CancelReason, reporter: PublicKey): void {
  const isOver = payment.state === 'cancelling' || reason === 'invoicePaid'
  if (payment.state !== 'cancelling') payment.lastFault = cancelFault(s, payment, reason, reporter)
  if (isOver) return failPayment(s, payment, lastFault(s, payment))
  payment.state = 'searching'
  s.timers.set(timerOf(payment.id), s.now + REFUND_AGAIN_MS)
}

/** Around the node that reported: its edge toward the next node, or the node itself. */
function excludeFailedHop(
  s: State,
  payment: PaymentRecord,
  part: Part,
  reason: CancelReason,
  reporter: PublicKey,
): void {
  const nodes = [s.publicKey, ...part.route]
  const index = nodes.indexOf(reporter)
  if (index < 0) return exclude(payment, s.publicKey, firstHop(part.route))
  const next = nodes[index + 1]
  if (next === undefined) return exclude(payment, nodes[index - 1] ?? s.publicKey, reporter)
  if (reason === 'feeTooLow' && reporter !== s.publicKey) payment.excludedNodes.push(reporter)
  else exclude(payment, reporter, next)
}

/** The friend through whom a route begins. */
function firstHop(hops: readonly PublicKey[]): PublicKey {
  const [first] = hops
  invariant(first !== undefined, 'a route has at least one hop')
  return first
}

function exclude(payment: PaymentRecord, from: PublicKey, to: PublicKey): void {
  if (!isExcluded(payment, from, to)) payment.excludedEdges.push({ from, to })
}

function isExcluded(payment: PaymentRecord, from: PublicKey, to: PublicKey): boolean {
  return payment.excludedEdges.some((edge) => edge.from === from && edge.to === to)
}

function failPayment(s: State, payment: PaymentRecord, fault: Fault): void {
  payment.state = 'failed'
  payment.fault = fault
  payment.finished = s.now
  s.timers.cancel(timerOf(payment.id))
  s.touchPayment(payment)
  s.addActivity({ kind: 'notSent', ...describe(payment), amount: 0n, fault })
}

function lastFault(s: State, payment: PaymentRecord): Fault {
  return payment.lastFault ?? noRouteFault(s, payment, { code: 'noRoute', message: '' })
}

function describe(payment: PaymentRecord) {
  return {
    currency: payment.currency,
    destination: payment.destination,
    payment: payment.id,
    ...(payment.invoice === undefined ? {} : { invoice: payment.invoiceId }),
    ...(payment.invoice?.description === undefined ? {} : { description: payment.invoice.description }),
  }
}

function findPart(
  s: State,
  paymentId: PaymentId,
  pending: PendingOut,
): { payment: PaymentRecord; part: Part } | undefined {
  const payment = s.payments.get(paymentId)
  const part = payment?.parts.find((candidate) => candidate.requestId === pending.request.requestId)
  return payment === undefined || part === undefined ? undefined : { payment, part }
}

function timerOf(paymentId: PaymentId): string {
  return `payment/${paymentId}`
}
