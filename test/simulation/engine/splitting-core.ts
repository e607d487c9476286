// A core that hears of several routes where the index servers found one: parts over the same way and around it, as
// they will come from servers that solve flows.

import { ROUTE_NODES_MAX } from '../../../protocol/limits.ts'
import type { PublicKey } from '../../../protocol/types.ts'
import { Core } from '../../../worker/core/core.ts'
import type { Input, Stamp } from '../../../worker/core/inputs.ts'
import type { Snapshot } from '../../../worker/core/records.ts'
import type { Route } from '../../../worker/core/routes.ts'
import type { Dice } from './dice.ts'
import type { Member } from './member.ts'
import type { Scene } from './scene.ts'

const PARTS_MAX = 4

export class SplittingCore extends Core {
  readonly #scene: Scene
  readonly #dice: Dice

  constructor(snapshot: Snapshot, scene: Scene, dice: Dice) {
    super(snapshot)
    this.#scene = scene
    this.#dice = dice
  }

  override process(input: Input, stamp: Stamp, valid: readonly boolean[]): void {
    super.process(this.#split(input), stamp, valid)
  }

  #split(input: Input): Input {
    if (input.type !== 'routes' || !input.answer.ok || !this.#dice.chance(this.#scene.plan.splitShare))
      return input
    const [route, ...others] = input.answer.routes
    if (route === undefined || others.length > 0) return input
    return { ...input, answer: { ok: true, routes: this.#partsOf(route) } }
  }

  #partsOf(route: Route): Route[] {
    const count = this.#dice.between(2, PARTS_MAX)
    if (route.amount < BigInt(count)) return [route]
    const share = route.amount / BigInt(count)
    const around = this.#wayAround(route)
    return Array.from({ length: count }, (_, part) => {
      const isRest = part === count - 1
      const amount = isRest ? route.amount - share * BigInt(count - 1) : share
      // What is too much goes to the destination.
      return { ...(this.#dice.chance(0.5) ? around : route), amount, fees: route.fees + 8n }
    })
  }

  /** The shortest way that leaves out the first route's mediators; the same route where there is none. */
  #wayAround(route: Route): Route {
    const byKey = new Map(this.#scene.members.map((member) => [member.card.publicKey, member]))
    const [source, destination] = [route.nodes[0], route.nodes.at(-1)].map((key) =>
      byKey.get(key as PublicKey),
    )
    if (source === undefined || destination === undefined) return route
    const cameFrom = new Map<Member, Member | undefined>([[source, undefined]])
    const avoided = new Set<PublicKey>(route.nodes.slice(1, -1))
    for (const member of cameFrom.keys()) {
      for (const friend of member.friends) {
        if (!cameFrom.has(friend) && !avoided.has(friend.card.publicKey)) cameFrom.set(friend, member)
      }
    }
    if (!cameFrom.has(destination)) return route
    const nodes: PublicKey[] = []
    for (let at: Member | undefined = destination; at !== undefined; at = cameFrom.get(at)) {
      nodes.unshift(at.card.publicKey)
    }
    // Index servers give no longer ones, and a node would not believe them.
    return nodes.length > ROUTE_NODES_MAX + 1 ? route : { ...route, nodes }
  }
}
