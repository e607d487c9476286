// Waits longer after each failure, with jitter, so that many nodes do not come back in the same instant.

import type { Clock, Random } from '../../protocol/transport.ts'

export class Backoff {
  readonly #min_ms: number
  readonly #max_ms: number
  readonly #clock: Clock
  readonly #random: Random
  #failures = 0

  /** @param min_ms middle of the first wait. @param max_ms middle of the longest. */
  constructor(min_ms: number, max_ms: number, clock: Clock, random: Random) {
    this.#min_ms = min_ms
    this.#max_ms = max_ms
    this.#clock = clock
    this.#random = random
  }

  /** Calls back after the next wait: twice the one before, times 0.5..1.5. @returns what cancels it. */
  wait(callback: () => void): () => void {
    const middle_ms = Math.min(this.#min_ms * 2 ** this.#failures, this.#max_ms)
    if (middle_ms < this.#max_ms) this.#failures += 1
    const byte = this.#random(1)[0] ?? 0
    return this.#clock.after(Math.round(middle_ms * (0.5 + byte / 255)), callback)
  }

  /** After a success: the next wait is the first again. */
  reset(): void {
    this.#failures = 0
  }
}
