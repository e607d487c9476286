// One simulated world from its seed to its end: real nodes, relays and index servers under virtual time, people who
// pay, everything that can go wrong, and the judgement.

import { IndexServer } from '../../../index-server/server.ts'
import { RelayServer } from '../../../relay-server/server.ts'
import { World, type WorldServer } from '../../support/world.ts'
import { ATTACKS } from './attacks.ts'
import { HostileIndexServer } from './attacks/index-server.ts'
import { HostileRelay } from './attacks/relay.ts'
import { Checker } from './checker.ts'
import { Dice } from './dice.ts'
import { Errands } from './errands.ts'
import { Faults } from './faults.ts'
import { Judge } from './judge.ts'
import { Member } from './member.ts'
import { MUTANTS, type MutantName } from './mutants.ts'
import { planOf, type Plan, type PlanOptions } from './plan.ts'
import { pairsOf, type Scene } from './scene.ts'
import { SplittingCore } from './splitting-core.ts'
import { Story } from './story.ts'
import { friendships } from './topology.ts'

export interface Outcome {
  readonly seed: string
  /** Steps taken; fewer than planned when something was wrong. */
  readonly steps: number
  readonly counts: ReadonlyMap<string, number>
  readonly violations: readonly string[]
  readonly story: readonly string[]
}

export interface SimulationOptions extends PlanOptions {
  /** A broken program that all honest cards run. */
  readonly mutant?: MutantName | undefined
}

/** Runs one world. Never throws: an exception of the program is a violation. */
export async function simulate(seed: string, options: SimulationOptions = {}): Promise<Outcome> {
  const plan = planOf(seed, Object.keys(ATTACKS), options)
  return new Simulation(seed, plan, options.mutant).run()
}

/** Everything that the seed makes of the cards' friendships at the start. */
const LIMITS = [10, 1_000] as const

class Simulation {
  readonly #seed: string
  readonly #scene: Scene
  readonly #errands: Errands
  readonly #faults: Faults
  readonly #judge: Judge
  readonly #mutant: MutantName | undefined
  #steps = 0

  constructor(seed: string, plan: Plan, mutant: MutantName | undefined) {
    this.#seed = seed
    this.#mutant = mutant
    const world = new World(seed)
    const dice = new Dice(seed)
    const range = <T>(count: number, make: (number: number) => T): T[] =>
      Array.from({ length: count }, (_, number) => make(number))
    const honestRelays = range(plan.relays, (number) =>
      world.server(`relay${number}`, (environment) => new RelayServer(environment)),
    )
    const thief = plan.hostileRelay
      ? [world.server('thief', (environment) => new HostileRelay(environment, dice.fork('thief')))]
      : []
    const liar = plan.hostileIndex
      ? [world.server('liar', (environment) => new HostileIndexServer(environment, dice.fork('liar')))]
      : []
    const honestIndexServers = range(plan.indexServers, (number) =>
      world.server(`index${number}`, (environment) => new IndexServer(environment)),
    )
    this.#scene = {
      plan,
      dice,
      world,
      relays: [...honestRelays, ...thief],
      honestRelays,
      indexServers: [...honestIndexServers, ...liar],
      honestIndexServers,
      members: [],
      checker: new Checker(plan.faults.rate === undefined),
      story: new Story(world.clock),
    }
    this.#errands = new Errands(this.#scene)
    this.#faults = new Faults(this.#scene)
    this.#judge = new Judge(this.#scene, this.#errands, this.#faults)
  }

  async run(): Promise<Outcome> {
    const { checker, plan, story, world } = this.#scene
    try {
      await this.#begin()
      world.onSettled = () => checker.check()
      while (this.#steps < plan.steps && checker.violations.length === 0) await this.#step()
      if (checker.violations.length === 0) await this.#end()
    } catch (error) {
      checker.violations.push(error instanceof Error ? (error.stack ?? error.message) : String(error))
    }
    world.onSettled = () => undefined
    return {
      seed: this.#seed,
      steps: this.#steps,
      counts: story.counts,
      violations: checker.violations,
      story: story.lines,
    }
  }

  // ---- The beginning

  async #begin(): Promise<void> {
    const { checker, dice, plan, story, world } = this.#scene
    const delays = dice.fork('network')
    world.network.delay = () => delays.between(...plan.delays)
    const members = this.#scene.members as Member[]
    for (let number = 0; number < plan.size; number++) members.push(this.#createMember(number))
    for (const member of members) checker.add(member)
    await world.run(0)
    for (const [a, b] of friendships(plan.shape, plan.size, dice.fork('friends'))) {
      members[a]!.friends.add(members[b]!)
      members[b]!.friends.add(members[a]!)
    }
    for (let number = 0; number < plan.size; number++) story.count('cards')
    story.tell(
      `${plan.size} cards in a ${plan.shape}, ${plan.relays} relays; attacks: ${[...plan.attacks.values()].join(', ') || 'none'}`,
    )
    const limits = dice.fork('limits')
    const made = pairsOf(members).flatMap(([one, other]) => [
      this.#befriend(one, other, limits),
      this.#befriend(other, one, limits),
    ])
    await world.settled(Promise.all(made), 600_000)
    await world.run(dice.between(0, 4_000))
  }

  #createMember(number: number): Member {
    const { dice, honestRelays, indexServers, plan, relays, world } = this.#scene
    const attack = plan.attacks.get(number)
    const name = `${attack === undefined ? 'card' : 'mallory'}${number}`
    const own = dice.shuffled<WorldServer>(relays).slice(0, dice.between(1, relays.length))
    // Whoever listens nowhere else than at a relay that lies cannot be reached.
    if (!own.some((relay) => honestRelays.includes(relay))) own.push(dice.pick(honestRelays))
    const card = world.newCard(name, { relays: own, indexServers })
    const member = new Member(number, card, attack)
    const chance = dice.fork(`core ${number}`)
    if (attack !== undefined) {
      this.#scene.story.count(`attack ${attack}`)
      const Attack = ATTACKS[attack]
      if (Attack === undefined) throw new Error(`there is no attack ${attack}`)
      card.device.createCore = (snapshot) => new Attack(snapshot, this.#scene, chance)
    } else if (this.#mutant !== undefined) {
      MUTANTS[this.#mutant](card)
    } else if (plan.splitShare > 0) {
      card.device.createCore = (snapshot) => new SplittingCore(snapshot, this.#scene, chance)
    }
    card.boot()
    return member
  }

  async #befriend(me: Member, other: Member, limits: Dice): Promise<void> {
    const { card } = me
    const { currencies } = this.#scene.plan
    const { publicKey: friend, name } = other.card
    const { text: ticket } = await other.card.call('card.ticket', {})
    await card.call('friends.add', { ticket, name })
    for (const currency of currencies) {
      const maxDebt = limits.chance(0.02) ? 2n ** 127n - 1n : BigInt(Math.floor(limits.spread(...LIMITS)))
      await card.call('friends.addCurrency', { friend, currency })
      await card.call('friends.setMaxDebt', { friend, currency, maxDebt: String(maxDebt) })
      await card.call('friends.setOpen', { friend, currency, open: true })
    }
  }

  // ---- The middle

  async #step(): Promise<void> {
    const { checker, dice, plan, story, world } = this.#scene
    this.#steps += 1
    story.count('steps')
    this.#faults.nextStep()
    if (Object.keys(plan.faults).length > 0 && dice.chance(plan.faultShare)) {
      this.#faults.strike(dice.weighted(plan.faults))
    } else {
      this.#errands.run(dice.weighted(plan.errands))
    }
    if (dice.chance(0.1)) this.#judge.settleDisagreements()
    await world.run(Math.floor(dice.spread(1, dice.chance(0.1) ? 60_000 : 1_500)))
    if (this.#steps % 8 === 0) checker.checkAll()
  }

  // ---- The end

  async #end(): Promise<void> {
    const { checker, story } = this.#scene
    story.tell('all faults stop')
    this.#faults.healAll()
    await this.#judge.judge()
    checker.checkAll()
  }
}
