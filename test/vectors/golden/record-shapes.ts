// What every record is made of. A new field, kind or state does not compile before it is named here, and then
// golden-records.test.ts fails until there are golden records that have it.

import type { Operation, Request, Terms } from '../../../protocol/channel-messages.ts'
import type { Invoice, Receipt } from '../../../protocol/payment.ts'
import type { Fault } from '../../../protocol/result.ts'
import type { Rate, RelayAddress } from '../../../protocol/types.ts'
import type {
  Channel,
  ClaimRecord,
  Delta,
  Ledger,
  NamedServer,
  Origin,
  PaymentRecord,
  TableName,
  Tables,
} from '../../../worker/core/records.ts'
import { PERIODS, PERMISSIONS } from '../../../protocol/forms.ts'
import { NEVER, wordsOf, type Shape } from './shape.ts'

const relay: Shape<RelayAddress> = { publicKey: 'value', address: 'value' }
const server: Shape<NamedServer> = { ...relay, name: 'value' }
const rate: Shape<Rate> = { mul: 'value', add: 'value' }
const fault: Shape<Fault> = { code: 'value', message: 'value' }
const claim: Shape<ClaimRecord> = { currency: 'value', balance: 'value' }
const terms: Shape<Terms> = { currency: 'value', remoteMaxDebt: 'value', open: 'value', rate }

const delta: Shape<Delta> = {
  currency: 'value',
  balance: 'value',
  localPending: 'value',
  remotePending: 'value',
}

const ledger: Shape<Ledger> = {
  ...delta,
  localAdded: 'value',
  remoteAdded: 'value',
  localTerms: { optional: terms },
  remoteTerms: { optional: terms },
}

const request: Shape<Request> = {
  requestId: 'value',
  route: { each: 'value' },
  currency: 'value',
  destPayment: 'value',
  totalDestPayment: 'value',
  invoiceId: 'value',
  leftFees: 'value',
  receiptKey: 'value',
  expires: 'value',
}

const invoice: Shape<Invoice> = {
  destination: 'value',
  currency: 'value',
  amount: 'value',
  description: { optional: 'value' },
  created: 'value',
  expires: { optional: 'value' },
  nonce: 'value',
}

const receipt: Shape<Receipt> = {
  requestId: 'value',
  invoiceId: 'value',
  currency: 'value',
  destPayment: 'value',
  totalDestPayment: 'value',
  receiptKey: 'value',
  signature: 'value',
}

const channel: Shape<Channel> = {
  status: { words: { waiting: true, ready: true, inconsistent: true, stale: true } },
  epoch: 'value',
  startHash: 'value',
  sentSeq: 'value',
  sentHash: 'value',
  ackedSeq: 'value',
  signedAckSeq: 'value',
  receivedSeq: 'value',
  receivedHash: 'value',
  ledgers: { each: ledger },
  announcedRelays: { optional: { relays: { each: relay }, seq: 'value' } },
  notedSent: 'value',
  notedReceived: 'value',
  lastBatch: { optional: { body: 'value', signature: 'value', seq: 'value', ackSeq: 'value' } },
  lastNote: {
    optional: {
      body: 'value',
      signature: 'value',
      signerSeq: 'value',
      receiverSeq: 'value',
      time: 'value',
      claims: { each: claim },
    },
  },
  reset: {
    optional: {
      cause: fault,
      epoch: 'value',
      claims: { each: claim },
      remote: { optional: { epoch: 'value', claims: { each: claim }, accepts: { optional: 'value' } } },
      accepts: { optional: 'value' },
    },
  },
  finishedReset: {
    optional: { epoch: 'value', claims: { each: claim }, accepts: { optional: 'value' }, theirs: 'value' },
  },
  repairs: 'value',
  repaired: { optional: 'value' },
  nextOperation: 'value',
}

const origin: Shape<Origin> = {
  kinds: {
    friend: { friend: 'value' },
    payment: { payment: 'value' },
    claimed: { friend: 'value', amount: 'value' },
    none: {},
  },
}

/** What waits to be sealed; announcements are made when a batch is. */
const queuedOperation: Shape<Operation> = {
  kinds: {
    request: { request },
    response: { requestId: 'value', signature: 'value' },
    cancel: { requestId: 'value', reason: 'value', reporter: 'value' },
    askCancel: { requestId: 'value' },
    terms: NEVER,
    relays: NEVER,
    addCurrency: NEVER,
    removeCurrency: NEVER,
  },
}

const payment: Shape<PaymentRecord> = {
  id: 'value',
  state: { words: { searching: true, sending: true, cancelling: true, paid: true, failed: true } },
  destination: 'value',
  currency: 'value',
  amount: 'value',
  maxFees: 'value',
  invoiceId: 'value',
  invoice: { optional: invoice },
  refundOf: { optional: 'value' },
  cycle: { optional: { first: 'value', last: 'value' } },
  app: { optional: 'value' },
  parts: {
    each: {
      requestId: 'value',
      route: { each: 'value' },
      amount: 'value',
      fees: 'value',
      sent: 'value',
      state: { words: { pending: true, paid: true, cancelled: true } },
    },
  },
  attempts: 'value',
  excludedNodes: { each: 'value' },
  excludedEdges: { each: { from: 'value', to: 'value' } },
  calledBack: { optional: { words: { anew: true, end: true } } },
  lastFault: { optional: fault },
  created: 'value',
  finished: { optional: 'value' },
  receipt: { optional: receipt },
  fault: { optional: fault },
}

export const RECORD_SHAPES: { readonly [T in TableName]: Shape<Tables[T]> } = {
  card: {
    publicKey: 'value',
    name: 'value',
    created: 'value',
    relays: { each: server },
    indexServers: { each: server },
    retiringRelays: { each: relay },
    acceptUnknownPayments: 'value',
    coarseCapacities: { optional: 'value' },
    nextActivity: 'value',
  },
  friends: {
    publicKey: 'value',
    name: 'value',
    added: 'value',
    enabled: 'value',
    relays: { each: relay },
    currencies: { each: { currency: 'value', remoteMaxDebt: 'value', open: 'value', rate } },
    channel,
  },
  pendingOut: {
    friend: 'value',
    request,
    origin,
    queued: { optional: 'value' },
    askedCancel: 'value',
  },
  pendingIn: {
    friend: 'value',
    request,
    next: { optional: 'value' },
    released: { optional: 'value' },
    arrived: 'value',
  },
  queue: { friend: 'value', number: 'value', operation: queuedOperation, delta: { optional: delta } },
  batches: {
    friend: 'value',
    epoch: 'value',
    seq: 'value',
    hash: 'value',
    body: 'value',
    deltas: { each: delta },
    resolutions: 'value',
  },
  payments: payment,
  invoices: {
    id: 'value',
    invoice,
    state: { words: { open: true, paid: true, cancelled: true, expired: true } },
    paid: { optional: 'value' },
  },
  income: {
    id: 'value',
    currency: 'value',
    totalDestPayment: 'value',
    firstArrived: 'value',
    state: { words: { collecting: true, answered: true } },
    parts: { each: { friend: 'value', requestId: 'value', amount: 'value' } },
  },
  activity: {
    id: 'value',
    time: 'value',
    kind: {
      words: {
        sent: true,
        received: true,
        feeEarned: true,
        notSent: true,
        friendAdded: true,
        friendRemoved: true,
        limitChanged: true,
        disagreement: true,
        balanceReset: true,
      },
    },
    currency: { optional: 'value' },
    amount: { optional: 'value' },
    fees: { optional: 'value' },
    friend: { optional: 'value' },
    friendName: { optional: 'value' },
    nextFriend: { optional: 'value' },
    destination: { optional: 'value' },
    description: { optional: 'value' },
    payment: { optional: 'value' },
    invoice: { optional: 'value' },
    fault: { optional: fault },
  },
  apps: {
    publicKey: 'value',
    name: 'value',
    permissions: { each: wordsOf(PERMISSIONS) },
    budgets: { each: { currency: 'value', amount: 'value', period: wordsOf(PERIODS) } },
    added: 'value',
    seen: { optional: 'value' },
  },
}
