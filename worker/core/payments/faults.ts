// Why a payment did not go through, as a code and a sentence that says what could help.

import type { CancelReason } from '../../../protocol/channel-messages.ts'
import type { Fault } from '../../../protocol/result.ts'
import type { Currency, PublicKey } from '../../../protocol/types.ts'
import { sendCapacity } from '../ledger.ts'
import type { PaymentRecord } from '../records.ts'
import { findLedger, isUsable, type State } from '../state.ts'

/** Reasons that another route would not mend. */
const FINAL_REASONS: ReadonlySet<CancelReason> = new Set([
  'invoiceUnknown',
  'invoiceMismatch',
  'invoicePaid',
  'invoiceCancelled',
  'cancelledByBuyer',
  'expired',
])

export function isFinal(reason: CancelReason): boolean {
  return FINAL_REASONS.has(reason)
}

/** Somebody has lost a connection, or others were faster: it may be otherwise in a moment, when index servers know of it. */
const PASSING: ReadonlySet<string> = new Set(['friendOffline', 'unavailable', 'overLimit', 'tooManyPending'])

export function isPassing({ code }: Fault): boolean {
  return PASSING.has(code)
}

const SENTENCES: Readonly<Record<CancelReason, string>> = {
  overLimit: 'There is not enough room on the way. A higher limit between two friends could help.',
  requestsClosed: 'Somebody on the way takes no payments through this friendship now.',
  unknownCurrency: 'Somebody on the way does not keep accounts in this currency.',
  friendOffline: 'Somebody on the way is not on line now. Try again later.',
  unknownFriend: 'The way is out of date: two people on it are no longer friends. Try again.',
  feeTooLow: 'The fees have changed on the way. Try again.',
  tooManyPending: 'Somebody on the way has too many payments under way. Try again later.',
  duplicateRequest: 'The way would have passed somebody twice. Try again.',
  expired: 'It took too long, or this invoice has expired. Ask for a new invoice.',
  invoiceUnknown: 'The seller takes only payments of invoices that were made on that card.',
  invoiceMismatch: 'The seller expects another amount for this invoice. Ask for a new invoice.',
  invoicePaid: 'This invoice has been paid already.',
  invoiceCancelled: 'The seller has cancelled this invoice. Ask for a new one.',
  incomplete: 'Not all parts of the payment arrived in time. Try again.',
  cancelledByBuyer: 'You cancelled it. Nothing was paid.',
  friendRemoved: 'Two people on the way are no longer friends. Try again.',
  channelReset: 'Two people on the way had to agree on their balance anew. Try again.',
  unavailable: 'The way was interrupted. Try again.',
}

/** A part that was given back. */
export function cancelFault(
  s: State,
  payment: PaymentRecord,
  reason: CancelReason,
  reporter: PublicKey,
): Fault {
  const isSeller = reporter === payment.destination
  if (reason === 'expired' && !isSeller && reporter !== s.publicKey) {
    return { code: 'expired', message: 'It took too long. Try again.' }
  }
  return { code: reason, message: SENTENCES[reason] }
}

interface Order {
  readonly destination: PublicKey
  readonly currency: Currency
  /** Missing: the most that can be paid. */
  readonly amount?: bigint | undefined
}

/** No index server could be asked. */
export const OUTAGES: ReadonlySet<string> = new Set(['noIndexServer', 'timedOut', 'busy'])

/** No index server found a way, or none could be asked: says what this card itself can see of the reason. */
export function noRouteFault(s: State, payment: Order, fault: Fault): Fault {
  const friend = s.friends.get(payment.destination)
  const relevant = friend === undefined ? [...s.friends.values()] : [friend]
  const online = relevant.filter(isUsable)
  if (relevant.length === 0) {
    return {
      code: 'noFriends',
      message: 'You have no friends yet. Payments travel along friends: add one first.',
    }
  }
  if (online.length === 0) {
    const who = friend === undefined ? 'None of your friends is' : `${friend.record.name} is not`
    return { code: 'friendOffline', message: `${who} on line now. Try again later.` }
  }
  const open = online.filter((each) => findLedger(each, payment.currency)?.remoteTerms?.open === true)
  if (open.length === 0) {
    const who = friend === undefined ? 'None of your friends on line takes' : `${friend.record.name} takes no`
    return {
      code: 'requestsClosed',
      message: `${who} payments from you in ${payment.currency} now. Ask to open them.`,
    }
  }
  let room = 0n
  for (const each of open) {
    const ledger = findLedger(each, payment.currency)
    if (ledger !== undefined) room += sendCapacity(ledger)
  }
  if (payment.amount === undefined && room === 0n) {
    return {
      code: 'overLimit',
      message: 'You can spend nothing that way now. A friend could trust you more.',
    }
  }
  if (payment.amount !== undefined && room < payment.amount) {
    const missing = payment.amount - room
    const message = `You can spend ${room} that way, ${missing} less than this payment. A friend could trust you more.`
    return { code: 'overLimit', message }
  }
  if (OUTAGES.has(fault.code)) return fault
  if (fault.code === 'unknownDestination') {
    const message = 'The receiver is not on line, or has no friends who take payments. Try again later.'
    return { code: 'unknownDestination', message }
  }
  const message = 'No chain of friends with enough room leads there now. More trust on the way could help.'
  return { code: 'noRoute', message }
}
