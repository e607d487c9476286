// Random numbers and bytes that are the same in every run of a test, cheap enough for a simulator that draws millions
// of them. Not for keys that protect anything.

import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import type { Random } from '../../protocol/transport.ts'

/** Random bytes; any text is a seed, and equal ones give equal bytes. */
export function seededRandom(seed: string): Random {
  const next = seededWords(seed)
  return (size) => {
    const bytes = new Uint8Array(size)
    for (let at = 0; at < size; at += 4) {
      const word = next()
      for (let i = 0; i < 4 && at + i < size; i++) bytes[at + i] = word >>> (8 * i)
    }
    return bytes
  }
}

/** Random 32-bit words: xoshiro128** (Blackman and Vigna), its state taken from the seed's hash. */
export function seededWords(seed: string): () => number {
  const state = new DataView(sha256(utf8ToBytes(seed)).buffer)
  let [a, b, c, d] = [state.getUint32(0), state.getUint32(4), state.getUint32(8), state.getUint32(12)]
  return () => {
    const word = Math.imul(rotated(Math.imul(b, 5), 7), 9) >>> 0
    const shifted = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= shifted
    d = rotated(d, 11)
    return word
  }
}

function rotated(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits))
}
