// What friends say to each other: packets, messages, and the bodies that they sign.

import { appPacket, type AppPacket } from '../../../protocol/app-packets.ts'
import {
  batch,
  CANCEL_REASONS,
  friendMessage,
  note,
  reset,
  type Batch,
  type FriendMessage,
  type Note,
  type Operation,
  type Request,
  type Reset,
} from '../../../protocol/channel-messages.ts'
import {
  friendPacket,
  FRIEND_MESSAGE_BYTES_MAX,
  type FriendPacket,
} from '../../../protocol/friend-packets.ts'
import {
  ADDRESS_BYTES_MAX,
  BATCH_BYTES_MAX,
  BATCH_OPERATIONS_MAX,
  CURRENCIES_MAX,
  PACKET_BYTES_MAX,
  RELAYS_MAX,
  ROUTE_NODES_MAX,
} from '../../../protocol/limits.ts'
import type { PublicKey, RelayAddress } from '../../../protocol/types.ts'
import { toBase64url } from '../../../protocol/wire.ts'
import type { FuzzTarget } from '../fuzzer.ts'
import { codecTarget } from './codec.ts'
import * as sample from './samples.ts'

const { ALICE, BOB, CAROL, CREDIT, LONGEST_CURRENCY, U128_MAX, I128_MAX, bytes, id16, id32 } = sample

const REQUEST: Request = {
  requestId: id16(1),
  route: [BOB, CAROL],
  currency: CREDIT,
  destPayment: 5n,
  totalDestPayment: U128_MAX,
  invoiceId: id32(2),
  leftFees: 0n,
  receiptKey: CAROL,
  expires: 1_700_000_000_000,
}
const OPERATIONS: readonly Operation[] = [
  { kind: 'request', request: REQUEST },
  { kind: 'response', requestId: id16(1), signature: sample.signature },
  { kind: 'cancel', requestId: id16(1), reason: CANCEL_REASONS[0], reporter: ALICE },
  { kind: 'askCancel', requestId: id16(1) },
  {
    kind: 'terms',
    terms: { currency: CREDIT, remoteMaxDebt: I128_MAX, open: true, rate: { mul: 1, add: 2 } },
  },
  { kind: 'relays', relays: [{ publicKey: BOB, address: '127.0.0.1:8000' }] },
  { kind: 'addCurrency', currency: LONGEST_CURRENCY },
  { kind: 'removeCurrency', currency: CREDIT },
]

/** As long as lists may be: one more is too many. */
const FULL: readonly Operation[] = [
  {
    kind: 'request',
    request: { ...REQUEST, route: new Array<PublicKey>(ROUTE_NODES_MAX - 1).fill(BOB) },
  },
  {
    kind: 'relays',
    relays: new Array<RelayAddress>(RELAYS_MAX).fill({
      publicKey: BOB,
      address: 'a'.repeat(ADDRESS_BYTES_MAX),
    }),
  },
]
const FULL_BATCH = new Array<Operation>(BATCH_OPERATIONS_MAX).fill({ kind: 'addCurrency', currency: CREDIT })

function batchOf(operations: readonly Operation[]): Batch {
  return { epoch: 1, seq: 2, prevHash: id32(1), ackSeq: 3, ackHash: id32(2), operations }
}

const BATCHES: readonly Batch[] = [
  batchOf([]),
  batchOf(OPERATIONS),
  ...[...OPERATIONS, ...FULL].map((operation) => batchOf([operation])),
  batchOf(FULL_BATCH),
]

const STATEMENTS_MAX = 2 * CURRENCIES_MAX
const FULL_BALANCES = new Array<bigint>(STATEMENTS_MAX).fill(1n)
const NOTES: readonly Note[] = [[], [0n], [-I128_MAX, I128_MAX], FULL_BALANCES].map((balances) => ({
  epoch: 0xffff_ffff,
  signerSeq: 1,
  signerHash: id32(1),
  receiverSeq: Number.MAX_SAFE_INTEGER,
  receiverHash: id32(2),
  statements: balances.map((balance) => ({
    currency: CREDIT,
    balance,
    localPending: 1n,
    remotePending: U128_MAX,
  })),
  time: 1_700_000_000_000,
}))

const RESETS: readonly Reset[] = [
  { epoch: 2, claims: [] },
  { epoch: 2, claims: [{ currency: CREDIT, balance: -1n }], accepts: id32(3) },
  { epoch: 2, claims: FULL_BALANCES.map((balance) => ({ currency: CREDIT, balance })) },
]

const signed = { signature: sample.signature }
const MESSAGES: readonly FriendMessage[] = [
  { kind: 'resume', epoch: 1, startHash: id32(1), lastSent: 1, received: 2, receivedHash: id32(2) },
  { kind: 'ack', epoch: 1, seq: 2, hash: id32(3) },
  { kind: 'batch', body: batch.encode(batchOf(OPERATIONS)), ...signed },
  { kind: 'note', body: note.encode(NOTES[1]!), ...signed },
  { kind: 'reset', body: reset.encode(RESETS[1]!), ...signed },
  { kind: 'staleBatch', body: bytes(3), ...signed },
  { kind: 'staleNote', body: bytes(0), ...signed },
]

const session = toBase64url(bytes(8))

export const friendTargets: readonly FuzzTarget[] = [
  codecTarget<FriendPacket>({
    name: 'friend-packet',
    coder: friendPacket,
    seeds: [
      { kind: 'dialled', session, frame: bytes(40) },
      { kind: 'answered', session, frame: bytes(0) },
      { kind: 'unknown', session },
    ],
    sizeMax: PACKET_BYTES_MAX,
  }),
  codecTarget<AppPacket>({
    name: 'app-packet',
    coder: appPacket,
    seeds: [
      { kind: 'toNode', line: session, frame: bytes(40) },
      { kind: 'toApp', line: session, frame: bytes(0) },
      { kind: 'ended', line: session },
    ],
    sizeMax: PACKET_BYTES_MAX,
  }),
  codecTarget({
    name: 'friend-message',
    coder: friendMessage,
    seeds: MESSAGES,
    sizeMax: FRIEND_MESSAGE_BYTES_MAX,
  }),
  codecTarget({ name: 'batch', coder: batch, seeds: BATCHES, sizeMax: BATCH_BYTES_MAX }),
  codecTarget({ name: 'note', coder: note, seeds: NOTES, sizeMax: BATCH_BYTES_MAX }),
  codecTarget({ name: 'reset', coder: reset, seeds: RESETS, sizeMax: BATCH_BYTES_MAX }),
]
