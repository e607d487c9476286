// What an app makes and checks off line.

import { expect, it } from 'vitest'
import { appTicketOf, createIdentity, verifyReceipt } from '../../../client/documents.ts'
import { OffstError, unwrap } from '../../../client/public.ts'
import { nobleProvider } from '../../../protocol/ed25519.ts'
import { readAs, toText, toToml } from '../../../protocol/forms.ts'
import { parseIdentityFile } from '../../../protocol/identity.ts'
import { invoiceIdOf, receiptBytes, type Invoice, type ReceiptTerms } from '../../../protocol/payment.ts'
import type { Currency, RequestId } from '../../../protocol/types.ts'
import { toBase64url } from '../../../protocol/wire.ts'

const seller = nobleProvider.signer(new Uint8Array(32).fill(7))
const nonce = toBase64url(new Uint8Array(16)) as RequestId
const invoice: Invoice = {
  destination: seller.publicKey,
  currency: 'credit' as Currency,
  amount: 60n,
  created: 1,
  nonce,
}
const terms: ReceiptTerms = {
  requestId: nonce,
  invoiceId: invoiceIdOf(invoice),
  currency: invoice.currency,
  destPayment: 60n,
  totalDestPayment: 60n,
  receiptKey: seller.publicKey,
}
const receipt = { ...terms, signature: seller.sign(receiptBytes(terms)) }
const invoiceText = toText({ kind: 'invoice', invoice })
const receiptText = toText({ kind: 'receipt', receipt })

it('makes identities, each another, and app tickets of them', () => {
  const [one, other] = [createIdentity(), createIdentity()]
  expect(one).not.toBe(other)
  const { publicKey } = nobleProvider.signer(unwrap(parseIdentityFile(one)))
  const ticket = readAs(unwrap(appTicketOf(one, ['sell', 'read'])), 'app')
  expect(ticket).toMatchObject({ value: { ticket: { publicKey, permissions: ['read', 'sell'] } } })
  expect(appTicketOf('bananas', ['sell'])).toMatchObject({ error: { code: 'malformed' } })
})

it('verifies receipts as texts and as files, and says what is wrong with one', () => {
  expect(verifyReceipt(invoiceText, receiptText)).toMatchObject({ ok: true })
  expect(verifyReceipt(toToml({ kind: 'invoice', invoice }), toToml({ kind: 'receipt', receipt })).ok).toBe(
    true,
  )
  const dearer = toText({ kind: 'invoice', invoice: { ...invoice, amount: 61n } })
  expect(verifyReceipt(dearer, receiptText)).toMatchObject({ error: { code: 'otherInvoice' } })
  const forged = { ...receipt, signature: nobleProvider.signer(new Uint8Array(32)).sign(receiptBytes(terms)) }
  const forgedText = toText({ kind: 'receipt', receipt: forged })
  expect(verifyReceipt(invoiceText, forgedText)).toMatchObject({ error: { code: 'badSignature' } })
  expect(verifyReceipt(receiptText, receiptText)).toMatchObject({ error: { code: 'wrongKind' } })
  expect(verifyReceipt(invoiceText, 'bananas')).toMatchObject({ error: { code: 'unknownForm' } })
})

it('throws faults for those who prefer exceptions', () => {
  const failing = (): void => unwrap(verifyReceipt('bananas', receiptText))
  expect(failing).toThrow(OffstError)
  expect(failing).toThrow(expect.objectContaining({ code: 'unknownForm' }))
})
