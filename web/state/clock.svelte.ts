// The time, for what is shown relative to now.

const TICK_MS = 10_000

export class Clock {
  #now = $state(Date.now())

  constructor() {
    setInterval(() => (this.#now = Date.now()), TICK_MS)
  }

  /** Milliseconds; moves every ten seconds. */
  get now(): number {
    return this.#now
  }
}
