// The edges of one currency, in linked typed arrays: compact, and no garbage while a search walks over them.
//
// A *report* is what one node says of one friend; it lives in a slot. The edge `friend → reporter` exists only
// while the friend's report of the reporter, its *mate*, is there as well (IDX-4). Slots and node numbers are
// used again. Capacities are exact: 128 bits in four words, beside an approximation that answers most questions.

import type { PublicKey, Rate } from '../protocol/types.ts'
import { grown } from './grown.ts'
import { KeyTable } from './key-table.ts'
import { mix, SlotTable } from './slot-table.ts'

/** Number of a node in one graph. */
export type Node = number
/** Slot of a report in one graph. */
export type Report = number
/** No such node or report. */
export const NONE = -1

const FIRST_SLOTS = 16
/** The words of a report, side by side, since a search needs most of them. */
const FIELDS = 8
const REPORTER = 0
const FRIEND = 1
const MATE = 2
const NEXT = 3
const PREVIOUS = 4
const RATE_MUL = 5
const RATE_ADD = 6
/** A `float32`, rounded down. */
const ABOUT = 7
const CAPACITY_WORDS = 4
const WORD_BITS = 32n
const WORD = (1n << WORD_BITS) - 1n

export class CurrencyGraph {
  readonly #keys: KeyTable
  readonly #pairs: SlotTable
  readonly #seed: number
  /** Per node: reports that name it, at either end; its edges; the first report that it made itself. */
  #degree = new Int32Array(FIRST_SLOTS)
  #edges = new Int32Array(FIRST_SLOTS)
  #first = new Int32Array(FIRST_SLOTS)

  readonly #freeReports: Report[] = []
  #slots = 0
  #fields = new Int32Array(FIRST_SLOTS * FIELDS)
  #about = new Float32Array(this.#fields.buffer)
  #capacities = new Uint32Array(FIRST_SLOTS * CAPACITY_WORDS)

  /** @param seed 32 random bits, which decide nothing but where tables keep things. */
  constructor(seed = 0) {
    this.#seed = seed
    this.#keys = new KeyTable(seed)
    this.#pairs = new SlotTable((report) => this.#hashOf(this.reporter(report), this.friend(report)))
  }

  /** Reports in this graph. */
  get size(): number {
    return this.#pairs.size
  }

  /** Node numbers are below this. */
  get nodeBound(): number {
    return this.#keys.bound
  }

  /** The node's number, or NONE when nobody reports it and it reports nobody. */
  node(key: PublicKey): Node {
    return this.#keys.find(key)
  }

  key(node: Node): PublicKey {
    return this.#keys.key(node)
  }

  /** The first report that the node made, or NONE; `next` goes on from there. */
  first(node: Node): Report {
    return this.#first[node] ?? NONE
  }

  next(report: Report): Report {
    return this.#fields[report * FIELDS + NEXT] ?? NONE
  }

  /** Where the edge of this report comes from. */
  friend(report: Report): Node {
    return this.#fields[report * FIELDS + FRIEND] ?? NONE
  }

  /** Where the edge of this report leads to. */
  reporter(report: Report): Node {
    return this.#fields[report * FIELDS + REPORTER] ?? NONE
  }

  /** The report of the edge the other way, or NONE: then neither of the two is an edge. */
  mate(report: Report): Report {
    return this.#fields[report * FIELDS + MATE] ?? NONE
  }

  /** Friends with whom the node has edges. */
  friendCount(node: Node): number {
    return this.#edges[node] ?? 0
  }

  /** The capacity, too low by at most `ABOUT_ERROR` of it. */
  about(report: Report): number {
    return this.#about[report * FIELDS + ABOUT] ?? 0
  }

  capacityOf(report: Report): bigint {
    let capacity = 0n
    for (let word = 0; word < CAPACITY_WORDS; word++) {
      capacity = (capacity << WORD_BITS) | BigInt(this.#capacities[report * CAPACITY_WORDS + word] ?? 0)
    }
    return capacity
  }

  /** What the node said last of what it can receive from the friend; undefined when it said nothing. */
  capacity(reporter: PublicKey, friend: PublicKey): bigint | undefined {
    const report = this.find(this.node(reporter), this.node(friend))
    return report === NONE ? undefined : this.capacityOf(report)
  }

  rateMul(report: Report): number {
    return (this.#fields[report * FIELDS + RATE_MUL] ?? 0) >>> 0
  }

  rateAdd(report: Report): number {
    return (this.#fields[report * FIELDS + RATE_ADD] ?? 0) >>> 0
  }

  rate(report: Report): Rate {
    return { mul: this.rateMul(report), add: this.rateAdd(report) }
  }

  has(reporter: PublicKey, friend: PublicKey): boolean {
    return this.find(this.node(reporter), this.node(friend)) !== NONE
  }

  /** What `reporter` says of `friend`, or NONE. */
  find(reporter: Node, friend: Node): Report {
    if (reporter === NONE || friend === NONE) return NONE
    return this.#pairs.find(
      this.#hashOf(reporter, friend),
      (report) => this.reporter(report) === reporter && this.friend(report) === friend,
    )
  }

  /** Takes or replaces what `reporterKey` says of `friendKey`. */
  set(reporterKey: PublicKey, friendKey: PublicKey, capacity: bigint, rate: Rate): void {
    let report = this.find(this.node(reporterKey), this.node(friendKey))
    if (report === NONE) report = this.#add(this.#intern(reporterKey), this.#intern(friendKey))
    this.#setCapacity(report, capacity)
    this.#about[report * FIELDS + ABOUT] = roundedDown(capacity)
    this.#fields[report * FIELDS + RATE_MUL] = rate.mul
    this.#fields[report * FIELDS + RATE_ADD] = rate.add
  }

  /** Forgets what `reporterKey` says of `friendKey`; false when that is nothing. */
  delete(reporterKey: PublicKey, friendKey: PublicKey): boolean {
    const report = this.find(this.node(reporterKey), this.node(friendKey))
    if (report === NONE) return false
    this.#remove(report)
    return true
  }

  /** Forgets all that the node has reported; returns how many reports that were. */
  forget(key: PublicKey): number {
    const node = this.node(key)
    let count = 0
    if (node === NONE) return count
    for (let report = this.first(node); report !== NONE; count++) {
      const next = this.next(report)
      this.#remove(report)
      report = next
    }
    return count
  }

  #setCapacity(report: Report, capacity: bigint): void {
    const last = (report + 1) * CAPACITY_WORDS - 1
    // As long as the rest is a number, which it mostly is from the beginning, this is several times as fast.
    const rest = Number(capacity)
    if (rest <= Number.MAX_SAFE_INTEGER) {
      this.#capacities[last] = rest
      this.#capacities[last - 1] = Math.floor(rest / 2 ** 32)
      this.#capacities[last - 2] = this.#capacities[last - 3] = 0
      return
    }
    let words = capacity
    for (let word = last; word > last - CAPACITY_WORDS; word--) {
      this.#capacities[word] = Number(words & WORD)
      words >>= WORD_BITS
    }
  }

  #add(reporter: Node, friend: Node): Report {
    const report = this.#freeReports.pop() ?? this.#slots++
    if ((report + 1) * FIELDS > this.#fields.length) this.#growReports()
    const at = report * FIELDS
    this.#fields[at + REPORTER] = reporter
    this.#fields[at + FRIEND] = friend
    this.#count(this.#degree, reporter, 1)
    this.#count(this.#degree, friend, 1)

    const mate = this.find(friend, reporter)
    this.#fields[at + MATE] = mate
    if (mate !== NONE) {
      this.#fields[mate * FIELDS + MATE] = report
      this.#countEdge(reporter, friend, 1)
    }
    this.#pairs.add(report)

    const next = this.first(reporter)
    this.#fields[at + NEXT] = next
    this.#fields[at + PREVIOUS] = NONE
    if (next !== NONE) this.#fields[next * FIELDS + PREVIOUS] = report
    this.#first[reporter] = report
    return report
  }

  #remove(report: Report): void {
    const at = report * FIELDS
    const reporter = this.reporter(report)
    const friend = this.friend(report)
    this.#pairs.delete(report)
    const mate = this.mate(report)
    if (mate !== NONE) {
      this.#fields[mate * FIELDS + MATE] = NONE
      this.#countEdge(reporter, friend, -1)
    }

    const next = this.next(report)
    const previous = this.#fields[at + PREVIOUS] ?? NONE
    if (next !== NONE) this.#fields[next * FIELDS + PREVIOUS] = previous
    if (previous === NONE) this.#first[reporter] = next
    else this.#fields[previous * FIELDS + NEXT] = next

    this.#freeReports.push(report)
    this.#release(reporter)
    this.#release(friend)
  }

  #intern(key: PublicKey): Node {
    const known = this.node(key)
    if (known !== NONE) return known
    const node = this.#keys.add(key)
    if (node >= this.#degree.length) {
      this.#degree = grown(this.#degree)
      this.#edges = grown(this.#edges)
      this.#first = grown(this.#first)
    }
    this.#degree[node] = 0
    this.#edges[node] = 0
    this.#first[node] = NONE
    return node
  }

  #release(node: Node): void {
    this.#count(this.#degree, node, -1)
    if (this.#degree[node] === 0) this.#keys.delete(node)
  }

  #countEdge(a: Node, b: Node, change: number): void {
    this.#count(this.#edges, a, change)
    this.#count(this.#edges, b, change)
  }

  #count(counts: Int32Array, node: Node, change: number): void {
    counts[node] = (counts[node] ?? 0) + change
  }

  #hashOf(reporter: Node, friend: Node): number {
    return mix(Math.imul(reporter, 0x9e3779b1) ^ mix(friend ^ this.#seed))
  }

  #growReports(): void {
    this.#fields = grown(this.#fields)
    this.#about = new Float32Array(this.#fields.buffer)
    this.#capacities = grown(this.#capacities)
  }
}

const FLOAT32_MAX = (2 - 2 ** -23) * 2 ** 127
/** Up to here every whole number is a `float32`. */
const FLOAT32_EXACT_MAX = 2 ** 24
/** By how much, of itself, `about` may be below a capacity: a bit of a `float32`, and a little for the way there. */
export const ABOUT_ERROR = 2 ** -22

/** The capacity as a `float32` that is not above it. */
function roundedDown(capacity: bigint): number {
  const near = Math.min(Math.fround(Number(capacity)), FLOAT32_MAX)
  return near <= FLOAT32_EXACT_MAX ? near : Math.fround(near * (1 - 2 ** -23))
}
