// Attack: says nothing of some kind, or nothing at all, and keeps its sessions open.

import type { Operation } from '../../../../protocol/channel-messages.ts'
import type { OutgoingMessage } from '../../../../worker/core/actions.ts'
import type { Snapshot } from '../../../../worker/core/records.ts'
import type { Dice } from '../dice.ts'
import type { Scene } from '../scene.ts'
import { HostileCore } from './hostile-core.ts'

const WITHHELD: readonly (readonly OutgoingMessage['kind'][])[] = [
  ['ack'],
  ['note'],
  ['ack', 'note'],
  ['batch'],
  ['reset'],
  ['resume'],
  ['resume', 'batch', 'ack', 'note', 'reset'],
]

export class Silence extends HostileCore {
  readonly #kinds: readonly OutgoingMessage['kind'][]
  readonly #answers: boolean

  constructor(snapshot: Snapshot, scene: Scene, dice: Dice) {
    super(snapshot, scene, dice)
    this.#kinds = dice.pick(WITHHELD)
    this.#answers = dice.chance(0.7)
  }

  protected override meddle(operation: Operation): readonly Operation[] {
    const isAnswer = operation.kind === 'response' || operation.kind === 'cancel'
    return isAnswer && !this.#answers ? [] : [operation]
  }

  protected override replace(message: OutgoingMessage): readonly OutgoingMessage[] {
    return this.#kinds.includes(message.kind) ? [] : [message]
  }
}
