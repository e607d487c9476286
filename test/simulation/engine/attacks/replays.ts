// Attack: what was said before is said again, in this session or a later one, to the same friend or to another; and
// what a friend said is said back to him.

import type { OutgoingMessage } from '../../../../worker/core/actions.ts'
import type { Input, Stamp } from '../../../../worker/core/inputs.ts'
import type { Friend } from '../../../../worker/core/state.ts'
import { HostileCore } from './hostile-core.ts'

const REMEMBERED_MAX = 100

export class Replays extends HostileCore {
  readonly #said: OutgoingMessage[] = []

  override process(input: Input, stamp: Stamp, valid: readonly boolean[]): void {
    if (input.type === 'friendMessage') this.#remember(input.message)
    super.process(input, stamp, valid)
  }

  protected override strike(friend: Friend): void {
    for (let left = this.dice.between(1, 5); left > 0 && this.#said.length > 0; left--) {
      this.say(friend, this.dice.pick(this.#said))
    }
  }

  protected override replace(message: OutgoingMessage): readonly OutgoingMessage[] {
    this.#remember(message)
    return this.dice.chance(this.eagerness) ? [message, message] : [message]
  }

  #remember(message: OutgoingMessage): void {
    this.#said.push(message)
    if (this.#said.length > REMEMBERED_MAX) this.#said.splice(this.dice.below(this.#said.length), 1)
  }
}
