// The destination: collects the parts of a payment, signs all of them or none (PROTOCOL.md, PAY-20..).

import type { CancelReason, Request } from '../../../protocol/channel-messages.ts'
import { INCOMPLETE_PAYMENT_MS_MAX, PAYMENT_PARTS_MAX } from '../../../protocol/limits.ts'
import { receiptBytes } from '../../../protocol/payment.ts'
import { invariant } from '../../../protocol/result.ts'
import type { InvoiceId, PublicKey, RequestId, Signature } from '../../../protocol/types.ts'
import { frozenAmount, queueCancel, queueResponse } from '../channel/queue.ts'
import type { IncomeRecord, PendingIn } from '../records.ts'
import type { Friend, State } from '../state.ts'

/** A request for me has come: takes it as a part of its payment, or gives it back with the reason. */
export function receivePart(s: State, friend: Friend, pending: PendingIn): void {
  const { request } = pending
  const reason = refusalOfPart(s, request)
  if (reason !== undefined) {
    queueCancel(s, friend, pending, reason, s.publicKey)
    return
  }
  // Whoever brings all at once does not wait for what others have begun.
  if (request.destPayment === request.totalDestPayment) cancelIncome(s, request.invoiceId, 'incomplete')
  const income = s.income.get(request.invoiceId) ?? newIncome(s, request)
  income.parts.push({
    friend: friend.record.publicKey,
    requestId: request.requestId,
    amount: request.destPayment,
  })
  s.touch('income', income.id)
  if (collected(income) === income.totalDestPayment) signAll(s, income)
  else s.timers.set(timerOf(income.id), s.begun(income.firstArrived) + INCOMPLETE_PAYMENT_MS_MAX)
}

function refusalOfPart(s: State, request: Request): CancelReason | undefined {
  const income = s.income.get(request.invoiceId)
  if (income?.state === 'answered') return 'invoicePaid'
  return refusalByInvoice(s, request) ?? refusalByOtherParts(income, request)
}

function refusalByInvoice(s: State, request: Request): CancelReason | undefined {
  const record = s.invoices.get(request.invoiceId)
  if (record === undefined) {
    return s.card.acceptUnknownPayments || isCycle(s, request.invoiceId) ? undefined : 'invoiceUnknown'
  }
  if (record.state === 'paid') return 'invoicePaid'
  if (record.state === 'cancelled') return 'invoiceCancelled'
  const { invoice } = record
  if (record.state === 'expired' || (invoice.expires !== undefined && invoice.expires <= s.now))
    return 'expired'
  const fits = request.totalDestPayment === invoice.amount && request.currency === invoice.currency
  return fits ? undefined : 'invoiceMismatch'
}

/** What I send myself is no stranger's payment. */
function isCycle(s: State, invoiceId: InvoiceId): boolean {
  for (const { cycle, finished, invoiceId: own } of s.payments.values()) {
    if (cycle !== undefined && finished === undefined && own === invoiceId) return true
  }
  return false
}

function refusalByOtherParts(income: IncomeRecord | undefined, request: Request): CancelReason | undefined {
  if (income === undefined || request.destPayment === request.totalDestPayment) return undefined
  const fits =
    request.totalDestPayment === income.totalDestPayment &&
    request.currency === income.currency &&
    collected(income) + request.destPayment <= income.totalDestPayment
  if (!fits) return 'invoiceMismatch'
  return income.parts.length >= PAYMENT_PARTS_MAX ? 'tooManyPending' : undefined
}

function newIncome(s: State, request: Request): IncomeRecord {
  const income: IncomeRecord = {
    id: request.invoiceId,
    currency: request.currency,
    totalDestPayment: request.totalDestPayment,
    firstArrived: s.now,
    state: 'collecting',
    parts: [],
  }
  s.income.set(income.id, income)
  return income
}

function collected(income: IncomeRecord): bigint {
  return income.parts.reduce((sum, part) => sum + part.amount, 0n)
}

/** The whole amount is frozen: the driver signs every part before the step ends, and nothing takes them back. */
function signAll(s: State, income: IncomeRecord): void {
  s.timers.cancel(timerOf(income.id))
  closeInvoice(s, income)
  for (const part of income.parts) {
    const { pending } = pendingOf(s, part)
    s.receiptsToSign.push({
      reference: `${part.friend}/${part.requestId}`,
      message: receiptBytes(pending.request),
    })
  }
}

/** The driver's answer to one entry of `receiptsToSign`. */
export function receiptSigned(s: State, reference: string, signature: Signature): void {
  const [friendKey, requestId] = reference.split('/') as [PublicKey, RequestId]
  const friend = s.friend(friendKey)
  const pending = friend.pendingIn.get(requestId)
  invariant(pending !== undefined, 'a receipt is signed for a pending request')
  const { request } = pending
  const income = s.income.get(request.invoiceId)
  invariant(income !== undefined, 'a receipt is signed for an income')
  queueResponse(s, friend, pending, signature)
  addReceived(s, friend, request)
  dropPart(s, income, friendKey, requestId)
}

function dropPart(s: State, income: IncomeRecord, friend: PublicKey, requestId: RequestId): void {
  income.parts = income.parts.filter((part) => part.friend !== friend || part.requestId !== requestId)
  s.touch('income', income.id)
}

function closeInvoice(s: State, income: IncomeRecord): void {
  income.state = 'answered'
  const record = s.invoices.get(income.id)
  if (record === undefined) return
  record.state = 'paid'
  record.paid = s.now
  s.timers.cancel(`invoice/${income.id}`)
  s.touch('invoices', income.id)
}

function addReceived(s: State, friend: Friend, request: Request): void {
  const description = s.invoices.get(request.invoiceId)?.invoice.description
  s.addActivity({
    kind: 'received',
    currency: request.currency,
    amount: frozenAmount(request),
    friend: friend.record.publicKey,
    friendName: friend.record.name,
    invoice: request.invoiceId,
    ...(description === undefined ? {} : { description }),
  })
}

/** Gives back all parts of a payment that was not signed. */
export function cancelIncome(s: State, invoiceId: InvoiceId, reason: CancelReason): void {
  const income = s.income.get(invoiceId)
  if (income?.state !== 'collecting') return
  for (const part of income.parts) {
    const { friend, pending } = pendingOf(s, part)
    queueCancel(s, friend, pending, reason, s.publicKey)
  }
  removeIncome(s, income)
}

/** Gives one part back, if it was not signed; the others go on waiting for their whole. */
export function cancelPart(s: State, friend: Friend, pending: PendingIn, reason: CancelReason): void {
  if (s.income.get(pending.request.invoiceId)?.state !== 'collecting') return
  queueCancel(s, friend, pending, reason, s.publicKey)
  losePart(s, friend.record.publicKey, pending.request)
}

/** A part has ended, with its channel or alone. */
export function losePart(s: State, friend: PublicKey, request: Request): void {
  const income = s.income.get(request.invoiceId)
  if (income?.state !== 'collecting') return
  dropPart(s, income, friend, request.requestId)
  if (income.parts.length === 0) removeIncome(s, income)
}

function removeIncome(s: State, income: IncomeRecord): void {
  s.timers.cancel(timerOf(income.id))
  s.income.delete(income.id)
  s.touch('income', income.id)
}

/** After a restart: incomplete payments go on waiting for what is left of their time. */
export function resumeIncome(s: State): void {
  for (const income of s.income.values()) {
    if (income.state !== 'collecting') continue
    s.timers.set(timerOf(income.id), s.begun(income.firstArrived) + INCOMPLETE_PAYMENT_MS_MAX)
  }
}

function pendingOf(s: State, part: IncomeRecord['parts'][number]): { friend: Friend; pending: PendingIn } {
  const friend = s.friend(part.friend)
  const pending = friend.pendingIn.get(part.requestId)
  invariant(pending !== undefined, 'a part of an income is pending')
  return { friend, pending }
}

function timerOf(invoiceId: InvoiceId): string {
  return `income/${invoiceId}`
}
