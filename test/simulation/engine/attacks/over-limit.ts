// Attack: pays and forwards as if its friends granted it everything, and asks for exactly what they grant and a little
// more.

import type { Request } from '../../../../protocol/channel-messages.ts'
import type { Friend } from '../../../../worker/core/state.ts'
import { sendCapacity } from '../../../../worker/core/ledger.ts'
import { HostileCore } from './hostile-core.ts'

export class OverLimit extends HostileCore {
  protected override strike(friend: Friend): void {
    const ledger = friend.record.channel.ledgers.find(({ currency }) => currency === this.currency())
    if (ledger?.remoteTerms === undefined) return
    const { currency, remoteTerms } = ledger
    if (this.dice.chance(0.2)) {
      // From now on the core itself believes that there is no limit.
      ledger.remoteTerms = { ...remoteTerms, open: true, remoteMaxDebt: 1n << 100n }
      return
    }
    const capacity = sendCapacity(ledger)
    const parts = BigInt(this.dice.between(1, 4))
    const part = max(1n, capacity / parts + this.dice.pick([-1n, 0n, 1n, 2n]))
    const requests: Request[] = []
    for (let left = Number(parts) + this.dice.below(2); left > 0; left--) {
      requests.push(
        this.request(friend, { currency, destPayment: part, leftFees: this.dice.pick([0n, 0n, 5n]) }),
      )
    }
    this.seal(
      friend,
      requests.map((request) => ({ kind: 'request', request })),
    )
  }
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}
