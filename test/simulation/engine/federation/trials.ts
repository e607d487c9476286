// Payments of a federated world, each measured: what the ledgers allowed when it was ordered, what became of it, and
// if it failed, what they allowed then.

import type { Currency } from '../../../../protocol/types.ts'
import type { PaymentRecord } from '../../../../worker/core/records.ts'
import type { Errands } from '../errands.ts'
import type { Member } from '../member.ts'
import type { Scene } from '../scene.ts'
import { CreditNetwork, edgesAtServer, edgesByLedgers, type Allowance } from './allowance.ts'
import type { Churn } from './churn.ts'

const CURRENCY = 'credit' as Currency
/** More than any payment costs: fees are no reason to fail here. */
const MAX_FEES = '1000000'
/** Friends with credit that a card must have to be one of the well connected. */
const LINKS_MIN = 3
/** Draws of a buyer and a seller who could pay anything. */
const DRAWS_MAX = 100

interface Trial {
  readonly buyer: Member
  readonly seller: Member
  readonly id: string
  readonly amount: bigint
  readonly ordered: Allowance
  /** When it failed. */
  failed?: Failure
}

interface Failure {
  readonly allowed: Allowance
  /** The most that one of the buyer's index servers thought of; undefined when none of them ran. */
  readonly heard: bigint | undefined
}

export class Trials {
  readonly #scene: Scene
  readonly #errands: Errands
  readonly #churn: Churn
  readonly #trials = new Map<string, Trial>()

  constructor(scene: Scene, errands: Errands, churn: Churn) {
    this.#scene = scene
    this.#errands = errands
    this.#churn = churn
  }

  /** Sees when a payment of this member fails. */
  watch({ card }: Member): void {
    const { onCommitted } = card.device
    card.device.onCommitted = (changes) => {
      onCommitted(changes)
      for (const { table, value } of changes) {
        if (table === 'payments' && value?.state === 'failed') this.#failed(value)
      }
    }
  }

  /** Somebody pays somebody: two who are drawn from all, or two who are well connected. */
  order(): void {
    const { dice, members, story } = this.#scene
    const ledgers = this.#ledgers()
    const links = dice.chance(0.5) ? LINKS_MIN : 1
    const able = (end: 'from' | 'to'): Member[] =>
      members.filter((member) => ledgers.links(member, end) >= links)
    const [buyers, sellers] = [able('from'), able('to')]
    if (buyers.length === 0 || sellers.length === 0) return
    for (let draws = 0; draws < DRAWS_MAX; draws++) {
      const [buyer, seller] = [dice.pick(buyers), dice.pick(sellers)]
      if (buyer === seller) continue
      const [out, into] = [ledgers.total(buyer, 'from'), ledgers.total(seller, 'to')]
      const amount = ((out < into ? out : into) * BigInt(1 + dice.below(1_000_000))) / 1_000_000n
      if (amount === 0n) continue
      const ordered = ledgers.allowance(buyer, seller)
      story.count('ordered')
      const id = this.#errands.pay({ buyer, seller, amount, currency: CURRENCY }, MAX_FEES)
      this.#trials.set(id, { buyer, seller, id, amount, ordered })
      story.tell(`of ${ordered.network} that the network allows, of ${ordered.ledgers} by the ledgers`)
      return
    }
  }

  /** Whether all that was ordered is paid or has failed. */
  get areOver(): boolean {
    return [...this.#trials.values()].every((trial) => recordOf(trial)?.finished !== undefined)
  }

  /** Adds up what became of all. */
  count(): void {
    for (const trial of this.#trials.values()) {
      const record = recordOf(trial)
      const isPaid = record?.state === 'paid'
      this.#countAllowed('network', trial, isPaid)
      this.#countAllowed('ledgers', trial, isPaid)
      if (isPaid) this.#countPaid(record)
      else if (trial.ordered.network >= trial.amount) this.#countUnpaid(trial, record)
    }
  }

  #countAllowed(by: keyof Allowance, { amount, ordered }: Trial, isPaid: boolean): void {
    const { story } = this.#scene
    if (ordered[by] >= amount) {
      story.count(`${by} allowed`)
      if (isPaid) story.count(`${by} paid`)
    } else if (isPaid) story.count(`${by} paid nevertheless`)
  }

  #countPaid({ attempts, parts }: PaymentRecord): void {
    const { story } = this.#scene
    const paid = parts.filter(({ state }) => state === 'paid').length
    story.count('attempts', attempts)
    story.count('parts', paid)
    if (paid > 1) story.count('in several parts')
  }

  #countUnpaid({ buyer, seller, amount, ordered, failed }: Trial, record: PaymentRecord | undefined): void {
    const { story } = this.#scene
    const code = record?.fault?.code ?? record?.state ?? 'not ordered'
    const why = `${code}, ${failed === undefined ? 'not over' : circumstances(failed, amount)}`
    story.count(`unpaid ${why}`)
    story.tell(
      `UNPAID ${buyer.name} to ${seller.name} ${amount} of ${ordered.network}: ${why} ` +
        `(${failed?.allowed.network} of which ${failed?.heard} were heard of), ` +
        `${record?.attempts} attempts, ${record?.parts.length} parts: ${record?.fault?.message}`,
    )
  }

  #failed({ id }: PaymentRecord): void {
    const trial = this.#trials.get(id)
    if (trial === undefined || trial.failed !== undefined) return
    const { buyer, seller, amount, ordered } = trial
    if (ordered.network < amount) return
    trial.failed = {
      allowed: this.#ledgers().allowance(buyer, seller),
      heard: this.#heard(buyer, seller),
    }
    this.#scene.story.tell(`a payment of ${amount} of ${buyer.name} has failed`)
  }

  #ledgers(): CreditNetwork {
    const there = this.#scene.members.filter((member) => this.#churn.isOnline(member))
    return new CreditNetwork(edgesByLedgers(there, CURRENCY))
  }

  #heard(buyer: Member, seller: Member): bigint | undefined {
    const { honestIndexServers, members } = this.#scene
    const own = new Set(buyer.card.core?.state.card.indexServers.map(({ publicKey }) => publicKey))
    const known = honestIndexServers.flatMap(({ publicKey, program }) => {
      if (program === undefined || !own.has(publicKey)) return []
      const network = new CreditNetwork(edgesAtServer(program, members, CURRENCY))
      return [network.allowance(buyer, seller).network]
    })
    return known.length === 0 ? undefined : known.reduce((a, b) => (a > b ? a : b))
  }
}

function circumstances({ allowed, heard }: Failure, amount: bigint): string {
  if (allowed.network < amount) return 'no longer allowed'
  if (heard === undefined) return 'no server'
  return heard < amount ? 'server has not heard' : 'server has heard'
}

function recordOf({ buyer, id }: Trial): PaymentRecord | undefined {
  return buyer.card.disk.tables.payments.get(id)
}
