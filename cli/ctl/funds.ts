// `stctrl funds …`: pays, and waits until it is known how that ended.

import { lstat } from 'node:fs/promises'
import { readAs, toText } from '../../protocol/forms.ts'
import { ROUTE_NODES_MAX } from '../../protocol/limits.ts'
import { fail, ok, type Result } from '../../protocol/result.ts'
import { AMOUNT_MAX, toBase64url } from '../../protocol/wire.ts'
import type { ParamsOf, PaymentView } from '../../worker/api.ts'
import { PUBLIC_MODE, readForm, writeNewFile } from '../files.ts'
import { systemRandom } from '../system.ts'
import {
  command,
  currencyOf,
  currencyOption,
  numberOf,
  type Control,
  type ControlCommand,
} from './command.ts'

/** Seconds that a payment gets unless `--timeout` says otherwise. */
const TIMEOUT_S = 60
const TIMEOUT_S_MAX = 86_400n
/** After that it is cancelled, and has so long to end. */
const CANCEL_MS = 10_000
const PAYMENT_ID_BYTES = 16

const payOptions = {
  'max-fee': { type: 'string' },
  timeout: { type: 'string' },
} as const

/** What a payment may cost, and how long it may take. */
interface Patience {
  readonly maxFees: string
  readonly timeout_ms: number
}

const sendFunds = command(
  {
    amount: { type: 'string', short: 'a', required: true },
    dest: { type: 'string', short: 'd', required: true },
    currency: currencyOption,
    ...payOptions,
  },
  async (values, open) => {
    const currency = currencyOf(values.currency)
    if (!currency.ok) return currency
    const amount = numberOf('amount', values.amount, 1n, AMOUNT_MAX)
    if (!amount.ok) return amount
    const destination = readAs(values.dest, 'publicKey')
    if (!destination.ok) return fail('usage', `--dest: ${destination.error.message}`)
    const patience = patienceOf(values, BigInt(amount.value))
    if (!patience.ok) return patience
    const control = await open()
    if (!control.ok) return control
    const paid = await pay(control.value, patience.value, {
      destination: destination.value.publicKey,
      currency: currency.value,
      amount: amount.value,
    })
    return paid.ok ? ok(successOf(paid.value)) : paid
  },
)

const payInvoice = command(
  {
    invoice: { type: 'string', short: 'i', required: true },
    receipt: { type: 'string', short: 'r', required: true },
    ...payOptions,
  },
  async (values, open) => {
    const invoice = await readForm(values.invoice, 'invoice')
    if (!invoice.ok) return invoice
    const patience = patienceOf(values, invoice.value.invoice.amount)
    if (!patience.ok) return patience
    // Known before anything is paid.
    const free = await checkFree(values.receipt)
    if (!free.ok) return free
    const control = await open()
    if (!control.ok) return control
    const text = toText(invoice.value)
    // The same command again, after a time-out or a crash, ends with the outcome of the payment that was begun.
    const begun = [...control.value.state.payments.values()].find(
      (payment) => payment.invoice === text && payment.state !== 'failed',
    )
    const paid =
      begun === undefined
        ? await pay(control.value, patience.value, { invoice: text })
        : await outcomeOf(control.value, begun.id, patience.value)
    if (!paid.ok) return paid
    const kept = await keepReceipt(control.value, paid.value, values.receipt)
    return kept.ok ? ok(successOf(paid.value)) : kept
  },
)

export const funds: Readonly<Record<string, ControlCommand>> = {
  'send-funds': sendFunds,
  'pay-invoice': payInvoice,
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

type Target =
  | Pick<Extract<ParamsOf<'payments.pay'>, { invoice: string }>, 'invoice'>
  | Omit<Extract<ParamsOf<'payments.pay'>, { destination: string }>, 'id' | 'maxFees' | 'route'>

async function pay(control: Control, patience: Patience, target: Target): Promise<Result<PaymentView>> {
  const id = toBase64url(systemRandom(PAYMENT_ID_BYTES))
  const params = { id, maxFees: patience.maxFees, ...target }
  const begun = await control.client.call('payments.pay', params)
  return begun.ok ? outcomeOf(control, id, patience) : begun
}

/** Waits for the end of a payment; one that takes too long is cancelled, if it can be. */
async function outcomeOf(
  { client, state }: Control,
  id: string,
  { timeout_ms }: Patience,
): Promise<Result<PaymentView>> {
  const finished = (): PaymentView | undefined => {
    const payment = state.payments.get(id)
    return payment?.state === 'paid' || payment?.state === 'failed' ? payment : undefined
  }
  const lost = (reason: string): Result<never> =>
    fail(
      'noOutcome',
      `${reason} The payment goes on in the node, and may still succeed: do not pay it twice.`,
    )

  const ended = await state.until(finished, timeout_ms)
  if (!ended.ok) return lost(ended.error.message)
  if (ended.value !== undefined) return judge(ended.value)
  const cancelled = await client.call('payments.cancel', { id })
  const late = cancelled.ok ? await state.until(finished, CANCEL_MS) : cancelled
  if (late.ok && late.value?.state === 'failed') {
    return fail('timedOut', `Payment failed: it took more than ${timeout_ms / 1_000} s; nothing was paid.`)
  }
  if (late.ok && late.value !== undefined) return judge(late.value)
  return lost(`There is no outcome after ${timeout_ms / 1_000} s.`)
}

function judge(payment: PaymentView): Result<PaymentView> {
  if (payment.state === 'paid') return ok(payment)
  const { code, message } = payment.fault ?? { code: 'failed', message: 'the node does not say why.' }
  return fail(code, `Payment failed: ${message}`)
}

function successOf({ fees }: PaymentView): string[] {
  return ['Payment successful!', `Fees: ${fees ?? '0'}`]
}

async function keepReceipt({ client }: Control, { id }: PaymentView, path: string): Promise<Result<void>> {
  const forms = await client.call('payments.receipt', { id })
  if (!forms.ok) return forms
  const { receipt } = forms.value
  const written = await writeNewFile(path, receipt.toml, PUBLIC_MODE)
  if (written.ok) return written
  return fail('unwritableFile', `It is paid, but ${written.error.message} The receipt: ${receipt.text}`)
}

async function checkFree(path: string): Promise<Result<void>> {
  try {
    await lstat(path)
  } catch {
    return ok(undefined)
  }
  return fail(
    'existingFile',
    `${path} exists already and is left as it is: name another file for the receipt.`,
  )
}
