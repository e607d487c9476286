// What must hold of a world after every moment: looked at from above, with the eyes of somebody who sees all cards at
// once. Written without the node's own arithmetic, so that a mistake there is not repeated here.

import { receiptCheck } from '../../../protocol/payment.ts'
import type { PublicKey } from '../../../protocol/types.ts'
import { nodeProvider } from '../../../worker/runtime/crypto/node.ts'
import type { Change, Delta, Ledger, PaymentRecord } from '../../../worker/core/records.ts'
import type { Friend } from '../../../worker/core/state.ts'
import type { Member } from './member.ts'

/** What a card could lose to a friend if he never paid, when it was looked at last. */
interface Exposure {
  readonly epoch: number
  readonly amount: bigint
  /** The limit that was granted. */
  readonly limit: bigint
}

export class Checker {
  /** Sentences on what should be otherwise. */
  readonly violations: string[] = []
  /** Whether rates stay as they were, so that what they say now is what they said when a request came. */
  readonly #ratesAreSteady: boolean
  readonly #members = new Map<PublicKey, Member>()
  readonly #dirty = new Map<Member, Set<PublicKey>>()
  readonly #exposures = new Map<string, Exposure>()
  /** What the history of each card adds up to. */
  readonly #told = new Map<Member, bigint>()
  /** Pairs of which one has older data: nothing is compared up to this epoch. */
  readonly #suspect = new Map<string, number>()

  constructor(ratesAreSteady: boolean) {
    this.#ratesAreSteady = ratesAreSteady
  }

  add(member: Member): void {
    this.#members.set(member.card.publicKey, member)
    this.#told.set(member, 0n)
    member.card.device.onCommitted = (changes) => this.#committed(member, changes)
  }

  /** The card's data went back in time, or runs twice: its channels are compared again after a new start. */
  suspect(member: Member): void {
    for (const other of member.friends) this.suspectPair(member, other)
    this.#told.set(member, toldBy(member))
  }

  suspectPair(a: Member, b: Member): void {
    const epochs = [
      [a, b],
      [b, a],
    ].map(([me, other]) => me?.card.disk.tables.friends.get(other?.card.publicKey ?? '')?.channel.epoch ?? 0)
    this.#suspect.set(pairOf(a, b), Math.max(this.#suspect.get(pairOf(a, b)) ?? 0, ...epochs))
  }

  /** Looks at whatever has changed since the last time. */
  check(): void {
    for (const [member, friends] of this.#dirty) {
      if (!member.isHonest || !member.isRunning) continue
      for (const key of friends) this.#checkFriend(member, key)
      this.#dirty.delete(member)
    }
  }

  /** Looks at everything. */
  checkAll(): void {
    for (const member of this.#members.values()) {
      this.#dirty.set(member, new Set(member.card.core?.state.friends.keys() ?? []))
      const { state, fault } = member.card.node.card()
      if (member.isHonest && state === 'stopped' && fault?.code === 'broken') {
        this.#report(`${member.name} has stopped: ${fault.message}`)
      }
    }
    this.check()
    for (const member of this.#members.values()) if (member.isHonest) this.#checkHistory(member)
  }

  #committed(member: Member, changes: readonly Change[]): void {
    const dirty = this.#dirty.get(member) ?? new Set()
    this.#dirty.set(member, dirty)
    for (const { table, key, value } of changes) {
      if (table === 'activity') this.#tell(member, value)
      if (table === 'payments' && value?.state === 'paid') this.#checkReceipt(member, value)
      if (table === 'friends') dirty.add(key as PublicKey)
    }
  }

  #tell(member: Member, entry: Extract<Change, { table: 'activity' }>['value']): void {
    if (entry?.kind === 'feeEarned' && (entry.amount ?? 0n) <= 0n) {
      this.#report(`${member.name} has passed a payment on with a loss of ${String(entry.amount)}`)
    }
    this.#told.set(member, (this.#told.get(member) ?? 0n) + changeTold(entry))
  }

  /** Who has paid can prove it. */
  #checkReceipt(member: Member, { amount, destination, invoiceId, receipt }: PaymentRecord): void {
    if (!member.isHonest) return
    const isFor =
      receipt?.receiptKey === destination &&
      receipt.invoiceId === invoiceId &&
      receipt.totalDestPayment === amount
    if (!isFor || !nodeProvider.verify(receiptCheck(receipt))) {
      this.#report(`${member.name} has paid ${amount} and holds no receipt for it`)
    }
  }

  #checkFriend(member: Member, key: PublicKey): void {
    const mine = member.card.core?.state.friends.get(key)
    if (mine === undefined) return
    this.#checkLimits(member, mine)
    this.#checkFees(member, mine)
    const other = this.#members.get(key)
    const theirs =
      other?.isRunning === true ? other.card.core?.state.friends.get(member.card.publicKey) : undefined
    if (other?.isHonest !== true) return
    if (!isOrderly(mine.record.channel.status) && !this.#suspect.has(pairOf(member, other))) {
      const { cause } = mine.record.channel.reset ?? {}
      this.#report(`${member.name} has come to disagree with ${other.name}: ${cause?.message ?? 'no reason'}`)
    }
    if (theirs === undefined) return
    const sides = [mine, theirs] as const
    if (
      sides.every(({ record }) => isOrderly(record.channel.status)) &&
      this.#areComparable(member, other, sides)
    ) {
      this.#compare(member, other, sides)
    }
  }

  #areComparable(member: Member, other: Member, [mine, theirs]: readonly [Friend, Friend]): boolean {
    const { epoch, startHash } = mine.record.channel
    if (epoch <= (this.#suspect.get(pairOf(member, other)) ?? -1)) return false
    return startHash === theirs.record.channel.startHash
  }

  /** Both ends of a channel, at the position of both logs that both have processed, say the same. */
  #compare(member: Member, other: Member, [mine, theirs]: readonly [Friend, Friend]): void {
    const currencies = new Set(
      [...mine.record.channel.ledgers, ...theirs.record.channel.ledgers].map(({ currency }) => currency),
    )
    for (const currency of currencies) {
      const here = known(mine, theirs.record.channel.receivedSeq, currency)
      const there = known(theirs, mine.record.channel.receivedSeq, currency)
      const agree =
        here.balance === -there.balance &&
        here.localPending === there.remotePending &&
        here.remotePending === there.localPending
      if (agree) continue
      this.#report(
        `${member.name} and ${other.name} disagree in ${currency}: ${show(here)} here, ${show(there)} there`,
      )
    }
  }

  /** Nobody comes to owe more than he was allowed when he took it. */
  #checkLimits(member: Member, friend: Friend): void {
    const { publicKey, channel, currencies } = friend.record
    for (const { currency, balance, remotePending } of channel.ledgers) {
      const name = `${member.name}/${publicKey}/${currency}`
      const before = this.#exposures.get(name)
      const amount = balance + remotePending
      const limit = currencies.find((config) => config.currency === currency)?.remoteMaxDebt ?? 0n
      this.#exposures.set(name, { epoch: channel.epoch, amount, limit })
      // A reset may leave any balance: a person has agreed to it.
      if (before?.epoch !== channel.epoch || !isOrderly(channel.status)) continue
      const allowed = [before.amount, before.limit, limit].reduce((a, b) => (a > b ? a : b))
      if (amount > allowed) {
        this.#report(
          `${member.name} let ${this.#nameOf(publicKey)} owe ${amount} ${currency}, allowed were ${allowed}`,
        )
      }
    }
  }

  /** What is passed on is less than what came, by the fee that was announced. */
  #checkFees(member: Member, friend: Friend): void {
    const { state } = member.card.core ?? {}
    for (const { request, origin } of friend.pendingOut.values()) {
      if (origin.kind !== 'friend') continue
      const upstream = state?.friends.get(origin.friend)
      const incoming = upstream?.pendingIn.get(request.requestId)
      if (incoming === undefined) continue
      const earned =
        incoming.request.destPayment + incoming.request.leftFees - request.destPayment - request.leftFees
      const rate = upstream?.record.currencies.find(({ currency }) => currency === request.currency)?.rate
      const add = BigInt(rate?.add ?? 0)
      const rateIsSteady = rate !== undefined && rate.mul === 0
      if (rateIsSteady && this.#ratesAreSteady && earned !== add) {
        this.#report(`${member.name} takes ${earned} for passing on a payment, its rate says ${add}`)
      }
      if (earned < 0n) this.#report(`${member.name} passes on ${-earned} more than it was given`)
    }
  }

  /** What a card has is what its history says. */
  #checkHistory(member: Member): void {
    if (!member.isRunning) return
    const told = (this.#told.get(member) ?? 0n) + leftToPay(member)
    const owned = ownedBy(member)
    if (owned !== told) this.#report(`${member.name} has ${owned}, its history says ${told}`)
  }

  #nameOf(key: PublicKey): string {
    return this.#members.get(key)?.name ?? key
  }

  #report(violation: string): void {
    if (!this.violations.includes(violation)) this.violations.push(violation)
  }
}

interface Numbers {
  readonly balance: bigint
  readonly localPending: bigint
  readonly remotePending: bigint
}

/** A side's numbers without those of its operations that the other side has not processed. */
function known(friend: Friend, processed: number, currency: string): Numbers {
  const ledger: Ledger | undefined = friend.record.channel.ledgers.find((each) => each.currency === currency)
  const later: Delta[] = []
  for (const batch of friend.batches) if (batch.seq > processed) later.push(...batch.deltas)
  for (const { delta } of friend.queue.values()) if (delta !== undefined) later.push(delta)
  let { balance, localPending, remotePending } = ledger ?? {
    balance: 0n,
    localPending: 0n,
    remotePending: 0n,
  }
  for (const delta of later) {
    if (delta.currency !== currency) continue
    balance -= delta.balance
    localPending -= delta.localPending
    remotePending -= delta.remotePending
  }
  return { balance, localPending, remotePending }
}

/** Frozen or old channels say what they claim, not what is. */
function isOrderly(status: string): boolean {
  return status === 'ready' || status === 'waiting'
}

function pairOf(a: Member, b: Member): string {
  return a.number < b.number ? `${a.number}-${b.number}` : `${b.number}-${a.number}`
}

function show({ balance, localPending, remotePending }: Numbers): string {
  return `${balance} (${localPending} and ${remotePending} frozen)`
}

/** All balances of a card together, in all currencies. */
export function ownedBy(member: Member): bigint {
  let owned = 0n
  for (const { channel } of member.card.disk.tables.friends.values()) {
    for (const { balance } of channel.ledgers) owned += balance
  }
  return owned
}

/** The parts, still unanswered, of payments that the history calls paid: one receipt proves all. */
function leftToPay(member: Member): bigint {
  let left = 0n
  for (const { state, parts } of member.card.disk.tables.payments.values()) {
    if (state !== 'paid') continue
    for (const part of parts) if (part.state === 'pending') left += part.amount + part.fees
  }
  return left
}

function toldBy(member: Member): bigint {
  let told = 0n
  for (const entry of member.card.disk.tables.activity.values()) told += changeTold(entry)
  return told
}

/** What an entry of the history says that the card has gained or lost. */
function changeTold(entry: Extract<Change, { table: 'activity' }>['value']): bigint {
  return entry === undefined || entry.kind === 'limitChanged' ? 0n : (entry.amount ?? 0n)
}
