// `stctrl seller …`: the invoices of the node's card.

import { invoiceIdOf } from '../../protocol/payment.ts'
import { fail, ok, type Result } from '../../protocol/result.ts'
import { AMOUNT_MAX, toBase64url } from '../../protocol/wire.ts'
import type { InvoiceView } from '../../worker/api.ts'
import { checkFree, PUBLIC_MODE, readForm, writeNewFile } from '../files.ts'
import { expiryOf } from '../moment.ts'
import type { Entry } from '../program.ts'
import { systemRandom } from '../system.ts'
import {
  byTime,
  control,
  currencyOf,
  currencyOption,
  jsonOption,
  numberOf,
  quiet,
  toJson,
} from './command.ts'
import { drawTable, momentText } from './table.ts'

const NONCE_BYTES = 16

const createInvoice = control({
  about: "makes an invoice of the node's card, which then waits for its payment",
  options: {
    amount: { type: 'string', short: 'a', required: true, value: 'N', about: 'how many credits, at least 1' },
    output: {
      type: 'string',
      short: 'o',
      required: true,
      value: 'FILE',
      about: 'the invoice, for the buyer',
    },
    currency: currencyOption,
    description: { type: 'string', value: 'TEXT', about: 'what the payment is for' },
    expires: {
      type: 'string',
      value: 'TIME',
      about: 'minutes, hours or days from now (30m, 12h, 7d), or a moment such as 2030-01-31T18:00Z',
    },
  },
  example: 'seller create-invoice -a 60 --description bananas -o bananas.invoice',
  work: async (values, open) => {
    const currency = currencyOf(values.currency)
    if (!currency.ok) return currency
    const amount = numberOf('amount', values.amount, 1n, AMOUNT_MAX)
    if (!amount.ok) return amount
    const expires = values.expires === undefined ? ok(undefined) : expiryOf(values.expires, Date.now())
    if (!expires.ok) return expires
    const free = await checkFree(values.output)
    if (!free.ok) return free
    const opened = await open()
    if (!opened.ok) return opened
    const { client } = opened.value
    const created = await client.call('invoices.create', {
      nonce: toBase64url(systemRandom(NONCE_BYTES)),
      currency: currency.value,
      amount: amount.value,
      ...(values.description === undefined ? {} : { description: values.description }),
      ...(expires.value === undefined ? {} : { expires: expires.value }),
    })
    if (!created.ok) return created
    const form = await client.call('invoices.form', { id: created.value.id })
    const written = form.ok ? await writeNewFile(values.output, form.value.toml, PUBLIC_MODE) : form
    if (written.ok) return ok([])
    // Nobody has seen it: an invoice without its file is of no use.
    await client.call('invoices.cancel', { id: created.value.id })
    return written
  },
})

const cancelInvoice = control({
  about: 'takes an invoice back that is not paid; a payment under way is given back',
  options: {
    invoice: { type: 'string', short: 'i', value: 'FILE', about: 'the invoice' },
    id: { type: 'string', value: 'ID', about: 'its id, as "seller list" shows it, if there is no file' },
  },
  example: 'seller cancel-invoice -i bananas.invoice',
  work: async (values, open) => {
    const id = await invoiceIdFrom(values)
    if (!id.ok) return id
    const opened = await open()
    if (!opened.ok) return opened
    return quiet(await opened.value.client.call('invoices.cancel', { id: id.value }))
  },
})

const list = control({
  about: 'lists the open invoices and the last hundred others',
  options: { json: jsonOption },
  example: 'seller list',
  work: async ({ json }, open) => {
    const opened = await open()
    if (!opened.ok) return opened
    const invoices = byTime(opened.value.state.invoices)
    return ok(json ? toJson(invoices) : invoicesTable(invoices))
  },
})

export const seller: Readonly<Record<string, Entry>> = {
  'create-invoice': createInvoice,
  'cancel-invoice': cancelInvoice,
  list,
}

async function invoiceIdFrom({
  invoice,
  id,
}: {
  readonly invoice: string | undefined
  readonly id: string | undefined
}): Promise<Result<string>> {
  if ((invoice === undefined) === (id === undefined)) return fail('usage', 'Name either --invoice or --id.')
  if (invoice !== undefined) {
    const form = await readForm(invoice, 'invoice')
    return form.ok ? ok(invoiceIdOf(form.value.invoice)) : form
  }
  // An id is as long as a public key, and nothing else.
  if (id !== undefined && /^[\w-]{43}$/.test(id)) return ok(id)
  return fail('usage', `The value "${id}" of --id is not the id of an invoice.`)
}

function invoicesTable(invoices: readonly InvoiceView[]): string[] {
  if (invoices.length === 0) return ['No invoices.']
  const rows = invoices.map(({ id, state, amount, currency, created, description = '' }) => [
    id,
    state,
    `${amount} ${currency}`,
    momentText(created),
    description,
  ])
  return drawTable(['invoice id', 'state', 'amount', 'created', 'description'], rows, '-')
}
