// The buyer: finds routes, sends the parts, tries again around failed hops, and ends in paid or failed, through any
// number of restarts (PROTOCOL.md, PAY-30..).

import type { CancelReason } from '../../../protocol/channel-messages.ts'
import {
  OUTAGE_PATIENCE_MS,
  PART_ANSWER_MS_MAX,
  PAYMENT_ATTEMPTS_MAX,
  PAYMENT_PARTS_MAX,
  REFUND_AGAIN_MS,
  ROUTE_QUERY_MS_MAX,
  SEARCH_AGAIN_MS,
  NEWS_MS,
  SETTLING_MS,
} from '../../../protocol/limits.ts'
import type { Fault } from '../../../protocol/result.ts'
import type { PaymentId, PublicKey, Signature } from '../../../protocol/types.ts'
import type { Part, PaymentRecord, PendingOut } from '../records.ts'
import { amountOf, directRoute, feesOf, type Route, type RouteQueryAnswer } from '../routes.ts'
import type { State } from '../state.ts'
import { cancelFault, isFinal, isPassing, noRouteFault, OUTAGES } from './faults.ts'
import {
  askCancelParts,
  exclude,
  findPart,
  firstHop,
  keptCost,
  keptFees,
  missingAmount,
  obstacleOn,
  pendingParts,
  sendPart,
} from './parts.ts'
import { queryRoutes } from './query.ts'

/** Starts a stored payment, on `routes` if some were chosen. */
export function startPayment(s: State, payment: PaymentRecord, routes?: readonly Route[]): void {
  s.payments.set(payment.id, payment)
  s.touchPayment(payment)
  if (routes !== undefined && feesOf(routes) <= payment.maxFees) {
    if (trySend(s, payment, routes) === undefined) return
  }
  search(s, payment)
}

/** After a restart: what was searching searches again, what was sent waits for its answer. */
export function resumePayments(s: State): void {
  for (const payment of s.payments.values()) {
    if (payment.finished !== undefined) continue
    // Earlier versions had no other mark for what is called back.
    const isCalledBack = payment.state === 'cancelling' || payment.lastFault?.code === 'timedOut'
    if (isCalledBack && pendingParts(payment).length > 0) payment.calledBack ??= 'end'
    if (payment.state === 'searching') setTimer(s, payment, SEARCH_AGAIN_MS)
    else waitForAnswer(s, payment)
  }
}

/** What no part carries goes straight to a friend, or by way of the index servers. */
function search(s: State, payment: PaymentRecord): void {
  payment.state = 'searching'
  s.touchPayment(payment)
  forgetQuery(s, payment)
  if (payment.attempts >= PAYMENT_ATTEMPTS_MAX) return callBack(s, payment, 'end', lastFault(s, payment))
  const { destination, currency, cycle, maxFees, excludedNodes, excludedEdges } = payment
  const missing = missingAmount(payment)
  const direct = directRoute(s.publicKey, destination, missing)
  if (cycle === undefined && trySend(s, payment, [direct]) === undefined) return
  if (payment.refundOf !== undefined) return searchRefund(s, payment)
  queryRoutes(
    s,
    { kind: 'payment', payment: payment.id },
    {
      destination,
      currency,
      cycle,
      amount: missing,
      maxFees: maxFees - keptFees(payment),
      maxParts: PAYMENT_PARTS_MAX - pendingParts(payment).length,
      excludedNodes,
      excludedEdges,
    },
  )
  setTimer(s, payment, ROUTE_QUERY_MS_MAX)
}

/** A refund goes straight to its friend, and waits for as long as he cannot take it (CH-46). */
function searchRefund(s: State, payment: PaymentRecord): void {
  if (!s.friends.has(payment.destination)) return failPayment(s, payment, lastFault(s, payment))
  setTimer(s, payment, REFUND_AGAIN_MS)
}

/** The index servers' answer for a payment that still searches. */
export function receiveRoutes(s: State, paymentId: PaymentId, answer: RouteQueryAnswer): void {
  const payment = s.payments.get(paymentId)
  if (payment?.state !== 'searching') return
  if (!answer.ok) return searchLater(s, payment, answer.fault)
  if (amountOf(answer.routes) > missingAmount(payment)) {
    return searchLater(s, payment, {
      code: 'noRoute',
      message: 'The answer carried more than was asked for.',
    })
  }
  const fees = keptFees(payment) + feesOf(answer.routes)
  if (fees > payment.maxFees) {
    return callBack(s, payment, 'anew', {
      code: 'feeTooHigh',
      message: `The way there costs ${fees} in fees, and you allowed ${payment.maxFees}. Raise the maximum fee.`,
    })
  }
  const obstacle = trySend(s, payment, answer.routes)
  if (obstacle === undefined) return
  // Something has changed since the question, and the next one says so.
  if (obstacle !== 'unknownFriend') payment.lastFault = cancelFault(s, payment, obstacle, s.publicKey)
  payment.attempts++
  search(s, payment)
}

/** No route: while something may be just on its way back, the same ways are worth another try. */
function searchLater(s: State, payment: PaymentRecord, fault: Fault): void {
  if (fault.code === 'noRoute' && pendingParts(payment).length > 0) {
    callBack(s, payment, 'anew', payment.lastFault ?? noRouteFault(s, payment, fault))
  } else if (isWorthWaiting(s, payment, fault)) {
    if (isInterrupted(payment)) payment.excludedEdges = []
    s.touchPayment(payment)
    setTimer(s, payment, SEARCH_AGAIN_MS)
  } else if (fault.code === 'noRoute' && payment.excludedNodes.length > 0) {
    // Perhaps these ask for no more than was announced, and the fees of an answer were wrong.
    payment.excludedNodes = []
    search(s, payment)
  } else if (payment.lastFault !== undefined && payment.attempts > 0) {
    callBack(s, payment, 'anew', payment.lastFault)
  } else {
    callBack(s, payment, 'anew', noRouteFault(s, payment, fault))
  }
}

function isWorthWaiting(s: State, payment: PaymentRecord, fault: Fault): boolean {
  if (s.friends.size === 0) return false
  // Ordered in this run; before, or by a clock that was set back since, the run itself began later.
  const begun = payment.created > s.now ? s.started : Math.max(s.started, payment.created)
  if (OUTAGES.has(fault.code)) {
    return s.card.indexServers.length > 0 && s.now < begun + OUTAGE_PATIENCE_MS
  }
  if (isInterrupted(payment)) return s.now < Math.max(begun, lastSent(s, payment)) + SETTLING_MS
  if (payment.attempts > 0) return false
  // Of a node that has just started the index servers hear only now, as of what has just changed somewhere.
  return s.now < s.started + SETTLING_MS || (fault.code === 'noRoute' && s.now < begun + NEWS_MS)
}

/** When something was sent last, as far as this run can tell; attempts are counted, so that this has an end. */
function lastSent(s: State, payment: PaymentRecord): number {
  const sent = payment.parts.at(-1)?.sent ?? 0
  return sent > s.now ? s.started : sent
}

function isInterrupted({ lastFault }: PaymentRecord): boolean {
  return lastFault !== undefined && isPassing(lastFault)
}

/** Sends along all routes, or nothing when a friend cannot take it. @returns why he cannot. */
function trySend(s: State, payment: PaymentRecord, routes: readonly Route[]): CancelReason | undefined {
  const obstacle = obstacleOn(s, payment, routes)
  if (obstacle !== undefined) return obstacle
  for (const route of routes) sendPart(s, payment, route)
  payment.attempts++
  payment.state = 'sending'
  s.touchPayment(payment)
  waitForAnswer(s, payment)
  return undefined
}

/** When the parts under way are called back: one time-out for all of them, however often some are sent anew. */
function deadlineOf(s: State, payment: PaymentRecord): number {
  // Sent by a clock that was set back since: not later than this run began.
  const sent = pendingParts(payment).map((part) => (part.sent > s.now ? s.started : part.sent))
  return sent.length === 0 ? Infinity : Math.min(...sent) + PART_ANSWER_MS_MAX
}

function waitForAnswer(s: State, payment: PaymentRecord): void {
  setTimer(s, payment, PART_ANSWER_MS_MAX)
}

/** Wakes the payment up after some time, and not later than its time-out. */
function setTimer(s: State, payment: PaymentRecord, after_ms: number): void {
  const time = Math.min(s.now + after_ms, deadlineOf(s, payment))
  s.timers.set(timerOf(payment.id), Math.max(time, s.now))
}

/** The payment's timer: it waits for routes, for its next search, or for an answer. */
export function paymentTimer(s: State, paymentId: PaymentId): void {
  const payment = s.payments.get(paymentId)
  if (payment === undefined || payment.finished !== undefined) return
  if (deadlineOf(s, payment) <= s.now) {
    if (payment.calledBack === 'end') return askCancelParts(s, payment)
    const message = 'The seller did not answer in time, so the payment was called back. Nothing was paid.'
    const isMending = payment.state === 'searching' && payment.lastFault !== undefined
    return callBack(s, payment, 'end', isMending ? lastFault(s, payment) : { code: 'timedOut', message })
  }
  if (payment.state !== 'searching') return waitForAnswer(s, payment)
  if (forgetQuery(s, payment)) {
    const message = 'No index server answered. Look at your servers, or try again later.'
    return searchLater(s, payment, { code: 'timedOut', message })
  }
  search(s, payment)
}

/** @returns whether the index servers were being asked. */
function forgetQuery(s: State, payment: PaymentRecord): boolean {
  for (const [query, waiter] of s.routeQueries) {
    if (waiter.kind !== 'payment' || waiter.payment !== payment.id) continue
    s.routeQueries.delete(query)
    // Asked in this very step, it need not be asked at all.
    s.actions = s.actions.filter((action) => action.type !== 'queryRoutes' || action.query !== query)
    return true
  }
  return false
}

/** The user wants it stopped: it ends as failed, unless the destination signs first. */
export function cancelPayment(s: State, payment: PaymentRecord): void {
  if (payment.finished !== undefined || payment.state === 'cancelling') return
  callBack(s, payment, 'end', { code: 'cancelled', message: 'You cancelled it. Nothing was paid.' })
  if (pendingParts(payment).length > 0) payment.state = 'cancelling'
}

/**
 * All parts are asked back: then it fails; or begins anew, since what is missing finds no way beside them, but perhaps
 * the whole does. Without parts under way it fails at once.
 */
function callBack(s: State, payment: PaymentRecord, then: 'anew' | 'end', fault: Fault): void {
  if (pendingParts(payment).length === 0) return failPayment(s, payment, fault)
  payment.state = 'sending'
  payment.calledBack = then
  payment.lastFault = fault
  forgetQuery(s, payment)
  if (then === 'end') s.timers.cancel(timerOf(payment.id))
  else waitForAnswer(s, payment)
  s.touchPayment(payment)
  askCancelParts(s, payment)
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
    amount: -keptCost(payment),
    fees: keptFees(payment),
    friend: firstHop(part.route),
  })
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

/** A part came back: another way for what it carried, or the end. */
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
  // What is called back has not failed, and what the destination gives back has arrived.
  const hasFailed = reason !== 'cancelledByBuyer' && reason !== 'incomplete'
  if (hasFailed) excludeFailedHop(s, payment, part, reason, reporter)
  const fault = cancelFault(s, payment, reason, reporter)
  if (payment.calledBack === undefined) {
    if (isFinal(reason)) return callBack(s, payment, 'end', fault)
    payment.lastFault = fault
    return search(s, payment)
  }
  if (hasFailed && isFinal(reason) && payment.calledBack === 'anew') return callBack(s, payment, 'end', fault)
  if (pendingParts(payment).length > 0) return askCancelParts(s, payment)
  if (payment.calledBack === 'end') return failPayment(s, payment, lastFault(s, payment))
  delete payment.calledBack
  search(s, payment)
}

/** The friend did not take it now; `invoicePaid`: he has it already, by the books that a reset started from. */
function refundCameBack(s: State, payment: PaymentRecord, reason: CancelReason, reporter: PublicKey): void {
  const isOver = payment.state === 'cancelling' || reason === 'invoicePaid'
  if (payment.state !== 'cancelling') payment.lastFault = cancelFault(s, payment, reason, reporter)
  if (isOver) return failPayment(s, payment, lastFault(s, payment))
  delete payment.calledBack
  payment.state = 'searching'
  setTimer(s, payment, REFUND_AGAIN_MS)
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
  if (reason === 'feeTooLow' && reporter !== s.publicKey) {
    if (!payment.excludedNodes.includes(reporter)) payment.excludedNodes.push(reporter)
  } else exclude(payment, reporter, next)
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

function timerOf(paymentId: PaymentId): string {
  return `payment/${paymentId}`
}
