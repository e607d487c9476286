// The public keys of a graph's nodes, and the number of each: 43 bytes a key instead of a string and a map's entry.

import { invariant } from '../protocol/result.ts'
import type { PublicKey } from '../protocol/types.ts'
import { grown } from './grown.ts'
import type { KeyedHash } from './keyed-hash.ts'
import { SlotTable } from './slot-table.ts'

/** Characters of a public key as text. */
const KEY_CHARACTERS = 43
/** The words of four that they are. */
const WORDS = 11
const FIRST_KEYS = 16

export class KeyTable {
  readonly #hash: KeyedHash
  readonly #words = new Int32Array(WORDS)
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
    const words = this.#words
    for (let i = 0; i < WORDS; i++) {
      const at = 4 * i
      // Behind the end of a text there are no numbers, which count as 0.
      words[i] =
        key.charCodeAt(at) |
        (key.charCodeAt(at + 1) << 8) |
        (key.charCodeAt(at + 2) << 16) |
        (key.charCodeAt(at + 3) << 24)
    }
    return this.#hash.of(words)
  }

  #hashOfNode(node: number): number {
    const words = this.#words
    const start = node * KEY_CHARACTERS
    words.fill(0)
    for (let i = 0; i < KEY_CHARACTERS; i++) {
      words[i >> 2] = (words[i >> 2] ?? 0) | ((this.#characters[start + i] ?? 0) << (8 * (i & 3)))
    }
    return this.#hash.of(words)
  }
}
