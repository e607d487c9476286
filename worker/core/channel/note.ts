// Notes: each side signs the numbers at one position of both logs (PROTOCOL.md, CH-30..). The friend's last note is
// his signed statement of debt, and covers my batches up to the position that it names.

import * as messages from '../../../protocol/channel-messages.ts'
import type { Note, Statement } from '../../../protocol/channel-messages.ts'
import { REPAIRS_FORGOTTEN_MS } from '../../../protocol/limits.ts'
import { decode } from '../../../protocol/wire.ts'
import type { Delta, Ledger } from '../records.ts'
import type { Friend, State } from '../state.ts'
import { acknowledged } from './receive.ts'
import { breakChannel } from './reset.ts'
import { send, sentHashAt, sumDeltas } from './seal.ts'
import { canonicalClaims } from './start.ts'

/** The timer of `scheduleNote`: signs where both logs are. */
export function sendNote(s: State, friend: Friend): void {
  const { channel } = friend.record
  const { session } = friend
  if (session?.ready !== true || channel.status !== 'ready') return
  if (channel.notedSent === channel.sentSeq && channel.notedReceived === channel.receivedSeq) return
  const note: Note = {
    epoch: channel.epoch,
    signerSeq: channel.sentSeq,
    signerHash: channel.sentHash,
    receiverSeq: channel.receivedSeq,
    receiverHash: channel.receivedHash,
    statements: statementsAt(friend, channel.sentSeq),
    time: s.now,
  }
  channel.notedSent = channel.sentSeq
  channel.notedReceived = channel.receivedSeq
  delete session.changedSince
  s.touchFriend(friend)
  send(s, friend, { kind: 'note', body: messages.note.encode(note) })
}

/** Compares the friend's numbers with mine at the position that he names. */
export function receiveNote(
  s: State,
  friend: Friend,
  signed: { body: Uint8Array; signature: messages.Signed['signature'] },
  isSigned: boolean,
): void {
  const { channel } = friend.record
  if (channel.status !== 'ready' || friend.session?.ready !== true) return
  const decoded = decode(messages.note, signed.body)
  if (!isSigned || !decoded.ok) {
    return breakChannel(s, friend, 'badNote', 'Your friend sent a statement that is not properly signed.')
  }
  const note = decoded.value
  if (note.epoch !== channel.epoch) return
  const knowsHisLog = note.signerSeq === channel.receivedSeq && note.signerHash === channel.receivedHash
  const knowsMyLog =
    note.receiverSeq >= channel.signedAckSeq &&
    note.receiverSeq <= channel.sentSeq &&
    sentHashAt(friend, note.receiverSeq) === note.receiverHash
  if (!knowsHisLog || !knowsMyLog) {
    return breakChannel(
      s,
      friend,
      'badNote',
      'Your friend signed a statement about batches that do not exist.',
    )
  }
  if (!areMirrored(statementsAt(friend, note.receiverSeq), note.statements)) {
    return breakChannel(s, friend, 'noteMismatch', 'Your friend states another balance than you have.')
  }
  const claims = note.statements.map(({ currency, balance }) => ({ currency, balance: -balance }))
  channel.lastNote = {
    ...signed,
    signerSeq: note.signerSeq,
    receiverSeq: note.receiverSeq,
    time: note.time,
    claims: canonicalClaims(claims),
  }
  if (s.now >= (channel.repaired ?? 0) + REPAIRS_FORGOTTEN_MS) channel.repairs = 0
  acknowledged(s, friend, note.receiverSeq, true)
}

/** My numbers after my batch `seq` and all of the friend's log that I have processed, zeros left out. */
function statementsAt(friend: Friend, seq: number): Statement[] {
  const later: Delta[] = []
  for (const batch of friend.batches) if (batch.seq > seq) later.push(...batch.deltas)
  for (const { delta } of friend.queue.values()) if (delta !== undefined) later.push(delta)
  const sums = sumDeltas(later)
  return friend.record.channel.ledgers
    .map((ledger) =>
      statementOf(
        ledger,
        sums.find(({ currency }) => currency === ledger.currency),
      ),
    )
    .filter(({ balance, localPending, remotePending }) => balance !== 0n || localPending + remotePending > 0n)
    .sort((a, b) => (a.currency < b.currency ? -1 : 1))
}

function statementOf(ledger: Ledger, later: Delta | undefined): Statement {
  return {
    currency: ledger.currency,
    balance: ledger.balance - (later?.balance ?? 0n),
    localPending: ledger.localPending - (later?.localPending ?? 0n),
    remotePending: ledger.remotePending - (later?.remotePending ?? 0n),
  }
}

function areMirrored(mine: readonly Statement[], theirs: readonly Statement[]): boolean {
  return (
    mine.length === theirs.length &&
    mine.every((statement, index) => {
      const other = theirs[index]
      return (
        other !== undefined &&
        statement.currency === other.currency &&
        statement.balance === -other.balance &&
        statement.localPending === other.remotePending &&
        statement.remotePending === other.localPending
      )
    })
  )
}
