// A binary heap of numbers by their keys, in typed arrays: gives back first what has the least key.

import { grown } from './grown.ts'

const FIRST_PLACES = 1_024

export class NumberHeap {
  #keys = new Float64Array(FIRST_PLACES)
  #values = new Int32Array(FIRST_PLACES)
  #size = 0

  get size(): number {
    return this.#size
  }

  /** The least key; Infinity when there is none. */
  get least(): number {
    return this.#size === 0 ? Infinity : (this.#keys[0] ?? Infinity)
  }

  /** What has the least key. Only when there is one. */
  get first(): number {
    return this.#values[0] ?? -1
  }

  clear(): void {
    this.#size = 0
  }

  push(key: number, value: number): void {
    if (this.#size === this.#keys.length) {
      this.#keys = grown(this.#keys)
      this.#values = grown(this.#values)
    }
    const keys = this.#keys
    const values = this.#values
    let place = this.#size++
    while (place > 0) {
      const parent = (place - 1) >> 1
      const above = keys[parent] as number
      if (above <= key) break
      keys[place] = above
      values[place] = values[parent] as number
      place = parent
    }
    keys[place] = key
    values[place] = value
  }

  /** Takes out what has the least key. Only when there is one. */
  drop(): void {
    const keys = this.#keys
    const values = this.#values
    const size = --this.#size
    const key = keys[size] as number
    const value = values[size] as number
    let place = 0
    for (;;) {
      let child = 2 * place + 1
      if (child >= size) break
      if (child + 1 < size && (keys[child + 1] as number) < (keys[child] as number)) child++
      if ((keys[child] as number) >= key) break
      keys[place] = keys[child] as number
      values[place] = values[child] as number
      place = child
    }
    keys[place] = key
    values[place] = value
  }
}
