// A binary heap: gives back first what comes first.

export class Heap<T> {
  readonly #isBefore: (a: T, b: T) => boolean
  readonly #items: T[] = []

  constructor(isBefore: (a: T, b: T) => boolean) {
    this.#isBefore = isBefore
  }

  push(item: T): void {
    let place = this.#items.length
    while (place > 0) {
      const parent = (place - 1) >> 1
      const above = this.#items[parent] as T
      if (!this.#isBefore(item, above)) break
      this.#items[place] = above
      place = parent
    }
    this.#items[place] = item
  }

  /** Takes out the first item; undefined when there is none. */
  pop(): T | undefined {
    const first = this.#items[0]
    const last = this.#items.pop()
    if (last === undefined || this.#items.length === 0) return first
    let place = 0
    for (;;) {
      let child = 2 * place + 1
      if (child >= this.#items.length) break
      if (child + 1 < this.#items.length) {
        if (this.#isBefore(this.#items[child + 1] as T, this.#items[child] as T)) child++
      }
      const below = this.#items[child] as T
      if (!this.#isBefore(below, last)) break
      this.#items[place] = below
      place = child
    }
    this.#items[place] = last
    return first
  }
}
