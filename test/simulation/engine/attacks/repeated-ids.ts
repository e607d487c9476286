// Attack: one id for many requests: within a batch, through two friends to one next hop, from two attackers, and the id
// of somebody else's request that passed by.

import type { PublicKey, RequestId } from '../../../../protocol/types.ts'
import { isUsable, type Friend } from '../../../../worker/core/state.ts'
import { HostileCore } from './hostile-core.ts'

/** Few, so that they meet. */
const SHARED_IDS = 6

export class RepeatedIds extends HostileCore {
  protected override strike(friend: Friend): void {
    if (this.dice.chance(0.3)) return this.#send(friend, this.routeFrom(friend), this.#passing())
    const requestId = this.dice.pick(this.#shared())
    const [next, ...rest] = this.routeFrom(friend)
    if (next === undefined) return this.#send(friend, [], requestId)
    for (const first of this.#friendsOf(next)) {
      const route = [next, ...rest].filter((key) => key !== first.record.publicKey)
      this.#send(first, route, requestId)
    }
  }

  /** Mostly once to each friend, who would break with us otherwise. */
  #send(friend: Friend, route: PublicKey[], requestId: RequestId): void {
    if (friend.pendingOut.has(requestId) && this.dice.chance(0.9)) return
    const times = this.dice.chance(0.05) ? 2 : 1
    for (let left = times; left > 0; left--) {
      this.seal(friend, [{ kind: 'request', request: this.request(friend, { route, requestId }) }])
    }
  }

  /** Our friends who are friends of this one, too. */
  #friendsOf(next: PublicKey): Friend[] {
    const nexts = this.scene.members.find(({ card }) => card.publicKey === next)
    const keys = new Set([...(nexts?.friends ?? [])].map(({ card }) => card.publicKey))
    return [...this.state.friends.values()].filter(
      (each) => isUsable(each) && keys.has(each.record.publicKey),
    )
  }

  #passing(): RequestId {
    const ids = [...this.state.friends.values()].flatMap(({ pendingIn }) => [...pendingIn.keys()])
    return this.dice.pick(ids.length === 0 ? this.#shared() : ids)
  }

  /** The same for all attackers of this world. */
  #shared(): RequestId[] {
    const dice = this.scene.dice.fork('ids that attackers share')
    return Array.from({ length: SHARED_IDS }, () => dice.id16() as RequestId)
  }
}
