// Attack: closes every session soon after it was opened, in the middle of whatever goes on.

import type { Step } from '../../../../worker/core/actions.ts'
import type { Stamp } from '../../../../worker/core/inputs.ts'
import type { Friend } from '../../../../worker/core/state.ts'
import { HostileCore } from './hostile-core.ts'

export class ClosedSessions extends HostileCore {
  override finish(stamp: Stamp): Step {
    for (const friend of this.state.friends.values())
      if (this.dice.chance(this.eagerness / 4)) this.#close(friend)
    return super.finish(stamp)
  }

  protected override strike(friend: Friend): void {
    this.#close(friend)
  }

  #close(friend: Friend): void {
    const { session, record } = friend
    if (session === undefined) return
    this.state.actions.push({ type: 'closeSession', friend: record.publicKey, session: session.number })
    delete friend.session
  }
}
