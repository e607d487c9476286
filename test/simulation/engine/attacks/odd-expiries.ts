// Attack: requests that have expired, expire at once, or never.

import type { Operation } from '../../../../protocol/channel-messages.ts'
import type { Friend } from '../../../../worker/core/state.ts'
import { HostileCore } from './hostile-core.ts'

const FAR = [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER - 1]

export class OddExpiries extends HostileCore {
  protected override strike(friend: Friend): void {
    const request = this.request(friend, { expires: this.#odd() })
    this.seal(friend, [{ kind: 'request', request }])
  }

  /** Other people's payments are given another time. */
  protected override meddle(operation: Operation): readonly Operation[] {
    if (operation.kind !== 'request' || !this.dice.chance(this.eagerness)) return [operation]
    return [{ ...operation, request: { ...operation.request, expires: this.#odd() } }]
  }

  #odd(): number {
    const { now } = this.state
    return this.dice.pick([0, now - 1, now, now + 1, now + 50, now + 2_000, now + 40 * 86_400_000, ...FAR])
  }
}
