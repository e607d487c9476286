// The hashes that this server publishes, and the proofs made of them: that something was signed after one of them.

import { hashOfList, type HashList } from '../protocol/federation-messages.ts'
import { invariant } from '../protocol/result.ts'
import type { Hash } from '../protocol/types.ts'
import { FRESHNESS_HASHES_MAX, FRESHNESS_KEPT_MAX } from './limits.ts'

interface Published {
  readonly hash: Hash
  readonly list: HashList
}

/** A proof holds, for the server's own list that it ends with; else it does not hold, or only proves something old. */
export type Proof =
  { readonly kind: 'fresh'; readonly list: HashList } | { readonly kind: 'old' } | { readonly kind: 'broken' }

export class Freshness {
  /** The latest last. */
  readonly #published: Published[] = []

  /** @param random 32 random bytes. @param neighbours the latest hash of each. */
  publish(random: Uint8Array, neighbours: readonly Hash[]): void {
    const list: HashList = { random, neighbours }
    this.#published.push({ hash: hashOfList(list), list })
    if (this.#published.length > FRESHNESS_KEPT_MAX) this.#published.shift()
  }

  get latest(): Hash {
    const last = this.#published.at(-1)
    invariant(last !== undefined, 'there is always a freshness hash')
    return last.hash
  }

  /** The list behind a hash that a node of this server may name; undefined when it is none of the latest. */
  listOf(hash: Hash): HashList | undefined {
    return this.#published.slice(-FRESHNESS_HASHES_MAX).find((one) => one.hash === hash)?.list
  }

  /** Whether what names `freshness` was signed after one of the hashes kept here (IDX-17). */
  prove(freshness: Hash, chain: readonly HashList[]): Proof {
    let expected: readonly Hash[] = [freshness]
    for (const list of chain) {
      if (!expected.includes(hashOfList(list))) return { kind: 'broken' }
      expected = list.neighbours
    }
    const own = this.#published.findLast(({ hash }) => expected.includes(hash))
    return own === undefined ? { kind: 'old' } : { kind: 'fresh', list: own.list }
  }
}
