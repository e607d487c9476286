// Seeded worlds in which everything dies, breaks and comes back while people pay; then all is whole again, and
// the books must agree. A failing seed prints itself and its story.

import { expect, it } from 'vitest'
import type { Random } from '../../protocol/transport.ts'
import { seededRandom } from '../support/seeded-random.ts'
import { CallFailed, type WorldCard } from '../support/world-card.ts'
import { createTrio, type Trio } from '../unit/world/trio.ts'

const SEEDS = 6
const STEPS = 40
/** Long enough for every time-out and back-off of the protocol. */
const QUIET_MS = 400_000

interface Paid {
  readonly from: WorldCard
  readonly to: WorldCard
  readonly id: string
  readonly amount: bigint
}

it.each(Array.from({ length: SEEDS }, (_, seed) => seed))(
  'STO-1 STO-3 seed %i: whatever dies, everybody has what he should have, and nothing stays frozen',
  async (seed) => {
    const chaos = new Chaos(await createTrio(`chaos ${seed}`), seededRandom(`steps ${seed}`))
    for (let step = 0; step < STEPS; step++) await chaos.step()
    await chaos.makeWhole()
    expect({ seed, wrong: chaos.findWrongs(), story: chaos.story }).toEqual({
      seed,
      wrong: [],
      story: chaos.story,
    })
  },
)

class Chaos {
  readonly story: string[] = []
  readonly #trio: Trio
  readonly #random: Random
  readonly #cards: readonly WorldCard[]
  readonly #dead = new Set<WorldCard>()
  readonly #payments: Paid[] = []

  constructor(trio: Trio, random: Random) {
    this.#trio = trio
    this.#random = random
    this.#cards = [trio.alice, trio.bob, trio.carol]
  }

  async step(): Promise<void> {
    const { world, relay, index } = this.#trio
    const card = this.#pick(this.#cards)
    this.#pick([
      () => this.#pay(card),
      () => this.#pay(card),
      () => this.#pay(card),
      () => this.#killOrRevive(card),
      () => this.#note('the relay dies', () => relay.kill()),
      () => this.#note('the index server dies', () => index.kill()),
      () => this.#note('the servers come back', () => [relay, index].forEach((server) => server.start())),
      () => this.#note(`${card.name} loses its connections`, () => world.network.cut(card.name)),
      () => this.#note(`the disk of ${card.name} fills or empties`, () => this.#toggleDisk(card)),
    ])()
    await world.run(this.#pick([5, 20, 60, 150, 400, 2_000]))
  }

  async makeWhole(): Promise<void> {
    const { world, relay, index } = this.#trio
    relay.start()
    index.start()
    for (const card of this.#cards) card.store.fault = this.#dead.has(card) ? 'closed' : undefined
    for (const card of this.#dead) card.boot()
    await world.run(QUIET_MS)
  }

  /** Sentences on what should be otherwise. */
  findWrongs(): string[] {
    const { alice, bob, carol } = this.#trio
    const expected = new Map(this.#cards.map((card) => [card, 0n]))
    const move = (card: WorldCard, amount: bigint) => expected.set(card, (expected.get(card) ?? 0n) + amount)
    const wrongs = [...wrongsBetween(alice, carol), ...wrongsBetween(carol, bob)]
    for (const { from, to, id, amount } of this.#payments) {
      const payment = from.payment(id)
      if (payment?.finished === undefined) wrongs.push(`payment ${id} of ${from.name} is not over`)
      if (payment?.state !== 'paid') continue
      const fees = BigInt(payment.fees ?? '0')
      move(from, -amount - fees)
      move(to, amount)
      move(carol, fees)
    }
    for (const [card, due] of expected) {
      const total = card
        .all('friends')
        .flatMap(({ currencies }) => currencies)
        .reduce((sum, { balance }) => sum + BigInt(balance), 0n)
      if (total !== due) wrongs.push(`${card.name} has ${total}, should have ${due}`)
    }
    return wrongs
  }

  #pay(from: WorldCard): void {
    const to = this.#pick(this.#cards.filter((card) => card !== from))
    const amount = BigInt(1 + this.#number(20))
    const id = from.newId()
    if (this.#dead.has(from)) return
    const { publicKey: destination } = to
    this.story.push(`${from.name} pays ${amount} to ${to.name}`)
    from
      .call('payments.pay', { id, destination, currency: 'credit', amount: String(amount), maxFees: '5' })
      .then(
        () => this.#payments.push({ from, to, id, amount }),
        (error: unknown) =>
          this.story.push(`refused: ${error instanceof CallFailed ? error.code : String(error)}`),
      )
  }

  #killOrRevive(card: WorldCard): void {
    if (this.#dead.delete(card)) {
      this.#note(`${card.name} starts again`, () => card.boot())
    } else {
      this.#dead.add(card)
      this.#note(`${card.name} dies`, () => card.crash())
    }
  }

  #toggleDisk(card: WorldCard): void {
    if (!this.#dead.has(card)) card.store.fault = card.store.fault === undefined ? 'full' : undefined
  }

  #note(what: string, act: () => void): void {
    this.story.push(what)
    act()
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.#number(items.length)]!
  }

  /** 0..below-1. */
  #number(below: number): number {
    const [high = 0, low = 0] = this.#random(2)
    return ((high << 8) | low) % below
  }
}

function wrongsBetween(a: WorldCard, b: WorldCard): string[] {
  const sides = [
    [a, b],
    [b, a],
  ] as const
  const wrongs = sides.flatMap(([side, other]) => {
    const { localPending, remotePending } = side.currency(other)
    const state = [side.node.card().state, side.friend(other)?.online, side.friend(other)?.status].join()
    return [
      ...(state === 'running,true,ready' ? [] : [`${side.name} sees ${other.name} as ${state}`]),
      ...(localPending === '0' && remotePending === '0' ? [] : [`something of ${side.name} stays frozen`]),
    ]
  })
  const sum = BigInt(a.currency(b).balance) + BigInt(b.currency(a).balance)
  return sum === 0n ? wrongs : [...wrongs, `the books of ${a.name} and ${b.name} differ by ${sum}`]
}
