// Attack: says that the friend's data is older than what he once signed: with true but old signatures of his, with
// signatures under other words, and by pretending that it has lost its own data.

import type { OutgoingMessage } from '../../../../worker/core/actions.ts'
import type { Input, Stamp } from '../../../../worker/core/inputs.ts'
import type { SignedBody } from '../../../../worker/core/records.ts'
import type { PublicKey } from '../../../../protocol/types.ts'
import type { Friend } from '../../../../worker/core/state.ts'
import { alterBytes } from './alteration.ts'
import { HostileCore } from './hostile-core.ts'

const REMEMBERED_MAX = 40

export class FalseProofs extends HostileCore {
  /** What each friend has signed. */
  readonly #signed = new Map<PublicKey, SignedBody[]>()

  override process(input: Input, stamp: Stamp, valid: readonly boolean[]): void {
    if (input.type === 'friendMessage' && (input.message.kind === 'batch' || input.message.kind === 'note')) {
      const { body, signature } = input.message
      const signed = [...(this.#signed.get(input.friend) ?? []), { body, signature }]
      this.#signed.set(input.friend, signed.slice(-REMEMBERED_MAX))
    }
    super.process(input, stamp, valid)
  }

  protected override strike(friend: Friend): void {
    const owner = this.dice.chance(0.8)
      ? friend.record.publicKey
      : this.dice.pick([...this.#signed.keys(), this.publicKey])
    const signed = this.#signed.get(owner) ?? []
    for (let left = this.dice.between(1, 4); left > 0 && signed.length > 0; left--) {
      const { body, signature } = this.dice.pick(signed)
      const kind = this.dice.pick(['staleBatch', 'staleNote'] as const)
      this.say(friend, { kind, body: this.dice.chance(0.7) ? body : alterBytes(body, this.dice), signature })
    }
  }

  protected override replace(message: OutgoingMessage): readonly OutgoingMessage[] {
    if (message.kind !== 'resume' || !this.dice.chance(this.eagerness)) return [message]
    return [{ ...message, lastSent: Math.max(0, message.lastSent - this.dice.below(4)), received: 0 }]
  }
}
