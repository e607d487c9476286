// How a session starts: both sides say where they are, and what is missing is sent again (PROTOCOL.md, CH-31..39).

import * as messages from '../../../protocol/channel-messages.ts'
import type { Resume } from '../../../protocol/channel-messages.ts'
import type { Signature } from '../../../protocol/types.ts'
import { decode } from '../../../protocol/wire.ts'
import type { Friend, State } from '../state.ts'
import { acknowledged } from './receive.ts'
import { breakChannel, EPOCH_MAX, freezeChannel, learnEpoch, sendReset } from './reset.ts'
import { resend, scheduleNote, send, sentHashAt } from './seal.ts'

/** A session is open: nothing else is said before both resumes. */
export function startSession(s: State, friend: Friend, number: number): void {
  friend.session = { number, ready: false, ackDue: false }
  sendResume(s, friend)
  if (friend.record.channel.reset !== undefined) sendReset(s, friend)
}

export function sendResume(s: State, friend: Friend): void {
  const { epoch, startHash, sentSeq, receivedSeq, receivedHash } = friend.record.channel
  send(s, friend, {
    kind: 'resume',
    epoch,
    startHash,
    lastSent: sentSeq,
    received: receivedSeq,
    receivedHash,
  })
}

export function receiveResume(s: State, friend: Friend, resume: Resume): void {
  const { channel } = friend.record
  // No honest friend is where no epoch could follow.
  if (resume.epoch >= EPOCH_MAX) return
  if (channel.status === 'inconsistent' || channel.status === 'stale') {
    if (resume.epoch > channel.epoch && learnEpoch(s, friend, resume)) receiveResume(s, friend, resume)
    return
  }
  if (resume.epoch < channel.epoch) return sendReset(s, friend)
  if (resume.epoch > channel.epoch) {
    return freezeChannel(s, friend, 'inconsistent', {
      code: 'epochAhead',
      message: 'Your friend has settled a disagreement that this device knows nothing of.',
      epoch: resume.epoch + 1,
    })
  }
  if (resume.startHash !== channel.startHash) {
    return breakChannel(s, friend, 'startMismatch', 'You and your friend began with different balances.')
  }
  const friendLostBatches = resume.received < channel.signedAckSeq || resume.lastSent < channel.receivedSeq
  if (friendLostBatches) return sendProof(s, friend)
  // Batches that I do not have: the friend will prove by my own signature that I sent them.
  if (resume.received > channel.sentSeq) return
  if (sentHashAt(friend, resume.received) !== resume.receivedHash) {
    return breakChannel(s, friend, 'forked', 'You and your friend have different records of what you sent.')
  }
  resumeFrom(s, friend, resume.received)
}

function resumeFrom(s: State, friend: Friend, received: number): void {
  const { channel } = friend.record
  const session = friend.session
  if (session === undefined || session.ready) return
  session.ready = true
  channel.status = 'ready'
  channel.ackedSeq = Math.max(received, channel.signedAckSeq)
  acknowledged(s, friend, received, false)
  for (const batch of friend.batches) if (batch.seq > received) resend(s, friend, batch)
  if (channel.notedSent !== channel.sentSeq || channel.notedReceived !== channel.receivedSeq) {
    scheduleNote(s, friend)
  }
  s.actions.push({ type: 'edgesChanged', friend: friend.record.publicKey })
}

/** Sends what the friend himself signed later than what he says he has: once a session, since it is far longer than that. */
function sendProof(s: State, friend: Friend): void {
  const { session, record } = friend
  if (session === undefined || session.proofShown) return
  session.proofShown = true
  const { lastBatch, lastNote } = record.channel
  if (lastBatch !== undefined) {
    send(s, friend, { kind: 'staleBatch', body: lastBatch.body, signature: lastBatch.signature })
  }
  if (lastNote !== undefined) {
    send(s, friend, { kind: 'staleNote', body: lastNote.body, signature: lastNote.signature })
  }
}

/**
 * The friend shows what I once signed. Beyond what I have, it proves that my data is old (a restored backup).
 * @param isMine whether the signature is really mine.
 */
export function receiveProof(
  s: State,
  friend: Friend,
  proof: { kind: 'staleBatch' | 'staleNote'; body: Uint8Array; signature: Signature },
  isMine: boolean,
): void {
  if (!isMine || friend.record.channel.status === 'stale') return
  const signed = readProof(proof)
  if (signed === undefined) return
  const { channel } = friend.record
  const isNewer =
    signed.epoch > channel.epoch ||
    (signed.epoch === channel.epoch && (signed.mine > channel.sentSeq || signed.theirs > channel.receivedSeq))
  if (!isNewer) return
  freezeChannel(s, friend, 'stale', {
    code: 'stale',
    message: 'The data on this device is older than what you once signed for your friend.',
    epoch: Math.max(channel.epoch, signed.epoch) + 1,
  })
}

/** Which positions of both logs something that I signed names. */
function readProof(proof: {
  kind: 'staleBatch' | 'staleNote'
  body: Uint8Array
}): { epoch: number; mine: number; theirs: number } | undefined {
  if (proof.kind === 'staleBatch') {
    const batch = decode(messages.batch, proof.body)
    return batch.ok
      ? { epoch: batch.value.epoch, mine: batch.value.seq, theirs: batch.value.ackSeq }
      : undefined
  }
  const note = decode(messages.note, proof.body)
  return note.ok
    ? { epoch: note.value.epoch, mine: note.value.signerSeq, theirs: note.value.receiverSeq }
    : undefined
}
