// The end of a simulated world: everybody is back, nothing is wrong any more. People settle what they disagree on;
// then every payment must be over, at both ends alike, and nothing may be left frozen, open or untold.

import type { InvoiceId } from '../../../protocol/types.ts'
import type { PaymentRecord } from '../../../worker/core/records.ts'
import { expectRefusal, type Attempt, type Errands } from './errands.ts'
import type { Faults } from './faults.ts'
import type { Member } from './member.ts'
import { pairsOf, type Scene } from './scene.ts'

/** Longer than every time-out and back-off of the protocol. */
const QUIET_MS_MAX = 1_500_000
/** A friend who can be reached is paid within this time. */
const PROBE_MS_MAX = 90_000
const PROBES = 3
/** Room on both sides of a mediator for a credit and whatever he takes. */
const PROBE_ROOM = 100n

type Pair = readonly [Member, Member]

export class Judge {
  readonly #scene: Scene
  readonly #errands: Errands
  readonly #faults: Faults

  constructor(scene: Scene, errands: Errands, faults: Faults) {
    this.#scene = scene
    this.#errands = errands
    this.#faults = faults
  }

  async judge(): Promise<void> {
    const { members, story } = this.#scene
    const hostile = members.filter(({ isHonest }) => !isHonest)
    if (hostile.length > 0) {
      // While they go on, those who are honest are served.
      await this.#until(() => this.#unready(), 'with attackers about')
      await this.#probe(this.#friendsWhoCanPay())
      this.#judgeLosses()
      story.tell('the honest cards remove the attackers')
      for (const member of hostile) this.#expel(member)
    }
    await this.#until(
      () => [...this.#unready(), ...this.#strangers(), ...this.#unfinished()],
      'after all faults have stopped',
    )
    await this.#probe(this.#friendsWhoCanPay())
    await this.#until(() => this.#untold(), 'the index servers')
    await this.#probe(this.#strangersWhoCanPay())
    for (const attempt of this.#errands.attempts) this.#judgePayment(attempt)
    this.#judgeInvoices()
  }

  /** People look at what they disagree on, and one of them gives in. */
  settleDisagreements(): void {
    for (const [one, other] of pairsOf(this.#scene.members)) {
      const sides = [
        [one, other],
        [other, one],
      ] as const
      const open = sides.filter(
        ([me, friend]) => disagreement(me, friend)?.theirsId !== undefined && me.isRunning,
      )
      // Whose data is old knows less.
      const [side] = open.sort(([a, b], [c, d]) => staleness(c, d) - staleness(a, b))
      if (side === undefined || !one.isHonest || !other.isHonest) continue
      const [me, friend] = side
      const theirsId = disagreement(me, friend)?.theirsId
      if (theirsId === undefined) continue
      this.#scene.story.tell(`${me.name} accepts what ${friend.name} claims`)
      this.#scene.story.count('settled disagreements')
      me.isTainted = friend.isTainted = true
      me.card.call('friends.acceptReset', { friend: friend.card.publicKey, theirsId }).catch(expectRefusal)
    }
  }

  /** Lets time pass until nothing is wrong any more. */
  async #until(findWrongs: () => string[], when: string): Promise<void> {
    const { checker, world } = this.#scene
    let wrongs: string[] = []
    for (
      let waited = 0, step = 1_000;
      waited < QUIET_MS_MAX;
      waited += step, step = Math.min(step + 1_000, 20_000)
    ) {
      await world.run(step)
      if (checker.violations.length > 0) return
      wrongs = findWrongs()
      if (wrongs.length === 0) return
      this.#faults.makeUp()
      this.settleDisagreements()
    }
    for (const wrong of wrongs.slice(0, 5)) checker.violations.push(`${when}: ${wrong}`)
  }

  /** Honest cards that do not run, and honest friends who cannot pay each other. */
  #unready(): string[] {
    const wrongs = this.#honest()
      .filter((member) => !member.isRunning)
      .map(
        ({ name, card }) =>
          `${name} does not run: ${card.node.card().fault?.message ?? card.node.card().state}`,
      )
    for (const [me, other] of this.#sides()) {
      const friend = me.card.core?.state.friends.get(other.card.publicKey)
      if (friend === undefined) wrongs.push(`${me.name} has lost ${other.name}`)
      else if (friend.record.channel.status !== 'ready' || friend.session?.ready !== true) {
        const state = friend.session === undefined ? 'off line' : friend.record.channel.status
        wrongs.push(`${me.name} sees ${other.name} as ${state}`)
      }
    }
    return wrongs
  }

  /** Friendships that were ended by one side. */
  #strangers(): string[] {
    return this.#honest().flatMap(({ name, card, friends }) => {
      const kept = new Set([...friends].map((friend) => friend.card.publicKey))
      return [...card.disk.tables.friends.values()]
        .filter(({ publicKey }) => !kept.has(publicKey))
        .map((friend) => `${name} still has ${friend.name}`)
    })
  }

  /** Payments that are not over, and what is frozen or waits to be sent. */
  #unfinished(): string[] {
    const wrongs: string[] = []
    for (const { name, card } of this.#honest()) {
      const { payments, pendingIn, pendingOut, queue, friends } = card.disk.tables
      for (const payment of payments.values()) {
        if (payment.finished === undefined) wrongs.push(`a payment of ${name} is still ${payment.state}`)
      }
      const waiting = pendingIn.size + pendingOut.size + queue.size
      if (waiting > 0) {
        wrongs.push(
          `${name} has ${pendingIn.size} requests to answer, ${pendingOut.size} unanswered, ${queue.size} unsent`,
        )
      }
      for (const { channel } of friends.values()) {
        for (const { localPending, remotePending, currency } of channel.ledgers) {
          if (localPending + remotePending !== 0n) {
            wrongs.push(`${name} keeps ${localPending} and ${remotePending} ${currency} frozen`)
          }
        }
      }
    }
    return wrongs
  }

  /** What index servers say of a friendship and the books do not. */
  #untold(): string[] {
    const wrongs: string[] = []
    for (const server of this.#scene.honestIndexServers) {
      for (const { name, card } of this.#honest()) {
        for (const { friend, currency, capacity } of card.core?.edges() ?? []) {
          const told = server.program?.capacity(currency, card.publicKey, friend)
          if (told === capacity) continue
          wrongs.push(
            `${server.name} says ${String(told)} ${currency} for a friendship of ${name}, its books ${capacity}`,
          )
        }
      }
    }
    return wrongs
  }

  #friendsWhoCanPay(): Pair[] {
    return this.#sides().filter(([me, other]) => canPay(me, other, 1n))
  }

  /** Those who are not friends and have one in common, by whom they can pay: the index servers know the way. */
  #strangersWhoCanPay(): Pair[] {
    const sides = this.#sides().filter(([me, other]) => canPay(me, other, PROBE_ROOM))
    return sides.flatMap(([me, between]) =>
      sides
        .filter(([from, to]) => from === between && to !== me && !me.friends.has(to))
        .map(([, to]) => [me, to] as const),
    )
  }

  /** Some of them pay each other a credit: those who could be served are. */
  async #probe(able: readonly Pair[]): Promise<void> {
    const { checker, dice, world } = this.#scene
    const chosen = dice.shuffled(able).slice(0, PROBES)
    const probes = chosen.map(([me, other]) => ({ me, other, id: this.#errands.probe(me, other, 'credit') }))
    const isOver = ({ me, id }: (typeof probes)[number]): boolean =>
      me.card.payment(id)?.finished !== undefined
    for (let waited = 0; waited < PROBE_MS_MAX && !probes.every(isOver); waited += 1_000)
      await world.run(1_000)
    for (const { me, other, id } of probes) {
      const payment = me.card.payment(id)
      if (payment?.state === 'paid') continue
      checker.violations.push(
        `${me.name} cannot pay ${other.name}: ${payment?.fault?.message ?? payment?.state ?? 'refused'}`,
      )
    }
  }

  #expel(hostile: Member): void {
    if (!hostile.isDead) hostile.card.crash()
    hostile.isDead = true
    for (const friend of hostile.friends) {
      friend.friends.delete(hostile)
      friend.card.call('friends.remove', { friend: hostile.card.publicKey }).catch(expectRefusal)
    }
  }

  #honest(): Member[] {
    return this.#scene.members.filter(({ isHonest }) => isHonest)
  }

  /** Each honest card with each of its honest friends. */
  #sides(): Pair[] {
    return this.#honest().flatMap((me) =>
      [...me.friends].filter(({ isHonest }) => isHonest).map((other) => [me, other] as const),
    )
  }

  /** Attackers may fall out with whom they like: nobody has less after it than he had before. */
  #judgeLosses(): void {
    for (const member of this.#honest()) {
      const gained = gainedByResets(member)
      if (gained >= 0n || member.isTainted) continue
      this.#scene.checker.violations.push(
        `${member.name} has lost ${-gained} by disagreements with attackers`,
      )
    }
  }

  // ---- Payments

  /** Paid or failed at both ends alike, if all who took part are what they seem. */
  #judgePayment(attempt: Attempt): void {
    const { checker, members, story } = this.#scene
    const { buyer, seller, id, amount } = attempt
    const record = buyer.card.disk.tables.payments.get(id)
    if (record === undefined) {
      if (attempt.isPromised && !buyer.isTainted)
        checker.violations.push(`${buyer.name} has forgotten a payment that it promised to make`)
      return
    }
    story.count(record.state)
    const involved = new Set([buyer, seller, ...membersOf(record, members)])
    if ([...involved].some(({ isTainted }) => isTainted)) return
    story.count('payments judged')
    const received = receivedBy(seller, record.invoiceId)
    if (record.state === 'paid') {
      if (received < amount) {
        checker.violations.push(`${buyer.name} has paid ${amount}, ${seller.name} received ${received}`)
      }
    } else if (received > 0n && !this.#isPaidByAnother(attempt, record.invoiceId)) {
      checker.violations.push(`${seller.name} received ${received} of ${buyer.name}, whose payment failed`)
    }
  }

  /** Somebody else's payment brought it: one that was paid, or whose answer was kept back on its way. */
  #isPaidByAnother(attempt: Attempt, invoice: InvoiceId): boolean {
    const { members } = this.#scene
    return this.#errands.attempts.some(({ buyer, id }) => {
      const other = buyer.card.disk.tables.payments.get(id)
      if (id === attempt.id || other?.invoiceId !== invoice) return false
      return (
        other.state === 'paid' || [buyer, ...membersOf(other, members)].some(({ isTainted }) => isTainted)
      )
    })
  }

  /** What the parts add up to that anybody has paid for an invoice. */
  #paidFor(invoice: string): bigint {
    let paid = 0n
    for (const { buyer, id, invoice: wanted } of this.#errands.attempts) {
      if (wanted !== invoice) continue
      const parts = buyer.card.disk.tables.payments.get(id)?.parts ?? []
      for (const part of parts) if (part.state === 'paid') paid += part.amount
    }
    return paid
  }

  /** No invoice is paid twice. */
  #judgeInvoices(): void {
    for (const seller of this.#honest()) {
      if (seller.isTainted) continue
      for (const { id, state, invoice } of seller.card.disk.tables.invoices.values()) {
        const received = receivedBy(seller, id)
        const paid = this.#paidFor(id)
        // Two who pay it at once in parts may happen to pay it together.
        const isOnce = paid <= invoice.amount && (state === 'paid') === received > 0n
        if (!isOnce || (received > 0n && received < invoice.amount)) {
          this.#scene.checker.violations.push(
            `an invoice of ${seller.name} over ${invoice.amount} is ${state}: ${paid} paid, ${received} received`,
          )
        }
      }
    }
  }
}

function canPay(me: Member, other: Member, amount: bigint): boolean {
  const mine = me.card.friend(other.card)?.currencies.find(({ currency }) => currency === 'credit')
  const theirs = other.card.friend(me.card)?.currencies.find(({ currency }) => currency === 'credit')
  return BigInt(mine?.canSpend ?? '0') >= amount && BigInt(theirs?.canReceive ?? '0') >= amount
}

function disagreement(me: Member, other: Member) {
  return me.card.friend(other.card)?.disagreement
}

function staleness(me: Member, other: Member): number {
  return me.card.friend(other.card)?.status === 'stale' ? 1 : 0
}

/** Everybody on any way that a payment has tried. */
function membersOf(record: PaymentRecord, members: readonly Member[]): Member[] {
  const keys = new Set(record.parts.flatMap(({ route }) => route))
  return members.filter(({ card }) => keys.has(card.publicKey))
}

/** What resets gave to a card, without what it has given back. */
function gainedByResets(member: Member): bigint {
  const { activity, payments } = member.card.disk.tables
  let gained = 0n
  for (const { kind, amount, payment } of activity.values()) {
    const isRefund = payment !== undefined && payments.get(payment)?.refundOf !== undefined
    if (kind === 'balanceReset' || (kind === 'sent' && isRefund)) gained += amount ?? 0n
  }
  return gained
}

/** What a card's history says that it got for an invoice. */
function receivedBy(seller: Member, invoice: InvoiceId): bigint {
  let received = 0n
  for (const entry of seller.card.disk.tables.activity.values()) {
    if (entry.kind === 'received' && entry.invoice === invoice) received += entry.amount ?? 0n
  }
  return received
}
