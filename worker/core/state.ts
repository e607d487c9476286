// The working state of a card: its records in memory, changed in place, with a list of what was touched; and what
// is not stored: sessions, timers, route queries under way. One State lives as long as its records are trusted.

import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes } from '@noble/hashes/utils.js'
import { fromBase64url, toBase64url } from '../../protocol/wire.ts'
import { invariant } from '../../protocol/result.ts'
import type { Currency, InvoiceId, PaymentId, PublicKey, RequestId, Time } from '../../protocol/types.ts'
import type { Action, ReceiptToSign } from './actions.ts'
import type { Effect } from './channel/effects.ts'
import type { Stamp } from './inputs.ts'
import type {
  ActivityRecord,
  AppRecord,
  CardRecord,
  Change,
  FriendRecord,
  IncomeRecord,
  InvoiceRecord,
  Ledger,
  PaymentRecord,
  PendingIn,
  PendingOut,
  QueuedOperation,
  SentBatch,
  Snapshot,
  TableName,
  Tables,
} from './records.ts'
import { Timers } from './timers.ts'

/** Entries of the activity list kept in memory; older ones are read from the store. */
export const ACTIVITY_IN_MEMORY_MAX = 100

/** A session with a friend, as the channel sees it. */
export interface Session {
  readonly number: number
  /** The friend's resume was accepted: batches may flow. */
  ready: boolean
  /** A batch was processed that no batch of ours has acknowledged yet. */
  ackDue: boolean
  /** The friend was shown what he signed and seems to have lost. */
  proofShown?: true
  /** First change of a log position that no note of ours covers. */
  changedSince?: Time
}

/** All that belongs to one friend. */
export interface Friend {
  readonly record: FriendRecord
  readonly pendingOut: Map<RequestId, PendingOut>
  readonly pendingIn: Map<RequestId, PendingIn>
  /** Operations that wait to be sealed, by their number, in order. */
  readonly queue: Map<number, QueuedOperation>
  /** Sealed batches that the friend's signature does not cover, in order. */
  readonly batches: SentBatch[]
  session?: Session
}

/** Who waits for the answer to a route query: a payment, or a call (`payments.quote`, `payments.maxPayable`). */
export type RouteWaiter =
  | { readonly kind: 'payment'; readonly payment: PaymentId }
  | {
      readonly kind: 'call'
      readonly call: number
      readonly destination: PublicKey
      readonly currency: Currency
      /** Missing: the most that can be paid. */
      readonly amount?: bigint
    }

export class State {
  readonly card: CardRecord
  readonly friends = new Map<PublicKey, Friend>()
  readonly payments = new Map<PaymentId, PaymentRecord>()
  readonly invoices = new Map<InvoiceId, InvoiceRecord>()
  readonly income = new Map<InvoiceId, IncomeRecord>()
  readonly apps = new Map<PublicKey, AppRecord>()
  /** The last entries, oldest first. */
  readonly activity: ActivityRecord[]
  readonly timers = new Timers()
  readonly routeQueries = new Map<number, RouteWaiter>()
  /** When this run of the node began: index servers need a moment to know about us. */
  started: Time = 0

  actions: Action[] = []
  /** What the channels found out in this step and the payments have to answer. */
  effects: Effect[] = []
  receiptsToSign: ReceiptToSign[] = []
  /** Friends whose queue, terms or acknowledgement may have something to send when the step ends. */
  readonly touched = new Set<PublicKey>()

  #stamp: Stamp = { now: 0, random: new Uint8Array(32) }
  #drawn = 0
  #nextQuery = 1
  readonly #dirty = new Map<string, { readonly table: TableName; readonly key: string }>()

  constructor(snapshot: Snapshot) {
    const card = snapshot.card[0]
    invariant(card !== undefined && snapshot.card.length === 1, 'a card has exactly one record of itself')
    this.card = card
    for (const record of snapshot.friends) this.friends.set(record.publicKey, newFriend(record))
    for (const item of snapshot.pendingOut) {
      this.friend(item.friend).pendingOut.set(item.request.requestId, item)
    }
    for (const item of snapshot.pendingIn) {
      this.friend(item.friend).pendingIn.set(item.request.requestId, item)
    }
    for (const item of snapshot.queue.sort((a, b) => a.number - b.number)) {
      this.friend(item.friend).queue.set(item.number, item)
    }
    for (const item of snapshot.batches.sort((a, b) => a.seq - b.seq)) {
      this.friend(item.friend).batches.push(item)
    }
    for (const payment of snapshot.payments) this.payments.set(payment.id, payment)
    for (const invoice of snapshot.invoices) this.invoices.set(invoice.id, invoice)
    for (const income of snapshot.income) this.income.set(income.id, income)
    for (const app of snapshot.apps) this.apps.set(app.publicKey, app)
    this.activity = snapshot.activity.sort((a, b) => a.id - b.id)
  }

  get publicKey(): PublicKey {
    return this.card.publicKey
  }

  get now(): Time {
    return this.#stamp.now
  }

  /** When something began that is stored: not later than now, as it seems when the clock was set back since (STO-8). */
  begun(stored: Time): Time {
    return Math.min(stored, this.now)
  }

  /** Takes the time and the random bytes of the next input. */
  stamp(stamp: Stamp): void {
    this.#stamp = stamp
    this.#drawn = 0
  }

  /** 16 bytes, base64url, that no other draw gives. */
  drawId(): string {
    return toBase64url(this.#draw().subarray(0, 16))
  }

  /** 32 bytes, base64url. */
  drawHash(): string {
    return toBase64url(this.#draw())
  }

  #draw(): Uint8Array {
    this.#drawn++
    return sha256(concatBytes(this.#stamp.random, Uint8Array.of(this.#drawn >> 8, this.#drawn & 0xff)))
  }

  /** @throws {InvariantError} when there is no such friend. */
  friend(publicKey: PublicKey): Friend {
    const friend = this.friends.get(publicKey)
    invariant(friend !== undefined, `no friend ${publicKey}`)
    return friend
  }

  addFriend(record: FriendRecord): Friend {
    const friend = newFriend(record)
    this.friends.set(record.publicKey, friend)
    this.touch('friends', record.publicKey)
    return friend
  }

  // ---- Records

  /** Notes that a record was made, changed or deleted in this step. */
  touch(table: TableName, key: string): void {
    this.#dirty.set(`${table}/${key}`, { table, key })
  }

  touchFriend(friend: Friend): void {
    this.touch('friends', friend.record.publicKey)
    this.touched.add(friend.record.publicKey)
  }

  touchPendingOut(item: PendingOut): void {
    this.touch('pendingOut', `${item.friend}/${item.request.requestId}`)
  }

  touchPendingIn(item: PendingIn): void {
    this.touch('pendingIn', `${item.friend}/${item.request.requestId}`)
  }

  touchQueue(item: QueuedOperation): void {
    this.touch('queue', `${item.friend}/${item.number}`)
  }

  touchBatch(item: SentBatch): void {
    this.touch('batches', `${item.friend}/${item.seq}`)
  }

  touchPayment(payment: PaymentRecord): void {
    this.touch('payments', payment.id)
  }

  addActivity(entry: Omit<ActivityRecord, 'id' | 'time'>): void {
    const id = this.card.nextActivity++
    this.touch('card', 'card')
    this.activity.push({ ...entry, id, time: this.now })
    this.touch('activity', activityKey(id))
  }

  /** Hands out the new values of all touched records. */
  takeChanges(): Change[] {
    const changes: Change[] = []
    for (const { table, key } of this.#dirty.values()) {
      const value = this.#lookup(table, key)
      changes.push((value === undefined ? { table, key } : { table, key, value }) as Change)
    }
    this.#dirty.clear()
    // Not before all are handed out: one step may add more entries than are kept.
    if (this.activity.length > 2 * ACTIVITY_IN_MEMORY_MAX) {
      this.activity.splice(0, this.activity.length - ACTIVITY_IN_MEMORY_MAX)
    }
    return changes
  }

  takeActions(): Action[] {
    const actions = this.actions
    this.actions = []
    return actions
  }

  newQuery(waiter: RouteWaiter): number {
    const query = this.#nextQuery++
    this.routeQueries.set(query, waiter)
    return query
  }

  #lookup(table: TableName, key: string): Tables[TableName] | undefined {
    switch (table) {
      case 'card':
        return this.card
      case 'friends':
        return this.friends.get(key as PublicKey)?.record
      case 'payments':
        return this.payments.get(key as PaymentId)
      case 'invoices':
        return this.invoices.get(key as InvoiceId)
      case 'income':
        return this.income.get(key as InvoiceId)
      case 'apps':
        return this.apps.get(key as PublicKey)
      case 'activity':
        return this.activity.findLast((entry) => activityKey(entry.id) === key)
      case 'pendingOut':
      case 'pendingIn':
      case 'queue':
      case 'batches':
        return this.#lookupOfFriend(table, key)
    }
  }

  #lookupOfFriend(
    table: 'pendingOut' | 'pendingIn' | 'queue' | 'batches',
    key: string,
  ): Tables[TableName] | undefined {
    const slash = key.indexOf('/')
    const friend = this.friends.get(key.slice(0, slash) as PublicKey)
    const id = key.slice(slash + 1)
    switch (table) {
      case 'pendingOut':
        return friend?.pendingOut.get(id as RequestId)
      case 'pendingIn':
        return friend?.pendingIn.get(id as RequestId)
      case 'queue':
        return friend?.queue.get(Number(id))
      case 'batches':
        return friend?.batches.find((batch) => batch.seq === Number(id))
    }
  }
}

function newFriend(record: FriendRecord): Friend {
  return { record, pendingOut: new Map(), pendingIn: new Map(), queue: new Map(), batches: [] }
}

/** Fixed width, so that the order of the keys is the order of the entries. */
export function activityKey(id: number): string {
  return String(id).padStart(12, '0')
}

export function findLedger(friend: Friend, currency: string): Ledger | undefined {
  return friend.record.channel.ledgers.find((ledger) => ledger.currency === currency)
}

/** Whether the channel is agreed and the friend's session can carry batches now. */
export function isUsable(friend: Friend): boolean {
  return friend.record.enabled && friend.record.channel.status === 'ready' && friend.session?.ready === true
}

/** Orders keys by their bytes. */
export function compareKeys(a: PublicKey, b: PublicKey): number {
  const x = fromBase64url(a)
  const y = fromBase64url(b)
  for (let i = 0; i < x.length; i++) {
    const difference = (x[i] ?? 0) - (y[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
