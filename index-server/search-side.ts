// The two ends from which a search grows: how far each node is from them, and over which arc it was reached.

import { NONE, type CurrencyGraph, type Node } from './graph.ts'
import { NumberHeap } from './number-heap.ts'
import type { Problem } from './problem.ts'
import { SearchRows, type End, type Row } from './search-rows.ts'

/** Both ends, to be used for one search after the other. */
export class SearchSides {
  readonly #rows = new SearchRows()
  readonly forward = new SearchSide(true, this.#rows)
  readonly backward = new SearchSide(false, this.#rows)

  /** Arcs that the search has looked at. */
  get work(): number {
    return this.forward.work + this.backward.work
  }

  /** Begins a search from both ends, at this distance, that keeps away from the excluded nodes. */
  begin({ graph, source, destination, excludedNodes }: Problem, distance: number): void {
    this.#rows.begin(graph.nodeBound)
    this.forward.begin(source, distance)
    this.backward.begin(destination, distance)
    for (const node of excludedNodes) {
      this.forward.close(node)
      this.backward.close(node)
    }
  }

  /** Where to ask what the two ends know of a node. */
  row(node: Node): Row {
    return this.#rows.find(node)
  }

  node(row: Row): Node {
    return this.#rows.node(row)
  }
}

export class SearchSide {
  /** Grows from the source along the edges; else from the destination against them. */
  readonly isForward: boolean
  readonly #rows: SearchRows
  readonly #end: End
  /** Of rows; of `~row` where a settled node was postponed. */
  readonly #heap = new NumberHeap()
  #cut = Infinity
  /** Of settled nodes that are to be looked at again: from which of their ways on. */
  readonly #positions = new Map<Row, number>()
  /** In the order in which they were settled. */
  readonly settled: Row[] = []
  /** Arcs looked at. */
  work = 0

  constructor(isForward: boolean, rows: SearchRows) {
    this.isForward = isForward
    this.#rows = rows
    this.#end = isForward ? 0 : 1
  }

  begin(start: Node, distance: number): void {
    this.#heap.clear()
    this.#cut = Infinity
    this.#positions.clear()
    this.settled.length = 0
    this.work = 0
    this.reach(start, distance, NONE)
  }

  isReached(row: Row): boolean {
    return this.#rows.isReached(row, this.#end)
  }

  isSettled(row: Row): boolean {
    return this.#rows.isSettled(row, this.#end)
  }

  /** Only of what was reached. */
  distance(row: Row): number {
    return this.#rows.distance(row, this.#end)
  }

  /** The arc by which a node was reached: see `Arc`. */
  arc(row: Row): number {
    return this.#rows.arc(row, this.#end)
  }

  /** Never goes through this node. */
  close(node: Node): void {
    const row = this.#rows.take(node)
    this.#rows.reach(row, this.#end, Infinity, NONE)
    this.#rows.settle(row, this.#end)
  }

  reach(node: Node, distance: number, arc: number): void {
    const row = this.#rows.take(node)
    this.#rows.reach(row, this.#end, distance, arc)
    this.#heap.push(distance, row)
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
    while (heap.size > 0 && heap.first >= 0 && this.isSettled(heap.first)) heap.drop()
    return heap.least
  }

  /** The nearest node that is not settled, or one that was postponed, after `nearest`. */
  next(): Row {
    const { first } = this.#heap
    return first >= 0 ? first : ~first
  }

  /** Arcs looked at after the next node, of which at most so many are looked at; after `nearest`. */
  workAfter(graph: CurrencyGraph, most = Infinity): number {
    return this.work + Math.min(graph.friendCount(this.#rows.node(this.next())), most)
  }

  /** The next node is settled, if it was not before. @returns from which of its ways on it is to be looked at. */
  settleNext(): number {
    const { first } = this.#heap
    this.#heap.drop()
    if (first < 0) return this.#positions.get(~first) ?? 0
    this.#rows.settle(first, this.#end)
    this.settled.push(first)
    return 0
  }

  /** Settled nodes of whose ways some were not looked at, and perhaps are not yet. */
  get postponed(): Iterable<Row> {
    return this.#positions.keys()
  }

  /** The settled node comes again at this distance: whom its other ways lead to is not nearer. */
  postpone(row: Row, position: number, distance: number): void {
    this.#positions.set(row, position)
    this.#heap.push(distance, ~row)
  }
}
