// Attack: bytes of signed bodies are changed, missing or added before they are signed; some no longer decode.

import type { OutgoingMessage } from '../../../../worker/core/actions.ts'
import { alterBytes, isUnsigned } from './alteration.ts'
import { HostileCore } from './hostile-core.ts'

export class AlteredBytes extends HostileCore {
  protected override replace(message: OutgoingMessage): readonly OutgoingMessage[] {
    if (!isUnsigned(message) || !this.dice.chance(this.eagerness / 4)) return [message]
    return [{ kind: message.kind, body: alterBytes(message.body, this.dice) }]
  }
}
