// What two friends say to each other inside their session (docs/PROTOCOL.md, section 4).

import * as P from 'micro-packed'
import {
  BATCH_BYTES_MAX,
  BATCH_OPERATIONS_MAX,
  CURRENCIES_MAX,
  RELAYS_MAX,
  ROUTE_NODES_MAX,
} from './limits.ts'
import type {
  Currency,
  Hash,
  InvoiceId,
  PublicKey,
  Rate,
  RelayAddress,
  RequestId,
  Signature,
  Time,
} from './types.ts'
import * as wire from './wire.ts'

/** Asks to freeze `destPayment + leftFees` on this hop, for a payment to the last node of `route`. */
export interface Request {
  readonly requestId: RequestId
  /** The nodes after the receiver of this message; empty when the receiver is the destination. */
  readonly route: readonly PublicKey[]
  readonly currency: Currency
  /** What the destination gets by this part. */
  readonly destPayment: bigint
  /** What the destination gets by all parts together. */
  readonly totalDestPayment: bigint
  readonly invoiceId: InvoiceId
  /** Fees for the mediators that are still to come. */
  readonly leftFees: bigint
  /** The key whose signature releases the credits: the destination's. */
  readonly receiptKey: PublicKey
  /** Past this moment whoever has not forwarded it refuses it, and so does the destination. */
  readonly expires: Time
}

/** Why a request was cancelled. The order is the wire's: append only. */
export const CANCEL_REASONS = [
  'overLimit',
  'requestsClosed',
  'unknownCurrency',
  'friendOffline',
  'unknownFriend',
  'feeTooLow',
  'tooManyPending',
  'duplicateRequest',
  'expired',
  'invoiceUnknown',
  'invoiceMismatch',
  'invoicePaid',
  'invoiceCancelled',
  'incomplete',
  'cancelledByBuyer',
  'friendRemoved',
  'channelReset',
  'unavailable',
] as const
export type CancelReason = (typeof CANCEL_REASONS)[number]

/** What one side announces of its own will for one currency. */
export interface Terms {
  readonly currency: Currency
  /** How much the announcer lets the other owe him. */
  readonly remoteMaxDebt: bigint
  /** Whether the announcer accepts new requests from the other. */
  readonly open: boolean
  /** What the announcer takes to forward the other's requests. */
  readonly rate: Rate
}

export type Operation =
  | { readonly kind: 'request'; readonly request: Request }
  | { readonly kind: 'response'; readonly requestId: RequestId; readonly signature: Signature }
  | {
      readonly kind: 'cancel'
      readonly requestId: RequestId
      readonly reason: CancelReason
      readonly reporter: PublicKey
    }
  | { readonly kind: 'askCancel'; readonly requestId: RequestId }
  | { readonly kind: 'terms'; readonly terms: Terms }
  | { readonly kind: 'relays'; readonly relays: readonly RelayAddress[] }
  | { readonly kind: 'addCurrency'; readonly currency: Currency }
  | { readonly kind: 'removeCurrency'; readonly currency: Currency }

/** One entry of a log. Its hash chains the log; its signature covers it and both keys. */
export interface Batch {
  readonly epoch: number
  /** 1 for the first of an epoch. */
  readonly seq: number
  /** Hash of the batch before; of the epoch's start for the first. */
  readonly prevHash: Hash
  /** Last batch of the other log that the sender had processed (0: none), and its hash. */
  readonly ackSeq: number
  readonly ackHash: Hash
  readonly operations: readonly Operation[]
}

/** The numbers of one currency as the signer sees them. */
export interface Statement {
  readonly currency: Currency
  /** What the receiver owes the signer. */
  readonly balance: bigint
  readonly localPending: bigint
  readonly remotePending: bigint
}

/** The signed statement of debt: all numbers at one position of both logs. */
export interface Note {
  readonly epoch: number
  /** Last batch of the signer's log, and of the receiver's log as far as the signer had processed it. */
  readonly signerSeq: number
  readonly signerHash: Hash
  readonly receiverSeq: number
  readonly receiverHash: Hash
  readonly statements: readonly Statement[]
  readonly time: Time
}

/** The balance that one side claims for the epoch after an inconsistency. */
export interface Claim {
  readonly currency: Currency
  /** What the receiver owes the signer. */
  readonly balance: bigint
}

export interface Reset {
  /** The epoch that the signer proposes; the later of both sides' is taken. */
  readonly epoch: number
  /** Ordered by the currency's UTF-16 code units, each currency once, zero balances left out. */
  readonly claims: readonly Claim[]
  /** Hash of the other side's reset (its claims and epoch) when the signer accepts it. */
  readonly accepts?: Hash | undefined
}

/** Where a side stands, sent when a session starts. */
export interface Resume {
  readonly epoch: number
  /** Hash of the balances that this epoch started with. */
  readonly startHash: Hash
  readonly lastSent: number
  readonly received: number
  readonly receivedHash: Hash
}

/** A body and the sender's signature over its tag, both keys and the body. */
export interface Signed {
  readonly body: Uint8Array
  readonly signature: Signature
}

export type FriendMessage =
  | ({ readonly kind: 'resume' } & Resume)
  | ({ readonly kind: 'batch' } & Signed)
  | { readonly kind: 'ack'; readonly epoch: number; readonly seq: number; readonly hash: Hash }
  | ({ readonly kind: 'note' } & Signed)
  | ({ readonly kind: 'reset' } & Signed)
  /** Proof, by the receiver's own signature, that the receiver's data is older than what it once signed. */
  | { readonly kind: 'staleBatch'; readonly body: Uint8Array; readonly signature: Signature }
  | { readonly kind: 'staleNote'; readonly body: Uint8Array; readonly signature: Signature }

/** What is signed between friends; each has a domain tag of its own. */
export type SignedKind = 'batch' | 'note' | 'reset'

/** The bytes under the signature of a batch, note or reset from `sender` to `receiver`. */
export function signedBytes(
  kind: SignedKind,
  sender: PublicKey,
  receiver: PublicKey,
  body: Uint8Array,
): Uint8Array {
  return wire.tagged(`offst/${kind}/v1`, wire.publicKey.encode(sender), wire.publicKey.encode(receiver), body)
}

const cancelReason: P.CoderType<CancelReason> = P.apply(P.U8, {
  encode: (index: number) => {
    const reason = CANCEL_REASONS[index]
    if (reason === undefined) throw new Error(`unknown cancel reason ${index}`)
    return reason
  },
  decode: (reason: CancelReason) => CANCEL_REASONS.indexOf(reason),
})

export const request: P.CoderType<Request> = P.struct({
  requestId: wire.requestId,
  route: wire.list(wire.publicKey, ROUTE_NODES_MAX - 1),
  currency: wire.currency,
  destPayment: wire.positiveAmount,
  totalDestPayment: wire.positiveAmount,
  invoiceId: wire.invoiceId,
  leftFees: wire.amount,
  receiptKey: wire.publicKey,
  expires: wire.counter,
})

const terms: P.CoderType<Terms> = P.struct({
  currency: wire.currency,
  remoteMaxDebt: wire.limit,
  open: P.bool,
  rate: wire.rate,
})

const operation: P.CoderType<Operation> = wire.union({
  request: [1, P.struct({ request })],
  response: [2, P.struct({ requestId: wire.requestId, signature: wire.signature })],
  cancel: [3, P.struct({ requestId: wire.requestId, reason: cancelReason, reporter: wire.publicKey })],
  askCancel: [4, P.struct({ requestId: wire.requestId })],
  terms: [5, P.struct({ terms })],
  relays: [6, P.struct({ relays: wire.list(wire.relayAddress, RELAYS_MAX) })],
  addCurrency: [7, P.struct({ currency: wire.currency })],
  removeCurrency: [8, P.struct({ currency: wire.currency })],
})

export const batch: P.CoderType<Batch> = P.struct({
  epoch: P.U32BE,
  seq: wire.counter,
  prevHash: wire.hash,
  ackSeq: wire.counter,
  ackHash: wire.hash,
  operations: wire.list(operation, BATCH_OPERATIONS_MAX),
})

export const note: P.CoderType<Note> = P.struct({
  epoch: P.U32BE,
  signerSeq: wire.counter,
  signerHash: wire.hash,
  receiverSeq: wire.counter,
  receiverHash: wire.hash,
  statements: wire.list(
    P.struct({
      currency: wire.currency,
      balance: wire.balance,
      localPending: wire.amount,
      remotePending: wire.amount,
    }),
    2 * CURRENCIES_MAX,
  ),
  time: wire.counter,
})

const claims: P.CoderType<readonly Claim[]> = wire.list(
  P.struct({ currency: wire.currency, balance: wire.balance }),
  2 * CURRENCIES_MAX,
)

export const reset: P.CoderType<Reset> = P.struct({
  epoch: P.U32BE,
  claims,
  accepts: wire.maybe(wire.hash),
})

/** What an epoch starts with, as the holder of the lower key sees it: hashed by both sides. */
export const epochStart: P.CoderType<{ readonly epoch: number; readonly claims: readonly Claim[] }> =
  P.struct({
    epoch: P.U32BE,
    claims,
  })

const signed = P.struct({ body: wire.blob(BATCH_BYTES_MAX), signature: wire.signature })

export const friendMessage: P.CoderType<FriendMessage> = wire.union({
  resume: [
    1,
    P.struct({
      epoch: P.U32BE,
      startHash: wire.hash,
      lastSent: wire.counter,
      received: wire.counter,
      receivedHash: wire.hash,
    }),
  ],
  batch: [2, signed],
  ack: [3, P.struct({ epoch: P.U32BE, seq: wire.counter, hash: wire.hash })],
  note: [4, signed],
  reset: [5, signed],
  staleBatch: [6, signed],
  staleNote: [7, signed],
})
