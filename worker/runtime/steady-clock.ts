// Time for the core: it goes on when the machine's clock is set back, so that neither stamps run backwards nor
// deadlines stand still (STO-8).

import type { Clock } from '../../protocol/transport.ts'
import type { Time } from '../../protocol/types.ts'

export class SteadyClock {
  readonly #clock: Clock
  /** What the machine's clock is behind of what was told already. */
  #behind_ms = 0
  #last: Time = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Milliseconds since 1970 by the machine's clock, or later where that would be before the last answer. */
  now(): Time {
    const read = this.#clock.now()
    if (read >= this.#last) this.#behind_ms = 0
    else if (read + this.#behind_ms < this.#last) this.#behind_ms = this.#last - read
    this.#last = read + this.#behind_ms
    return this.#last
  }
}
