// One connected server, as the federation sees it: its hashes, how fast it may talk, and what it needs to be told.

import type { FederationMessage } from '../protocol/federation-messages.ts'
import type { SignedUpdate } from '../protocol/index-messages.ts'
import { INDEX_REFRESH_MS } from '../protocol/limits.ts'
import { TokenBucket } from '../protocol/token-bucket.ts'
import type { Hash, PublicKey, Time } from '../protocol/types.ts'
import {
  ASKED_MAX,
  LOG_UPDATES_BURST_MAX,
  LOG_UPDATES_PER_SECOND_MAX,
  NEEDED_MAX,
  NEIGHBOUR_BURST_MAX,
  NEIGHBOUR_HASHES_BURST_MAX,
  NEIGHBOUR_HASHES_PER_SECOND_MAX,
  NEIGHBOUR_MESSAGES_PER_SECOND_MAX,
  NEIGHBOUR_SEND_BURST_MAX,
  NEIGHBOUR_SENDS_PER_SECOND_MAX,
} from './limits.ts'

export class Neighbour {
  readonly key: PublicKey
  /** Those it told, the latest last. */
  readonly hashes: Hash[] = []
  readonly #hashRate: TokenBucket
  readonly #messageRate: TokenBucket
  readonly #sendRate: TokenBucket
  readonly #logRate: TokenBucket
  /** Nodes of which it needs all updates; and those of them whose updates are not all here. */
  readonly #needed = new Set<PublicKey>()
  readonly #waiting = new Set<PublicKey>()
  /** Goes on where it was: to begin anew at each node is to pass by all that have had their turn. */
  #turns = this.#needed.values()
  /** When it was asked for all of a node, the latest last. */
  readonly #asked = new Map<PublicKey, Time>()
  /** Of the node that is its turn. */
  #updates: readonly SignedUpdate[] = []
  #nextUpdate = 0

  constructor(key: PublicKey, now: Time) {
    this.key = key
    this.#hashRate = new TokenBucket(NEIGHBOUR_HASHES_BURST_MAX, NEIGHBOUR_HASHES_PER_SECOND_MAX, now)
    this.#messageRate = new TokenBucket(NEIGHBOUR_BURST_MAX, NEIGHBOUR_MESSAGES_PER_SECOND_MAX, now)
    this.#sendRate = new TokenBucket(NEIGHBOUR_SEND_BURST_MAX, NEIGHBOUR_SENDS_PER_SECOND_MAX, now)
    this.#logRate = new TokenBucket(LOG_UPDATES_BURST_MAX, LOG_UPDATES_PER_SECOND_MAX, now)
  }

  /** Whether it talks no faster than an honest server has to. */
  mayBring({ kind }: FederationMessage, now: Time): boolean {
    return (kind === 'freshness' ? this.#hashRate : this.#messageRate).take(1, now)
  }

  /** Whether it may be told one thing more, which is not a hash: faster than this it would cut the link. */
  mayHear(now: Time): boolean {
    return this.#sendRate.take(1, now)
  }

  /** Whether to ask it for all of a node, which then is not done again for some time. */
  mayBeAsked(node: PublicKey, now: Time): boolean {
    for (const [asked, at] of this.#asked) {
      if (now - at < INDEX_REFRESH_MS) break
      this.#asked.delete(asked)
    }
    if (this.#asked.has(node) || this.#asked.size >= ASKED_MAX) return false
    this.#asked.set(node, now)
    return true
  }

  /** It needs all updates of a node that is known here. */
  needs(node: PublicKey): void {
    if (this.#needed.size < NEEDED_MAX) this.#needed.add(node)
  }

  /** All updates of the node have come. */
  isThere(node: PublicKey): void {
    if (this.#waiting.delete(node)) this.needs(node)
  }

  /** The next update that it needs, when it is time for one. */
  next(
    updatesOf: (node: PublicKey) => readonly SignedUpdate[] | undefined,
    now: Time,
  ): SignedUpdate | undefined {
    while (this.#nextUpdate >= this.#updates.length) {
      const node = this.#nextNeeded()
      if (node === undefined) return undefined
      const updates = updatesOf(node)
      if (updates === undefined) this.#waits(node)
      this.#updates = updates ?? []
      this.#nextUpdate = 0
    }
    return this.#logRate.take(1, now) ? this.#updates[this.#nextUpdate++] : undefined
  }

  #nextNeeded(): PublicKey | undefined {
    let turn = this.#turns.next()
    if (turn.done === true) {
      this.#turns = this.#needed.values()
      turn = this.#turns.next()
    }
    if (turn.done === true) return undefined
    this.#needed.delete(turn.value)
    return turn.value
  }

  /** Among them are nodes that have left; what is needed yet is asked for again. */
  #waits(node: PublicKey): void {
    if (this.#waiting.size >= NEEDED_MAX) this.#waiting.clear()
    this.#waiting.add(node)
  }
}
