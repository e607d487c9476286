// Somebody in a simulated world: a card, and what the simulation knows of it that no card knows.

import type { WorldCard } from '../../support/world-card.ts'
import type { MemoryDisk } from '../../support/memory-store.ts'

export class Member {
  readonly number: number
  readonly card: WorldCard
  /** Name of the attack that it runs; missing: it is honest. */
  readonly attack: string | undefined
  /** Its friends, whether or not they still are. */
  readonly friends = new Set<Member>()
  isDead = false
  /** Its device, its data or its accounts are no longer what an undisturbed card's are: nothing exact is expected of its payments. */
  isTainted: boolean
  /** Copies of its data that may be restored. */
  readonly backups: MemoryDisk[] = []
  /** The same card on another device, while it runs there. */
  twin: WorldCard | undefined

  constructor(number: number, card: WorldCard, attack: string | undefined) {
    this.number = number
    this.card = card
    this.attack = attack
    this.isTainted = attack !== undefined
  }

  get name(): string {
    return this.card.name
  }

  get isHonest(): boolean {
    return this.attack === undefined
  }

  /** Whether its core holds what is true of it now. */
  get isRunning(): boolean {
    return !this.isDead && this.card.core !== undefined && this.card.node.card().state === 'running'
  }
}
