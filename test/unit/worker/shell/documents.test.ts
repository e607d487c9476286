// What a text is, and whether a receipt is good, without any node.

import { expect, it } from 'vitest'
import { nobleProvider } from '../../../../protocol/ed25519.ts'
import { toBinary, toLink, toText, type Form } from '../../../../protocol/forms.ts'
import { invoiceIdOf, receiptBytes, type Invoice, type Receipt } from '../../../../protocol/payment.ts'
import type { Currency, RequestId } from '../../../../protocol/types.ts'
import * as v from 'valibot'
import { Inspected, methods } from '../../../../worker/api.ts'
import { inspect, readServers, verifyReceipt } from '../../../../worker/shell/documents.ts'

const seller = nobleProvider.signer(new Uint8Array(32).fill(7))
const stranger = nobleProvider.signer(new Uint8Array(32).fill(8))

const invoice: Invoice = {
  destination: seller.publicKey,
  currency: 'credit' as Currency,
  amount: 60n,
  description: 'Bread',
  created: 1_000,
  expires: 2_000,
  nonce: 'A'.repeat(22) as RequestId,
}
const terms = {
  requestId: 'B'.repeat(21).concat('A') as RequestId,
  invoiceId: invoiceIdOf(invoice),
  currency: invoice.currency,
  destPayment: 60n,
  totalDestPayment: 60n,
  receiptKey: seller.publicKey,
}
const receipt: Receipt = { ...terms, signature: seller.sign(receiptBytes(terms)) }
const relay = { publicKey: stranger.publicKey, address: 'wss://relay.example:443/relay' }
const forms: readonly Form[] = [
  { kind: 'friend', ticket: { publicKey: seller.publicKey, relays: [relay], name: 'Bob' } },
  { kind: 'friend', ticket: { publicKey: seller.publicKey, relays: [] } },
  { kind: 'relay', ticket: relay },
  { kind: 'index', ticket: relay },
  { kind: 'node', ticket: relay },
  { kind: 'app', ticket: { publicKey: seller.publicKey, permissions: ['read', 'sell'] } },
  { kind: 'invoice', invoice },
  { kind: 'receipt', receipt },
]
const invoiceText = toText({ kind: 'invoice', invoice })
const textOf = (changed: Receipt): string => toText({ kind: 'receipt', receipt: changed })

it.each(forms.map((form) => [form.kind, form] as const))(
  'says what a %s is from each of its carriers, in the shape of the api',
  (kind, form) => {
    const inspected = inspect(toText(form))
    if (!inspected.ok) throw new Error(inspected.error.message)
    expect(inspected.value.kind).toBe(kind)
    expect(v.parse(Inspected, inspected.value)).toEqual(inspected.value)
    expect(inspect(toLink(form, 'https://wallet.example/'))).toEqual(inspected)
    expect(inspect(toText(form).toUpperCase())).toEqual(inspected)
    expect(inspect(Buffer.from(toBinary(form)).toString('base64'))).toEqual(inspected)
  },
)

it('says what a bare public key is', () => {
  expect(inspect(seller.publicKey)).toEqual({
    ok: true,
    value: { kind: 'publicKey', publicKey: seller.publicKey },
  })
})

it.each(['', 'hello', 'aGVsbG8=', 'AQ==', '{"id":1}', '\u0000'.repeat(100)])(
  'refuses %j with a code and a sentence',
  (text) => {
    const inspected = inspect(text)
    expect(inspected).toMatchObject({ ok: false, error: { message: /\.$/ } })
  },
)

it('finds a receipt of its invoice valid, and says what was paid to whom', () => {
  const verified = verifyReceipt({ invoice: invoiceText, receipt: textOf(receipt) }, nobleProvider)
  expect(verified).toEqual({ valid: true, amount: '60', currency: 'credit', destination: seller.publicKey })
  expect(v.is(methods['receipt.verify'].result, verified)).toBe(true)
})

it('finds a receipt for any other payment invalid', () => {
  const dearer = toText({ kind: 'invoice', invoice: { ...invoice, amount: 61n } })
  expect(verifyReceipt({ invoice: dearer, receipt: textOf(receipt) }, nobleProvider)).toMatchObject({
    valid: false,
    fault: { code: 'otherInvoice' },
  })
  const cheaper = textOf({ ...receipt, totalDestPayment: 59n })
  expect(verifyReceipt({ invoice: invoiceText, receipt: cheaper }, nobleProvider)).toMatchObject({
    valid: false,
    fault: { code: 'otherInvoice' },
  })
})

it("finds a receipt invalid whose signature is not the seller's", () => {
  const forged = textOf({ ...receipt, signature: stranger.sign(receiptBytes(terms)) })
  const moved = textOf({ ...receipt, requestId: 'C'.repeat(21).concat('A') as RequestId })
  for (const text of [forged, moved]) {
    expect(verifyReceipt({ invoice: invoiceText, receipt: text }, nobleProvider)).toMatchObject({
      valid: false,
      fault: { code: 'badSignature' },
    })
  }
})

it('says what is wrong with texts that are no invoice or no receipt', () => {
  const texts = { invoice: textOf(receipt), receipt: invoiceText }
  expect(verifyReceipt(texts, nobleProvider)).toMatchObject({ valid: false, fault: { code: 'wrongKind' } })
  const damaged = textOf(receipt).replace(/.$/, (last) => (last === 'q' ? 'p' : 'q'))
  expect(verifyReceipt({ invoice: invoiceText, receipt: damaged }, nobleProvider)).toMatchObject({
    valid: false,
    fault: { code: 'damaged' },
  })
})

it('reads tickets of servers, each server once, named after its host', () => {
  const ticket = toText({ kind: 'relay', ticket: relay })
  expect(readServers([ticket, ticket], 'relay')).toEqual({
    ok: true,
    value: [{ ...relay, name: 'relay.example:443' }],
  })
  expect(readServers([ticket], 'index')).toMatchObject({ ok: false, error: { code: 'wrongKind' } })
})
