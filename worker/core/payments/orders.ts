// What the user orders: a quote of the way and its fee, or a payment.

import { readAs } from '../../../protocol/forms.ts'
import { PAYMENT_PARTS_MAX, ROUTE_NODES_MAX } from '../../../protocol/limits.ts'
import { invoiceIdOf, type Invoice } from '../../../protocol/payment.ts'
import { fail, ok, type Fault, type Result } from '../../../protocol/result.ts'
import type { Currency, InvoiceId, PaymentId, PublicKey } from '../../../protocol/types.ts'
import type { ParamsOf, RouteView } from '../../api.ts'
import { budgetFault } from '../apps.ts'
import { isCurrency } from '../names.ts'
import type { PaymentRecord } from '../records.ts'
import { amountOf, directRoute, feesOf, type Route, type RouteQueryAnswer } from '../routes.ts'
import type { State } from '../state.ts'
import { paymentView, routeView } from '../views.ts'
import { startPayment } from './buyer.ts'
import { noRouteFault } from './faults.ts'
import { queryRoutes } from './query.ts'
import { roomToward } from './room.ts'

/** To whom, how much, and for which invoice. */
interface Order {
  readonly destination: PublicKey
  readonly currency: Currency
  readonly amount: bigint
  readonly invoice?: Invoice
}

/** What the index servers are asked for; without an amount: the most that can be paid. */
interface AskedOrder {
  readonly destination: PublicKey
  readonly currency: Currency
  readonly amount?: bigint
}

type Target = { invoice: string } | { destination: string; currency: string; amount: string }

function readOrder(s: State, target: Target): Result<Order> {
  if (!('invoice' in target)) {
    const payee = readPayee(s, target)
    return payee.ok ? ok({ ...payee.value, amount: BigInt(target.amount) }) : payee
  }
  const read = readAs(target.invoice, 'invoice')
  if (!read.ok) return read
  const { invoice } = read.value
  const { destination, currency, amount, expires } = invoice
  if (expires !== undefined && expires <= s.now) {
    return fail('invoiceExpired', 'This invoice has expired. Ask for a new one.')
  }
  return destination === s.publicKey ? ownCode() : ok({ destination, currency, amount, invoice })
}

/** Who is paid without an invoice, and in what. */
function readPayee(
  s: State,
  { destination, currency }: { destination: string; currency: string },
): Result<{ destination: PublicKey; currency: Currency }> {
  const read = readAs(destination, 'publicKey')
  if (!read.ok) return read
  if (!isCurrency(currency)) return badCurrency()
  const { publicKey } = read.value
  return publicKey === s.publicKey ? ownCode() : ok({ destination: publicKey, currency })
}

function ownCode(): Result<never> {
  return fail('ownInvoice', 'This payment would go to yourself: it is your own code.')
}

function badCurrency(): Result<never> {
  return fail('badCurrency', 'A currency has a name of 1 to 16 bytes.')
}

/** Answers at once when the way is known or cannot be; undefined: the index servers are asked. */
export function quote(
  s: State,
  params: ParamsOf<'payments.quote'>,
  call: number,
): Result<unknown> | undefined {
  const read = readOrder(s, params)
  if (!read.ok) return read
  const { destination, currency, amount, invoice } = read.value
  if (invoice !== undefined) {
    const taken = findByInvoice(s, invoiceIdOf(invoice))
    if (taken !== undefined) return alreadyPaying(taken)
  }
  const order = { destination, currency, amount }
  if (directRoom(s, order) >= amount) return ok(quoteView([directRoute(s.publicKey, destination, amount)]))
  queryRoutes(s, { kind: 'call', call, ...order }, order)
  return undefined
}

/** Answers at once what cannot be; undefined: the index servers are asked. */
export function maxPayable(
  s: State,
  params: ParamsOf<'payments.maxPayable'>,
  call: number,
): Result<unknown> | undefined {
  const payee = readPayee(s, params)
  if (!payee.ok) return payee
  queryRoutes(s, { kind: 'call', call, ...payee.value }, payee.value)
  return undefined
}

/** The index servers' answer to a quote, or to the question for the most. */
export function answerCall(s: State, order: AskedOrder, answer: RouteQueryAnswer): Result<unknown> {
  if (order.amount === undefined) return answerMost(s, order, answer)
  return answer.ok ? ok(quoteView(answer.routes)) : noRoute(s, order, answer.fault)
}

/** All that can be sent to a friend counts, though no index server know of it. */
function answerMost(s: State, order: AskedOrder, answer: RouteQueryAnswer): Result<unknown> {
  const direct = directRoom(s, order)
  const found = answer.ok ? answer.routes : []
  if (!answer.ok && direct === 0n) return noRoute(s, order, answer.fault)
  const routes = direct > amountOf(found) ? [directRoute(s.publicKey, order.destination, direct)] : found
  return ok({ amount: String(amountOf(routes)), ...quoteView(routes) })
}

/** What can be sent straight to the payee; 0 when he is no friend, or nothing can be sent to him. */
function directRoom(s: State, { destination, currency }: AskedOrder): bigint {
  const friend = s.friends.get(destination)
  const room = friend === undefined ? 'unknownFriend' : roomToward(friend, currency)
  return typeof room === 'string' ? 0n : room.amount
}

function noRoute(s: State, order: AskedOrder, fault: Fault): Result<never> {
  return { ok: false, error: noRouteFault(s, order, fault) }
}

function quoteView(routes: readonly Route[]): { routes: RouteView[]; fees: string } {
  return { routes: routes.map(routeView), fees: String(feesOf(routes)) }
}

/**
 * Stores a payment and sets it going. The same id is the same payment, however often it is ordered.
 * @param app who orders it; missing: the owner.
 */
export function pay(s: State, params: ParamsOf<'payments.pay'>, app?: PublicKey): Result<unknown> {
  const id = params.id as PaymentId
  const known = s.payments.get(id)
  if (known !== undefined) return ok(paymentView(s, known))
  const order = readOrder(s, params)
  if (!order.ok) return order
  const { destination, currency, amount, invoice } = order.value
  if (invoice !== undefined) {
    const taken = findByInvoice(s, invoiceIdOf(invoice))
    if (taken !== undefined) return alreadyPaying(taken)
  }
  const maxFees = BigInt(params.maxFees)
  const overBudget = app === undefined ? undefined : budgetFault(s, app, currency, amount + maxFees)
  if (overBudget !== undefined) return overBudget
  const invoiceId = invoice === undefined ? (s.drawHash() as InvoiceId) : invoiceIdOf(invoice)
  const payment = newPayment(
    s,
    { id, destination, currency, amount, maxFees, invoiceId, ...(invoice === undefined ? {} : { invoice }) },
    app,
  )
  startPayment(s, payment, chosenRoutes(s, params.routes, payment))
  return ok(paymentView(s, payment))
}

/** Pays the card itself: what one friend owes moves to another, or what is owed to them. The same id is the same payment. */
export function rebalance(
  s: State,
  params: ParamsOf<'payments.rebalance'>,
  app?: PublicKey,
): Result<unknown> {
  const id = params.id as PaymentId
  const known = s.payments.get(id)
  if (known !== undefined) return ok(paymentView(s, known))
  const { currency } = params
  if (!isCurrency(currency)) return badCurrency()
  const cycle = { first: params.over as PublicKey, last: params.back as PublicKey }
  if (!s.friends.has(cycle.first) || !s.friends.has(cycle.last)) {
    return fail('unknownFriend', 'This card has no such friend.')
  }
  if (cycle.first === cycle.last) {
    return fail('sameFriend', 'It has to come back over another friend than it leaves over.')
  }
  const [amount, maxFees] = [BigInt(params.amount), BigInt(params.maxFees)]
  const overBudget = app === undefined ? undefined : budgetFault(s, app, currency, amount + maxFees)
  if (overBudget !== undefined) return overBudget
  const order = { id, destination: s.publicKey, currency, amount, maxFees }
  const payment = newPayment(s, { ...order, cycle, invoiceId: s.drawHash() as InvoiceId }, app)
  startPayment(s, payment)
  return ok(paymentView(s, payment))
}

/** A payment that looks for its way. */
function newPayment(
  s: State,
  order: Pick<PaymentRecord, 'id' | 'destination' | 'currency' | 'amount' | 'maxFees' | 'invoiceId'> &
    Pick<PaymentRecord, 'invoice' | 'cycle'>,
  app?: PublicKey,
): PaymentRecord {
  return {
    ...order,
    state: 'searching',
    ...(app === undefined ? {} : { app }),
    parts: [],
    attempts: 0,
    excludedNodes: [],
    excludedEdges: [],
    created: s.now,
  }
}

/** The quoted routes, if they are some for this payment; anything else is searched anew. */
function chosenRoutes(
  s: State,
  views: readonly RouteView[] = [],
  payment: PaymentRecord,
): Route[] | undefined {
  const routes = views.map(({ nodes, amount, fees }) => ({
    nodes: nodes as PublicKey[],
    amount: BigInt(amount),
    fees: BigInt(fees),
  }))
  const fits =
    amountOf(routes) === payment.amount &&
    routes.length <= PAYMENT_PARTS_MAX &&
    routes.every(
      ({ nodes, amount }) =>
        amount > 0n &&
        nodes.length >= 2 &&
        nodes.length <= ROUTE_NODES_MAX + 1 &&
        new Set(nodes).size === nodes.length &&
        nodes[0] === s.publicKey &&
        nodes.at(-1) === payment.destination,
    )
  return fits ? routes : undefined
}

function findByInvoice(s: State, invoiceId: InvoiceId): PaymentRecord | undefined {
  for (const payment of s.payments.values()) {
    if (payment.invoiceId === invoiceId && payment.state !== 'failed') return payment
  }
  return undefined
}

function alreadyPaying(payment: PaymentRecord): Result<never> {
  return payment.state === 'paid'
    ? fail('invoicePaid', 'You have paid this invoice already. Its receipt is among your payments.')
    : fail('invoiceInProgress', 'This invoice is being paid right now. Wait for the outcome.')
}
