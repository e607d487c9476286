// Takes a flow apart into paths from the source to the destination, the widest first.

import { AMOUNT_MAX } from '../protocol/wire.ts'
import { NONE, type CurrencyGraph, type Node, type Report } from './graph.ts'
import { Heap } from './heap.ts'
import type { Path } from './paths.ts'
import type { Problem } from './problem.ts'

/** A path of a flow, and how much of the flow it is. */
export interface Strand {
  readonly path: Path
  readonly amount: bigint
}

/** How much gets to a node on the widest way to it that is known. */
interface Reached {
  readonly node: Node
  readonly width: bigint
  /** The last edge of that way. */
  readonly edge: Report
  /** When the node was first reached: decides between equals, so that the same flow gives the same paths. */
  readonly order: number
}

export class FlowPaths {
  readonly #problem: Problem
  /** What is laid on the edges, less the paths that were taken. */
  readonly #loads: Map<Report, bigint>
  readonly #outgoing: ReadonlyMap<Node, readonly Report[]>
  /** Edges looked at. */
  work: number

  constructor(problem: Problem, loads: ReadonlyMap<Report, bigint>) {
    this.#problem = problem
    this.#loads = new Map(loads)
    this.#outgoing = edgesByStart(problem.graph, loads)
    this.work = loads.size
  }

  /** Takes the path out of the flow that carries the most of what is left; undefined when there is none. */
  takeWidest(): Strand | undefined {
    const { source, destination } = this.#problem
    const first: Reached = { node: source, width: AMOUNT_MAX, edge: NONE, order: 0 }
    const reached = new Map([[source, first]])
    const heap = new Heap<Reached>(isBefore)
    for (let from: Reached | undefined = first; from !== undefined; from = heap.pop()) {
      if (from.node === destination) return this.#take(this.#pathOf(reached), from.width)
      // Else it was reached on a wider way since.
      if (reached.get(from.node) === from) this.#expand(from, reached, heap)
    }
    return undefined
  }

  #expand(from: Reached, reached: Map<Node, Reached>, heap: Heap<Reached>): void {
    for (const edge of this.#outgoing.get(from.node) ?? []) {
      this.work++
      const load = this.#loads.get(edge) ?? 0n
      const width = load < from.width ? load : from.width
      const node = this.#problem.graph.reporter(edge)
      const before = reached.get(node)
      if (width <= (before?.width ?? 0n)) continue
      const next: Reached = { node, width, edge, order: before?.order ?? reached.size }
      reached.set(node, next)
      heap.push(next)
    }
  }

  #pathOf(reached: ReadonlyMap<Node, Reached>): Path {
    const { graph, source, destination } = this.#problem
    const path: Report[] = []
    for (let node: Node = destination; node !== source;) {
      const edge = reached.get(node)?.edge ?? NONE
      path.push(edge)
      node = graph.friend(edge)
    }
    return path.reverse()
  }

  #take(path: Path, amount: bigint): Strand {
    for (const edge of path) this.#loads.set(edge, (this.#loads.get(edge) ?? 0n) - amount)
    this.work += path.length
    return { path, amount }
  }
}

function edgesByStart(graph: CurrencyGraph, loads: ReadonlyMap<Report, bigint>): Map<Node, Report[]> {
  const outgoing = new Map<Node, Report[]>()
  for (const edge of loads.keys()) {
    const start = graph.friend(edge)
    const known = outgoing.get(start)
    if (known === undefined) outgoing.set(start, [edge])
    else known.push(edge)
  }
  return outgoing
}

/** Wider first, then the one reached first. */
function isBefore(a: Reached, b: Reached): boolean {
  return a.width === b.width ? a.order < b.order : a.width > b.width
}
