// The friend's log: a batch is checked as a whole, then taken as a whole (PROTOCOL.md, CH-20..29).

import type { Batch, Operation, Request } from '../../../protocol/channel-messages.ts'
import { signedBytes } from '../../../protocol/channel-messages.ts'
import type { SignatureCheck } from '../../../protocol/crypto.ts'
import { CURRENCIES_MAX, PENDING_REQUESTS_MAX } from '../../../protocol/limits.ts'
import { receiptCheck } from '../../../protocol/payment.ts'
import { fail, ok, type Result } from '../../../protocol/result.ts'
import type { Currency, PublicKey, RelayAddress, RequestId } from '../../../protocol/types.ts'
import type { DecodedMessage } from '../inputs.ts'
import {
  emptyLedger,
  freezeRemote,
  frozenBy,
  isBlank,
  isWithinLimit,
  settleLocal,
  tryApply,
} from '../ledger.ts'
import type { Delta, Ledger, PendingIn, PendingOut } from '../records.ts'
import type { Friend, State } from '../state.ts'
import type { Effect } from './effects.ts'
import { frozenAmount } from './queue.ts'
import { batchHash, forgetCovered, sameRelays, scheduleNote, sentHashAt } from './seal.ts'
import { breakChannel } from './reset.ts'

export type BatchMessage = Extract<DecodedMessage, { kind: 'batch' }>

/**
 * The batch's own signature, then one for each response whose request is known, in order. Nothing is verified that
 * is not going to be read: a friend cannot keep this node busy with what his broken channel would refuse anyway.
 */
export function batchChecks(s: State, friend: Friend, message: BatchMessage): SignatureCheck[] {
  if (!isListening(friend)) return []
  const { publicKey } = friend.record
  const checks = [
    {
      publicKey,
      message: signedBytes('batch', publicKey, s.publicKey, message.body),
      signature: message.signature,
    },
  ]
  for (const { pending, operation } of knownResponses(friend, message)) {
    checks.push(receiptCheck({ ...pending.request, signature: operation.signature }))
  }
  return checks
}

type Response = Extract<Operation, { kind: 'response' }>

function knownResponses(
  friend: Friend,
  message: BatchMessage,
): { pending: PendingOut; operation: Response }[] {
  const found = new Map<PendingOut, Response>()
  const { content } = message
  if (content === undefined || !checkLinks(friend, content).ok) return []
  for (const operation of content.operations) {
    if (operation.kind !== 'response') continue
    const pending = friend.pendingOut.get(operation.requestId)
    if (pending !== undefined && !found.has(pending)) found.set(pending, operation)
  }
  return [...found].map(([pending, operation]) => ({ pending, operation }))
}

function isListening({ session, record }: Friend): boolean {
  return record.channel.status === 'ready' && session?.ready === true
}

/** Takes the next batch of the friend's log; anything that an honest friend cannot send breaks the channel. */
export function receiveBatch(
  s: State,
  friend: Friend,
  message: BatchMessage,
  valid: readonly boolean[],
): void {
  const { channel, publicKey } = friend.record
  const { session } = friend
  if (!isListening(friend) || session === undefined) return
  const [isSigned, ...responsesValid] = valid
  if (isSigned !== true) {
    return breakChannel(s, friend, 'badSignature', 'A batch of your friend carries a wrong signature.')
  }
  const { content } = message
  if (content === undefined) {
    return breakChannel(s, friend, 'malformed', 'A batch of your friend cannot be decoded.')
  }
  if (content.epoch !== channel.epoch) return
  const hash = batchHash(publicKey, s.publicKey, message.body)
  if (content.seq <= channel.receivedSeq) {
    if (content.seq === channel.receivedSeq && hash !== channel.receivedHash) {
      return breakChannel(s, friend, 'forked', 'Your friend signed two different batches with one number.')
    }
    session.ackDue = true
    s.touched.add(publicKey)
    return
  }
  const links = checkLinks(friend, content)
  if (!links.ok) return breakChannel(s, friend, links.error.code, links.error.message)
  const validResponses = new Set(
    knownResponses(friend, message)
      .filter((_, index) => responsesValid[index] === true)
      .map(({ operation }) => operation),
  )
  const applied = applyOperations(s, friend, content, validResponses)
  if (!applied.ok) return breakChannel(s, friend, applied.error.code, applied.error.message)

  channel.receivedSeq = content.seq
  channel.receivedHash = hash
  channel.lastBatch = {
    body: message.body,
    signature: message.signature,
    seq: content.seq,
    ackSeq: content.ackSeq,
  }
  session.ackDue = true
  acknowledged(s, friend, content.ackSeq, true)
  take(s, friend, applied.value)
  scheduleNote(s, friend)
}

/** The friend has processed my log up to `seq`; `signed` when his signature says so. */
export function acknowledged(s: State, friend: Friend, seq: number, signed: boolean): void {
  const { channel } = friend.record
  channel.ackedSeq = Math.max(channel.ackedSeq, seq)
  if (signed && seq > channel.signedAckSeq) {
    channel.signedAckSeq = seq
    forgetCovered(s, friend)
  }
  s.touchFriend(friend)
  retireRelays(s)
}

/** Whether the friend has the list as it is now. */
function knowsRelays(s: State, friend: Friend): boolean {
  const { announcedRelays, ackedSeq } = friend.record.channel
  if (announcedRelays === undefined || announcedRelays.seq > ackedSeq) return false
  return sameRelays(announcedRelays.relays, s.card.relays)
}

/** Relays that I left are given up when every enabled friend knows the new list (SES-8). */
export function retireRelays(s: State): void {
  if (s.card.retiringRelays.length === 0) return
  for (const friend of s.friends.values()) {
    if (friend.record.enabled && !knowsRelays(s, friend)) return
  }
  s.card.retiringRelays = []
  s.touch('card', 'card')
  s.actions.push({ type: 'connectionsChanged' })
}

/** Chain, order and acknowledgement. */
function checkLinks(friend: Friend, batch: Batch): Result<true> {
  const { channel } = friend.record
  if (batch.seq !== channel.receivedSeq + 1) return fail('gap', 'A batch of your friend is missing.')
  if (batch.prevHash !== channel.receivedHash) {
    return fail('chain', "Your friend's batch does not follow the one before.")
  }
  const isKnown = batch.ackSeq >= channel.signedAckSeq && batch.ackSeq <= channel.sentSeq
  if (!isKnown || sentHashAt(friend, batch.ackSeq) !== batch.ackHash) {
    return fail('badAck', 'Your friend acknowledges a batch that you never sent.')
  }
  return ok(true)
}

/** What a valid batch changes; nothing of it is in the books yet. */
interface Applied {
  readonly ledgers: Ledger[]
  readonly arrived: PendingIn[]
  readonly ended: Set<PendingOut>
  readonly effects: Effect[]
  relays?: RelayAddress[]
}

/** Requests of the friend that he may not count as resolved at the point of my log that he has processed. */
function pendingAtFriend(friend: Friend, ackSeq: number): number {
  let count = friend.pendingIn.size
  for (const batch of friend.batches) if (batch.seq > ackSeq) count += batch.resolutions
  for (const { operation } of friend.queue.values()) {
    if (operation.kind === 'response' || operation.kind === 'cancel') count++
  }
  return count
}

/** Applies the operations to copies of the books; the first that an honest friend cannot send is the fault. */
function applyOperations(
  s: State,
  friend: Friend,
  batch: Batch,
  validResponses: ReadonlySet<Operation>,
): Result<Applied> {
  const applied: Applied = {
    ledgers: friend.record.channel.ledgers.map((ledger) => ({ ...ledger })),
    arrived: [],
    ended: new Set(),
    effects: [],
  }
  const folding = {
    s,
    friend,
    batch,
    validResponses,
    applied,
    opened: new Set<RequestId>(),
    overLimit: new Map<Currency, bigint>(),
  }
  for (const operation of batch.operations) {
    const result = applyOperation(folding, operation)
    if (!result.ok) return result
  }
  if (pendingAtFriend(friend, batch.ackSeq) + applied.arrived.length > PENDING_REQUESTS_MAX) {
    return fail('tooManyPending', 'Your friend sent more requests than may be pending.')
  }
  return ok(applied)
}

interface Folding {
  readonly s: State
  readonly friend: Friend
  readonly batch: Batch
  /** Each vouches for the request that it was checked against, and for no other. */
  readonly validResponses: ReadonlySet<Operation>
  readonly applied: Applied
  /** Ids of the friend's requests in this batch; my own may have the same ones (a circle). */
  readonly opened: Set<RequestId>
  /** What the requests of this batch freeze that are over my limit, and so are given back. */
  readonly overLimit: Map<Currency, bigint>
}

function applyOperation(folding: Folding, operation: Operation): Result<true> {
  const { friend, applied } = folding
  switch (operation.kind) {
    case 'request':
      return applyRequest(folding, operation.request)
    case 'response': {
      const pending = takePending(folding, operation.requestId)
      if (!pending.ok) return pending
      if (!folding.validResponses.has(operation)) {
        return fail('badReceipt', 'Your friend answered a payment with a wrong signature.')
      }
      const { request } = pending.value
      applied.effects.push({ kind: 'responded', pending: pending.value, signature: operation.signature })
      return change(applied, settleLocal(request.currency, frozenAmount(request)))
    }
    case 'cancel': {
      const pending = takePending(folding, operation.requestId)
      if (!pending.ok) return pending
      const { request } = pending.value
      const { reason, reporter } = operation
      applied.effects.push({ kind: 'cancelled', pending: pending.value, reason, reporter })
      const localPending = -frozenAmount(request)
      return change(applied, { currency: request.currency, balance: 0n, localPending, remotePending: 0n })
    }
    case 'askCancel':
      // Not an error when unknown: it may have crossed my answer.
      applied.effects.push({
        kind: 'cancelAsked',
        friend: friend.record.publicKey,
        requestId: operation.requestId,
      })
      return ok(true)
    case 'terms': {
      const ledger = addedLedger(applied, operation.terms.currency)
      if (ledger === undefined) return notAdded(operation.terms.currency)
      ledger.remoteTerms = operation.terms
      return ok(true)
    }
    case 'relays':
      applied.relays = [...operation.relays]
      return ok(true)
    case 'addCurrency':
      return addCurrency(applied, operation.currency)
    case 'removeCurrency': {
      const ledger = addedLedger(applied, operation.currency)
      if (ledger === undefined) return notAdded(operation.currency)
      ledger.remoteAdded = false
      delete ledger.remoteTerms
      // Absent books are empty books: adding and removing currencies in turn leaves nothing behind.
      if (isBlank(ledger)) applied.ledgers.splice(applied.ledgers.indexOf(ledger), 1)
      return ok(true)
    }
  }
}

function applyRequest(folding: Folding, request: Request): Result<true> {
  const { s, friend, applied, opened } = folding
  if (friend.pendingIn.has(request.requestId) || opened.has(request.requestId)) {
    return fail('repeatedId', 'Your friend used the id of a payment twice.')
  }
  opened.add(request.requestId)
  const fault = malformedRequest(request, friend.record.publicKey, s.publicKey)
  if (fault !== undefined) return fail('malformedRequest', fault)
  const amount = frozenBy(request)
  if (amount === undefined) return fail('overflow', 'Your friend sent an amount over 2^128-1.')
  if (addedLedger(applied, request.currency) === undefined) return notAdded(request.currency)
  const frozen = change(applied, freezeRemote(request.currency, amount))
  if (!frozen.ok) return frozen
  const fits = fitsLimit(folding, request.currency, amount)
  applied.arrived.push({ friend: friend.record.publicKey, request, arrived: s.now })
  applied.effects.push({ kind: 'requestArrived', friend: friend.record.publicKey, request, fits })
  return ok(true)
}

/** Judges a request where it stands in the batch: those before it count as far as they fit, those after it do not. */
function fitsLimit({ friend, applied, overLimit }: Folding, currency: Currency, amount: bigint): boolean {
  const ledger = applied.ledgers.find((candidate) => candidate.currency === currency)
  const config = friend.record.currencies.find((candidate) => candidate.currency === currency)
  if (ledger === undefined || config === undefined) return false
  const refused = overLimit.get(currency) ?? 0n
  if (isWithinLimit({ ...ledger, remotePending: ledger.remotePending - refused }, config)) return true
  overLimit.set(currency, refused + amount)
  return false
}

/** What an honest friend has checked before he forwarded it, as a sentence; undefined for a sound request. */
function malformedRequest(request: Request, sender: PublicKey, me: PublicKey): string | undefined {
  const { route } = request
  // It may end where it began (PAY-39), though not by going straight back.
  const passed = route.length === 1 ? route : route.slice(0, -1)
  if (new Set(route).size !== route.length || route.includes(me) || passed.includes(sender)) {
    return 'Your friend sent a payment along a route that passes the same node twice.'
  }
  if (request.receiptKey !== (route.at(-1) ?? me)) {
    return 'Your friend sent a payment that its destination could not sign for.'
  }
  if (request.destPayment > request.totalDestPayment) {
    return 'Your friend sent a part of a payment that is larger than the whole.'
  }
  return undefined
}

function takePending(folding: Folding, requestId: RequestId): Result<PendingOut> {
  const { friend, applied } = folding
  const pending = friend.pendingOut.get(requestId)
  if (pending === undefined || pending.queued !== undefined || applied.ended.has(pending)) {
    return fail('unknownId', 'Your friend answered a payment that is not pending.')
  }
  applied.ended.add(pending)
  return ok(pending)
}

function change(applied: Applied, delta: Delta): Result<true> {
  const ledger = applied.ledgers.find(({ currency }) => currency === delta.currency)
  if (ledger === undefined || !tryApply(ledger, delta)) {
    return fail('overflow', 'Your friend sent amounts that overflow.')
  }
  return ok(true)
}

/** The books of a currency that the friend has added in this epoch. */
function addedLedger(applied: Applied, currency: Currency): Ledger | undefined {
  return applied.ledgers.find((ledger) => ledger.currency === currency && ledger.remoteAdded)
}

function notAdded(currency: Currency): ReturnType<typeof fail<'unknownCurrency'>> {
  return fail('unknownCurrency', `Your friend used the currency ${currency} without adding it.`)
}

function addCurrency(applied: Applied, currency: Currency): Result<true> {
  let ledger = applied.ledgers.find((candidate) => candidate.currency === currency)
  if (ledger === undefined) {
    ledger = emptyLedger(currency)
    applied.ledgers.push(ledger)
  }
  ledger.remoteAdded = true
  if (applied.ledgers.filter(({ remoteAdded }) => remoteAdded).length > CURRENCIES_MAX) {
    return fail('tooManyCurrencies', 'Your friend added too many currencies.')
  }
  return ok(true)
}

/** Enters a checked batch into the books. */
function take(s: State, friend: Friend, applied: Applied): void {
  const { record } = friend
  record.channel.ledgers = applied.ledgers
  for (const pending of applied.ended) {
    friend.pendingOut.delete(pending.request.requestId)
    s.touchPendingOut(pending)
  }
  for (const pending of applied.arrived) {
    friend.pendingIn.set(pending.request.requestId, pending)
    s.touchPendingIn(pending)
  }
  if (applied.relays !== undefined) {
    record.relays = applied.relays
    s.actions.push({ type: 'connectionsChanged' })
  }
  s.effects.push(...applied.effects)
  s.touchFriend(friend)
}
