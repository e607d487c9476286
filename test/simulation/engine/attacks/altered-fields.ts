// Attack: fields of all messages have other values than they should; the signature over them is right.

import * as messages from '../../../../protocol/channel-messages.ts'
import type { Operation } from '../../../../protocol/channel-messages.ts'
import type { Hash } from '../../../../protocol/types.ts'
import { toBase64url } from '../../../../protocol/wire.ts'
import type { OutgoingMessage } from '../../../../worker/core/actions.ts'
import { alterEncodable, alterMessage } from './alteration.ts'
import { HostileCore } from './hostile-core.ts'

const NO_HASH = toBase64url(new Uint8Array(32)) as Hash
const NO_HEADER = { epoch: 0, seq: 1, prevHash: NO_HASH, ackSeq: 0, ackHash: NO_HASH }

export class AlteredFields extends HostileCore {
  /** Altered before it enters the log, which goes on from there without a seam. */
  protected override meddle(operation: Operation): readonly Operation[] {
    if (!this.dice.chance(this.eagerness / 4)) return [operation]
    return [alterEncodable(operation, encodeOperation, this.dice) ?? operation]
  }

  protected override replace(message: OutgoingMessage): readonly OutgoingMessage[] {
    return [this.dice.chance(this.eagerness / 4) ? alterMessage(message, this.dice) : message]
  }
}

function encodeOperation(operation: Operation): Uint8Array {
  return messages.batch.encode({ ...NO_HEADER, operations: [operation] })
}
