// Invoices of this card: made, cancelled, expired.

import { OPEN_INVOICES_MAX } from '../../protocol/limits.ts'
import { invoiceIdOf, type Invoice } from '../../protocol/payment.ts'
import { fail, ok, type Result } from '../../protocol/result.ts'
import type { InvoiceId } from '../../protocol/types.ts'
import { cancelIncome } from './payments/seller.ts'
import type { InvoiceRecord } from './records.ts'
import type { State } from './state.ts'

/** Stores an invoice; the same nonce with the same content is the same invoice. */
export function createInvoice(
  s: State,
  content: Omit<Invoice, 'destination' | 'created'>,
): Result<InvoiceRecord> {
  for (const record of s.invoices.values()) {
    if (record.invoice.nonce === content.nonce) return ok(record)
  }
  if (content.expires !== undefined && content.expires <= s.now) {
    return fail('invoiceExpired', 'The invoice would have expired already. Choose a later moment.')
  }
  const open = [...s.invoices.values()].filter(({ state }) => state === 'open')
  if (open.length >= OPEN_INVOICES_MAX) {
    return fail('tooManyInvoices', `At most ${OPEN_INVOICES_MAX} invoices may wait. Cancel some first.`)
  }
  const invoice: Invoice = { ...content, destination: s.publicKey, created: s.now }
  const record: InvoiceRecord = { id: invoiceIdOf(invoice), invoice, state: 'open' }
  s.invoices.set(record.id, record)
  s.touch('invoices', record.id)
  watchExpiry(s, record)
  return ok(record)
}

/** Payments of it that have not been signed are given back. */
export function cancelInvoice(s: State, id: InvoiceId): Result<object> {
  const record = s.invoices.get(id)
  if (record === undefined) return fail('unknownInvoice', 'This card has no such invoice.')
  if (record.state === 'paid')
    return fail('invoicePaid', 'This invoice is paid already, it cannot be cancelled.')
  if (record.state !== 'open') return ok({})
  close(s, record, 'cancelled')
  return ok({})
}

/** The timer of an invoice. */
export function expireInvoice(s: State, id: InvoiceId): void {
  const record = s.invoices.get(id)
  if (record?.state === 'open') close(s, record, 'expired')
}

function close(s: State, record: InvoiceRecord, state: 'cancelled' | 'expired'): void {
  record.state = state
  s.timers.cancel(`invoice/${record.id}`)
  s.touch('invoices', record.id)
  cancelIncome(s, record.id, state === 'expired' ? 'expired' : 'invoiceCancelled')
}

/** After a restart. */
export function resumeInvoices(s: State): void {
  for (const record of s.invoices.values()) if (record.state === 'open') watchExpiry(s, record)
}

function watchExpiry(s: State, { id, invoice }: InvoiceRecord): void {
  if (invoice.expires !== undefined) s.timers.set(`invoice/${id}`, invoice.expires)
}
