// Attack: routes that pass a node twice, come back to us or to the friend, go on after their destination, end nowhere,
// or end at somebody who could not sign.

import type { PublicKey } from '../../../../protocol/types.ts'
import type { Friend } from '../../../../worker/core/state.ts'
import { HostileCore } from './hostile-core.ts'

export class CrookedRoutes extends HostileCore {
  protected override strike(friend: Friend): void {
    const route = this.#route(friend)
    const receiptKey = this.dice.chance(0.2) ? this.dice.pick([this.publicKey, ...route]) : undefined
    const changes = receiptKey === undefined ? { route } : { route, receiptKey }
    this.seal(friend, [{ kind: 'request', request: this.request(friend, changes) }])
  }

  #route(friend: Friend): PublicKey[] {
    const straight = this.routeFrom(friend)
    const [first] = straight
    const at = this.dice.below(straight.length + 1)
    const other = this.dice.pick([...this.state.friends.keys()])
    switch (this.dice.pick(['twice', 'us', 'back', 'circle', 'nowhere', 'other', 'all'] as const)) {
      case 'twice':
        return first === undefined ? [] : straight.toSpliced(at, 0, first)
      case 'us':
        return straight.toSpliced(at, 0, this.publicKey)
      case 'back':
        return straight.toSpliced(at, 0, friend.record.publicKey)
      case 'circle':
        // Round over another friend of ours, behind everybody's back.
        return [...new Set([...straight, other])].filter((key) => key !== friend.record.publicKey)
      case 'nowhere':
        return straight.toSpliced(at, 0, this.hash() as string as PublicKey)
      case 'other':
        return [other]
      case 'all':
        return this.scene.members.slice(0, 31).map(({ card }) => card.publicKey)
    }
  }
}
