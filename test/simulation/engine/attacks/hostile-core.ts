// The program of an attacker's card: the real core, except that what it says to its friends passes through the hands of
// an attack. The node signs whatever comes out, with its real key.

import * as messages from '../../../../protocol/channel-messages.ts'
import type { Batch, Operation, Request } from '../../../../protocol/channel-messages.ts'
import { REQUEST_EXPIRES_MS } from '../../../../protocol/limits.ts'
import type { Currency, InvoiceId, PublicKey, RequestId, Time } from '../../../../protocol/types.ts'
import { toBase64url } from '../../../../protocol/wire.ts'
import type { Action, OutgoingMessage, Step } from '../../../../worker/core/actions.ts'
import { ledgerOf, removePendingIn, removePendingOut } from '../../../../worker/core/channel/queue.ts'
import { acceptReset, resetHash } from '../../../../worker/core/channel/reset.ts'
import { batchHash, send, sumDeltas } from '../../../../worker/core/channel/seal.ts'
import { Core } from '../../../../worker/core/core.ts'
import type { Stamp } from '../../../../worker/core/inputs.ts'
import { freezeLocal, inverse, settleRemote, tryApply } from '../../../../worker/core/ledger.ts'
import { losePart } from '../../../../worker/core/payments/seller.ts'
import type { Delta, Origin, PendingIn, Snapshot } from '../../../../worker/core/records.ts'
import { isUsable, type Friend } from '../../../../worker/core/state.ts'
import type { Dice } from '../dice.ts'
import type { Scene } from '../scene.ts'

/** Its own timer: a node only does something when something happens. */
const STRIKE = 'strike'
/** No call of an app has this number: nobody waits for the answer. */
const NOBODY = 0

/** What is odd about a batch. */
interface Sealing {
  readonly header?: Partial<Batch>
  /** Who is told how its requests end. */
  readonly origin?: Origin | undefined
  /** What is in the books of it already. */
  readonly booked?: readonly Delta[]
}

export abstract class HostileCore extends Core {
  protected readonly scene: Scene
  protected readonly dice: Dice
  /** How often it strikes where it could. */
  protected readonly eagerness: number
  readonly #pause_ms: number
  readonly #patience_ms: number
  readonly #said = new WeakSet<OutgoingMessage>()

  constructor(snapshot: Snapshot, scene: Scene, dice: Dice) {
    super(snapshot)
    this.scene = scene
    this.dice = dice
    this.eagerness = dice.spread(0.05, 0.8)
    this.#pause_ms = dice.spread(1_000, 10_000)
    this.#patience_ms = dice.chance(0.5) ? 0 : dice.spread(1_000, 60_000)
  }

  override finish(stamp: Stamp): Step {
    const { state } = this
    state.stamp(stamp)
    const isPatient = state.now < state.started + this.#patience_ms
    if (state.timers.get(STRIKE) === undefined) {
      state.timers.set(STRIKE, state.now + Math.ceil(this.dice.spread(this.#pause_ms / 20, this.#pause_ms)))
      if (this.dice.chance(0.3)) this.#shop({ ...stamp, random: this.dice.bytes(32) })
      for (const friend of isPatient ? [] : [...state.friends.values()]) this.#turn(friend)
    }
    for (const friend of isPatient ? [] : state.friends.values()) if (isUsable(friend)) this.#meddle(friend)
    const { changes, actions } = super.finish(stamp)
    return { changes, actions: isPatient ? actions : actions.flatMap((action) => this.#pass(action)) }
  }

  // ---- What an attack overrides

  /** A chance to do something of its own will: the channel is open, as far as this core knows. */
  protected strike(_friend: Friend): void {
    // Most attacks only change what is said anyway.
  }

  /** What enters the log instead of an operation of the core's; nothing: the friend never hears of it. */
  protected meddle(operation: Operation, _friend: Friend): readonly Operation[] {
    return [operation]
  }

  /** What is sent instead of a message. */
  protected replace(message: OutgoingMessage, _friend: Friend): readonly OutgoingMessage[] {
    return [message]
  }

  // ---- What attacks are made of

  /** Says something out of turn; it does not pass through `replace`. */
  protected say(friend: Friend, message: OutgoingMessage): void {
    this.#said.add(message)
    send(this.state, friend, message)
  }

  /**
   * Adds a batch to the log, with operations that no core would send and, if an attack wants it, another header. Its
   * own books follow as far as numbers allow, so that the friend hears no contradiction besides.
   */
  protected seal(
    friend: Friend,
    operations: readonly Operation[],
    { header = {}, origin = { kind: 'none' }, booked = [] }: Sealing = {},
  ): void {
    const { state } = this
    const { channel, publicKey } = friend.record
    const seq = channel.sentSeq + 1
    const body = messages.batch.encode({
      epoch: channel.epoch,
      seq,
      prevHash: channel.sentHash,
      ackSeq: channel.receivedSeq,
      ackHash: channel.receivedHash,
      operations,
      ...header,
    })
    const more = operations.flatMap((operation) => this.#book(friend, operation, origin))
    const deltas = sumDeltas([...booked, ...more])
    const hash = batchHash(state.publicKey, publicKey, body)
    const batch = { friend: publicKey, epoch: channel.epoch, seq, hash, body, deltas, resolutions: 0 }
    friend.batches.push(batch)
    state.touchBatch(batch)
    channel.sentSeq = seq
    channel.sentHash = hash
    state.touchFriend(friend)
    this.say(friend, { kind: 'batch', body })
  }

  /** A sound request that goes through `friend` to somebody. */
  protected request(friend: Friend, changes: Partial<Request> = {}): Request {
    const route = changes.route ?? this.routeFrom(friend)
    const destPayment = changes.destPayment ?? BigInt(this.dice.between(1, 20))
    return {
      requestId: this.dice.id16() as RequestId,
      route,
      currency: this.currency(),
      destPayment,
      totalDestPayment: destPayment,
      invoiceId: this.hash() as string as InvoiceId,
      leftFees: BigInt(this.dice.below(20)),
      receiptKey: route.at(-1) ?? friend.record.publicKey,
      expires: this.expires(),
      ...changes,
    }
  }

  protected expires(): Time {
    return this.state.now + REQUEST_EXPIRES_MS
  }

  protected currency(): Currency {
    return this.dice.pick(this.scene.plan.currencies) as Currency
  }

  /** 32 random bytes. */
  protected hash(): messages.Batch['prevHash'] {
    return toBase64url(this.dice.bytes(32)) as messages.Batch['prevHash']
  }

  /** The nodes after `friend` on a random walk among friends that passes nobody twice. */
  protected routeFrom(friend: Friend, nodesMax = 5): PublicKey[] {
    const { members } = this.scene
    let at = members.find(({ card }) => card.publicKey === friend.record.publicKey)
    const passed = new Set([at, members.find(({ card }) => card.publicKey === this.publicKey)])
    const route: PublicKey[] = []
    for (let left = this.dice.below(nodesMax + 1); left > 0; left--) {
      const next = [...(at?.friends ?? [])].filter((member) => !passed.has(member))
      if (next.length === 0) break
      at = this.dice.pick(next)
      passed.add(at)
      route.push(at.card.publicKey)
    }
    return route
  }

  // ---- What goes on by itself

  /** Pays somebody, as everybody does: what it says and hears of that is worth an attack as well. */
  #shop(stamp: Stamp): void {
    const { card } = this.dice.pick(this.scene.members)
    const amount = String(this.dice.between(1, 12))
    const params = {
      id: this.dice.id16(),
      destination: card.publicKey,
      currency: this.currency(),
      amount,
      maxFees: '60',
    }
    if (card.publicKey === this.publicKey) return
    this.process({ type: 'call', call: NOBODY, method: 'payments.pay', params }, stamp, [])
  }

  #turn(friend: Friend): void {
    this.#makeUp(friend)
    if (!isUsable(friend) || !this.dice.chance(this.eagerness)) return
    this.scene.story.count('strikes')
    this.strike(friend)
  }

  /** Whom it has fallen out with it gives in to, after a while, so that it can go on. */
  #makeUp(friend: Friend): void {
    const { publicKey, channel } = friend.record
    const { reset } = channel
    if (reset?.remote === undefined || !this.dice.chance(0.5)) return
    this.scene.story.count('attackers giving in')
    acceptReset(this.state, friend, resetHash(publicKey, this.publicKey, reset.remote))
  }

  #meddle(friend: Friend): void {
    for (const queued of [...friend.queue.values()]) {
      const { operation, delta } = queued
      const said = this.meddle(operation, friend)
      if (said.length === 1 && said[0] === operation) continue
      friend.queue.delete(queued.number)
      this.state.touchQueue(queued)
      const isKept = operation.kind !== 'request' && said.length > 0
      if (delta !== undefined && !isKept) tryApply(ledgerOf(friend, delta.currency), inverse(delta))
      const booked = delta !== undefined && isKept ? [delta] : []
      const origin = operation.kind === 'request' ? this.#forget(friend, operation.request, said) : undefined
      if (said.length > 0) this.seal(friend, said, { origin, booked })
    }
  }

  /** Takes a request that is not sent as it is out of its books. @returns who waits for what is sent with its id. */
  #forget(friend: Friend, { requestId }: Request, said: readonly Operation[]): Origin | undefined {
    const pending = friend.pendingOut.get(requestId)
    if (pending !== undefined) removePendingOut(this.state, friend, pending)
    const isSame = said.every((each) => each.kind === 'request' && each.request.requestId === requestId)
    return isSame ? pending?.origin : undefined
  }

  #pass(action: Action): readonly Action[] {
    if (action.type !== 'sendFriend') return [action]
    const friend = this.state.friends.get(action.friend)
    if (friend === undefined || this.#said.has(action.message)) return [action]
    return this.replace(action.message, friend).map((message) => ({ ...action, message }))
  }

  #book(friend: Friend, operation: Operation, origin: Origin): Delta[] {
    if (operation.kind === 'request') return this.#bookRequest(friend, operation.request, origin)
    if (operation.kind !== 'response' && operation.kind !== 'cancel') return []
    const pending = friend.pendingIn.get(operation.requestId)
    return pending === undefined ? [] : this.#bookAnswer(friend, pending, operation.kind)
  }

  #bookRequest(friend: Friend, request: Request, origin: Origin): Delta[] {
    const delta = freezeLocal(request.currency, request.destPayment + request.leftFees)
    if (friend.pendingOut.has(request.requestId)) return []
    if (!tryApply(ledgerOf(friend, request.currency), delta)) return []
    const { publicKey } = friend.record
    const pending = { friend: publicKey, request, origin, askedCancel: false }
    friend.pendingOut.set(request.requestId, pending)
    this.state.touchPendingOut(pending)
    return [delta]
  }

  #bookAnswer(friend: Friend, pending: PendingIn, kind: 'response' | 'cancel'): Delta[] {
    const { request, next } = pending
    const forwarded =
      next === undefined ? undefined : this.state.friends.get(next)?.pendingOut.get(request.requestId)
    if (forwarded !== undefined) forwarded.origin = { kind: 'none' }
    losePart(this.state, friend.record.publicKey, request)
    const settled = settleRemote(request.currency, request.destPayment + request.leftFees)
    const delta = kind === 'response' ? settled : { ...settled, balance: 0n }
    removePendingIn(this.state, friend, pending)
    tryApply(ledgerOf(friend, request.currency), delta)
    return [delta]
  }
}
