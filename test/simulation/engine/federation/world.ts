// A world of many cards and federated index servers under churn, in which the share of payments is measured that
// succeed among those that the ledgers allow.

import { RelayServer } from '../../../../relay-server/server.ts'
import { World, type WorldServer } from '../../../support/world.ts'
import { madeLinks, type Link } from '../../../bench/credit-network.ts'
import { Checker } from '../checker.ts'
import { Dice } from '../dice.ts'
import { Errands } from '../errands.ts'
import { Faults } from '../faults.ts'
import { Judge } from '../judge.ts'
import { Member } from '../member.ts'
import type { Plan } from '../plan.ts'
import type { Scene } from '../scene.ts'
import type { Outcome } from '../simulation.ts'
import { Story } from '../story.ts'
import { Churn } from './churn.ts'
import { pieceOfReal } from './piece.ts'
import { serversInLine } from './servers.ts'
import { Trials } from './trials.ts'

export interface FederationOptions {
  /** Cards. */
  readonly size?: number | undefined
  /** Payments that are ordered. */
  readonly steps?: number | undefined
  /** Mean time between two of them. */
  readonly every_ms?: number | undefined
  /** Whether the network is made even where the real one is at hand. */
  readonly isMade?: boolean
}

const SIZE = 500
const PAYMENTS = 300
const SERVERS = 3
const RELAYS = 3
/** Mean time between two payments where nothing else is said. */
const PAYMENT_EVERY_MS = 1_000
const CURRENCY = 'credit'
/** Friendships of a made network for each of its cards: as in the real one. */
const LINKS_PER_CARD = 1.5
/** Everybody finds all friends and is known to all servers after this time. */
const SETTLED_MS = 30_000
/** The last payments are over after this time. */
const PATIENCE_MS = 180_000

export async function simulateFederation(seed: string, options: FederationOptions = {}): Promise<Outcome> {
  return new FederationSimulation(seed, options).run()
}

class FederationSimulation {
  readonly #seed: string
  readonly #links: readonly Link[]
  readonly #scene: Scene
  readonly #errands: Errands
  readonly #churn: Churn
  readonly #trials: Trials
  readonly #judge: Judge
  readonly #every_ms: number
  #steps = 0

  constructor(seed: string, options: FederationOptions) {
    const { size = SIZE, steps = PAYMENTS, every_ms = PAYMENT_EVERY_MS, isMade = false } = options
    this.#seed = seed
    this.#every_ms = every_ms
    const dice = new Dice(`${seed}/federation`)
    const world = new World(seed)
    this.#links = isMade ? [...madeLinks(size, size * LINKS_PER_CARD)] : pieceOfReal(size, dice.fork('piece'))
    const relays = Array.from({ length: RELAYS }, (_, number) =>
      world.server(`relay${number}`, (environment) => new RelayServer(environment)),
    )
    const indexServers = serversInLine(world, SERVERS)
    this.#scene = {
      plan: planOf(size, steps),
      dice,
      world,
      relays,
      honestRelays: relays,
      indexServers,
      honestIndexServers: indexServers,
      members: [],
      checker: new Checker(true),
      story: new Story(world.clock),
    }
    this.#errands = new Errands(this.#scene)
    this.#churn = new Churn(this.#scene)
    this.#trials = new Trials(this.#scene, this.#errands, this.#churn)
    this.#judge = new Judge(this.#scene, this.#errands, new Faults(this.#scene))
  }

  /** Never throws: an exception of the program is a violation. */
  async run(): Promise<Outcome> {
    const { checker, plan, story, world } = this.#scene
    try {
      await this.#begin()
      world.onSettled = () => checker.check()
      this.#churn.start()
      while (this.#steps < plan.steps && checker.violations.length === 0) await this.#step()
      await this.#end()
    } catch (error) {
      checker.violations.push(error instanceof Error ? (error.stack ?? error.message) : String(error))
    }
    world.onSettled = () => undefined
    const { violations } = checker
    return { seed: this.#seed, steps: this.#steps, counts: story.counts, violations, story: story.lines }
  }

  async #begin(): Promise<void> {
    const { checker, dice, plan, story, world } = this.#scene
    const delays = dice.fork('network')
    world.network.delay = () => delays.between(...plan.delays)
    const members = this.#scene.members as Member[]
    for (let number = 0; number < plan.size; number++) members.push(this.#createMember(number))
    for (const member of members) {
      checker.add(member)
      this.#trials.watch(member)
      story.count('cards')
    }
    await world.run(0)
    await world.settled(Promise.all(this.#links.map((link) => this.#befriend(link))), 600_000)
    await world.run(SETTLED_MS)
    story.tell(`${plan.size} cards, ${this.#links.length} friendships, ${SERVERS} index servers in a line`)
  }

  /** Each talks to one index server, some to two. */
  #createMember(number: number): Member {
    const { dice, honestIndexServers, honestRelays, world } = this.#scene
    const some = <T>(servers: readonly T[]): T[] => dice.shuffled(servers).slice(0, dice.chance(0.3) ? 2 : 1)
    const card = world.newCard(`card${number}`, {
      relays: some<WorldServer>(honestRelays),
      indexServers: some<WorldServer>(honestIndexServers),
    })
    card.boot()
    return new Member(number, card, undefined)
  }

  /** Each grants the other what can flow to him. */
  async #befriend({ a, b, forth, back }: Link): Promise<void> {
    const [one, other] = [this.#scene.members[a], this.#scene.members[b]]
    if (one === undefined || other === undefined) throw new Error('a friendship is between two cards')
    one.friends.add(other)
    other.friends.add(one)
    await Promise.all([this.#grant(one, other, back), this.#grant(other, one, forth)])
  }

  async #grant({ card }: Member, { card: other }: Member, maxDebt: bigint): Promise<void> {
    const { publicKey: friend, name } = other
    const { text: ticket } = await other.call('card.ticket', {})
    await card.call('friends.add', { ticket, name })
    await card.call('friends.addCurrency', { friend, currency: CURRENCY })
    await card.call('friends.setMaxDebt', { friend, currency: CURRENCY, maxDebt: String(maxDebt) })
    await card.call('friends.setOpen', { friend, currency: CURRENCY, open: true })
  }

  async #step(): Promise<void> {
    const { checker, dice, story, world } = this.#scene
    this.#steps += 1
    story.count('steps')
    this.#trials.order()
    await world.run(Math.floor(-this.#every_ms * Math.log(1 - dice.unit())))
    if (this.#steps % 100 === 0) checker.checkAll()
  }

  async #end(): Promise<void> {
    const { checker, story, world } = this.#scene
    for (let waited_ms = 0; waited_ms < PATIENCE_MS && !this.#trials.areOver; waited_ms += 1_000) {
      await world.run(1_000)
    }
    this.#trials.count()
    if (checker.violations.length > 0) return
    story.tell('everybody comes back')
    this.#churn.end()
    await this.#judge.judge()
    checker.checkAll()
  }
}

function planOf(size: number, steps: number): Plan {
  return {
    shape: 'real',
    size,
    steps,
    relays: RELAYS,
    indexServers: SERVERS,
    delays: [10, 100],
    currencies: [CURRENCY],
    faultShare: 0,
    faults: {},
    errands: {},
    burstMax: 0,
    splitShare: 0,
    attacks: new Map(),
    hostileRelay: false,
    hostileIndex: false,
  }
}
