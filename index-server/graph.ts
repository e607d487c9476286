// The edges of one currency, in linked typed arrays: compact, and no garbage while a search walks over them.
//
// A *report* is what one node says of one friend; it lives in a slot. The edge `friend → reporter` exists only
// while the friend's report of the reporter, its *mate*, is there as well (IDX-4). Slots and node numbers are
// used again. Capacities are exact: 128 bits in two words.

import { invariant } from '../protocol/result.ts'
import type { PublicKey, Rate } from '../protocol/types.ts'

/** Number of a node in one graph. */
export type Node = number
/** Slot of a report in one graph. */
export type Report = number
/** No such node or report. */
export const NONE = -1

const FIRST_SLOTS = 16
const NODE_BITS = 26
const WORD = 64n

export class CurrencyGraph {
  readonly #nodes = new Map<PublicKey, Node>()
  readonly #keys: (PublicKey | undefined)[] = []
  readonly #freeNodes: Node[] = []
  /** Per node: reports that name it, at either end; the first report that it made itself. */
  #degree = new Int32Array(FIRST_SLOTS)
  #first = new Int32Array(FIRST_SLOTS)

  readonly #reports = new Map<number, Report>()
  readonly #freeReports: Report[] = []
  #slots = 0
  #reporter = new Int32Array(FIRST_SLOTS)
  #friend = new Int32Array(FIRST_SLOTS)
  #mate = new Int32Array(FIRST_SLOTS)
  #next = new Int32Array(FIRST_SLOTS)
  #previous = new Int32Array(FIRST_SLOTS)
  #capacityHigh = new BigUint64Array(FIRST_SLOTS)
  #capacityLow = new BigUint64Array(FIRST_SLOTS)
  #rateMul = new Uint32Array(FIRST_SLOTS)
  #rateAdd = new Uint32Array(FIRST_SLOTS)

  /** Reports in this graph. */
  get size(): number {
    return this.#reports.size
  }

  /** The node's number, or NONE when nobody reports it and it reports nobody. */
  node(key: PublicKey): Node {
    return this.#nodes.get(key) ?? NONE
  }

  key(node: Node): PublicKey {
    const key = this.#keys[node]
    invariant(key !== undefined, 'a node number in use has a key')
    return key
  }

  /** The first report that the node made, or NONE; `next` goes on from there. */
  first(node: Node): Report {
    return this.#first[node] ?? NONE
  }

  next(report: Report): Report {
    return this.#next[report] ?? NONE
  }

  /** Where the edge of this report comes from. */
  friend(report: Report): Node {
    return this.#friend[report] ?? NONE
  }

  /** Whether both ends report each other. */
  isEdge(report: Report): boolean {
    return this.#mate[report] !== NONE
  }

  /** Whether the edge can carry `amount`. */
  carries(report: Report, amount: bigint): boolean {
    const high = this.#capacityHigh[report] ?? 0n
    const low = this.#capacityLow[report] ?? 0n
    const amountHigh = amount >> WORD
    return high === amountHigh ? low >= BigInt.asUintN(64, amount) : high > amountHigh
  }

  /** What the node said last of what it can receive from the friend; undefined when it said nothing. */
  capacity(reporter: PublicKey, friend: PublicKey): bigint | undefined {
    const report = this.#find(this.node(reporter), this.node(friend))
    if (report === NONE) return undefined
    return ((this.#capacityHigh[report] ?? 0n) << WORD) | (this.#capacityLow[report] ?? 0n)
  }

  rate(report: Report): Rate {
    return { mul: this.#rateMul[report] ?? 0, add: this.#rateAdd[report] ?? 0 }
  }

  has(reporter: PublicKey, friend: PublicKey): boolean {
    return this.#find(this.node(reporter), this.node(friend)) !== NONE
  }

  /** Takes or replaces what `reporterKey` says of `friendKey`. */
  set(reporterKey: PublicKey, friendKey: PublicKey, capacity: bigint, rate: Rate): void {
    let report = this.#find(this.node(reporterKey), this.node(friendKey))
    if (report === NONE) report = this.#add(this.#intern(reporterKey), this.#intern(friendKey))
    this.#capacityHigh[report] = capacity >> WORD
    this.#capacityLow[report] = BigInt.asUintN(64, capacity)
    this.#rateMul[report] = rate.mul
    this.#rateAdd[report] = rate.add
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

  #find(reporter: Node, friend: Node): Report {
    if (reporter === NONE || friend === NONE) return NONE
    return this.#reports.get(pair(reporter, friend)) ?? NONE
  }

  #add(reporter: Node, friend: Node): Report {
    const report = this.#freeReports.pop() ?? this.#slots++
    if (report >= this.#reporter.length) this.#growReports()
    this.#reports.set(pair(reporter, friend), report)
    this.#reporter[report] = reporter
    this.#friend[report] = friend
    this.#degree[reporter] = (this.#degree[reporter] ?? 0) + 1
    this.#degree[friend] = (this.#degree[friend] ?? 0) + 1

    const mate = this.#find(friend, reporter)
    this.#mate[report] = mate
    if (mate !== NONE) this.#mate[mate] = report

    const next = this.first(reporter)
    this.#next[report] = next
    this.#previous[report] = NONE
    if (next !== NONE) this.#previous[next] = report
    this.#first[reporter] = report
    return report
  }

  #remove(report: Report): void {
    const reporter = this.#reporter[report] ?? NONE
    const friend = this.friend(report)
    this.#reports.delete(pair(reporter, friend))
    const mate = this.#mate[report] ?? NONE
    if (mate !== NONE) this.#mate[mate] = NONE

    const next = this.next(report)
    const previous = this.#previous[report] ?? NONE
    if (next !== NONE) this.#previous[next] = previous
    if (previous === NONE) this.#first[reporter] = next
    else this.#next[previous] = next

    this.#freeReports.push(report)
    this.#release(reporter)
    this.#release(friend)
  }

  #intern(key: PublicKey): Node {
    const known = this.node(key)
    if (known !== NONE) return known
    const node = this.#freeNodes.pop() ?? this.#keys.length
    invariant(node < 2 ** NODE_BITS, 'more nodes than a pair of numbers can name')
    if (node >= this.#degree.length) {
      this.#degree = grown(this.#degree, Int32Array)
      this.#first = grown(this.#first, Int32Array)
    }
    this.#nodes.set(key, node)
    this.#keys[node] = key
    this.#degree[node] = 0
    this.#first[node] = NONE
    return node
  }

  #release(node: Node): void {
    const degree = (this.#degree[node] ?? 0) - 1
    this.#degree[node] = degree
    if (degree > 0) return
    this.#nodes.delete(this.key(node))
    this.#keys[node] = undefined
    this.#freeNodes.push(node)
  }

  #growReports(): void {
    this.#reporter = grown(this.#reporter, Int32Array)
    this.#friend = grown(this.#friend, Int32Array)
    this.#mate = grown(this.#mate, Int32Array)
    this.#next = grown(this.#next, Int32Array)
    this.#previous = grown(this.#previous, Int32Array)
    this.#capacityHigh = grown(this.#capacityHigh, BigUint64Array)
    this.#capacityLow = grown(this.#capacityLow, BigUint64Array)
    this.#rateMul = grown(this.#rateMul, Uint32Array)
    this.#rateAdd = grown(this.#rateAdd, Uint32Array)
  }
}

/** One number for two nodes, exact in a double. */
export function pair(a: Node, b: Node): number {
  return a * 2 ** NODE_BITS + b
}

interface Words<T> {
  readonly length: number
  set(source: T): void
}

/** A copy of twice the length. */
function grown<T extends Words<T>>(array: T, make: new (length: number) => T): T {
  const copy = new make(array.length * 2)
  copy.set(array)
  return copy
}
