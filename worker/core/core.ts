// The deterministic core of one card: inputs in, changed records and actions out. No clock, no randomness, no I/O.

import { signedBytes } from '../../protocol/channel-messages.ts'
import type { SignatureCheck } from '../../protocol/crypto.ts'
import type { Result } from '../../protocol/result.ts'
import type { InvoiceId, PaymentId, PublicKey, RequestId, Time } from '../../protocol/types.ts'
import type { Connections, EdgeReport, ReceiptToSign, Step } from './actions.ts'
import { appSeen, setApps } from './apps.ts'
import type { Effect } from './channel/effects.ts'
import { sendNote, receiveNote } from './channel/note.ts'
import { expireQueued } from './channel/queue.ts'
import { acknowledged, batchChecks, receiveBatch } from './channel/receive.ts'
import { receiveReset } from './channel/reset.ts'
import { receiveProof, receiveResume, startSession } from './channel/resume.ts'
import { flush, sentHashAt } from './channel/seal.ts'
import { handleCall, LATER } from './calls.ts'
import type { DecodedMessage, Input, Stamp } from './inputs.ts'
import { expireInvoice, resumeInvoices } from './invoices.ts'
import { coarsely, receiveCapacity } from './ledger.ts'
import * as buyer from './payments/buyer.ts'
import * as mediator from './payments/forward.ts'
import { answerCall } from './payments/orders.ts'
import { payBack } from './payments/refund.ts'
import * as seller from './payments/seller.ts'
import type { Change, NamedServer, Snapshot } from './records.ts'
import type { RouteQueryAnswer } from './routes.ts'
import { findLedger, isUsable, State, type Friend } from './state.ts'

export class Core {
  /** The records and what belongs to them, for views; to be read only. */
  readonly state: State

  /**
   * Rebuilds the working state from what was stored.
   * @throws {InvariantError} when the records contradict each other.
   */
  constructor(snapshot: Snapshot) {
    this.state = new State(snapshot)
  }

  get publicKey(): PublicKey {
    return this.state.publicKey
  }

  /** The signatures that must be verified, right before `process` is called with the same input. */
  checks(input: Input): readonly SignatureCheck[] {
    if (input.type !== 'friendMessage') return []
    const friend = this.#sessionOf(input)
    return friend === undefined ? [] : messageChecks(this.state, friend, input.message)
  }

  /** @param valid what verifying each of `checks(input)` gave, in order. */
  process(input: Input, stamp: Stamp, valid: readonly boolean[]): void {
    this.state.stamp(stamp)
    this.#dispatch(input, valid)
    settle(this.state)
  }

  /** Receipts to sign before `finish`, answered by `receiptSigned`; empties the list. */
  receiptsToSign(): readonly ReceiptToSign[] {
    const receipts = this.state.receiptsToSign
    this.state.receiptsToSign = []
    return receipts
  }

  /** Ends a group of inputs: seals the queued operations into batches and hands out all changes and actions. */
  finish(stamp: Stamp): Step {
    const s = this.state
    s.stamp(stamp)
    while (s.touched.size > 0) {
      const keys = [...s.touched]
      s.touched.clear()
      for (const key of keys) {
        const friend = s.friends.get(key)
        if (friend === undefined) continue
        flush(s, friend)
        s.actions.push({ type: 'edgesChanged', friend: key })
        s.touched.delete(key)
      }
      settle(s)
    }
    return { changes: s.takeChanges(), actions: s.takeActions() }
  }

  /** When the input `tick` is due; undefined when nothing waits. */
  nextDeadline(): Time | undefined {
    return this.state.timers.next()
  }

  connections(): Connections {
    const { apps, card, friends } = this.state
    return {
      relays: [...card.relays, ...card.retiringRelays].map(({ publicKey, address }) => ({
        publicKey,
        address,
      })),
      indexServers: card.indexServers.map(({ publicKey, address }) => ({ publicKey, address })),
      friends: [...friends.values()]
        .filter(({ record }) => record.enabled)
        .map(({ record: { publicKey, relays } }) => ({ publicKey, relays })),
      apps: [...apps.keys()],
    }
  }

  /** What index servers are told, for one friend or for all. */
  edges(friend?: PublicKey): EdgeReport[] {
    const { friends, card } = this.state
    const one = friend === undefined ? undefined : friends.get(friend)
    const selected = friend === undefined ? [...friends.values()] : one === undefined ? [] : [one]
    const edges = selected.flatMap(edgesOf)
    if (card.coarseCapacities !== true) return edges
    return edges.map((edge) => ({ ...edge, capacity: coarsely(edge.capacity) }))
  }

  #dispatch(input: Input, valid: readonly boolean[]): void {
    const s = this.state
    switch (input.type) {
      case 'start':
        s.started = s.now
        for (const friend of s.friends.values()) expireQueued(s, friend)
        seller.resumeIncome(s)
        resumeInvoices(s)
        buyer.resumePayments(s)
        s.actions.push({ type: 'connectionsChanged' })
        return
      case 'call': {
        const outcome = handleCall(s, input)
        if (outcome !== LATER) s.actions.push({ type: 'reply', call: input.call, result: outcome })
        return
      }
      case 'appSeen':
        return appSeen(s, input.app)
      case 'apps':
        return setApps(s, input.grants)
      case 'friendOnline': {
        const friend = s.friends.get(input.friend)
        if (friend?.record.enabled !== true) return
        startSession(s, friend, input.session)
        s.touchFriend(friend)
        return
      }
      case 'friendOffline':
        return this.#endSession(this.#sessionOf(input))
      case 'friendMessage': {
        const friend = this.#sessionOf(input)
        if (friend !== undefined) receiveMessage(s, friend, input.message, valid)
        return
      }
      case 'routes':
        return receiveRoutes(s, input.query, input.answer)
      case 'receiptSigned':
        return seller.receiptSigned(s, input.reference, input.signature)
      case 'tick':
        for (const name of s.timers.take(s.now)) fire(s, name)
    }
  }

  #endSession(friend: Friend | undefined): void {
    if (friend === undefined) return
    delete friend.session
    this.state.timers.cancel(`note/${friend.record.publicKey}`)
    this.state.touchFriend(friend)
  }

  /** The friend, if this is his session now: late messages of an earlier one are dropped. */
  #sessionOf(input: { friend: PublicKey; session: number }): Friend | undefined {
    const friend = this.state.friends.get(input.friend)
    return friend?.session?.number === input.session ? friend : undefined
  }
}

function messageChecks(s: State, friend: Friend, message: DecodedMessage): SignatureCheck[] {
  const { publicKey } = friend.record
  switch (message.kind) {
    case 'batch':
      return batchChecks(s, friend, message)
    case 'note':
    case 'reset': {
      const bytes = signedBytes(message.kind, publicKey, s.publicKey, message.body)
      return [{ publicKey, message: bytes, signature: message.signature }]
    }
    case 'staleBatch':
    case 'staleNote': {
      const kind = message.kind === 'staleBatch' ? 'batch' : 'note'
      const bytes = signedBytes(kind, s.publicKey, publicKey, message.body)
      return [{ publicKey: s.publicKey, message: bytes, signature: message.signature }]
    }
    case 'resume':
    case 'ack':
      return []
  }
}

function receiveMessage(s: State, friend: Friend, message: DecodedMessage, valid: readonly boolean[]): void {
  const isSigned = valid[0] === true
  switch (message.kind) {
    case 'resume':
      return receiveResume(s, friend, message)
    case 'batch':
      return receiveBatch(s, friend, message, valid)
    case 'ack': {
      const { channel } = friend.record
      const isKnown =
        friend.session?.ready === true &&
        message.epoch === channel.epoch &&
        message.seq > channel.ackedSeq &&
        message.seq <= channel.sentSeq &&
        sentHashAt(friend, message.seq) === message.hash
      if (isKnown) acknowledged(s, friend, message.seq, false)
      return
    }
    case 'note':
      return receiveNote(s, friend, { body: message.body, signature: message.signature }, isSigned)
    case 'reset':
      return receiveReset(s, friend, { body: message.body, signature: message.signature }, isSigned)
    case 'staleBatch':
    case 'staleNote':
      return receiveProof(s, friend, message, isSigned)
  }
}

/** Answers what the channels found out, until nothing is left. */
function settle(s: State): void {
  while (s.effects.length > 0) {
    const effects = s.effects
    s.effects = []
    for (const effect of effects) perform(s, effect)
  }
}

function perform(s: State, effect: Effect): void {
  switch (effect.kind) {
    case 'requestArrived': {
      const friend = s.friends.get(effect.friend)
      const pending = friend?.pendingIn.get(effect.request.requestId)
      if (friend === undefined || pending === undefined) return
      const reason = mediator.refusal(s, friend, effect.request, effect.fits)
      if (reason !== undefined) mediator.refuse(s, friend, pending, reason)
      else if (effect.request.route.length === 0) seller.receivePart(s, friend, pending)
      else mediator.forward(s, friend, pending)
      return
    }
    case 'responded': {
      const { pending, signature } = effect
      const { origin } = pending
      if (origin.kind === 'friend') mediator.passResponse(s, pending, signature)
      else if (origin.kind === 'payment') buyer.partPaid(s, origin.payment, pending, signature)
      else mediator.recordLateAnswer(s, pending)
      return
    }
    case 'cancelled': {
      const { pending, reason, reporter } = effect
      const { origin } = pending
      if (origin.kind === 'friend') mediator.passCancel(s, pending, reason, reporter)
      if (origin.kind === 'payment') buyer.partCancelled(s, origin.payment, pending, reason, reporter)
      if (origin.kind === 'claimed') {
        const { currency, requestId } = pending.request
        payBack(s, { friend: origin.friend, currency, amount: origin.amount, requestId })
      }
      return
    }
    case 'cancelAsked':
      return cancelAsked(s, effect.friend, effect.requestId)
    case 'partLost':
      return seller.losePart(s, effect.friend, effect.request)
    case 'refundDue':
      return payBack(s, effect)
  }
}

function cancelAsked(s: State, friendKey: PublicKey, requestId: RequestId): void {
  const friend = s.friends.get(friendKey)
  const pending = friend?.pendingIn.get(requestId)
  if (friend === undefined || pending === undefined) return
  if (pending.next === undefined) seller.cancelPart(s, friend, pending, 'cancelledByBuyer')
  else mediator.passAskCancel(s, pending, requestId)
}

function receiveRoutes(s: State, query: number, answer: RouteQueryAnswer): void {
  const waiter = s.routeQueries.get(query)
  if (waiter === undefined) return
  s.routeQueries.delete(query)
  if (waiter.kind === 'payment') return buyer.receiveRoutes(s, waiter.payment, answer)
  const result: Result<unknown> = answerCall(s, waiter, answer)
  s.actions.push({ type: 'reply', call: waiter.call, result })
}

function fire(s: State, name: string): void {
  const [kind, id] = name.split('/') as [string, string]
  if (kind === 'payment') buyer.paymentTimer(s, id as PaymentId)
  if (kind === 'income') seller.cancelIncome(s, id as InvoiceId, 'incomplete')
  if (kind === 'invoice') expireInvoice(s, id as InvoiceId)
  const friend = s.friends.get(id as PublicKey)
  if (kind === 'note' && friend !== undefined) sendNote(s, friend)
  if (kind === 'queue' && friend !== undefined) expireQueued(s, friend)
}

function edgesOf(friend: Friend): EdgeReport[] {
  const { publicKey, currencies } = friend.record
  return currencies.map((config) => {
    const ledger = findLedger(friend, config.currency)
    const isOpen = isUsable(friend) && config.open && ledger?.localAdded === true && ledger.remoteAdded
    const capacity = isOpen ? receiveCapacity(ledger, config) : 0n
    return { friend: publicKey, currency: config.currency, capacity, rate: config.rate }
  })
}

/** The records of a new card. */
export function newCard(card: {
  publicKey: PublicKey
  name: string
  now: Time
  relays: readonly NamedServer[]
  indexServers: readonly NamedServer[]
}): Change[] {
  const { publicKey, name, now, relays, indexServers } = card
  return [
    {
      table: 'card',
      key: 'card',
      value: {
        publicKey,
        name,
        created: now,
        relays: [...relays],
        indexServers: [...indexServers],
        retiringRelays: [],
        acceptUnknownPayments: true,
        nextActivity: 1,
      },
    },
  ]
}
