// Attack: announces other terms in every batch: limits and fees at their extremes, closed and open in turn, currencies
// added and removed while requests in them are under way.

import type { Operation } from '../../../../protocol/channel-messages.ts'
import type { Currency } from '../../../../protocol/types.ts'
import { BALANCE_MAX } from '../../../../protocol/wire.ts'
import type { Friend } from '../../../../worker/core/state.ts'
import { HostileCore } from './hostile-core.ts'

export class FlappingTerms extends HostileCore {
  protected override strike(friend: Friend): void {
    if (this.dice.chance(0.5)) return this.#want(friend)
    this.seal(
      friend,
      Array.from({ length: this.dice.between(1, 30) }, () => this.#operation()),
    )
  }

  /** Its own core wants it so, and keeps books accordingly. */
  #want(friend: Friend): void {
    for (const config of friend.record.currencies) Object.assign(config, this.#terms())
    this.state.touchFriend(friend)
  }

  #operation(): Operation {
    const currency = (this.dice.chance(0.7) ? this.currency() : this.dice.pick(['x', 'y'])) as Currency
    switch (this.dice.weighted({ terms: 3, add: 2, remove: 1 })) {
      case 'terms':
        return { kind: 'terms', terms: { currency: this.currency(), ...this.#terms() } }
      case 'add':
        return { kind: 'addCurrency', currency }
      case 'remove':
        return { kind: 'removeCurrency', currency }
    }
  }

  #terms(): { remoteMaxDebt: bigint; open: boolean; rate: { mul: number; add: number } } {
    return {
      remoteMaxDebt: this.dice.pick([0n, 1n, 50n, 1_000n, BALANCE_MAX]),
      open: this.dice.chance(0.7),
      rate: { mul: this.dice.pick([0, 1, 0xffff_ffff]), add: this.dice.pick([0, 1, 0xffff_ffff]) },
    }
  }
}
