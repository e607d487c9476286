// Attack: messages are held back and said later, in another order, or only once the session is another one.

import type { PublicKey } from '../../../../protocol/types.ts'
import type { OutgoingMessage } from '../../../../worker/core/actions.ts'
import type { Friend } from '../../../../worker/core/state.ts'
import { HostileCore } from './hostile-core.ts'

export class Reorders extends HostileCore {
  readonly #held = new Map<PublicKey, OutgoingMessage[]>()

  protected override strike(friend: Friend): void {
    const held = this.#held.get(friend.record.publicKey) ?? []
    this.#held.delete(friend.record.publicKey)
    for (const message of this.dice.shuffled(held)) this.say(friend, message)
  }

  protected override replace(message: OutgoingMessage, { record }: Friend): readonly OutgoingMessage[] {
    if (!this.dice.chance(this.eagerness / 2)) return [message]
    this.#held.set(record.publicKey, [...(this.#held.get(record.publicKey) ?? []), message])
    return []
  }
}
