// One of the two ends from which a search grows: how far each node is from it, and over which arc it was reached.

import type { CurrencyGraph, Node } from './graph.ts'
import { NumberHeap } from './number-heap.ts'
import type { Problem } from './problem.ts'

/** Stamps of a search are its number and the next one; before they overflow, all are forgotten. */
const STAMP_MAX = 2 ** 32 - 4

/** Both ends, to be used for one search after the other. */
export interface SearchSides {
  readonly forward: SearchSide
  readonly backward: SearchSide
}

/** Begins a search from both ends, at this distance, that keeps away from the excluded nodes. */
export function beginSearch({ forward, backward }: SearchSides, problem: Problem, distance: number): void {
  const { graph, source, destination, excludedNodes } = problem
  forward.begin(graph.nodeBound, source, distance)
  backward.begin(graph.nodeBound, destination, distance)
  for (const node of excludedNodes) {
    forward.close(node)
    backward.close(node)
  }
}

/** Arcs that the search has looked at. */
export function workOf({ forward, backward }: SearchSides): number {
  return forward.work + backward.work
}

export class SearchSide {
  /** Grows from the source along the edges; else from the destination against them. */
  readonly isForward: boolean
  readonly #heap = new NumberHeap()
  /** `#search` for what was reached in this search, `#search + 1` for what is settled. */
  #stamps = new Uint32Array(0)
  #distances = new Float64Array(0)
  #arcs = new Int32Array(0)
  #search = 0
  /** In the order in which they were settled. */
  readonly settled: Node[] = []
  /** Arcs looked at. */
  work = 0

  constructor(isForward: boolean) {
    this.isForward = isForward
  }

  /** A new search in a graph whose nodes are below `bound`. */
  begin(bound: number, start: Node, distance: number): void {
    if (bound > this.#stamps.length) {
      const room = Math.ceil(bound * 1.25)
      this.#stamps = new Uint32Array(room)
      this.#distances = new Float64Array(room)
      this.#arcs = new Int32Array(room)
      this.#search = 0
    }
    if (this.#search > STAMP_MAX) {
      this.#stamps.fill(0)
      this.#search = 0
    }
    this.#search += 2
    this.#heap.clear()
    this.settled.length = 0
    this.work = 0
    this.reach(start, distance, -1)
  }

  isReached(node: Node): boolean {
    return (this.#stamps[node] ?? 0) >= this.#search
  }

  isSettled(node: Node): boolean {
    return this.#stamps[node] === this.#search + 1
  }

  /** Only of what was reached. */
  distance(node: Node): number {
    return this.#distances[node] ?? Infinity
  }

  /** The arc by which a node was reached: see `Arc`. */
  arc(node: Node): number {
    return this.#arcs[node] ?? -1
  }

  /** Never goes through this node. */
  close(node: Node): void {
    this.#stamps[node] = this.#search + 1
    this.#distances[node] = Infinity
  }

  reach(node: Node, distance: number, arc: number): void {
    this.#stamps[node] = this.#search
    this.#distances[node] = distance
    this.#arcs[node] = arc
    this.#heap.push(distance, node)
  }

  /** The distance of the nearest node that is not settled; Infinity when there is none. */
  nearest(): number {
    const heap = this.#heap
    while (heap.size > 0 && this.#stamps[heap.first] !== this.#search) heap.drop()
    return heap.least
  }

  /** The nearest node that is not settled, after `nearest`. */
  next(): Node {
    return this.#heap.first
  }

  /** Arcs looked at after the nearest node, after `nearest`. */
  workAfter(graph: CurrencyGraph): number {
    return this.work + graph.friendCount(this.next())
  }

  settle(node: Node): void {
    this.#stamps[node] = this.#search + 1
    this.settled.push(node)
    this.#heap.drop()
  }
}
