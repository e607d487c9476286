// Attack: freezes whatever it can. It sends itself, over honest friends to another attacker, as much as they take, and
// nothing that reaches it is ever answered.

import type { Operation } from '../../../../protocol/channel-messages.ts'
import type { OutgoingMessage } from '../../../../worker/core/actions.ts'
import type { Input, Stamp } from '../../../../worker/core/inputs.ts'
import type { Friend } from '../../../../worker/core/state.ts'
import { sendCapacity } from '../../../../worker/core/ledger.ts'
import { HostileCore } from './hostile-core.ts'

/** More would be the same again. */
const REQUESTS_MAX = 60

export class Jamming extends HostileCore {
  /** Its books are not what they should be, so it neither hears nor gives statements. */
  override process(input: Input, stamp: Stamp, valid: readonly boolean[]): void {
    if (input.type === 'friendMessage' && input.message.kind === 'note') return
    super.process(input, stamp, valid)
  }

  protected override strike(friend: Friend): void {
    const accomplices = new Set(
      this.scene.members.filter(({ isHonest }) => !isHonest).map(({ card }) => card.publicKey),
    )
    const currency = this.currency()
    const ledger = friend.record.channel.ledgers.find((each) => each.currency === currency)
    const capacity = ledger === undefined ? 0n : sendCapacity(ledger)
    const count = this.dice.between(1, REQUESTS_MAX)
    const each = this.dice.chance(0.5) ? 1n : capacity / BigInt(count)
    for (let left = count; left > 0 && each > 0n; left--) {
      const way = this.routeFrom(friend, 8)
      const end = way.findLastIndex((key) => accomplices.has(key))
      // Where no accomplice is near, an honest destination will do: the credits are frozen for a while.
      const route = end === -1 ? way : way.slice(0, end + 1)
      const leftFees = each > 8n ? 8n : 0n
      const request = this.request(friend, { currency, route, destPayment: each - leftFees, leftFees })
      this.seal(friend, [{ kind: 'request', request }])
    }
  }

  protected override meddle(operation: Operation): readonly Operation[] {
    return operation.kind === 'response' || operation.kind === 'cancel' ? [] : [operation]
  }

  protected override replace(message: OutgoingMessage): readonly OutgoingMessage[] {
    return message.kind === 'note' ? [] : [message]
  }
}
