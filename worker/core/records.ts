// What a card stores: plain data, one type per table. The core's working state consists of these same objects;
// a change is the new value of one record. Every record carries no behaviour and survives a structured clone.

import type { Operation, Request, Terms } from '../../protocol/channel-messages.ts'
import type { Budget, Permission } from '../../protocol/forms.ts'
import type { Cycle } from '../../protocol/index-messages.ts'
import type { Invoice, Receipt } from '../../protocol/payment.ts'
import type { Fault } from '../../protocol/result.ts'
import type {
  Currency,
  Hash,
  InvoiceId,
  PaymentId,
  PublicKey,
  Rate,
  RelayAddress,
  RequestId,
  Signature,
  Time,
} from '../../protocol/types.ts'

/** Version of all records of a card; the store migrates older ones. */
export const RECORDS_VERSION = 1

export interface NamedServer extends RelayAddress {
  name: string
}

/** Key `card`. */
export interface CardRecord {
  publicKey: PublicKey
  name: string
  created: Time
  relays: NamedServer[]
  indexServers: NamedServer[]
  /** Relays taken off the list that some friend has not yet been told about: still listened on. */
  retiringRelays: RelayAddress[]
  acceptUnknownPayments: boolean
  /** Whether index servers are told capacities only roughly; missing: exactly. */
  coarseCapacities?: boolean
  /** Id of the next activity entry; starts at 1. */
  nextActivity: number
}

/** What I want for one currency of a friend; announced by `terms`. */
export interface CurrencyConfig {
  currency: Currency
  remoteMaxDebt: bigint
  open: boolean
  rate: Rate
}

/** The agreed numbers of one currency, by both logs as far as known, my queued operations included. */
export interface Ledger {
  currency: Currency
  /** What the friend owes me. */
  balance: bigint
  localPending: bigint
  remotePending: bigint
  /** Whether each side has added the currency in this epoch. */
  localAdded: boolean
  remoteAdded: boolean
  /** The terms last announced by each side in this epoch. */
  localTerms?: Terms
  remoteTerms?: Terms
}

/** What an operation of mine changes, so that the state at an earlier position of my log can be told. */
export interface Delta {
  currency: Currency
  balance: bigint
  localPending: bigint
  remotePending: bigint
}

export interface ClaimRecord {
  currency: Currency
  balance: bigint
}

export interface SignedBody {
  body: Uint8Array
  signature: Signature
}

/** An inconsistency on its way to a new epoch. */
export interface ResetState {
  /** Code and sentence of what was found. */
  cause: Fault
  /** The epoch that I propose, and what I claim that the friend owes me. */
  epoch: number
  claims: ClaimRecord[]
  /** The friend's latest reset. */
  remote?: { epoch: number; claims: ClaimRecord[]; accepts?: Hash }
  /** Hash of the friend's reset that my user (or the mirror rule) has accepted. */
  accepts?: Hash
}

export interface Channel {
  /** `waiting`: the friend has not been met in this epoch. */
  status: 'waiting' | 'ready' | 'inconsistent' | 'stale'
  epoch: number
  /** Hash of this epoch's start; the first batch of both logs chains to it. */
  startHash: Hash
  /** Last batch sealed. */
  sentSeq: number
  sentHash: Hash
  /** Last batch acknowledged at all, and by a signature. */
  ackedSeq: number
  signedAckSeq: number
  receivedSeq: number
  receivedHash: Hash
  ledgers: Ledger[]
  /** Relays that I announced last in this epoch, and the batch that did so. */
  announcedRelays?: { relays: RelayAddress[]; seq: number }
  /** Position of both logs at my last note. */
  notedSent: number
  notedReceived: number
  /** The friend's last signed batch and note: proof of where he was. */
  lastBatch?: SignedBody & { seq: number; ackSeq: number }
  lastNote?: SignedBody & { signerSeq: number; receiverSeq: number; time: Time; claims: ClaimRecord[] }
  reset?: ResetState
  /** My last reset that led to this epoch: sent again to a friend who is still in the epoch before. */
  finishedReset?: {
    epoch: number
    claims: ClaimRecord[]
    accepts?: Hash
    /** Hash of the friend's claims that it was settled against. */
    theirs: Hash
  }
  /** Resets settled without a user, and when the last one was; forgotten after a while (CH-42). */
  repairs: number
  repaired?: Time
  /** Number of the next operation in my queue. */
  nextOperation: number
}

/** Key: the friend's public key. */
export interface FriendRecord {
  publicKey: PublicKey
  name: string
  added: Time
  enabled: boolean
  /** Where to reach him: from his ticket, later from his channel. */
  relays: RelayAddress[]
  currencies: CurrencyConfig[]
  channel: Channel
}

/** Who is told how a request of mine to a friend ends. */
export type Origin =
  /** Forwarded for a friend: his pending request with the same id. */
  | { kind: 'friend'; friend: PublicKey }
  /** My own payment. */
  | { kind: 'payment'; payment: PaymentId }
  /** Forwarded for a friend whose channel was reset at my claim: a cancel is owed back to him. */
  | { kind: 'claimed'; friend: PublicKey; amount: bigint }
  /** Nobody: the friend was removed or reset without the amount. */
  | { kind: 'none' }

/** Key: `<friend>/<requestId>`. A request of mine to this friend that he has not resolved. */
export interface PendingOut {
  friend: PublicKey
  request: Request
  origin: Origin
  /** Number of the operation in my queue while it is not sealed in a batch. */
  queued?: number
  askedCancel: boolean
}

/** Key: `<friend>/<requestId>`. A request of this friend that I have not resolved. */
export interface PendingIn {
  friend: PublicKey
  request: Request
  /** Forwarded to this friend; missing: it is for me, and waits for the other parts. */
  next?: PublicKey
  /** Cancelled further down while this channel was inconsistent: what I claimed for it is to be given back. */
  released?: boolean
  arrived: Time
}

/** Key: `<friend>/<number>`. An operation that waits to be sealed. */
export interface QueuedOperation {
  friend: PublicKey
  number: number
  operation: Operation
  delta?: Delta
}

/** Key: `<friend>/<seq>`. A batch of mine that the friend's signature does not cover yet. */
export interface SentBatch {
  friend: PublicKey
  epoch: number
  seq: number
  hash: Hash
  body: Uint8Array
  deltas: Delta[]
  /** Responses and cancels in it. */
  resolutions: number
}

export interface Part {
  requestId: RequestId
  /** From the first friend to the destination. */
  route: PublicKey[]
  amount: bigint
  fees: bigint
  sent: Time
  state: 'pending' | 'paid' | 'cancelled'
}

/** Key: payment id. */
export interface PaymentRecord {
  id: PaymentId
  state: 'searching' | 'sending' | 'cancelling' | 'paid' | 'failed'
  destination: PublicKey
  currency: Currency
  amount: bigint
  maxFees: bigint
  invoiceId: InvoiceId
  invoice?: Invoice
  /** The app that ordered it; missing: the owner. */
  app?: PublicKey
  /** Set when I give back what I claimed by a reset. */
  refundOf?: RequestId
  /** Set when I pay myself, to move what friends owe each other with me: out over the first, back over the last. */
  cycle?: Cycle
  parts: Part[]
  attempts: number
  excludedNodes: PublicKey[]
  excludedEdges: { from: PublicKey; to: PublicKey }[]
  /** All parts are asked back; when they are, it is tried anew or ends. */
  calledBack?: 'anew' | 'end'
  /** Why the last attempt did not succeed. */
  lastFault?: Fault
  created: Time
  finished?: Time
  receipt?: Receipt
  fault?: Fault
}

/** Key: invoice id. An invoice of mine. */
export interface InvoiceRecord {
  id: InvoiceId
  invoice: Invoice
  state: 'open' | 'paid' | 'cancelled' | 'expired'
  paid?: Time
}

/** Key: invoice id. A payment to me whose parts are arriving, or that I have answered. */
export interface IncomeRecord {
  id: InvoiceId
  currency: Currency
  totalDestPayment: bigint
  firstArrived: Time
  state: 'collecting' | 'answered'
  parts: { friend: PublicKey; requestId: RequestId; amount: bigint }[]
}

/** Key: its number, 12 digits. */
export interface ActivityRecord {
  id: number
  time: Time
  kind:
    | 'sent'
    | 'received'
    | 'feeEarned'
    | 'notSent'
    | 'friendAdded'
    | 'friendRemoved'
    | 'limitChanged'
    | 'disagreement'
    | 'balanceReset'
  currency?: Currency
  amount?: bigint
  fees?: bigint
  friend?: PublicKey
  friendName?: string
  nextFriend?: PublicKey
  destination?: PublicKey
  description?: string
  payment?: PaymentId
  invoice?: InvoiceId
  fault?: Fault
}

/** Key: the app's public key. An app that the owner lets drive this card. */
export interface AppRecord {
  publicKey: PublicKey
  name: string
  permissions: Permission[]
  /** Of different currencies; none at all: it may spend what the card can. */
  budgets: Budget[]
  added: Time
  /** When it last connected. */
  seen?: Time
}

/** The tables of a card's database. */
export interface Tables {
  card: CardRecord
  friends: FriendRecord
  pendingOut: PendingOut
  pendingIn: PendingIn
  queue: QueuedOperation
  batches: SentBatch
  payments: PaymentRecord
  invoices: InvoiceRecord
  income: IncomeRecord
  activity: ActivityRecord
  apps: AppRecord
}
export type TableName = keyof Tables
export const TABLES: readonly TableName[] = [
  'card',
  'friends',
  'pendingOut',
  'pendingIn',
  'queue',
  'batches',
  'payments',
  'invoices',
  'income',
  'activity',
  'apps',
]

/** The new value of one record; no value: it is deleted. */
export type Change = {
  [T in TableName]: { readonly table: T; readonly key: string; readonly value?: Tables[T] }
}[TableName]

/** All records of a card as read from its store, each table in any order. `activity` may hold the last ones only. */
export type Snapshot = { [T in TableName]: Tables[T][] }
