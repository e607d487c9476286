// Attack: announces relays that do not exist, are somebody else, or have no address at all, so that friends dial in
// vain, and lose those that worked.

import { RELAYS_MAX } from '../../../../protocol/limits.ts'
import type { PublicKey, RelayAddress } from '../../../../protocol/types.ts'
import type { Friend } from '../../../../worker/core/state.ts'
import { HostileCore } from './hostile-core.ts'

const ADDRESSES = [
  'nowhere.example:1',
  'relay0.example',
  '::1',
  '../',
  'a@b:443/#',
  'x'.repeat(256),
  '💀.example:443',
]

export class DeadRelays extends HostileCore {
  protected override strike(friend: Friend): void {
    const relays = Array.from({ length: this.dice.below(RELAYS_MAX + 1) }, () => this.#relay())
    this.seal(friend, [{ kind: 'relays', relays }])
  }

  #relay(): RelayAddress {
    const { relays, indexServers, members } = this.scene
    const { publicKey, address } = this.dice.pick([...relays, ...indexServers])
    const keys = [publicKey, this.hash() as string as PublicKey, ...members.map(({ card }) => card.publicKey)]
    return {
      publicKey: this.dice.pick(keys),
      address: this.dice.chance(0.3) ? address : this.dice.pick(ADDRESSES),
    }
  }
}
