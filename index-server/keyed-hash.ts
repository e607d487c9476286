// HalfSipHash-1-3, as the hash tables of operating systems use it: who does not know the seed cannot choose what falls
// onto one place of a table. Jean-Philippe Aumasson and Daniel J. Bernstein, "SipHash: a fast short-input PRF", 2012.

/** Rounds after the last word. */
const LAST_ROUNDS = 3

export class KeyedHash {
  readonly #key0: number
  readonly #key1: number

  /** @param seed 64 bits. */
  constructor(seed: bigint) {
    this.#key0 = Number(BigInt.asIntN(32, seed))
    this.#key1 = Number(BigInt.asIntN(32, seed >> 32n))
  }

  /** @returns 32 bits for words of 32 bits, always as many in one table. */
  of(words: Int32Array): number {
    let v0 = this.#key0
    let v1 = this.#key1
    let v2 = 0x6c796765 ^ this.#key0
    let v3 = 0x74656462 ^ this.#key1
    for (let i = 0; i < words.length + LAST_ROUNDS; i++) {
      const word = words[i] ?? 0
      if (i === words.length) v2 ^= 0xff
      v3 ^= word
      v0 = (v0 + v1) | 0
      v1 = rotated(v1, 5) ^ v0
      v0 = rotated(v0, 16)
      v2 = (v2 + v3) | 0
      v3 = rotated(v3, 8) ^ v2
      v0 = (v0 + v3) | 0
      v3 = rotated(v3, 7) ^ v0
      v2 = (v2 + v1) | 0
      v1 = rotated(v1, 13) ^ v2
      v2 = rotated(v2, 16)
      v0 ^= word
    }
    return v1 ^ v3
  }
}

function rotated(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits))
}
