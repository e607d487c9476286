// When the books of two friends do not match: both state what they claim, one accepts the other's claims, and a new
// epoch starts there (PROTOCOL.md, CH-40..49). Until then nothing moves over the friendship.

import * as messages from '../../../protocol/channel-messages.ts'
import type { Resume } from '../../../protocol/channel-messages.ts'
import { CURRENCIES_MAX, REPAIRS_MAX } from '../../../protocol/limits.ts'
import { fail, invariant, ok, type Result } from '../../../protocol/result.ts'
import type { Hash, PublicKey, Signature } from '../../../protocol/types.ts'
import { decode, publicKey as publicKeyCodec, taggedHash } from '../../../protocol/wire.ts'
import type { ClaimRecord, FriendRecord, Origin, PendingIn, PendingOut } from '../records.ts'
import { compareKeys, type Friend, type State } from '../state.ts'
import { cancelOrAsk, frozenAmount, removePendingIn, removePendingOut, withdraw } from './queue.ts'
import { sendResume } from './resume.ts'
import { send } from './seal.ts'
import {
  areCanonical,
  areEqual,
  canonicalClaims,
  mirrored,
  newChannel,
  newCurrency,
  startHashOf,
} from './start.ts'

/** This epoch and later ones are refused: the number must not run out. */
export const EPOCH_MAX = 0x7fff_ffff

/** The friend broke a rule that an honest friend cannot break, or our books differ. */
export function breakChannel(s: State, friend: Friend, code: string, message: string): void {
  const { epoch } = friend.record.channel
  freezeChannel(s, friend, 'inconsistent', { code, message, epoch: epoch + 1 })
}

/** Stops the channel and states my claims. A channel that is stopped already only remembers the graver status. */
export function freezeChannel(
  s: State,
  friend: Friend,
  status: 'inconsistent' | 'stale',
  cause: { code: string; message: string; epoch: number },
): void {
  const { channel } = friend.record
  if (channel.reset === undefined) {
    dropUnsealed(s, friend)
    dropUnanswered(s, friend)
    channel.reset = {
      cause: { code: cause.code, message: cause.message },
      epoch: cause.epoch,
      claims: ownClaims(friend),
    }
    s.addActivity({
      kind: 'disagreement',
      friend: friend.record.publicKey,
      friendName: friend.record.name,
      fault: { code: cause.code, message: cause.message },
    })
  } else if (status === 'stale') {
    channel.reset.cause = { code: cause.code, message: cause.message }
  }
  channel.status = status
  if (friend.session !== undefined) friend.session.ready = false
  s.timers.cancel(`note/${friend.record.publicKey}`)
  s.touchFriend(friend)
  s.actions.push({ type: 'edgesChanged', friend: friend.record.publicKey })
  sendReset(s, friend)
}

/** Requests that the friend cannot have seen need not wait for the reset. */
function dropUnsealed(s: State, friend: Friend): void {
  for (const pending of [...friend.pendingOut.values()]) {
    if (pending.queued !== undefined) withdraw(s, friend, pending, 'unavailable')
  }
}

/** Payments to me that I have not signed for are not owed: they end here. */
function dropUnanswered(s: State, friend: Friend): void {
  for (const pending of [...friend.pendingIn.values()]) {
    if (pending.next !== undefined) continue
    const { currency } = pending.request
    const ledger = friend.record.channel.ledgers.find((candidate) => candidate.currency === currency)
    invariant(ledger !== undefined, 'a pending request has books')
    ledger.remotePending -= frozenAmount(pending.request)
    removePendingIn(s, friend, pending)
    s.effects.push({ kind: 'partLost', friend: friend.record.publicKey, request: pending.request })
  }
}

/** What the friend owes me, with what he may already owe further down. */
function ownClaims(friend: Friend): ClaimRecord[] {
  return canonicalClaims(
    friend.record.channel.ledgers.map(({ currency, balance, remotePending }) => ({
      currency,
      balance: balance + remotePending,
    })),
  )
}

/** Sends my reset under way; or, in the epoch that it led to, the one that got us there. */
export function sendReset(s: State, friend: Friend): void {
  const { reset, finishedReset } = friend.record.channel
  const mine = reset ?? finishedReset
  if (mine === undefined) return
  const { epoch, claims, accepts } = mine
  const content = accepts === undefined ? { epoch, claims } : { epoch, claims, accepts }
  send(s, friend, { kind: 'reset', body: messages.reset.encode(content) })
}

export function receiveReset(
  s: State,
  friend: Friend,
  signed: { body: Uint8Array; signature: Signature },
  isSigned: boolean,
): void {
  const decoded = decode(messages.reset, signed.body)
  const isSound =
    isSigned && decoded.ok && areCanonical(decoded.value.claims) && decoded.value.epoch < EPOCH_MAX
  if (!isSound) return
  const { epoch, claims, accepts } = decoded.value
  if (friend.record.channel.reset === undefined) {
    // What led to this epoch, sent again because the friend did not know that I had followed; or he has come here
    // only now, and what I said before meant nothing to him.
    if (isFinished(s, friend, { epoch, claims })) return sendResume(s, friend)
    breakChannel(s, friend, 'friendReset', 'Your friend says that your balances do not match.')
  }
  const { reset } = friend.record.channel
  invariant(reset !== undefined, 'a frozen channel has a reset under way')
  reset.remote = { epoch, claims: [...claims], ...(accepts === undefined ? {} : { accepts }) }
  s.touchFriend(friend)
  decide(s, friend)
}

function isFinished(
  s: State,
  friend: Friend,
  theirs: { epoch: number; claims: readonly ClaimRecord[] },
): boolean {
  const { publicKey, channel } = friend.record
  return channel.finishedReset?.theirs === resetHash(publicKey, s.publicKey, theirs)
}

/** Names a side's claims, so that the other can accept exactly these. */
export function resetHash(
  signer: PublicKey,
  receiver: PublicKey,
  terms: { epoch: number; claims: readonly ClaimRecord[] },
): Hash {
  const { epoch, claims } = terms
  return taggedHash(
    'offst/claims/v1',
    publicKeyCodec.encode(signer),
    publicKeyCodec.encode(receiver),
    messages.reset.encode({ epoch, claims }),
  )
}

/** The user accepts what the friend claims, if these are (still) his claims. */
export function acceptReset(s: State, friend: Friend, theirs: Hash): Result<object> {
  const { publicKey, channel, currencies } = friend.record
  const { reset } = channel
  if (reset?.remote === undefined || resetHash(publicKey, s.publicKey, reset.remote) !== theirs) {
    return fail('claimsChanged', 'Your friend claims something else by now. Look again before you accept.')
  }
  const names = new Set([...currencies, ...reset.remote.claims].map(({ currency }) => currency))
  if (names.size > CURRENCIES_MAX) {
    return fail(
      'tooManyCurrencies',
      `At most ${CURRENCIES_MAX} currencies with one friend, those of the claims included. Remove one first.`,
    )
  }
  reset.accepts = theirs
  s.touchFriend(friend)
  sendReset(s, friend)
  decide(s, friend)
  return ok({})
}

/** The user wants the balance stated anew although nothing is wrong, or states it again. */
export function requestReset(s: State, friend: Friend): void {
  if (friend.record.channel.reset !== undefined) return sendReset(s, friend)
  breakChannel(s, friend, 'requested', 'You asked to agree on the balance anew.')
}

/** Mirrored claims need no user (unless the fault keeps coming back, CH-42); an acceptance of mine binds the friend; crossing ones: the lower key's claims. */
function decide(s: State, friend: Friend): void {
  const { publicKey, channel } = friend.record
  const { reset } = channel
  if (reset?.remote === undefined) return
  const { remote } = reset
  const theirs = mirrored(remote.claims)
  const epoch = Math.max(reset.epoch, remote.epoch)
  const theyAccept = remote.accepts === resetHash(s.publicKey, publicKey, reset)
  const iAccept = haveAccepted(s, friend)
  const isClear = areEqual(reset.claims, theirs) && (iAccept || channel.repairs < REPAIRS_MAX)
  if (!theyAccept && !isClear) return
  const mineWin = !iAccept || compareKeys(s.publicKey, publicKey) < 0
  enterEpoch(s, friend, epoch, mineWin ? reset.claims : theirs)
}

/** Whether I have accepted what the friend claims now. */
function haveAccepted(s: State, { record: { publicKey, channel } }: Friend): boolean {
  const { reset } = channel
  if (reset?.remote === undefined) return false
  return reset.accepts === resetHash(publicKey, s.publicKey, reset.remote)
}

/**
 * The friend is in an epoch after mine: he has heard my acceptance (or his own claims won). True when the start that
 * he names is one that I agreed to.
 */
export function learnEpoch(s: State, friend: Friend, resume: Resume): boolean {
  const { publicKey, channel } = friend.record
  const { reset } = channel
  // Whoever replaced the claims that I had accepted by others has no acceptance of mine.
  if (reset?.remote === undefined || !haveAccepted(s, friend)) return false
  if (resume.epoch !== Math.max(reset.epoch, reset.remote.epoch)) return false
  for (const claims of [mirrored(reset.remote.claims), reset.claims]) {
    if (startHashOf(s.publicKey, publicKey, resume.epoch, claims) === resume.startHash) {
      enterEpoch(s, friend, resume.epoch, claims)
      return true
    }
  }
  return false
}

/** Starts the new epoch at `claims` (what the friend owes me): empty logs, nothing pending. */
function enterEpoch(s: State, friend: Friend, epoch: number, claims: ClaimRecord[]): void {
  const { record } = friend
  const { reset, repairs } = record.channel
  invariant(reset?.remote !== undefined, 'an epoch starts with the resets of both sides')
  const isMine = areEqual(claims, reset.claims)
  const before = new Map(record.channel.ledgers.map(({ currency, balance }) => [currency, balance]))
  closePendingOut(s, friend)
  closePendingIn(s, friend, isMine)
  clearLog(s, friend)
  record.channel = {
    ...newChannel(s.publicKey, record.publicKey, epoch, claims),
    ...(reset.accepts === undefined ? { repairs: repairs + 1, repaired: s.now } : { repairs: 0 }),
    finishedReset: {
      epoch: reset.epoch,
      claims: reset.claims,
      theirs: resetHash(record.publicKey, s.publicKey, reset.remote),
      ...(reset.accepts === undefined ? {} : { accepts: reset.accepts }),
    },
  }
  keepAccounts(record, claims)
  for (const { currency, balance } of claims) {
    const amount = balance - (before.get(currency) ?? 0n)
    before.delete(currency)
    addResetActivity(s, friend, currency, amount)
  }
  for (const [currency, balance] of before) addResetActivity(s, friend, currency, -balance)
  if (friend.session !== undefined) friend.session.ready = false
  s.touchFriend(friend)
  s.actions.push({ type: 'edgesChanged', friend: record.publicKey })
  sendReset(s, friend)
  sendResume(s, friend)
}

/** What is owed is shown, and can be settled: its currency is one of mine. */
function keepAccounts({ currencies }: FriendRecord, claims: readonly ClaimRecord[]): void {
  for (const { currency } of claims) {
    const isKept = currencies.some((config) => config.currency === currency)
    if (!isKept && currencies.length < CURRENCIES_MAX) currencies.push(newCurrency(currency))
  }
}

function addResetActivity(s: State, friend: Friend, currency: ClaimRecord['currency'], amount: bigint): void {
  const { publicKey, name } = friend.record
  s.addActivity({ kind: 'balanceReset', friend: publicKey, friendName: name, currency, amount })
}

/** What was pending toward the friend is cancelled upstream: the new epoch knows nothing of it (CH-45). */
function closePendingOut(s: State, friend: Friend): void {
  for (const pending of [...friend.pendingOut.values()]) {
    removePendingOut(s, friend, pending)
    s.effects.push({ kind: 'cancelled', pending, reason: 'channelReset', reporter: s.publicKey })
  }
}

/**
 * What was pending from the friend: at my claims he owes it now, and gets it back if it is cancelled further down
 * (CH-46); at his claims he does not owe it, whatever happens further down.
 */
function closePendingIn(s: State, friend: Friend, isMine: boolean): void {
  const { publicKey } = friend.record
  for (const pending of [...friend.pendingIn.values()]) {
    removePendingIn(s, friend, pending)
    const { currency, requestId } = pending.request
    const amount = frozenAmount(pending.request)
    if (pending.released === true) {
      if (isMine) s.effects.push({ kind: 'refundDue', friend: publicKey, currency, amount, requestId })
      continue
    }
    if (isMine) followUp(s, pending, { kind: 'claimed', friend: publicKey, amount })
    else abandon(s, pending)
  }
}

/** Nobody pays for the friend's request any more: what was forwarded of it is called back, if that is still possible. */
export function abandon(s: State, pending: PendingIn): void {
  const followed = followUp(s, pending, { kind: 'none' })
  if (followed !== undefined) cancelOrAsk(s, followed.next, followed.forwarded)
}

/** Says anew who is told how the forwarded request ends. */
function followUp(
  s: State,
  pending: PendingIn,
  origin: Origin,
): { next: Friend; forwarded: PendingOut } | undefined {
  const next = pending.next === undefined ? undefined : s.friends.get(pending.next)
  const forwarded = next?.pendingOut.get(pending.request.requestId)
  if (next === undefined || forwarded === undefined) return undefined
  forwarded.origin = origin
  s.touchPendingOut(forwarded)
  return { next, forwarded }
}

/** Deletes queue and batches. */
export function clearLog(s: State, friend: Friend): void {
  for (const item of friend.queue.values()) s.touchQueue(item)
  friend.queue.clear()
  for (const batch of friend.batches) s.touchBatch(batch)
  friend.batches.length = 0
}
