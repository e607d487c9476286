// HalfSipHash-1-3, as the hash tables of operating systems use it: who does not know the seed cannot choose what falls
// onto one place of a table. Jean-Philippe Aumasson and Daniel J. Bernstein, "SipHash: a fast short-input PRF", 2012.

/** Takes words of 32 bits one after the other: `begin`, `add` for each, `end`. */
export class KeyedHash {
  readonly #key0: number
  readonly #key1: number
  #v0 = 0
  #v1 = 0
  #v2 = 0
  #v3 = 0

  /** @param seed 64 bits. */
  constructor(seed: bigint) {
    this.#key0 = Number(BigInt.asIntN(32, seed))
    this.#key1 = Number(BigInt.asIntN(32, seed >> 32n))
  }

  begin(): void {
    this.#v0 = this.#key0
    this.#v1 = this.#key1
    this.#v2 = 0x6c796765 ^ this.#key0
    this.#v3 = 0x74656462 ^ this.#key1
  }

  add(word: number): void {
    this.#v3 ^= word
    this.#round()
    this.#v0 ^= word
  }

  /** @returns 32 bits. */
  end(): number {
    this.#v2 ^= 0xff
    this.#round()
    this.#round()
    this.#round()
    return this.#v1 ^ this.#v3
  }

  #round(): void {
    const a = (this.#v0 + this.#v1) | 0
    const b = rotated(this.#v1, 5) ^ a
    const c = (this.#v2 + this.#v3) | 0
    const d = rotated(this.#v3, 8) ^ c
    const e = (rotated(a, 16) + d) | 0
    const f = (c + b) | 0
    this.#v0 = e
    this.#v1 = rotated(b, 13) ^ f
    this.#v2 = rotated(f, 16)
    this.#v3 = rotated(d, 7) ^ e
  }
}

function rotated(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits))
}
