// The signed updates of one session of a node that still count: its last full one, and the later ones of which at
// least one edge is not said anew. What is in it, and so what the node's edges are, depends only on which updates
// were added, never on their order: servers that hear of a node by several ways come to the same.

import type { EdgeReport, SignedUpdate, Update } from '../protocol/index-messages.ts'
import { UPDATE_BYTES_MAX } from '../protocol/limits.ts'
import { readUpdate } from '../protocol/read-update.ts'
import { invariant } from '../protocol/result.ts'
import type { Currency, PublicKey } from '../protocol/types.ts'
import { fromBase64url } from '../protocol/wire.ts'
import { EDGE_BYTES_MAX, LOG_WASTE_MAX } from './limits.ts'

interface Entry {
  readonly counter: number
  readonly signed: SignedUpdate
  /** Edges that no later update says anew. */
  live: number
}

export type EdgeName = Pick<EdgeReport, 'friend' | 'currency'>

/** What one update changes. */
export interface Change {
  /** Its edges of which no later update says anything. */
  readonly news: readonly EdgeReport[]
  /** Edges that only updates before it said, when it is a full one. */
  readonly undone: readonly EdgeName[]
}

/** Characters of a key in a name. */
const KEY_LENGTH = 43

export class UpdateLog {
  readonly #entries = new Map<number, Entry>()
  /** By edge: the update that said it last. */
  readonly #saidBy = new Map<string, Entry>()
  /** Counter of the last full update; -1 before there is one. */
  #full = -1
  #bytes = 0
  #digest = 0n

  /** Bytes of the updates kept. */
  get bytes(): number {
    return this.#bytes
  }

  /** Edges that the updates name. */
  get edgeCount(): number {
    return this.#saidBy.size
  }

  /** Equal for logs of the same updates, whatever their order. */
  get digest(): bigint {
    return this.#digest
  }

  /** Whether the update changes anything. */
  hasNews(update: Update): boolean {
    const { counter, full, edges } = update
    if (counter <= this.#full || this.#entries.has(counter)) return false
    return full || edges.some((edge) => (this.#saidBy.get(nameOf(edge))?.counter ?? -1) < counter)
  }

  /** Whether `more` bytes would be too many for the edges they tell of, times what waste is allowed. */
  isBloatedBy(more: number, waste = LOG_WASTE_MAX): boolean {
    return this.#bytes + more > waste * (UPDATE_BYTES_MAX + EDGE_BYTES_MAX * this.#saidBy.size)
  }

  /** Takes an update with news. */
  add(update: Update, signed: SignedUpdate): Change {
    const entry: Entry = { counter: update.counter, signed: copyOf(signed), live: 0 }
    const forgotten = update.full ? this.#forgetBefore(update.counter) : []
    this.#keep(entry)
    const news: EdgeReport[] = []
    for (const edge of update.edges) {
      const name = nameOf(edge)
      const before = this.#saidBy.get(name)
      if (before !== undefined && before.counter > entry.counter) continue
      news.push(edge)
      if (before === entry) continue
      this.#saidBy.set(name, entry)
      entry.live++
      if (before !== undefined) {
        before.live--
        this.#dropIfDead(before)
      }
    }
    this.#dropIfDead(entry)
    return { news, undone: forgotten.filter((name) => !this.#saidBy.has(name)).map(fromName) }
  }

  /**
   * All edges, as the updates said them last; reads them anew: only for the first full update.
   * @param full its edges that count.
   */
  edges(full: readonly EdgeReport[]): readonly EdgeReport[] {
    if (this.#entries.size === 1) return full
    return [...this.#entries.values()].flatMap((entry) => {
      const update = readUpdate(entry.signed.body)
      invariant(update.ok, 'what is kept was read before')
      return update.value.edges.filter((edge) => this.#saidBy.get(nameOf(edge)) === entry)
    })
  }

  /** What another server needs to know the same, the oldest first. */
  updates(): SignedUpdate[] {
    return [...this.#entries.values()].sort((a, b) => a.counter - b.counter).map(({ signed }) => signed)
  }

  /** A full update replaces all that came before it. @returns the names of the edges that it said. */
  #forgetBefore(counter: number): string[] {
    this.#full = counter
    let live = 0
    for (const entry of this.#entries.values()) {
      if (entry.counter >= counter) continue
      live += entry.live
      this.#drop(entry)
    }
    const forgotten: string[] = []
    if (live === 0) return forgotten
    for (const [name, entry] of this.#saidBy) if (entry.counter < counter) forgotten.push(name)
    for (const name of forgotten) this.#saidBy.delete(name)
    return forgotten
  }

  #keep(entry: Entry): void {
    this.#entries.set(entry.counter, entry)
    this.#bytes += entry.signed.body.length
    this.#digest ^= markOf(entry)
  }

  #dropIfDead(entry: Entry): void {
    if (entry.live === 0 && entry.counter !== this.#full) this.#drop(entry)
  }

  #drop(entry: Entry): void {
    if (!this.#entries.delete(entry.counter)) return
    this.#bytes -= entry.signed.body.length
    this.#digest ^= markOf(entry)
  }
}

/** A key has always as many characters. */
function nameOf({ friend, currency }: EdgeName): string {
  return `${friend}${currency}`
}

function fromName(name: string): EdgeName {
  return { friend: name.slice(0, KEY_LENGTH) as PublicKey, currency: name.slice(KEY_LENGTH) as Currency }
}

/** A message is a view of a frame, which would be kept whole. */
function copyOf({ body, signature }: SignedUpdate): SignedUpdate {
  return { body: body.slice(), signature }
}

/** Eight bytes that nobody but the node chooses. */
function markOf({ signed }: Entry): bigint {
  const bytes = fromBase64url(signed.signature)
  return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0)
}
