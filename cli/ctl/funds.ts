// `stctrl funds …`: pays, and waits until it is known how that ended; lists and cancels payments.

import { readAs, toText } from '../../protocol/forms.ts'
import { ROUTE_NODES_MAX } from '../../protocol/limits.ts'
import { fail, ok, type Result } from '../../protocol/result.ts'
import type { PublicKey } from '../../protocol/types.ts'
import { AMOUNT_MAX } from '../../protocol/wire.ts'
import type { PaymentView } from '../../worker/api.ts'
import { checkFree, readForm } from '../files.ts'
import type { Entry } from '../program.ts'
import {
  byTime,
  control,
  currencyOf,
  currencyOption,
  findByName,
  jsonOption,
  numberOf,
  toJson,
  type Control,
  type Lines,
} from './command.ts'
import { cancel, outcomeOf, pay, rebalance, type Patience } from './payment.ts'
import { findInHistory, findShown, keepReceipt, type PaidBefore } from './receipts.ts'
import { drawTable, momentText } from './table.ts'

/** Seconds that a payment gets unless `--timeout` says otherwise. */
const TIMEOUT_S = 60
const TIMEOUT_S_MAX = 86_400n

const payOptions = {
  'max-fee': {
    type: 'string',
    value: 'N',
    about: `the most that mediators may take, 1 % of the amount + ${ROUTE_NODES_MAX} if it is left out`,
  },
  timeout: {
    type: 'string',
    value: 'SECONDS',
    about: `${TIMEOUT_S} if it is left out; after that the payment is cancelled`,
  },
} as const

const sumOptions = {
  amount: { type: 'string', short: 'a', required: true, value: 'N', about: 'how many credits' },
  currency: currencyOption,
  ...payOptions,
} as const

const destOption = {
  type: 'string',
  short: 'd',
  required: true,
  value: 'KEY',
  about: 'the public key of who is paid',
} as const

const sendFunds = control({
  about: 'pays to a public key, without an invoice',
  options: { dest: destOption, ...sumOptions },
  example: 'funds send-funds --amount 50 --dest bUoWZEEInqjDdw8TOBlpY0zpHF7hjLMAX_DdPrTI9y8',
  work: async (values, open) => {
    const sum = sumOf(values)
    if (!sum.ok) return sum
    const destination = destinationOf(values.dest)
    if (!destination.ok) return destination
    const opened = await open()
    if (!opened.ok) return opened
    const { patience, ...order } = sum.value
    const paid = await pay(opened.value, patience, { destination: destination.value, ...order })
    return paid.ok ? ok(successOf(paid.value)) : paid
  },
})

const maxPayable = control({
  about: 'tells how much could be paid to a public key now, and what that would cost',
  options: { dest: destOption, currency: currencyOption, json: jsonOption },
  example: 'funds max-payable --dest bUoWZEEInqjDdw8TOBlpY0zpHF7hjLMAX_DdPrTI9y8',
  work: async (values, open) => {
    const currency = currencyOf(values.currency)
    if (!currency.ok) return currency
    const destination = destinationOf(values.dest)
    if (!destination.ok) return destination
    const opened = await open()
    if (!opened.ok) return opened
    const most = await opened.value.client.call('payments.maxPayable', {
      destination: destination.value,
      currency: currency.value,
    })
    if (!most.ok) return most
    const { amount, fees, routes } = most.value
    return ok(
      values.json ? toJson(most.value) : [`At most: ${amount}`, `Fees: ${fees}`, `Ways: ${routes.length}`],
    )
  },
})

const rebalanceFriends = control({
  about: 'moves what one friend owes you, or you owe him, to another one',
  options: {
    over: {
      type: 'string',
      required: true,
      value: 'NAME',
      about: 'the friend over whom it leaves: he will owe less',
    },
    back: {
      type: 'string',
      required: true,
      value: 'NAME',
      about: 'the friend over whom it comes back: you will owe him less',
    },
    ...sumOptions,
  },
  example: 'funds rebalance --over carol --back bob -a 40',
  work: async (values, open) => {
    const sum = sumOf(values)
    if (!sum.ok) return sum
    const opened = await open()
    if (!opened.ok) return opened
    const { friends } = opened.value.state
    const over = findByName(friends, values.over, 'friend')
    if (!over.ok) return over
    const back = findByName(friends, values.back, 'friend')
    if (!back.ok) return back
    const { patience, ...order } = sum.value
    const cycle = { over: over.value.publicKey, back: back.value.publicKey }
    const done = await rebalance(opened.value, patience, { ...cycle, ...order })
    return done.ok ? ok(successOf(done.value)) : done
  },
})

const payInvoice = control({
  about: 'pays an invoice, and writes the receipt that proves it',
  options: {
    invoice: { type: 'string', short: 'i', required: true, value: 'FILE', about: 'the invoice' },
    receipt: { type: 'string', short: 'r', required: true, value: 'FILE', about: 'the receipt to make' },
    ...payOptions,
  },
  example: 'funds pay-invoice -i bananas.invoice -r bananas.receipt',
  notes: ['No invoice is paid twice: the same command again ends with the same payment.'],
  work: async (values, open) => {
    const invoice = await readForm(values.invoice, 'invoice')
    if (!invoice.ok) return invoice
    const patience = patienceOf(values, invoice.value.invoice.amount)
    if (!patience.ok) return patience
    // Known before anything is paid.
    const free = await checkFree(values.receipt)
    if (!free.ok) return free
    const opened = await open()
    if (!opened.ok) return opened
    const control = opened.value
    const shown = findShown(control, invoice.value)
    if (shown !== undefined) return paidBefore(control, shown, values.receipt)
    const text = toText(invoice.value)
    // The same command again, after a time-out or a crash, ends with the outcome of the payment that was begun.
    const begun = byTime(control.state.payments).find(
      (payment) => payment.invoice === text && payment.state !== 'failed',
    )
    const paid =
      begun === undefined
        ? await pay(control, patience.value, { invoice: text })
        : await outcomeOf(control, begun.id, patience.value)
    if (!paid.ok) {
      // The node refuses what it has paid; what was long ago it does not show by itself.
      const isRefused = ['invoicePaid', 'invoiceExpired'].includes(paid.error.code)
      const before = isRefused ? await findInHistory(control, invoice.value) : ok(undefined)
      return before.ok && before.value !== undefined
        ? paidBefore(control, before.value, values.receipt)
        : paid
    }
    const kept = await keepReceipt(control, paid.value.id, values.receipt)
    return kept.ok ? ok(successOf(paid.value)) : kept
  },
})

async function paidBefore(
  control: Control,
  { id, finished, fees }: PaidBefore,
  path: string,
): Promise<Lines> {
  const kept = await keepReceipt(control, id, path)
  const when = `${momentText(finished)} UTC`
  return kept.ok ? ok([`Paid before, on ${when}: nothing was paid now.`, `Fees: ${fees}`]) : kept
}

const payments = control({
  about: 'lists the payments under way and the last hundred others',
  options: { json: jsonOption },
  example: 'funds payments',
  work: async ({ json }, open) => {
    const opened = await open()
    if (!opened.ok) return opened
    const list = byTime(opened.value.state.payments)
    return ok(json ? toJson(list) : paymentsTable(list))
  },
})

const cancelPayment = control({
  about: 'cancels a payment under way, if that still can be',
  options: {
    payment: {
      type: 'string',
      short: 'p',
      required: true,
      value: 'ID',
      about: 'as "funds payments" shows it',
    },
  },
  example: 'funds cancel -p 7hQe0mAXcY0uJ1rGQOzN1A',
  work: async ({ payment: id }, open) => {
    if (!/^[\w-]{22}$/.test(id)) {
      return fail('usage', `The value "${id}" of --payment is not the id of a payment.`)
    }
    const opened = await open()
    if (!opened.ok) return opened
    const cancelled = await cancel(opened.value, id)
    return cancelled.ok ? ok(['Payment cancelled: nothing was paid.']) : cancelled
  },
})

export const funds: Readonly<Record<string, Entry>> = {
  'send-funds': sendFunds,
  'max-payable': maxPayable,
  rebalance: rebalanceFriends,
  'pay-invoice': payInvoice,
  payments,
  cancel: cancelPayment,
}

/** What is to be moved, and what that may cost and take; fault `usage`. */
function sumOf(
  values: Parameters<typeof patienceOf>[0] & {
    readonly amount: string
    readonly currency?: string | undefined
  },
): Result<{ currency: string; amount: string; patience: Patience }> {
  const currency = currencyOf(values.currency)
  if (!currency.ok) return currency
  const amount = numberOf('amount', values.amount, 1n, AMOUNT_MAX)
  if (!amount.ok) return amount
  const patience = patienceOf(values, BigInt(amount.value))
  if (!patience.ok) return patience
  return ok({ currency: currency.value, amount: amount.value, patience: patience.value })
}

/** Fault `usage`. */
function destinationOf(text: string): Result<PublicKey> {
  const read = readAs(text, 'publicKey')
  return read.ok ? ok(read.value.publicKey) : fail('usage', `--dest: ${read.error.message}`)
}

/** Fees up to one per cent and one credit for each node of the longest route, unless the user says otherwise. */
function patienceOf(
  options: { readonly 'max-fee'?: string | undefined; readonly timeout?: string | undefined },
  amount: bigint,
): Result<Patience> {
  const usual = amount / 100n + BigInt(ROUTE_NODES_MAX)
  const maxFees = numberOf('max-fee', options['max-fee'] ?? String(usual), 0n, AMOUNT_MAX)
  if (!maxFees.ok) return maxFees
  const timeout = numberOf('timeout', options.timeout ?? String(TIMEOUT_S), 1n, TIMEOUT_S_MAX)
  if (!timeout.ok) return timeout
  return ok({ maxFees: maxFees.value, timeout_ms: Number(timeout.value) * 1_000 })
}

function successOf({ fees }: PaymentView): string[] {
  return ['Payment successful!', `Fees: ${fees ?? '0'}`]
}

function paymentsTable(list: readonly PaymentView[]): string[] {
  if (list.length === 0) return ['No payments.']
  const rows = list.map(
    ({ id, state, amount, currency, fees = '', created, destination, description = '' }) => [
      id,
      state,
      `${amount} ${currency}`,
      fees,
      momentText(created),
      destination,
      description,
    ],
  )
  return drawTable(
    ['payment id', 'state', 'amount', 'fees', 'created', 'destination', 'description'],
    rows,
    '-',
  )
}
