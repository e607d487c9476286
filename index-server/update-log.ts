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

/** What decides of two updates which one is the later. */
interface Place {
  readonly counter: number
  readonly signed: SignedUpdate
}

interface Entry extends Place {
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
  readonly #entries = new Set<Entry>()
  /** By edge: the update that said it last. */
  readonly #saidBy = new Map<string, Entry>()
  /** The last full update. */
  #full: Entry | undefined
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
  hasNews({ counter, full, edges }: Update, signed: SignedUpdate): boolean {
    const place: Place = { counter, signed }
    if (!isLater(place, this.#full)) return false
    return full || edges.some((edge) => isLater(place, this.#saidBy.get(nameOf(edge))))
  }

  /** Whether `more` bytes would be too many for the edges they tell of, times what waste is allowed. */
  isBloatedBy(more: number, waste = LOG_WASTE_MAX): boolean {
    return this.#bytes + more > waste * (UPDATE_BYTES_MAX + EDGE_BYTES_MAX * this.#saidBy.size)
  }

  /** Takes an update with news. */
  add(update: Update, signed: SignedUpdate): Change {
    const entry: Entry = { counter: update.counter, signed: copyOf(signed), live: 0 }
    const forgotten = update.full ? this.#forgetBefore(entry) : []
    this.#keep(entry)
    const news: EdgeReport[] = []
    for (const edge of update.edges) {
      const name = nameOf(edge)
      const before = this.#saidBy.get(name)
      if (before !== entry && !isLater(entry, before)) continue
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
    return [...this.#entries].flatMap((entry) => {
      const update = readUpdate(entry.signed.body)
      invariant(update.ok, 'what is kept was read before')
      return update.value.edges.filter((edge) => this.#saidBy.get(nameOf(edge)) === entry)
    })
  }

  /** What another server needs to know the same, the oldest first. */
  updates(): SignedUpdate[] {
    return [...this.#entries].sort((a, b) => (isLater(a, b) ? 1 : -1)).map(({ signed }) => signed)
  }

  /** A full update replaces all that came before it. @returns the names of the edges that it said. */
  #forgetBefore(full: Entry): string[] {
    this.#full = full
    let live = 0
    for (const entry of this.#entries) {
      if (!isLater(full, entry)) continue
      live += entry.live
      this.#drop(entry)
    }
    const forgotten: string[] = []
    if (live === 0) return forgotten
    for (const [name, entry] of this.#saidBy) if (isLater(full, entry)) forgotten.push(name)
    for (const name of forgotten) this.#saidBy.delete(name)
    return forgotten
  }

  #keep(entry: Entry): void {
    this.#entries.add(entry)
    this.#bytes += entry.signed.body.length
    this.#digest ^= markOf(entry)
  }

  #dropIfDead(entry: Entry): void {
    if (entry.live === 0 && entry !== this.#full) this.#drop(entry)
  }

  #drop(entry: Entry): void {
    if (!this.#entries.delete(entry)) return
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

/** Of two with one counter, which no honest node signs, that with the smaller signature is the later one everywhere. */
function isLater(a: Place, b: Place | undefined): boolean {
  if (b === undefined || a.counter !== b.counter) return a.counter > (b?.counter ?? -1)
  if (a.signed.signature === b.signed.signature) return false
  const [one, other] = [fromBase64url(a.signed.signature), fromBase64url(b.signed.signature)]
  const at = one.findIndex((byte, index) => byte !== other[index])
  return (one[at] ?? 0) < (other[at] ?? 0)
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
