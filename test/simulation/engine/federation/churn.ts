// What changes in a federated world while people pay: cards leave and come back, index servers die and are started
// again, owners change limits and open and close their books.

import { expectRefusal } from '../errands.ts'
import type { Dice } from '../dice.ts'
import type { Member } from '../member.ts'
import { pairsOf, type Scene } from '../scene.ts'

/** Mean time between two such events in a world of so many cards. */
const USUAL_CARDS = 500
const EVERY_MS = { leave: 5_000, limit: 4_000, close: 8_000 } as const
/** Mean time between two deaths of index servers, however many cards there are. */
const SERVER_DIES_EVERY_MS = 120_000
const SERVER_DEAD_MS = [2_000, 20_000] as const
const AWAY_MS = [5_000, 180_000] as const
const CLOSED_MS = [5_000, 60_000] as const

type Kind = keyof typeof EVERY_MS | 'serverDies'

export class Churn {
  readonly #scene: Scene
  readonly #away = new Set<Member>()
  #isOver = false

  constructor(scene: Scene) {
    this.#scene = scene
  }

  /** Lets it begin; it goes on while time passes. */
  start(): void {
    const { dice, members } = this.#scene
    for (const kind of Object.keys(EVERY_MS) as (keyof typeof EVERY_MS)[]) {
      this.#repeat(kind, dice.fork(kind), (EVERY_MS[kind] * USUAL_CARDS) / members.length)
    }
    this.#repeat('serverDies', dice.fork('serverDies'), SERVER_DIES_EVERY_MS)
  }

  /** Whether its device runs and has a network. */
  isOnline(member: Member): boolean {
    return !member.isDead && !this.#away.has(member)
  }

  /** Everybody comes back, and nothing more happens. */
  end(): void {
    this.#isOver = true
    const { members, honestIndexServers } = this.#scene
    for (const server of honestIndexServers) server.start()
    for (const member of members) this.#comeBack(member)
  }

  #repeat(kind: Kind, dice: Dice, every_ms: number): void {
    this.#scene.world.clock.after(Math.ceil(-every_ms * Math.log(1 - dice.unit())), () => {
      if (this.#isOver) return
      this.#repeat(kind, dice, every_ms)
      this.#scene.story.count(`churn ${kind}`)
      this.#strike(kind, dice)
    })
  }

  #strike(kind: Kind, dice: Dice): void {
    const { members } = this.#scene
    switch (kind) {
      case 'leave':
        return this.#leave(dice.pick(members), dice)
      case 'serverDies':
        return this.#serverDies(dice)
      case 'limit':
      case 'close': {
        const [one, other] = dice.shuffled(dice.pick(pairsOf(members)))
        if (one === undefined || other === undefined || !one.isRunning) return
        if (kind === 'limit') this.#changeLimit(one, other, dice)
        else this.#closeBooks(one, other, dice)
      }
    }
  }

  /** Its device is switched off, or loses its network. */
  #leave(member: Member, dice: Dice): void {
    if (!this.isOnline(member)) return
    const { story, world } = this.#scene
    story.tell(`${member.name} leaves`)
    if (dice.chance(0.5)) {
      member.isDead = true
      member.card.crash(dice.chance(0.5))
    } else {
      this.#away.add(member)
      world.network.disconnect(member.name)
    }
    world.clock.after(dice.between(...AWAY_MS), () => this.#comeBack(member))
  }

  #comeBack(member: Member): void {
    if (this.isOnline(member)) return
    this.#scene.story.tell(`${member.name} is back`)
    if (this.#away.delete(member)) {
      this.#scene.world.network.reconnect(member.name)
      // As its platform says when the network is back.
      member.card.node.wake()
    } else {
      member.isDead = false
      member.card.boot()
    }
  }

  #serverDies(dice: Dice): void {
    const { honestIndexServers, story, world } = this.#scene
    const server = dice.pick(honestIndexServers)
    if (server.program === undefined) return
    story.tell(`${server.name} dies`)
    server.kill()
    world.clock.after(dice.between(...SERVER_DEAD_MS), () => {
      story.tell(`${server.name} runs`)
      server.start()
    })
  }

  /** Up to twice as much as before, or as little as nothing. */
  #changeLimit(one: Member, other: Member, dice: Dice): void {
    const friend = other.card.publicKey
    const config = one.card.core?.state.friends.get(friend)?.record.currencies[0]
    const maxDebt = ((config?.remoteMaxDebt ?? 0n) * BigInt(dice.below(2_000))) / 1_000n
    this.#scene.story.tell(`${one.name} grants ${other.name} ${maxDebt}`)
    one.card
      .call('friends.setMaxDebt', { friend, currency: 'credit', maxDebt: String(maxDebt) })
      .catch(expectRefusal)
  }

  #closeBooks(one: Member, other: Member, dice: Dice): void {
    const setOpen = (open: boolean): void => {
      if (!one.isRunning) return
      this.#scene.story.tell(`${one.name} ${open ? 'opens' : 'closes'} its books with ${other.name}`)
      one.card
        .call('friends.setOpen', { friend: other.card.publicKey, currency: 'credit', open })
        .catch(expectRefusal)
    }
    setOpen(false)
    this.#scene.world.clock.after(dice.between(...CLOSED_MS), () => setOpen(true))
  }
}
