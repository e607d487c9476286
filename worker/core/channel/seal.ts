// From queued operations to batches of my log (PROTOCOL.md, CH-10..19): what is announced, how much fits, what is kept.

import * as messages from '../../../protocol/channel-messages.ts'
import {
  BATCHES_IN_FLIGHT_MAX,
  BATCHES_RETAINED_MAX,
  BATCH_BYTES_MAX,
  BATCH_OPERATIONS_MAX,
  NOTE_BUSY_MS,
  NOTE_QUIET_MS,
} from '../../../protocol/limits.ts'
import { invariant } from '../../../protocol/result.ts'
import type { Hash, PublicKey, RelayAddress } from '../../../protocol/types.ts'
import { taggedHash, publicKey as publicKeyCodec } from '../../../protocol/wire.ts'
import type { Delta, QueuedOperation, SentBatch } from '../records.ts'
import type { Friend, State } from '../state.ts'
import { ledgerOf, withdraw } from './queue.ts'

/** Room for the fields of a batch around its operations. */
const BATCH_HEADER_BYTES = 128
/** Operations other than requests: a relay list is the longest. */
const SMALL_OPERATION_BYTES_MAX = 2_560

/** Hash that chains a log: over what the sender signs. */
export function batchHash(sender: PublicKey, receiver: PublicKey, body: Uint8Array): Hash {
  return taggedHash('offst/batch/v1', publicKeyCodec.encode(sender), publicKeyCodec.encode(receiver), body)
}

/** Seals what waits, as far as the window allows; acknowledges what was received. Called once a step and friend. */
export function flush(s: State, friend: Friend): void {
  const { session } = friend
  const { channel } = friend.record
  if (session?.ready !== true || channel.status !== 'ready') return
  while (
    channel.sentSeq - channel.ackedSeq < BATCHES_IN_FLIGHT_MAX &&
    friend.batches.length < BATCHES_RETAINED_MAX
  ) {
    const operations = announcements(s, friend)
    const queued = takeQueued(s, friend, operations)
    if (operations.length + queued.length === 0) break
    sealBatch(s, friend, operations, queued)
  }
  if (session.ackDue) {
    const { epoch, receivedSeq: seq, receivedHash: hash } = channel
    send(s, friend, { kind: 'ack', epoch, seq, hash })
    session.ackDue = false
  }
}

/** Sends a batch again after a reconnect. */
export function resend(s: State, friend: Friend, batch: SentBatch): void {
  send(s, friend, { kind: 'batch', body: batch.body })
}

export function send(
  s: State,
  friend: Friend,
  message: Extract<(typeof s.actions)[number], { type: 'sendFriend' }>['message'],
): void {
  if (friend.session === undefined) return
  s.actions.push({
    type: 'sendFriend',
    friend: friend.record.publicKey,
    session: friend.session.number,
    message,
  })
}

/** A log position has moved: a note is due soon, and at the latest a minute after the first move. */
export function scheduleNote(s: State, friend: Friend): void {
  const { session } = friend
  if (session === undefined) return
  session.changedSince ??= s.now
  const due = Math.min(s.now + NOTE_QUIET_MS, session.changedSince + NOTE_BUSY_MS)
  s.timers.set(`note/${friend.record.publicKey}`, due)
}

/** Forgets batches that the friend's signature covers; the last one stays for its hash. */
export function forgetCovered(s: State, friend: Friend): void {
  const { signedAckSeq } = friend.record.channel
  for (;;) {
    const [first] = friend.batches
    if (first === undefined || first.seq >= signedAckSeq) return
    friend.batches.shift()
    s.touchBatch(first)
  }
}

/** Hash of my log at `seq`, as long as it may be asked for; undefined for positions never reached or forgotten. */
export function sentHashAt(friend: Friend, seq: number): Hash | undefined {
  const { channel } = friend.record
  if (seq === channel.sentSeq) return channel.sentHash
  if (seq === 0) return channel.startHash
  return friend.batches.find((batch) => batch.seq === seq)?.hash
}

/** What I want against what I have announced in this epoch: derived, never queued, so it cannot pile up. */
function announcements(s: State, friend: Friend): messages.Operation[] {
  const operations: messages.Operation[] = []
  const { record } = friend
  // First of all, so that never more than CURRENCIES_MAX are added.
  for (const ledger of record.channel.ledgers) {
    const wanted = record.currencies.some((config) => config.currency === ledger.currency)
    if (ledger.localAdded && !wanted) operations.push({ kind: 'removeCurrency', currency: ledger.currency })
  }
  for (const config of record.currencies) {
    const ledger = ledgerOf(friend, config.currency)
    if (!ledger.localAdded) operations.push({ kind: 'addCurrency', currency: config.currency })
    const { currency, remoteMaxDebt, open, rate } = config
    const announced = ledger.localTerms
    const same =
      announced !== undefined &&
      announced.remoteMaxDebt === remoteMaxDebt &&
      announced.open === open &&
      announced.rate.mul === rate.mul &&
      announced.rate.add === rate.add
    if (!same) operations.push({ kind: 'terms', terms: { currency, remoteMaxDebt, open, rate } })
  }
  const relays = s.card.relays.map(({ publicKey, address }) => ({ publicKey, address }))
  const announced = record.channel.announcedRelays
  if (announced === undefined || !sameRelays(announced.relays, relays)) {
    operations.push({ kind: 'relays', relays })
  }
  return operations
}

export function sameRelays(a: readonly RelayAddress[], b: readonly RelayAddress[]): boolean {
  return (
    a.length === b.length &&
    a.every((relay, i) => relay.publicKey === b[i]?.publicKey && relay.address === b[i].address)
  )
}

/** As many queued operations as fit; requests that have expired in the queue are withdrawn instead (PAY-14). */
function takeQueued(s: State, friend: Friend, before: readonly messages.Operation[]): QueuedOperation[] {
  let bytes = BATCH_HEADER_BYTES + before.reduce((sum, operation) => sum + sizeOf(operation), 0)
  const taken: QueuedOperation[] = []
  for (const queued of friend.queue.values()) {
    const { operation } = queued
    if (operation.kind === 'request' && operation.request.expires <= s.now) {
      const pending = friend.pendingOut.get(operation.request.requestId)
      invariant(pending !== undefined, 'a queued request is pending')
      withdraw(s, friend, pending, 'expired')
      continue
    }
    bytes += sizeOf(operation)
    if (bytes > BATCH_BYTES_MAX || before.length + taken.length >= BATCH_OPERATIONS_MAX) break
    taken.push(queued)
  }
  return taken
}

/** Upper bound of an operation's bytes. */
function sizeOf(operation: messages.Operation): number {
  if (operation.kind === 'request') return 256 + 32 * operation.request.route.length
  return operation.kind === 'relays' ? SMALL_OPERATION_BYTES_MAX : 128
}

function sealBatch(
  s: State,
  friend: Friend,
  announced: readonly messages.Operation[],
  queued: readonly QueuedOperation[],
): void {
  const { channel, publicKey } = friend.record
  const seq = channel.sentSeq + 1
  const body = messages.batch.encode({
    epoch: channel.epoch,
    seq,
    prevHash: channel.sentHash,
    ackSeq: channel.receivedSeq,
    ackHash: channel.receivedHash,
    operations: [...announced, ...queued.map(({ operation }) => operation)],
  })
  const hash = batchHash(s.publicKey, publicKey, body)
  const isResolution = ({ operation: { kind } }: QueuedOperation) => kind === 'response' || kind === 'cancel'
  const batch: SentBatch = {
    friend: publicKey,
    epoch: channel.epoch,
    seq,
    hash,
    body,
    deltas: sumDeltas(queued.flatMap(({ delta }) => (delta === undefined ? [] : [delta]))),
    resolutions: queued.filter(isResolution).length,
  }
  for (const operation of announced) noteAnnounced(friend, operation, seq)
  for (const item of queued) dequeue(s, friend, item)
  friend.batches.push(batch)
  s.touchBatch(batch)
  channel.sentSeq = seq
  channel.sentHash = hash
  s.touchFriend(friend)
  if (friend.session !== undefined) friend.session.ackDue = false
  send(s, friend, { kind: 'batch', body })
  scheduleNote(s, friend)
}

function noteAnnounced(friend: Friend, operation: messages.Operation, seq: number): void {
  switch (operation.kind) {
    case 'addCurrency':
      ledgerOf(friend, operation.currency).localAdded = true
      return
    case 'removeCurrency': {
      const ledger = ledgerOf(friend, operation.currency)
      ledger.localAdded = false
      delete ledger.localTerms
      return
    }
    case 'terms':
      ledgerOf(friend, operation.terms.currency).localTerms = operation.terms
      return
    case 'relays':
      friend.record.channel.announcedRelays = { relays: [...operation.relays], seq }
      return
    default:
      invariant(false, `${operation.kind} is not an announcement`)
  }
}

function dequeue(s: State, friend: Friend, item: QueuedOperation): void {
  friend.queue.delete(item.number)
  s.touchQueue(item)
  if (item.operation.kind !== 'request') return
  const pending = friend.pendingOut.get(item.operation.request.requestId)
  invariant(pending !== undefined, 'a queued request is pending')
  delete pending.queued
  s.touchPendingOut(pending)
}

/** One delta per currency. */
export function sumDeltas(deltas: readonly Delta[]): Delta[] {
  const sums = new Map<string, Delta>()
  for (const delta of deltas) {
    const sum = sums.get(delta.currency)
    if (sum === undefined) {
      sums.set(delta.currency, { ...delta })
    } else {
      sum.balance += delta.balance
      sum.localPending += delta.localPending
      sum.remotePending += delta.remotePending
    }
  }
  return [...sums.values()]
}
