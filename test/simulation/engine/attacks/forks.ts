// Attack: two different batches are signed with one number, and both are sent: at once, in any order, or the second one
// only when the session begins anew.

import * as messages from '../../../../protocol/channel-messages.ts'
import type { RequestId } from '../../../../protocol/types.ts'
import { decode } from '../../../../protocol/wire.ts'
import type { OutgoingMessage } from '../../../../worker/core/actions.ts'
import { HostileCore } from './hostile-core.ts'

export class Forks extends HostileCore {
  protected override replace(message: OutgoingMessage): readonly OutgoingMessage[] {
    if (message.kind !== 'batch' || !this.dice.chance(this.eagerness / 3)) return [message]
    const content = decode(messages.batch, message.body)
    if (!content.ok) return [message]
    const { operations } = content.value
    const other: messages.Operation = { kind: 'askCancel', requestId: this.dice.id16() as RequestId }
    const body = messages.batch.encode({ ...content.value, operations: [...operations.slice(0, 10), other] })
    const fork = { kind: 'batch', body } as const
    return this.dice.pick([[message, fork], [fork, message], [fork], [message, fork, message]])
  }
}
