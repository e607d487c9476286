// One example of every kind of form, with real keys.

import { nobleProvider } from '../../../protocol/ed25519.ts'
import type { Form, FormKind } from '../../../protocol/forms.ts'
import { invoiceIdOf, receiptBytes, type Invoice } from '../../../protocol/payment.ts'
import { note, signedBytes } from '../../../protocol/channel-messages.ts'
import type { Currency, Hash, PublicKey, RequestId, SecretKey } from '../../../protocol/types.ts'

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

const said = {
  signer: keyOf(6),
  receiver: keyOf(1),
  note: {
    epoch: 1,
    signerSeq: 7,
    signerHash: '7'.repeat(42).concat('A') as Hash,
    receiverSeq: 9,
    receiverHash: '9'.repeat(42).concat('A') as Hash,
    statements: [
      { currency: 'credit' as Currency, balance: -60n, localPending: 0n, remotePending: 5n },
      { currency: 'hours' as Currency, balance: 3n, localPending: 1n, remotePending: 0n },
    ],
    time: 1_700_000_000_000,
  },
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
  statement: {
    kind: 'statement',
    statement: {
      ...said,
      signature: nobleProvider
        .signer(new Uint8Array(32).fill(6))
        .sign(signedBytes('note', said.signer, said.receiver, note.encode(said.note))),
    },
  },
  remote: {
    kind: 'remote',
    ticket: {
      publicKey: keyOf(1),
      secretKey: '5'.repeat(42).concat('A') as SecretKey,
      name: 'Bob’s “bakery”',
      address: '[::1]:9500',
      relays: [server],
    },
  },
}

export const EVERY_EXAMPLE: readonly Form[] = Object.values(EXAMPLES)
