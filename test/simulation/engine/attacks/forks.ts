// Attack: two different batches are signed with one number, and both are sent: at once, in any order, or the second one
// only when the session begins anew.

import * as messages from '../../../../protocol/channel-messages.ts'
import type { RequestId } from '../../../../protocol/types.ts'
import { decode } from '../../../../protocol/wire.ts'
import type { OutgoingMessage } from '../../../../worker/core/actions.ts'
import type { Friend } from '../../../../worker/core/state.ts'
import { HostileCore } from './hostile-core.ts'

export class Forks extends HostileCore {
  /** Beside the last batch, which may be long past. */
  protected override strike(friend: Friend): void {
    if (this.dice.chance(0.5)) this.seal(friend, [this.#wish()])
    const last = friend.batches.at(-1)
    if (last !== undefined) this.say(friend, { kind: 'batch', body: this.#fork(last.body) })
  }

  protected override replace(message: OutgoingMessage): readonly OutgoingMessage[] {
    if (message.kind !== 'batch' || !this.dice.chance(this.eagerness / 3)) return [message]
    const fork = { kind: 'batch', body: this.#fork(message.body) } as const
    return this.dice.pick([[message, fork], [fork, message], [fork], [message, fork, message]])
  }

  #fork(body: Uint8Array): Uint8Array {
    const content = decode(messages.batch, body)
    if (!content.ok) return body
    const operations = [...content.value.operations.slice(0, 10), this.#wish()]
    return messages.batch.encode({ ...content.value, operations })
  }

  #wish(): messages.Operation {
    return { kind: 'askCancel', requestId: this.dice.id16() as RequestId }
  }
}
