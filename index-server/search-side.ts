// One of the two ends from which a search grows: how far each node is from it, and over which arc it was reached.

import type { CurrencyGraph, Node } from './graph.ts'
import { NumberHeap } from './number-heap.ts'
import type { Problem } from './problem.ts'

/** Stamps of a search are its number and the next one; before they overflow, all are forgotten. */
const STAMP_MAX = 2 ** 31 - 4

/** What both ends know of a node, side by side, since a search asks for most of it: in words, of which a distance has two. */
const FIELDS = 8
const STAMP = 0
const ARC = 1
const DISTANCE = 2
/** Where what the backward side knows begins. */
const BACKWARD = 4

/** Both ends, to be used for one search after the other. */
export class SearchSides {
  readonly forward = new SearchSide(true)
  readonly backward = new SearchSide(false)
  #bound = 0

  /** Arcs that the search has looked at. */
  get work(): number {
    return this.forward.work + this.backward.work
  }

  /** Begins a search from both ends, at this distance, that keeps away from the excluded nodes. */
  begin({ graph, source, destination, excludedNodes }: Problem, distance: number): void {
    if (graph.nodeBound > this.#bound) {
      this.#bound = Math.ceil(graph.nodeBound * 1.25)
      const words = new Int32Array(this.#bound * FIELDS)
      this.forward.use(words)
      this.backward.use(words)
    }
    this.forward.begin(source, distance)
    this.backward.begin(destination, distance)
    for (const node of excludedNodes) {
      this.forward.close(node)
      this.backward.close(node)
    }
  }
}

export class SearchSide {
  /** Grows from the source along the edges; else from the destination against them. */
  readonly isForward: boolean
  readonly #heap = new NumberHeap()
  readonly #stampAt: number
  readonly #arcAt: number
  readonly #distanceAt: number
  /** The stamp of a node is `#search` when it was reached in this search, `#search + 1` when it is settled. */
  #words = new Int32Array(0)
  #distances = new Float64Array(0)
  #search = 0
  #cut = Infinity
  /** Of settled nodes that are to be looked at again: from which of their ways on. */
  readonly #positions = new Map<Node, number>()
  /** In the order in which they were settled. */
  readonly settled: Node[] = []
  /** Arcs looked at. */
  work = 0

  constructor(isForward: boolean) {
    this.isForward = isForward
    const first = isForward ? 0 : BACKWARD
    this.#stampAt = first + STAMP
    this.#arcAt = first + ARC
    this.#distanceAt = (first + DISTANCE) / 2
  }

  /** Keeps what it knows in these words, which are all 0. */
  use(words: Int32Array<ArrayBuffer>): void {
    this.#words = words
    this.#distances = new Float64Array(words.buffer)
    this.#search = 0
  }

  begin(start: Node, distance: number): void {
    if (this.#search > STAMP_MAX) {
      for (let at = this.#stampAt; at < this.#words.length; at += FIELDS) this.#words[at] = 0
      this.#search = 0
    }
    this.#search += 2
    this.#heap.clear()
    this.#cut = Infinity
    this.#positions.clear()
    this.settled.length = 0
    this.work = 0
    this.reach(start, distance, -1)
  }

  isReached(node: Node): boolean {
    return this.#stamp(node) >= this.#search
  }

  isSettled(node: Node): boolean {
    return this.#stamp(node) === this.#search + 1
  }

  /** Only of what was reached. */
  distance(node: Node): number {
    return this.#distances[node * (FIELDS / 2) + this.#distanceAt] ?? Infinity
  }

  /** The arc by which a node was reached: see `Arc`. */
  arc(node: Node): number {
    return this.#words[node * FIELDS + this.#arcAt] ?? -1
  }

  /** Never goes through this node. */
  close(node: Node): void {
    this.#mark(node, this.#search + 1)
    this.#distances[node * (FIELDS / 2) + this.#distanceAt] = Infinity
  }

  reach(node: Node, distance: number, arc: number): void {
    this.#mark(node, this.#search)
    this.#words[node * FIELDS + this.#arcAt] = arc
    this.#distances[node * (FIELDS / 2) + this.#distanceAt] = distance
    this.#heap.push(distance, node)
  }

  /** Something at this distance is not worth reaching. */
  cut(distance: number): void {
    if (distance < this.#cut) this.#cut = distance
  }

  /** What is not settled is not nearer than this; Infinity when there is nothing. */
  get radius(): number {
    return Math.min(this.nearest(), this.#cut)
  }

  /** How far away the node is that comes next; Infinity when there is none. */
  nearest(): number {
    const heap = this.#heap
    while (heap.size > 0 && heap.first >= 0 && this.#stamp(heap.first) !== this.#search) heap.drop()
    return heap.least
  }

  /** The nearest node that is not settled, or one that was postponed, after `nearest`. */
  next(): Node {
    const { first } = this.#heap
    return first >= 0 ? first : ~first
  }

  /** Arcs looked at after the next node, of which at most so many are looked at; after `nearest`. */
  workAfter(graph: CurrencyGraph, most = Infinity): number {
    return this.work + Math.min(graph.friendCount(this.next()), most)
  }

  /** The next node is settled, if it was not before. @returns from which of its ways on it is to be looked at. */
  settleNext(): number {
    const { first } = this.#heap
    this.#heap.drop()
    if (first < 0) return this.#positions.get(~first) ?? 0
    this.#mark(first, this.#search + 1)
    this.settled.push(first)
    return 0
  }

  /** Settled nodes of whose ways some were not looked at, and perhaps are not yet. */
  get postponed(): Iterable<Node> {
    return this.#positions.keys()
  }

  /** The settled node comes again at this distance: whom its other ways lead to is not nearer. */
  postpone(node: Node, position: number, distance: number): void {
    this.#positions.set(node, position)
    this.#heap.push(distance, ~node)
  }

  #stamp(node: Node): number {
    return this.#words[node * FIELDS + this.#stampAt] ?? 0
  }

  #mark(node: Node, stamp: number): void {
    this.#words[node * FIELDS + this.#stampAt] = stamp
  }
}
