// How much the widest path can still carry in what a flow has left of a graph, from both ends at once.

import { NONE, type Node, type Report } from './graph.ts'
import { MANY_FRIENDS, type PathSearch } from './path-search.ts'
import type { Problem } from './problem.ts'
import type { Residual } from './residual.ts'
import type { SearchSide, SearchSides } from './search-side.ts'

/**
 * The room of the widest path, up to the reserves of its mediators, but at most `most`: 0 only if there is no path at
 * all, or when the budget of the search, which this takes from, was used up.
 */
export function widestPath(search: PathSearch, most: bigint): bigint {
  const { sides, budget } = search
  const width = BigInt(Math.floor(new WidestPath(search, Number(most)).run(budget)))
  search.budget -= sides.work
  return width < most ? width : most
}

/** Distances of the sides are widths below zero: the nearest node is the one with the widest way. */
class WidestPath {
  readonly #problem: Problem
  readonly #residual: Residual
  readonly #sides: SearchSides
  readonly #most: number
  #best = 0

  constructor({ problem, residual, sides }: PathSearch, most: number) {
    this.#problem = problem
    this.#residual = residual
    this.#sides = sides
    this.#most = most
  }

  run(budget: number): number {
    const { graph } = this.#problem
    const { forward, backward } = this.#sides
    this.#sides.begin(this.#problem, -this.#most)
    while (this.#sides.work <= budget) {
      const near = -forward.nearest()
      const far = -backward.nearest()
      // Every way that was not found leads over a node that is no wider than these.
      if (near <= this.#best || far <= this.#best) return this.#best
      if (forward.workAfter(graph) <= backward.workAfter(graph)) this.#expand(forward, backward)
      else this.#expand(backward, forward)
    }
    return 0
  }

  #expand(side: SearchSide, other: SearchSide): void {
    const { graph } = this.#problem
    const row = side.next()
    const node = this.#sides.node(row)
    const reached = -side.distance(row)
    side.settleNext()
    if (graph.friendCount(node) < MANY_FRIENDS) {
      for (let way = graph.firstWay(node); way !== NONE; way = graph.next(way)) {
        this.#extend(side, other, graph.friend(way), Math.min(reached, this.#room(side, way)))
      }
      return
    }
    const ways = graph.pricedWays(node, side.isForward)
    for (let i = 0; i < ways.size; i++) {
      const way = ways.way(i)
      const room = this.#residual.isAsReported(way) ? ways.about(i) : this.#room(side, way)
      this.#extend(side, other, ways.friend(i), Math.min(reached, room))
    }
  }

  #extend(side: SearchSide, other: SearchSide, friend: Node, width: number): void {
    side.work++
    if (width < 1) return
    const known = this.#sides.row(friend)
    if (side.isSettled(known) || (side.isReached(known) && -side.distance(known) >= width)) return
    side.reach(friend, -width, NONE)
    if (other.isReached(known)) this.#best = Math.max(this.#best, Math.min(width, -other.distance(known)))
  }

  /** Of the arc from the node to the friend at the end of the way, or, growing backward, from the friend to it. */
  #room(side: SearchSide, way: Report): number {
    const edge = side.isForward ? way ^ 1 : way
    const load = this.#residual.load(edge ^ 1)
    return load === 0n ? this.#residual.about(edge) : Number(load)
  }
}
