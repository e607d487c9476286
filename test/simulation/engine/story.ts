// What happened in a simulated world, as lines for people.

import type { VirtualClock } from '../../support/virtual-clock.ts'

export class Story {
  readonly lines: string[] = []
  /** How often each kind of thing happened. */
  readonly counts = new Map<string, number>()
  readonly #clock: VirtualClock
  readonly #begun: number

  constructor(clock: VirtualClock) {
    this.#clock = clock
    this.#begun = clock.now()
  }

  tell(line: string): void {
    this.lines.push(`${((this.#clock.now() - this.#begun) / 1_000).toFixed(3)} s  ${line}`)
  }

  count(what: string, times = 1): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + times)
  }
}
