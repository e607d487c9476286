// A map that keeps the entries used last and forgets the others, so that strangers cannot make it grow.

import { invariant } from './result.ts'

export class RecentMap<K, V> {
  readonly #max: number
  /** In order of use: the entry that was used longest ago comes first. */
  readonly #entries = new Map<K, V>()

  /** @param max entries kept, at least 1. */
  constructor(max: number) {
    invariant(max >= 1, 'a map of recent entries must keep at least one')
    this.#max = max
  }

  get size(): number {
    return this.#entries.size
  }

  /** The value of `key`, which becomes the entry used last. */
  get(key: K): V | undefined {
    const value = this.#entries.get(key)
    if (value === undefined) return undefined
    this.#entries.delete(key)
    this.#entries.set(key, value)
    return value
  }

  /** Keeps `value` and forgets the entry used longest ago if there are too many. */
  set(key: K, value: V): void {
    this.#entries.delete(key)
    this.#entries.set(key, value)
    if (this.#entries.size <= this.#max) return
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest)
      return
    }
  }

  delete(key: K): void {
    this.#entries.delete(key)
  }
}
