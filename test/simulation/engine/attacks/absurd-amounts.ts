// Attack: amounts and fees at the ends of their range, alone and so that they add up to more than the range.

import { AMOUNT_MAX, BALANCE_MAX } from '../../../../protocol/wire.ts'
import type { Friend } from '../../../../worker/core/state.ts'
import { HostileCore } from './hostile-core.ts'

const AMOUNTS = [1n, 2n, BALANCE_MAX - 1n, BALANCE_MAX, BALANCE_MAX + 1n, AMOUNT_MAX - 1n, AMOUNT_MAX]

export class AbsurdAmounts extends HostileCore {
  protected override strike(friend: Friend): void {
    const requests = Array.from({ length: this.dice.between(1, 4) }, () => {
      const destPayment = this.dice.pick(AMOUNTS)
      const totalDestPayment = this.dice.chance(0.5) ? destPayment : this.dice.pick(AMOUNTS)
      const leftFees = this.dice.pick([0n, 1n, ...AMOUNTS])
      return this.request(friend, { destPayment, totalDestPayment, leftFees })
    })
    this.seal(
      friend,
      requests.map((request) => ({ kind: 'request', request })),
    )
  }
}
