// Time that stands still until a test lets it pass.

import type { Clock } from '../../protocol/transport.ts'
import { Heap } from '../../index-server/heap.ts'

interface Timer {
  readonly at: number
  readonly order: number
  /** Missing once it was cancelled. */
  callback: (() => void) | undefined
}

export class VirtualClock implements Clock {
  #now: number
  #order = 0
  readonly #timers = new Heap<Timer>((a, b) => a.at < b.at || (a.at === b.at && a.order < b.order))
  #first: Timer | undefined

  constructor(start = 1_000_000) {
    this.#now = start
  }

  now(): number {
    return this.#now
  }

  after(delay_ms: number, callback: () => void): () => void {
    const timer: Timer = { at: this.#now + Math.max(0, delay_ms), order: this.#order++, callback }
    // What was looked at is put back: the new one may come before it.
    if (this.#first !== undefined) this.#timers.push(this.#first)
    this.#first = undefined
    this.#timers.push(timer)
    return () => {
      timer.callback = undefined
    }
  }

  /** Lets time pass, running whatever falls due, in order. */
  advance(span_ms: number): void {
    const end = this.#now + span_ms
    for (let timer = this.#peek(); timer !== undefined && timer.at <= end; timer = this.#peek()) {
      this.#first = undefined
      this.#now = timer.at
      timer.callback?.()
    }
    this.#now = end
  }

  /** When the next timer falls due. */
  get nextDue(): number | undefined {
    return this.#peek()?.at
  }

  #peek(): Timer | undefined {
    while (this.#first?.callback === undefined) {
      this.#first = this.#timers.pop()
      if (this.#first === undefined) return undefined
    }
    return this.#first
  }
}
