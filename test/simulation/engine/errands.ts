// What people do in a simulated world: they pay, ask for money, change their minds. Each payment is remembered, to be
// judged when everything is over.

import { CallFailed, type WorldCard } from '../../support/world-card.ts'
import type { ErrandName } from './plan.ts'
import type { Member } from './member.ts'
import type { Scene } from './scene.ts'

/** A payment that somebody has ordered. */
export interface Attempt {
  readonly buyer: Member
  readonly seller: Member
  readonly id: string
  readonly amount: bigint
  readonly currency: string
  /** Missing for a payment without an invoice. */
  readonly invoice: string | undefined
  /** Whether the card has said that it will carry it out; until then it may or may not. */
  isPromised: boolean
}

type Order = Pick<Attempt, 'buyer' | 'seller' | 'amount' | 'currency'>

interface Bill {
  readonly seller: Member
  readonly id: string
  readonly text: string
  readonly amount: bigint
  readonly currency: string
}

/** Fees that people allow at most. */
const MAX_FEES = '60'

export class Errands {
  readonly attempts: Attempt[] = []
  readonly #scene: Scene
  readonly #bills: Bill[] = []

  constructor(scene: Scene) {
    this.#scene = scene
  }

  run(name: ErrandName): void {
    this.#scene.story.count(name)
    const { dice, plan } = this.#scene
    switch (name) {
      case 'pay':
        this.#pay(this.#order())
        return
      case 'payInvoice':
        void this.#payInvoice(this.#order())
        return
      case 'payQuoted':
        void this.#payQuoted(this.#order())
        return
      case 'payTwice':
        return this.#payTwice()
      case 'burst': {
        const order = this.#order()
        for (let left = dice.between(2, plan.burstMax); left > 0; left--) {
          this.#pay({ ...order, amount: BigInt(dice.between(1, 5)) })
        }
        return
      }
      case 'cancelPayment':
        return this.#cancelPayment()
      case 'cancelInvoice':
        return this.#cancelInvoice()
    }
  }

  /** A payment of one credit from one friend to the other, when all is well; its id. */
  probe(buyer: Member, seller: Member, currency: string): string {
    return this.pay({ buyer, seller, amount: 1n, currency })
  }

  /** A payment without an invoice; its id. */
  pay(order: Order, maxFees = MAX_FEES): string {
    return this.#pay(order, undefined, maxFees)
  }

  #order(): Order {
    const { dice, members, plan } = this.#scene
    const buyer = dice.pick(members.filter(({ isHonest }) => isHonest))
    let seller = buyer
    // Mostly somebody near: most others can be reached by nobody's credit.
    for (let hops = dice.between(1, 4); hops > 0; hops--) {
      const next = [...seller.friends].filter((friend) => friend !== buyer)
      if (next.length > 0) seller = dice.pick(next)
    }
    if (seller === buyer) seller = dice.pick(members.filter((member) => member !== buyer))
    const amount = BigInt(dice.chance(0.8) ? dice.between(1, 12) : Math.floor(dice.spread(1, 2_000)))
    return { buyer, seller, amount, currency: dice.pick(plan.currencies) }
  }

  #pay(order: Order, bill?: Bill, maxFees = MAX_FEES): string {
    const { buyer, seller, amount, currency } = order
    const id = this.#scene.dice.id16()
    const target =
      bill === undefined
        ? { destination: seller.card.publicKey, currency, amount: String(amount) }
        : { invoice: bill.text }
    this.#scene.story.tell(`${buyer.name} pays ${amount} ${currency} to ${seller.name}`)
    this.#track({ ...order, id, invoice: bill?.id, isPromised: false }, (card) =>
      card.call('payments.pay', { id, maxFees, ...target }),
    )
    return id
  }

  async #payInvoice(order: Order): Promise<void> {
    const bill = await this.#bill(order)
    if (bill !== undefined) this.#pay(order, bill)
  }

  /** As the wallet does: first the fee is shown, then the way that was shown is taken. */
  async #payQuoted(order: Order): Promise<void> {
    const { buyer, seller, amount, currency } = order
    if (buyer.isDead) return
    const id = this.#scene.dice.id16()
    const target = { destination: seller.card.publicKey, currency, amount: String(amount) }
    try {
      const { routes, fees } = await buyer.card.call('payments.quote', target)
      this.#scene.story.tell(
        `${buyer.name} takes the way shown to pay ${amount} ${currency} to ${seller.name}`,
      )
      this.#track({ ...order, id, invoice: undefined, isPromised: false }, (card) =>
        card.call('payments.pay', {
          id,
          maxFees: fees,
          ...target,
          routes,
        }),
      )
    } catch (error) {
      expectRefusal(error)
    }
  }

  /** Two people, or one person twice, pay one invoice at the same time. */
  #payTwice(): void {
    const order = this.#order()
    void this.#bill(order).then((bill) => {
      if (bill === undefined) return
      this.#pay(order, bill)
      const others = this.#scene.members.filter((member) => member.isHonest && member !== order.seller)
      this.#pay({ ...order, buyer: this.#scene.dice.pick([order.buyer, ...others]) }, bill)
    })
  }

  async #bill(order: Order): Promise<Bill | undefined> {
    const { dice, story } = this.#scene
    const { seller, amount, currency } = order
    if (seller.isDead) return undefined
    const now = this.#scene.world.clock.now() + seller.card.device.skew_ms
    const soon = dice.chance(0.1) ? { expires: now + dice.between(1, 5_000) } : {}
    try {
      const params = { nonce: dice.id16(), currency, amount: String(amount), ...soon }
      const { id, text } = await seller.card.call('invoices.create', params)
      const bill = { seller, id, text, amount, currency }
      this.#bills.push(bill)
      return bill
    } catch (error) {
      story.tell(`${seller.name} cannot make an invoice: ${expectRefusal(error)}`)
      return undefined
    }
  }

  #cancelPayment(): void {
    const attempt = this.attempts.at(-1 - this.#scene.dice.below(Math.min(5, this.attempts.length)))
    if (attempt === undefined || attempt.buyer.isDead) return
    this.#scene.story.tell(`${attempt.buyer.name} cancels a payment to ${attempt.seller.name}`)
    attempt.buyer.card.call('payments.cancel', { id: attempt.id }).catch(expectRefusal)
  }

  #cancelInvoice(): void {
    const bill = this.#bills.at(-1 - this.#scene.dice.below(Math.min(5, this.#bills.length)))
    if (bill === undefined || bill.seller.isDead) return
    this.#scene.story.tell(`${bill.seller.name} cancels an invoice`)
    bill.seller.card.call('invoices.cancel', { id: bill.id }).catch(expectRefusal)
  }

  /** Remembers the payment, and whether the card has promised to carry it out. */
  #track(attempt: Attempt, pay: (card: WorldCard) => Promise<unknown>): void {
    const { buyer } = attempt
    const { story } = this.#scene
    story.count('payments')
    if (buyer.isDead) return
    this.attempts.push(attempt)
    pay(buyer.card).then(
      () => {
        attempt.isPromised = true
      },
      (error: unknown) => story.tell(`${buyer.name} cannot pay: ${expectRefusal(error)}`),
    )
  }
}

/** The sentence of a refused call. @throws what is anything else: a mistake in the program. */
export function expectRefusal(error: unknown): string {
  if (error instanceof CallFailed) return error.message
  throw error
}
