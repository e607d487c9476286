// Attack: acknowledges what it never got, forgets what it has acknowledged, or names other hashes; in acknowledgements,
// in the headers of batches, and when a session begins.

import * as messages from '../../../../protocol/channel-messages.ts'
import { decode } from '../../../../protocol/wire.ts'
import type { OutgoingMessage } from '../../../../worker/core/actions.ts'
import type { Friend } from '../../../../worker/core/state.ts'
import { HostileCore } from './hostile-core.ts'

export class FalseAcks extends HostileCore {
  protected override strike(friend: Friend): void {
    const { epoch, receivedSeq, receivedHash } = friend.record.channel
    const seq = this.#move(receivedSeq)
    const hash = this.dice.chance(0.5) ? receivedHash : this.hash()
    if (this.dice.chance(0.7)) this.say(friend, { kind: 'ack', epoch, seq, hash })
    else this.seal(friend, [], { header: { ackSeq: seq, ackHash: hash } })
  }

  protected override replace(message: OutgoingMessage): readonly OutgoingMessage[] {
    if (!this.dice.chance(this.eagerness / 4)) return [message]
    switch (message.kind) {
      case 'ack':
        return [{ ...message, seq: this.#move(message.seq) }]
      case 'resume':
        return [
          { ...message, received: this.#move(message.received), lastSent: this.#move(message.lastSent) },
        ]
      case 'batch': {
        const content = decode(messages.batch, message.body)
        if (!content.ok) return [message]
        const ackSeq = this.#move(content.value.ackSeq)
        return [{ kind: 'batch', body: messages.batch.encode({ ...content.value, ackSeq }) }]
      }
      default:
        return [message]
    }
  }

  #move(seq: number): number {
    const moved = seq + this.dice.pick([-seq, -2, -1, 0, 1, 2, 8, 100])
    return this.dice.chance(0.05) ? Number.MAX_SAFE_INTEGER : Math.max(0, moved)
  }
}
