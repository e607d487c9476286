// Pseudo-random numbers for mutations: some nanoseconds each, and the same for the same seed (xorshift128).

export class FuzzRandom {
  readonly #state = new Uint32Array(4)

  constructor(seed: string) {
    // FNV-1a, once per word of state with another start.
    for (let word = 0; word < 4; word++) {
      let hash = 0x811c9dc5 ^ (word + 1)
      for (let at = 0; at < seed.length; at++) hash = Math.imul(hash ^ seed.charCodeAt(at), 0x01000193)
      this.#state[word] = hash | 1
    }
    for (let warm = 0; warm < 16; warm++) this.next()
  }

  /** 32 random bits. */
  next(): number {
    const state = this.#state
    let last = state[3]!
    const first = state[0]!
    state[3] = state[2]!
    state[2] = state[1]!
    state[1] = first
    last ^= last << 11
    last ^= last >>> 8
    state[0] = last ^ first ^ (first >>> 19)
    return state[0]
  }

  /** A whole number 0..`end`-1; 0 when `end` is 0. */
  below(end: number): number {
    return Math.floor((this.next() / 0x1_0000_0000) * end)
  }

  /** True once in `times`. */
  once(times: number): boolean {
    return this.below(times) === 0
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)]
    if (item === undefined && items.length === 0) throw new Error('there is nothing to pick from')
    return item as T
  }
}
