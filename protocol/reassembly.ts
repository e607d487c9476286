// Puts the pieces of a message that did not fit one frame together again, within a limit.

import { concatBytes } from '@noble/hashes/utils.js'
import { fail, ok, type Result } from './result.ts'

export class Reassembly {
  readonly #max: number
  #pieces: Uint8Array[] = []
  #size = 0

  /** @param max bytes of the longest message. */
  constructor(max: number) {
    this.#max = max
  }

  /** Takes one piece; the whole message when it is the last one. Fails with `messageTooLong`. */
  add(piece: Uint8Array, isLast: boolean): Result<Uint8Array | undefined> {
    this.#size += piece.length
    if (this.#size > this.#max) {
      return fail('messageTooLong', `the other side sent a message of more than ${this.#max} bytes`)
    }
    this.#pieces.push(piece)
    if (!isLast) return ok(undefined)
    const message = concatBytes(...this.#pieces)
    this.clear()
    return ok(message)
  }

  clear(): void {
    this.#pieces = []
    this.#size = 0
  }
}
