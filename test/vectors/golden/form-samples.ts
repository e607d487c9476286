// Golden samples of everything that a person hands to another, with and without what may be missing.

import type { Form } from '../../../protocol/forms.ts'
import { PERIODS, PERMISSIONS } from '../../../protocol/forms.ts'
import type { Currency, SecretKey } from '../../../protocol/types.ts'
import {
  alice,
  AMOUNT_MAX,
  BALANCE_MAX,
  bob,
  carol,
  credit,
  hashOf,
  invoiceId,
  longCurrency,
  requestIdOf,
  signature,
  TIME,
} from './samples.ts'
import { wordsOf, type Shape } from './shape.ts'

const server = { publicKey: 'value', address: 'value' } as const

export const FORM_SHAPE: Shape<Form> = {
  kinds: {
    friend: { ticket: { publicKey: 'value', relays: { each: server }, name: { optional: 'value' } } },
    relay: { ticket: server },
    index: { ticket: server },
    node: { ticket: server },
    app: {
      ticket: {
        publicKey: 'value',
        permissions: { each: wordsOf(PERMISSIONS) },
        budgets: { optional: { each: { currency: 'value', amount: 'value', period: wordsOf(PERIODS) } } },
      },
    },
    invoice: {
      invoice: {
        destination: 'value',
        currency: 'value',
        amount: 'value',
        description: { optional: 'value' },
        created: 'value',
        expires: { optional: 'value' },
        nonce: 'value',
      },
    },
    receipt: {
      receipt: {
        requestId: 'value',
        invoiceId: 'value',
        currency: 'value',
        destPayment: 'value',
        totalDestPayment: 'value',
        receiptKey: 'value',
        signature: 'value',
      },
    },
    statement: {
      statement: {
        signer: 'value',
        receiver: 'value',
        note: {
          epoch: 'value',
          signerSeq: 'value',
          signerHash: 'value',
          receiverSeq: 'value',
          receiverHash: 'value',
          statements: {
            each: { currency: 'value', balance: 'value', localPending: 'value', remotePending: 'value' },
          },
          time: 'value',
        },
        signature: 'value',
      },
    },
    remote: {
      ticket: {
        publicKey: 'value',
        secretKey: 'value',
        name: { optional: 'value' },
        address: { optional: 'value' },
        relays: { each: server },
      },
    },
  },
}

const position = {
  epoch: 3,
  signerSeq: 7,
  signerHash: hashOf('batch 7'),
  receiverSeq: 9,
  receiverHash: hashOf('other batch 9'),
  time: TIME,
}
const relay = { publicKey: bob, address: '127.0.0.1:8000' }
const secretKey = hashOf('secret key of an app') as string as SecretKey
const least = { destination: carol, currency: credit, created: TIME, nonce: requestIdOf('nonce') }
const receipt = {
  requestId: requestIdOf('request'),
  invoiceId,
  currency: credit,
  destPayment: 60n,
  totalDestPayment: 60n,
  receiptKey: carol,
  signature,
}

export const FORMS: Readonly<Record<string, Form>> = {
  friend: {
    kind: 'friend',
    ticket: {
      publicKey: alice,
      relays: [relay, { publicKey: carol, address: 'wss://relay.example.org/relay' }],
      name: 'Alice’s “bakery” 🥐',
    },
  },
  'friend without relays and name': { kind: 'friend', ticket: { publicKey: alice, relays: [] } },
  relay: { kind: 'relay', ticket: relay },
  index: { kind: 'index', ticket: { publicKey: bob, address: 'wss://example.org/index' } },
  node: { kind: 'node', ticket: { publicKey: bob, address: '[::1]:9500' } },
  app: { kind: 'app', ticket: { publicKey: alice, permissions: PERMISSIONS } },
  'app that reads': { kind: 'app', ticket: { publicKey: alice, permissions: ['read'] } },
  'app with budgets': {
    kind: 'app',
    ticket: {
      publicKey: alice,
      permissions: ['read', 'funds'],
      budgets: PERIODS.map((period) => ({ currency: period as string as Currency, amount: 1_000n, period })),
    },
  },
  'app that may do nothing': { kind: 'app', ticket: { publicKey: alice, permissions: [] } },
  invoice: {
    kind: 'invoice',
    invoice: { ...least, amount: 60n, description: 'A bag of bananas — 🍌', expires: TIME + 600_000 },
  },
  'invoice of the least that it says': { kind: 'invoice', invoice: { ...least, amount: 1n } },
  'invoice over the most': {
    kind: 'invoice',
    invoice: { ...least, currency: longCurrency, amount: AMOUNT_MAX },
  },
  receipt: { kind: 'receipt', receipt },
  'receipt of a part': { kind: 'receipt', receipt: { ...receipt, destPayment: 0n } },
  statement: {
    kind: 'statement',
    statement: {
      signer: alice,
      receiver: bob,
      note: {
        ...position,
        statements: [
          { currency: credit, balance: -BALANCE_MAX, localPending: 0n, remotePending: AMOUNT_MAX },
          { currency: longCurrency, balance: BALANCE_MAX, localPending: 7n, remotePending: 0n },
        ],
      },
      signature,
    },
  },
  'statement of nothing': {
    kind: 'statement',
    statement: { signer: alice, receiver: bob, note: { ...position, statements: [] }, signature },
  },
  remote: {
    kind: 'remote',
    ticket: {
      publicKey: alice,
      secretKey,
      name: 'Alice',
      address: 'wss://node.example.org',
      relays: [relay],
    },
  },
  'remote over relays': { kind: 'remote', ticket: { publicKey: alice, secretKey, relays: [relay] } },
  'remote at an address': {
    kind: 'remote',
    ticket: { publicKey: alice, secretKey, address: '[::1]:9500', relays: [] },
  },
}
