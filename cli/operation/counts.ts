// Numbers that grow, each with a name: what is counted whether or not somebody asks for it.

import type { Labels } from './metrics.ts'

export class Counts {
  readonly #counts = new Map<string, number>()

  /** @param names are there from the start, at 0: a number that appears at its first event hides it. */
  constructor(names: readonly string[] = []) {
    for (const name of names) this.#counts.set(name, 0)
  }

  add(name: string, amount = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + amount)
  }

  /** As samples of a metric that differ in `label`. */
  *samples(label: string, labels: Labels = {}): Generator<readonly [number, Labels]> {
    for (const [name, count] of this.#counts) yield [count, { ...labels, [label]: name }]
  }
}
