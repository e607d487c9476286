// The edges of one currency, in linked typed arrays: compact, and no garbage while a search walks over them.
//
// A *report* is what one node says of one friend. The reports of two nodes of each other share a place, side by side,
// and have numbers that differ in the last bit. The edge `friend → reporter` exists only while the other report, its
// *mate*, is there as well (IDX-4). Places and node numbers are used again. Capacities are exact: 128 bits in four
// words, beside an approximation that answers most questions.

import type { PublicKey, Rate } from '../protocol/types.ts'
import { grown } from './grown.ts'
import { KeyTable } from './key-table.ts'
import { PricedWaysOfNodes, type PricedWays } from './priced-ways.ts'
import { KeyedHash } from './keyed-hash.ts'
import { SlotTable } from './slot-table.ts'

/** Number of a node in one graph. */
export type Node = number
/** Number of a report in one graph. */
export type Report = number
/** No such node or report. */
export const NONE = -1

const FIRST_PLACES = 16
/** A graph is worth copying when it has so many places, and uses less than one in so many. */
const COPIED_PLACES_MIN = 1_024
const COPIED_USE = 4
/** Words of a report, side by side with those of its mate, since a search needs most of both. */
const FIELDS = 6
const REPORTER = 0
const NEXT = 1
/** Or `ABSENT`. */
const PREVIOUS = 2
const RATE_MUL = 3
const RATE_ADD = 4
/** A `float32`, rounded down. */
const ABOUT = 5
/** There is no such report, but there is its mate. */
const ABSENT = -2
const CAPACITY_WORDS = 4
const WORD_BITS = 32n
const WORD = (1n << WORD_BITS) - 1n

/** Words of a node. */
const NODE_FIELDS = 6
/** Reports that name it, at either end. */
const DEGREE = 0
/** Friends with whom it has edges, and the numbers of its reports of them, one xor the other: of one it is the number. */
const FRIENDS = 1
const REPORTS_XOR = 2
/** The first of its reports that are ways, and of the others. */
const WAYS = 3
const OTHERS = 4
/** How often its ways, or the rates on them, have changed. */
const CHANGES = 5

export class CurrencyGraph {
  readonly #keys: KeyTable
  /** Finds the places of two nodes' reports of each other. */
  readonly #pairs: SlotTable
  readonly #priced = new PricedWaysOfNodes(this)
  readonly #hash: KeyedHash
  readonly #pair = new Int32Array(2)
  #nodes = new Int32Array(FIRST_PLACES * NODE_FIELDS)

  readonly #freePlaces: number[] = []
  #places = 0
  #size = 0
  #fields = new Int32Array(2 * FIRST_PLACES * FIELDS)
  #about = new Float32Array(this.#fields.buffer)
  #capacities = new Uint32Array(2 * FIRST_PLACES * CAPACITY_WORDS)

  constructor(hash = new KeyedHash(0n)) {
    this.#hash = hash
    this.#keys = new KeyTable(hash)
    this.#pairs = new SlotTable((place) => this.#hashOf(this.reporter(2 * place), this.friend(2 * place)))
  }

  /** Reports in this graph. */
  get size(): number {
    return this.#size
  }

  /** Whether a copy takes much less memory: arrays grow with what is in them, and never shrink. */
  get isWasteful(): boolean {
    const used = this.#places - this.#freePlaces.length
    return this.#places >= COPIED_PLACES_MIN && used * COPIED_USE < this.#places
  }

  /** Another graph with the same reports, which have other numbers there, as nodes have. */
  copy(): CurrencyGraph {
    const copy = new CurrencyGraph(this.#hash)
    for (let node = 0; node < this.nodeBound; node++) {
      for (const report of this.reportsOf(node)) {
        const friend = this.key(this.friend(report))
        copy.set(this.key(node), friend, this.capacityOf(report), this.rate(report))
      }
    }
    return copy
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

  isReporter(node: Node): boolean {
    return this.#firstOther(node) !== NONE || this.firstWay(node) !== NONE
  }

  /** All that the node says of its friends. */
  *reportsOf(node: Node): Generator<Report> {
    for (const first of [this.firstWay(node), this.#firstOther(node)]) {
      for (let report = first; report !== NONE; report = this.next(report)) yield report
    }
  }

  /**
   * The first of the node's reports that are ways, or NONE; `next` goes on from there. A way leads along an edge, and
   * on from its other end: who has one friend is at the end of no way but his own, or his friend's if that has no other.
   */
  firstWay(node: Node): Report {
    return this.#nodes[node * NODE_FIELDS + WAYS] ?? NONE
  }

  /** After a way the next one; after another report the next of those. */
  next(report: Report): Report {
    return this.#fields[report * FIELDS + NEXT] as number
  }

  /**
   * The node's ways, those first at whose ends the least share is taken: of what goes from the node over them, or comes
   * over them to the node. For nodes with many friends, since it has to be put in order after each change. Until then.
   */
  pricedWays(node: Node, isForward: boolean): PricedWays {
    return this.#priced.of(node, isForward)
  }

  /** Differs when the node's ways, or the rates on them, have changed. */
  changes(node: Node): number {
    return this.#nodes[node * NODE_FIELDS + CHANGES] ?? 0
  }

  /** Where the edge of this report comes from. */
  friend(report: Report): Node {
    return this.reporter(report ^ 1)
  }

  /** Where the edge of this report leads to. */
  reporter(report: Report): Node {
    return this.#fields[report * FIELDS + REPORTER] as number
  }

  /** The report of the edge the other way, or NONE: then neither of the two is an edge. */
  mate(report: Report): Report {
    return this.#isThere(report ^ 1) ? report ^ 1 : NONE
  }

  /** Friends with whom the node has edges. */
  friendCount(node: Node): number {
    return this.#nodes[node * NODE_FIELDS + FRIENDS] ?? 0
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
    const report = this.#place(reporter, friend)
    return report !== NONE && this.#isThere(report) ? report : NONE
  }

  /** Takes or replaces what `reporterKey` says of `friendKey`. */
  set(reporterKey: PublicKey, friendKey: PublicKey, capacity: bigint, rate: Rate): void {
    let report = this.find(this.node(reporterKey), this.node(friendKey))
    if (report === NONE) report = this.#add(this.#intern(reporterKey), this.#intern(friendKey))
    this.#setCapacity(report, capacity)
    this.#about[report * FIELDS + ABOUT] = roundedDown(capacity)
    this.#fields[report * FIELDS + RATE_ADD] = rate.add
    if (this.rateMul(report) === rate.mul) return this.#priced.update(report)
    this.#fields[report * FIELDS + RATE_MUL] = rate.mul
    this.#change(this.reporter(report), CHANGES, 1)
    this.#change(this.friend(report), CHANGES, 1)
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
    if (node === NONE) return 0
    // All of them at once: those that are left change their lists when others go.
    const reports = [...this.reportsOf(node)]
    for (const report of reports) this.#remove(report)
    return reports.length
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
    const known = this.#place(reporter, friend)
    const report = known === NONE ? this.#newPlace(reporter, friend) : known
    this.#size += 1
    this.#change(reporter, DEGREE, 1)
    this.#change(friend, DEGREE, 1)
    this.#link(report)
    const mate = this.mate(report)
    if (mate !== NONE) {
      this.#countFriend(report, 1)
      this.#countFriend(mate, 1)
      this.#list(report)
      this.#list(mate)
    }
    return report
  }

  #newPlace(reporter: Node, friend: Node): Report {
    const place = this.#freePlaces.pop() ?? this.#places++
    const report = 2 * place
    if ((report + 2) * FIELDS > this.#fields.length) this.#growReports()
    this.#fields[report * FIELDS + REPORTER] = reporter
    this.#fields[(report + 1) * FIELDS + REPORTER] = friend
    this.#fields[report * FIELDS + PREVIOUS] = this.#fields[(report + 1) * FIELDS + PREVIOUS] = ABSENT
    this.#pairs.add(place)
    return report
  }

  #remove(report: Report): void {
    const reporter = this.reporter(report)
    const friend = this.friend(report)
    const mate = this.mate(report)
    this.#unlink(report)
    this.#size -= 1
    if (mate === NONE) {
      this.#pairs.delete(report >> 1)
      this.#freePlaces.push(report >> 1)
    } else {
      this.#countFriend(report, -1)
      this.#countFriend(mate, -1)
      this.#list(mate)
    }
    this.#release(reporter)
    this.#release(friend)
  }

  /** The report's reporter has an edge with its friend, or none anymore. */
  #countFriend(report: Report, change: 1 | -1): void {
    const reporter = this.reporter(report)
    const before = this.#nodes[reporter * NODE_FIELDS + REPORTS_XOR] as number
    const after = before ^ report
    this.#nodes[reporter * NODE_FIELDS + REPORTS_XOR] = after
    this.#change(reporter, FRIENDS, change)
    // Who gets a second friend leads on from the first one, and who keeps one only does no longer.
    if (this.friendCount(reporter) !== (change > 0 ? 2 : 1)) return
    const other = change > 0 ? before : after
    this.#list(other)
    this.#list(other ^ 1)
  }

  /** Puts a report into the list where it belongs. */
  #list(report: Report): void {
    this.#unlink(report)
    this.#link(report)
  }

  #link(report: Report): void {
    const list = this.reporter(report) * NODE_FIELDS + (this.#isWay(report) ? WAYS : OTHERS)
    const next = this.#nodes[list] as number
    this.#fields[report * FIELDS + NEXT] = next
    this.#fields[report * FIELDS + PREVIOUS] = NONE
    if (next !== NONE) this.#fields[next * FIELDS + PREVIOUS] = report
    this.#nodes[list] = report
    this.#change(this.reporter(report), CHANGES, 1)
  }

  /** Afterwards the report is absent. */
  #unlink(report: Report): void {
    const next = this.next(report)
    const previous = this.#fields[report * FIELDS + PREVIOUS] as number
    if (next !== NONE) this.#fields[next * FIELDS + PREVIOUS] = previous
    if (previous === NONE) {
      const first = this.reporter(report) * NODE_FIELDS
      this.#nodes[first + (this.#nodes[first + WAYS] === report ? WAYS : OTHERS)] = next
    } else {
      this.#fields[previous * FIELDS + NEXT] = next
    }
    this.#fields[report * FIELDS + PREVIOUS] = ABSENT
    this.#change(this.reporter(report), CHANGES, 1)
  }

  #isWay(report: Report): boolean {
    if (this.mate(report) === NONE) return false
    return this.friendCount(this.friend(report)) > 1 || this.friendCount(this.reporter(report)) === 1
  }

  #isThere(report: Report): boolean {
    return this.#fields[report * FIELDS + PREVIOUS] !== ABSENT
  }

  /** The number that `reporter`'s report of `friend` has or would have, when there is one of the two; else NONE. */
  #place(reporter: Node, friend: Node): Report {
    const place = this.#pairs.find(this.#hashOf(reporter, friend), (pair) => {
      const one = this.reporter(2 * pair)
      const other = this.friend(2 * pair)
      return one === reporter ? other === friend : one === friend && other === reporter
    })
    if (place === NONE) return NONE
    return this.reporter(2 * place) === reporter ? 2 * place : 2 * place + 1
  }

  #intern(key: PublicKey): Node {
    const known = this.node(key)
    if (known !== NONE) return known
    const node = this.#keys.add(key)
    if ((node + 1) * NODE_FIELDS > this.#nodes.length) this.#nodes = grown(this.#nodes)
    const at = node * NODE_FIELDS
    // What was changed of another node with this number counts on.
    this.#nodes.fill(0, at, at + CHANGES)
    this.#nodes[at + WAYS] = this.#nodes[at + OTHERS] = NONE
    return node
  }

  #release(node: Node): void {
    this.#change(node, DEGREE, -1)
    if (this.#nodes[node * NODE_FIELDS + DEGREE] === 0) this.#keys.delete(node)
  }

  #firstOther(node: Node): Report {
    return this.#nodes[node * NODE_FIELDS + OTHERS] ?? NONE
  }

  #change(node: Node, field: number, change: number): void {
    const at = node * NODE_FIELDS + field
    this.#nodes[at] = (this.#nodes[at] as number) + change
  }

  /** The same for the two whichever comes first. */
  #hashOf(a: Node, b: Node): number {
    this.#pair[0] = Math.min(a, b)
    this.#pair[1] = Math.max(a, b)
    return this.#hash.of(this.#pair)
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
