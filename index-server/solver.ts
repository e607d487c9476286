// Answers queries: the cheapest single route where one carries the amount, else a set of routes whenever the network's
// credit, taken as a flow, carries the amount and its fees (IDX-10, IDX-22); the most that can be paid (IDX-23); and
// the cheapest cycle (IDX-24).

import type { NoRouteReason, Query, Route } from '../protocol/index-messages.ts'
import { creditsForOne } from '../protocol/reserve.ts'
import { AMOUNT_MAX } from '../protocol/wire.ts'
import type { CurrencyGraph } from './graph.ts'
import { SEARCH_EDGES_MAX } from './limits.ts'
import { largest } from './largest.ts'
import { PathSearch } from './path-search.ts'
import { deliverable, routeOf, sum, type Part } from './paths.ts'
import { hopsMax, problemOf, wholePath, type Problem } from './problem.ts'
import { Residual, threshold } from './residual.ts'
import { SearchSide, type SearchSides } from './search-side.ts'
import { SeveralRoutes } from './several-routes.ts'
import { cheapestPath } from './single-route.ts'
import { toppedUp } from './top-up.ts'
import { widestPath } from './widest-path.ts'

export type Solution =
  | { readonly ok: true; readonly routes: readonly Route[] }
  | { readonly ok: false; readonly reason: NoRouteReason }

export class Solver {
  readonly #sides: SearchSides = { forward: new SearchSide(true), backward: new SearchSide(false) }

  /** @param edgesMax edges to look at before giving up as `overloaded`. */
  solve(graph: CurrencyGraph | undefined, query: Query, edgesMax: number = SEARCH_EDGES_MAX): Solution {
    const problem = problemOf(graph, query)
    if (typeof problem === 'string') return none(problem)
    return new Solving(problem, this.#sides, query, edgesMax).run()
  }
}

class Solving {
  readonly #problem: Problem
  readonly #residual: Residual
  readonly #search: PathSearch
  readonly #sides: SearchSides
  readonly #amount: bigint | undefined
  readonly #several: SeveralRoutes | undefined

  constructor(problem: Problem, sides: SearchSides, query: Query, edgesMax: number) {
    this.#problem = problem
    this.#amount = query.amount
    this.#sides = sides
    this.#residual = new Residual(problem)
    this.#search = new PathSearch(problem, this.#residual, sides, edgesMax)
    if (query.maxParts === 1 || query.cycle !== undefined) return
    this.#several = new SeveralRoutes(problem, this.#residual, this.#search, sides, query.maxParts)
  }

  run(): Solution {
    const { graph } = this.#problem
    const parts = this.#amount === undefined ? this.#most() : this.#pay(this.#amount)
    if (parts === undefined) return none(this.#reason())
    const best = this.#several?.cheaper(parts) ?? parts
    return { ok: true, routes: best.map((part) => routeOf(graph, part)) }
  }

  /** One route where one will do. */
  #pay(amount: bigint): Part[] | undefined {
    this.#residual.clear()
    this.#search.forgetFlow()
    const path = cheapestPath(this.#problem, this.#residual, this.#search, amount)
    return path === undefined ? this.#several?.few(amount) : [{ path, amount }]
  }

  /** What the largest amount that can be paid is paid with. */
  #most(): Part[] | undefined {
    const { near, limit } = this.#several?.estimate() ?? { near: this.#nearMostOnOne(), limit: AMOUNT_MAX }
    return largest(near, limit, (amount) => {
      const parts = this.#search.budget < 0 ? undefined : this.#pay(amount)
      if (parts === undefined) return undefined
      return { parts, most: sum(toppedUp(this.#problem, this.#residual, parts, AMOUNT_MAX)) }
    })
  }

  /** What arrives over a route that is about as wide as any. */
  #nearMostOnOne(): bigint {
    const { budget } = this.#search
    const { width, work } = widestPath(this.#problem, this.#residual, this.#sides, AMOUNT_MAX, budget)
    this.#search.budget -= work
    if (width === 0n) return 0n
    const path = this.#search.find(threshold(creditsForOne(width)), Number(width))
    if (path === undefined) return 0n
    const { graph } = this.#problem
    return deliverable(graph, wholePath(this.#problem, path), (edge) => this.#residual.usable(edge))
  }

  /** Why there is no answer: whether the two are connected at all, and how closely, whatever the capacities. */
  #reason(): NoRouteReason {
    if (this.#search.budget < 0) return 'overloaded'
    this.#residual.clear()
    this.#search.forgetFlow()
    const path = this.#search.find(threshold(0n), 0)
    if (this.#search.budget < 0) return 'overloaded'
    if (path === undefined) return 'notConnected'
    if (path.length > hopsMax(this.#problem) || this.#several?.isTooLong === true) return 'tooLong'
    return this.#several?.isTooMany === true ? 'tooManyParts' : 'noCapacity'
  }
}

function none(reason: NoRouteReason): Solution {
  return { ok: false, reason }
}
