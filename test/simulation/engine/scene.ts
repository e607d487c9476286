// What errands, faults and checks of a simulated world share.

import type { IndexServer } from '../../../index-server/server.ts'
import type { World, WorldServer } from '../../support/world.ts'
import type { Checker } from './checker.ts'
import type { Dice } from './dice.ts'
import type { Member } from './member.ts'
import type { Plan } from './plan.ts'
import type { Story } from './story.ts'

export interface Scene {
  readonly plan: Plan
  readonly dice: Dice
  readonly world: World
  readonly relays: readonly WorldServer[]
  /** The honest ones among the relays. */
  readonly honestRelays: readonly WorldServer[]
  readonly indexServers: readonly WorldServer[]
  /** The honest ones among the index servers. */
  readonly honestIndexServers: readonly WorldServer<IndexServer>[]
  readonly members: readonly Member[]
  readonly checker: Checker
  readonly story: Story
}

/** Pairs of friends, each once. */
export function pairsOf(members: readonly Member[]): (readonly [Member, Member])[] {
  return members.flatMap((member) =>
    [...member.friends]
      .filter((friend) => friend.number > member.number)
      .map((friend) => [member, friend] as const),
  )
}
