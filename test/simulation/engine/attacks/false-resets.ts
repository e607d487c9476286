// Attack: claims balances that nobody owes: huge ones, none, too many, in no order; proposes epochs at the end of all
// numbers; accepts what was never claimed.

import * as messages from '../../../../protocol/channel-messages.ts'
import type { Claim } from '../../../../protocol/channel-messages.ts'
import { CURRENCIES_MAX } from '../../../../protocol/limits.ts'
import type { Currency } from '../../../../protocol/types.ts'
import { BALANCE_MAX } from '../../../../protocol/wire.ts'
import { EPOCH_MAX, resetHash } from '../../../../worker/core/channel/reset.ts'
import { mirrored } from '../../../../worker/core/channel/start.ts'
import type { ClaimRecord } from '../../../../worker/core/records.ts'
import type { Friend } from '../../../../worker/core/state.ts'
import { HostileCore } from './hostile-core.ts'

export class FalseResets extends HostileCore {
  protected override strike(friend: Friend): void {
    for (let left = this.dice.between(1, 4); left > 0; left--) this.#reset(friend)
    if (this.dice.chance(0.3)) this.#resume(friend)
  }

  #reset(friend: Friend): void {
    const { publicKey, channel } = friend.record
    const theirs = channel.reset?.remote
    const isForTheirs = theirs !== undefined && this.dice.chance(0.5)
    const hash = isForTheirs ? resetHash(publicKey, this.publicKey, theirs) : this.hash()
    const accepts = this.dice.chance(0.5) ? { accepts: hash } : {}
    const content = { epoch: this.#epoch(channel.epoch), claims: this.#claims(friend), ...accepts }
    this.say(friend, { kind: 'reset', body: messages.reset.encode(content) })
  }

  /** As if an agreement had been reached already. */
  #resume(friend: Friend): void {
    const { channel } = friend.record
    const epoch = this.#epoch(channel.epoch)
    const { startHash, receivedHash } = channel
    this.say(friend, { kind: 'resume', epoch, startHash, lastSent: 0, received: 0, receivedHash })
  }

  #epoch(now: number): number {
    if (this.dice.chance(0.8)) return Math.max(0, now + this.dice.between(-1, 3))
    return this.dice.pick([0, EPOCH_MAX - 1, EPOCH_MAX, 0xffff_ffff])
  }

  #claims(friend: Friend): readonly Claim[] {
    const { channel } = friend.record
    const owed: ClaimRecord[] = channel.ledgers.map(({ currency, balance }) => ({ currency, balance }))
    const credit = 'credit' as Currency
    switch (
      this.dice.pick(['true', 'mirrored', 'greedy', 'absurd', 'none', 'twice', 'zero', 'many'] as const)
    ) {
      case 'true':
        return owed.filter(({ balance }) => balance !== 0n)
      case 'mirrored':
        return mirrored(channel.reset?.remote?.claims ?? owed)
      case 'greedy':
        return [{ currency: credit, balance: 900n }]
      case 'absurd':
        return [{ currency: credit, balance: this.dice.pick([BALANCE_MAX, -BALANCE_MAX]) }]
      case 'none':
        return []
      case 'twice':
        return [
          { currency: credit, balance: 1n },
          { currency: credit, balance: 1n },
        ]
      case 'zero':
        return [{ currency: credit, balance: 0n }]
      case 'many':
        return Array.from({ length: 2 * CURRENCIES_MAX }, (_, number) => {
          return { currency: `c${String(number).padStart(2, '0')}` as Currency, balance: 1n }
        })
    }
  }
}
