// Attack: thousands of messages that say nothing new, as fast as the session takes them.

import type { OutgoingMessage } from '../../../../worker/core/actions.ts'
import type { Friend } from '../../../../worker/core/state.ts'
import { canonicalClaims } from '../../../../worker/core/channel/start.ts'
import * as messages from '../../../../protocol/channel-messages.ts'
import { HostileCore } from './hostile-core.ts'

export class Flooding extends HostileCore {
  protected override strike(friend: Friend): void {
    // Fewer than a node lets wait, or far more.
    const count = this.dice.pick([20, 60, 1_000])
    const kind = this.dice.pick(['ack', 'resume', 'batch', 'note', 'reset', 'empty'] as const)
    for (let left = count; left > 0; left--) {
      if (kind === 'empty') this.seal(friend, [])
      else this.say(friend, this.#message(kind, friend))
    }
  }

  #message(kind: 'ack' | 'resume' | 'batch' | 'note' | 'reset', friend: Friend): OutgoingMessage {
    const { channel } = friend.record
    const { epoch, startHash, sentSeq: lastSent, receivedSeq, receivedHash } = channel
    switch (kind) {
      case 'ack':
        return { kind, epoch, seq: receivedSeq, hash: receivedHash }
      case 'resume':
        return { kind, epoch, startHash, lastSent, received: receivedSeq, receivedHash }
      case 'batch':
        return { kind, body: friend.batches.at(-1)?.body ?? new Uint8Array(0) }
      case 'note':
        return { kind, body: channel.lastNote?.body ?? new Uint8Array(0) }
      case 'reset': {
        const claims = canonicalClaims(
          channel.ledgers.map(({ currency, balance }) => ({ currency, balance })),
        )
        return { kind, body: messages.reset.encode({ epoch: epoch + 1, claims }) }
      }
    }
  }
}
