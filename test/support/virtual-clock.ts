// Time that stands still until a test lets it pass.

import type { Clock } from '../../protocol/transport.ts'

interface Timer {
  readonly at: number
  readonly order: number
  readonly callback: () => void
}

export class VirtualClock implements Clock {
  #now: number
  #order = 0
  readonly #timers = new Set<Timer>()

  constructor(start = 1_000_000) {
    this.#now = start
  }

  now(): number {
    return this.#now
  }

  after(delay_ms: number, callback: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, delay_ms), order: this.#order++, callback }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  /** Lets time pass, running whatever falls due, in order. */
  advance(span_ms: number): void {
    const end = this.#now + span_ms
    for (let timer = this.#next(end); timer !== undefined; timer = this.#next(end)) {
      this.#timers.delete(timer)
      this.#now = timer.at
      timer.callback()
    }
    this.#now = end
  }

  /** When the next timer falls due. */
  get nextDue(): number | undefined {
    return this.#next(Infinity)?.at
  }

  #next(end: number): Timer | undefined {
    let first: Timer | undefined
    for (const timer of this.#timers) {
      if (timer.at > end) continue
      const isEarlier = first === undefined || timer.at < first.at
      if (isEarlier || (timer.at === first?.at && timer.order < first.order)) first = timer
    }
    return first
  }
}
