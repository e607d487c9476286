// Attack: one id for many requests: within a batch, through two friends to one next hop, from two attackers, and the id
// of somebody else's request that passed by.

import type { Request } from '../../../../protocol/channel-messages.ts'
import type { RequestId } from '../../../../protocol/types.ts'
import type { Friend } from '../../../../worker/core/state.ts'
import { HostileCore } from './hostile-core.ts'

/** Few, so that they meet. */
const SHARED_IDS = 6

export class RepeatedIds extends HostileCore {
  protected override strike(friend: Friend): void {
    const count = this.dice.between(1, 3)
    const requests = Array.from({ length: count }, () => this.request(friend, this.#draw()))
    for (const request of requests) {
      if (friend.pendingOut.has(request.requestId) && this.dice.chance(0.8)) continue
      this.seal(friend, [{ kind: 'request', request }])
    }
  }

  #draw(): Partial<Request> {
    const passing = [...this.state.friends.values()].flatMap(({ pendingIn }) => [...pendingIn.values()])
    if (passing.length > 0 && this.dice.chance(0.4)) {
      const { requestId, invoiceId } = this.dice.pick(passing).request
      return { requestId, invoiceId, destPayment: 1n }
    }
    return { requestId: this.dice.pick(this.#shared()) }
  }

  /** The same for all attackers of this world. */
  #shared(): RequestId[] {
    const dice = this.scene.dice.fork('ids that attackers share')
    return Array.from({ length: SHARED_IDS }, () => dice.id16() as RequestId)
  }
}
