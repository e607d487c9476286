// One example of every kind of form, with real keys.

import { nobleProvider } from '../../../protocol/ed25519.ts'
import type { Form, FormKind } from '../../../protocol/forms.ts'
import { invoiceIdOf, receiptBytes, type Invoice } from '../../../protocol/payment.ts'
import type { Currency, PublicKey, RequestId } from '../../../protocol/types.ts'

export function keyOf(seed: number): PublicKey {
  return nobleProvider.signer(new Uint8Array(32).fill(seed)).publicKey
}

const server = { publicKey: keyOf(2), address: '127.0.0.1:8000' }
const invoice: Invoice = {
  destination: keyOf(1),
  currency: 'credit' as Currency,
  amount: 60n,
  description: 'A bag of bananas',
  created: 1_700_000_000_000,
  expires: 1_700_000_600_000,
  nonce: 'AAECAwQFBgcICQoLDA0ODw' as RequestId,
}
const terms = {
  requestId: 'EBESExQVFhcYGRobHB0eHw' as RequestId,
  invoiceId: invoiceIdOf(invoice),
  currency: invoice.currency,
  destPayment: 60n,
  totalDestPayment: 60n,
  receiptKey: invoice.destination,
}

export const EXAMPLES: { readonly [K in FormKind]: Extract<Form, { kind: K }> } = {
  friend: { kind: 'friend', ticket: { publicKey: keyOf(1), relays: [server], name: 'Bob’s “bakery”' } },
  relay: { kind: 'relay', ticket: server },
  index: { kind: 'index', ticket: { publicKey: keyOf(3), address: 'wss://example.org/index' } },
  node: { kind: 'node', ticket: { publicKey: keyOf(4), address: '[::1]:9500' } },
  app: { kind: 'app', ticket: { publicKey: keyOf(5), permissions: ['read', 'config', 'funds'] } },
  invoice: { kind: 'invoice', invoice },
  receipt: {
    kind: 'receipt',
    receipt: {
      ...terms,
      signature: nobleProvider.signer(new Uint8Array(32).fill(1)).sign(receiptBytes(terms)),
    },
  },
}

export const EVERY_EXAMPLE: readonly Form[] = Object.values(EXAMPLES)
