// Limits a rate: a bucket of tokens that refills with time, and from which each piece of work takes its cost.

import type { Time } from './types.ts'

export class TokenBucket {
  readonly #burst: number
  readonly #perSecond: number
  #tokens: number
  #filled: Time

  /** @param burst tokens that can be taken at once. @param perSecond tokens that come back per second. */
  constructor(burst: number, perSecond: number, now: Time) {
    this.#burst = burst
    this.#perSecond = perSecond
    this.#tokens = burst
    this.#filled = now
  }

  /** Takes `cost` tokens if they are there; else takes none and returns false. */
  take(cost: number, now: Time): boolean {
    this.#fill(now)
    if (this.#tokens < cost) return false
    this.#tokens -= cost
    return true
  }

  /** Takes what work has cost that is done already, though it be more than is there: then that has to come back first. */
  charge(cost: number): void {
    this.#tokens -= cost
  }

  /** Whether it is as good as a new one. */
  isFull(now: Time): boolean {
    this.#fill(now)
    return this.#tokens === this.#burst
  }

  #fill(now: Time): void {
    // A clock that was set back refills nothing, and takes nothing away.
    const elapsed_ms = Math.max(0, now - this.#filled)
    this.#tokens = Math.min(this.#burst, this.#tokens + (elapsed_ms * this.#perSecond) / 1000)
    this.#filled = now
  }
}
