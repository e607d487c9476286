// The public keys of a graph's nodes, and the number of each: 43 bytes a key instead of a string and a map's entry.

import { invariant } from '../protocol/result.ts'
import type { PublicKey } from '../protocol/types.ts'
import { grown } from './grown.ts'
import type { KeyedHash } from './keyed-hash.ts'
import { SlotTable } from './slot-table.ts'

/** Characters of a public key as text. */
const KEY_CHARACTERS = 43
/** Of them those in words of four. */
const WHOLE_WORDS = 40
const FIRST_KEYS = 16

export class KeyTable {
  readonly #hash: KeyedHash
  readonly #table: SlotTable
  /** The characters of each key, 0 behind its end. */
  #characters = new Uint8Array(FIRST_KEYS * KEY_CHARACTERS)
  /** Of the key under work: an array of numbers becomes text several times as fast as other lists. */
  readonly #codes = new Array<number>(KEY_CHARACTERS).fill(0)
  readonly #free: number[] = []
  #used = 0

  constructor(hash: KeyedHash) {
    this.#hash = hash
    this.#table = new SlotTable((node) => this.#hashOfNode(node))
  }

  /** Numbers in use are below this. */
  get bound(): number {
    return this.#used
  }

  /** The key's number, or -1. */
  find(key: PublicKey): number {
    return this.#table.find(this.#hashOfKey(key), (node) => this.#isKeyOf(key, node))
  }

  /** The number of a key that has none yet; the lowest that was never used, or one that is free again. */
  add(key: PublicKey): number {
    invariant(key.length <= KEY_CHARACTERS, 'a public key is no longer than its text form')
    const node = this.#free.pop() ?? this.#used++
    const start = node * KEY_CHARACTERS
    if (start + KEY_CHARACTERS > this.#characters.length) this.#characters = grown(this.#characters)
    for (let i = 0; i < KEY_CHARACTERS; i++) {
      this.#characters[start + i] = i < key.length ? key.charCodeAt(i) : 0
    }
    this.#table.add(node)
    return node
  }

  delete(node: number): void {
    this.#table.delete(node)
    this.#free.push(node)
  }

  key(node: number): PublicKey {
    const start = node * KEY_CHARACTERS
    for (let i = 0; i < KEY_CHARACTERS; i++) this.#codes[i] = this.#characters[start + i] ?? 0
    const end = this.#codes.indexOf(0)
    return String.fromCharCode.apply(null, end < 0 ? this.#codes : this.#codes.slice(0, end)) as PublicKey
  }

  #isKeyOf(key: PublicKey, node: number): boolean {
    const start = node * KEY_CHARACTERS
    for (let i = 0; i < KEY_CHARACTERS; i++) {
      const character = i < key.length ? key.charCodeAt(i) : 0
      if (this.#characters[start + i] !== character) return false
    }
    return true
  }

  #hashOfKey(key: PublicKey): number {
    this.#hash.begin()
    for (let i = 0; i < WHOLE_WORDS; i += 4) {
      const [low, high] = [key.charCodeAt(i), key.charCodeAt(i + 2)]
      this.#hash.add(word(low, key.charCodeAt(i + 1), high, key.charCodeAt(i + 3)))
    }
    const last = WHOLE_WORDS
    this.#hash.add(word(key.charCodeAt(last), key.charCodeAt(last + 1), key.charCodeAt(last + 2), 0))
    return this.#hash.end()
  }

  #hashOfNode(node: number): number {
    const characters = this.#characters
    const start = node * KEY_CHARACTERS
    const last = start + WHOLE_WORDS
    this.#hash.begin()
    for (let i = start; i < last; i += 4) {
      this.#hash.add(word(characters[i], characters[i + 1], characters[i + 2], characters[i + 3]))
    }
    this.#hash.add(word(characters[last], characters[last + 1], characters[last + 2], 0))
    return this.#hash.end()
  }
}

type Byte = number | undefined

/** What is not there, or no number, is 0. */
function word(a: Byte, b: Byte, c: Byte, d: Byte): number {
  return Number(a) | (Number(b) << 8) | (Number(c) << 16) | (Number(d) << 24)
}
