// Invoices, receipts and the bytes that the destination signs: all that the credits of a payment hang on.

import * as P from 'micro-packed'
import { DESCRIPTION_BYTES_MAX } from './limits.ts'
import type { SignatureCheck, Verifier } from './crypto.ts'
import { fail, ok, type Result } from './result.ts'
import type { Currency, InvoiceId, PublicKey, RequestId, Signature, Time } from './types.ts'
import * as wire from './wire.ts'

/** What somebody asks to be paid. Whoever alters it makes another invoice, since its id is its hash. */
export interface Invoice {
  readonly destination: PublicKey
  readonly currency: Currency
  /** 1..2^128-1 credits. */
  readonly amount: bigint
  readonly description?: string | undefined
  readonly created: Time
  readonly expires?: Time | undefined
  /** 16 random bytes, base64url. */
  readonly nonce: RequestId
}

export const invoiceCodec: P.CoderType<Invoice> = P.struct({
  destination: wire.publicKey,
  currency: wire.currency,
  amount: wire.positiveAmount,
  description: wire.maybe(wire.text(1, DESCRIPTION_BYTES_MAX)),
  created: wire.counter,
  expires: wire.maybe(wire.counter),
  nonce: wire.requestId,
})

export function invoiceIdOf(invoice: Invoice): InvoiceId {
  return wire.taggedHash('offst/invoice/v1', invoiceCodec.encode(invoice)) as string as InvoiceId
}

/** What the destination promises by signing: this request of this payment was received. */
export interface ReceiptTerms {
  readonly requestId: RequestId
  readonly invoiceId: InvoiceId
  readonly currency: Currency
  readonly destPayment: bigint
  readonly totalDestPayment: bigint
  /** The key whose signature releases the credits: the destination's. */
  readonly receiptKey: PublicKey
}

/** The key that moves the money: with the invoice it proves to anyone that the whole invoice was paid. */
export interface Receipt extends ReceiptTerms {
  readonly signature: Signature
}

const receiptTermsFields = {
  requestId: wire.requestId,
  invoiceId: wire.invoiceId,
  currency: wire.currency,
  destPayment: wire.amount,
  totalDestPayment: wire.positiveAmount,
  receiptKey: wire.publicKey,
}
const receiptTermsCodec: P.CoderType<ReceiptTerms> = P.struct(receiptTermsFields)
export const receiptCodec: P.CoderType<Receipt> = P.struct({
  ...receiptTermsFields,
  signature: wire.signature,
})

/** The bytes under the destination's signature. */
export function receiptBytes(terms: ReceiptTerms): Uint8Array {
  const { requestId, invoiceId, currency, destPayment, totalDestPayment, receiptKey } = terms
  return wire.tagged(
    'offst/receipt/v1',
    receiptTermsCodec.encode({ requestId, invoiceId, currency, destPayment, totalDestPayment, receiptKey }),
  )
}

export function receiptCheck(receipt: Receipt): SignatureCheck {
  return { publicKey: receipt.receiptKey, message: receiptBytes(receipt), signature: receipt.signature }
}

/** Whether `receipt` proves that the invoice was paid as a whole (PAY-2); faults `otherInvoice`, `badSignature`. */
export function checkReceipt(receipt: Receipt, invoice: Invoice, verifier: Verifier): Result<void> {
  const difference = differenceOf(receipt, invoice)
  if (difference !== undefined) return fail('otherInvoice', `The receipt is not valid: ${difference}.`)
  if (verifier.verify(receiptCheck(receipt))) return ok(undefined)
  return fail(
    'badSignature',
    'The receipt is not valid: its signature is not that of the card that was to be paid.',
  )
}

/** By what the receipt is not for exactly this invoice. */
function differenceOf(receipt: Receipt, invoice: Invoice): string | undefined {
  if (receipt.receiptKey !== invoice.destination) return 'it comes from another card than the invoice names'
  if (receipt.currency !== invoice.currency) return 'it is in another currency than the invoice'
  if (receipt.totalDestPayment !== invoice.amount) {
    return `it is for ${receipt.totalDestPayment} and the invoice for ${invoice.amount}`
  }
  return receipt.invoiceId === invoiceIdOf(invoice) ? undefined : 'it belongs to another invoice'
}
