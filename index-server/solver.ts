// Answers queries: the cheapest single route where one carries the amount, else a set of routes whenever the network's
// credit, taken as a flow, carries the amount and its fees (IDX-10, IDX-22); the most that can be paid (IDX-23); and
// the cheapest cycle (IDX-24).

import type { NoRouteReason, Query, Route } from '../protocol/index-messages.ts'
import { creditsForOne } from '../protocol/reserve.ts'
import { AMOUNT_MAX } from '../protocol/wire.ts'
import type { CurrencyGraph, Report } from './graph.ts'
import { SEARCH_EDGES_MAX } from './limits.ts'
import { largest } from './largest.ts'
import { PathSearch } from './path-search.ts'
import { deliverable, routeOf, sum, totalLoads, type Part } from './paths.ts'
import { hopsMax, problemOf, wholePath, without, type Problem } from './problem.ts'
import { Residual, threshold } from './residual.ts'
import { SearchSides } from './search-side.ts'
import { SeveralRoutes } from './several-routes.ts'
import { cheapestPath } from './single-route.ts'
import { toppedUp } from './top-up.ts'
import { widestPath } from './widest-path.ts'

export type Solution = Found | { readonly ok: false; readonly reason: NoRouteReason }

interface Found {
  readonly ok: true
  readonly routes: readonly Route[]
  /** What the routes together lay on each edge. */
  readonly loads: Loads
}

type Loads = ReadonlyMap<Report, bigint>

/** Of the budget of a query for the most: what the proof may use, after a guess was made. */
const KEPT_FOR_PROOF = 2 / 3

/** Which part of the amount fees may rise by, so that others keep what they reserved. */
const MAKING_WAY_DIVISOR = 16n

const NOTHING: Loads = new Map()

export class Solver {
  readonly #sides = new SearchSides()
  #work = 0

  /** Edges that were looked at for the last query, those of the paths that were found once more each time. */
  get work(): number {
    return this.#work
  }

  /**
   * @param edgesMax edges to look at before giving up as `overloaded`.
   * @param reservedOf what others have reserved of the graph, when that concerns one of these edges: it is left to
   * them, as long as that costs little (IDX-25).
   */
  solve(
    graph: CurrencyGraph | undefined,
    query: Query,
    edgesMax: number = SEARCH_EDGES_MAX,
    reservedOf: (edges: Loads) => Loads = () => NOTHING,
  ): Solution {
    this.#work = 0
    const problem = problemOf(graph, query)
    if (typeof problem === 'string') return none(problem)
    const solving = new Solving(problem, this.#sides, query, edgesMax)
    const found = solving.run()
    this.#work = edgesMax - solving.budget
    const reserved = found.ok ? reservedOf(found.loads) : NOTHING
    if (!found.ok || reserved.size === 0) return found
    const beside = without(problem, reserved)
    if (isCarried(beside, found.loads)) return found
    const again = new Solving(beside, this.#sides, query, solving.budget)
    const other = again.run()
    this.#work = edgesMax - again.budget
    return other.ok && isWorthIt(other, found) ? other : found
  }
}

/** Whether it makes way for others for no more than as much again, and a sixteenth of the amount. */
function isWorthIt(other: Found, found: Found): boolean {
  return feesOf(other) <= 2n * feesOf(found) + sum(found.routes) / MAKING_WAY_DIVISOR
}

function feesOf({ routes }: Found): bigint {
  return routes.reduce((total, { fees }) => total + fees, 0n)
}

function isCarried(problem: Problem, loads: Loads): boolean {
  const residual = new Residual(problem)
  return [...loads].every(([edge, load]) => residual.usable(edge) >= load)
}

class Solving {
  readonly #search: PathSearch
  readonly #amount: bigint | undefined
  readonly #several: SeveralRoutes | undefined

  constructor(problem: Problem, sides: SearchSides, query: Query, edgesMax: number) {
    this.#amount = query.amount
    this.#search = new PathSearch(problem, new Residual(problem), sides, edgesMax)
    if (query.maxParts === 1 || query.cycle !== undefined) return
    this.#several = new SeveralRoutes(this.#search, query.maxParts)
  }

  /** Edges that may still be looked at. */
  get budget(): number {
    return this.#search.budget
  }

  run(): Solution {
    const { graph } = this.#search.problem
    const parts = this.#amount === undefined ? this.#most() : this.#pay(this.#amount)
    if (parts === undefined) return none(this.#reason())
    const best = this.#several?.cheaper(parts) ?? parts
    return { ok: true, routes: best.map((part) => routeOf(graph, part)), loads: totalLoads(graph, best) }
  }

  /** One route where one will do. */
  #pay(amount: bigint): Part[] | undefined {
    this.#search.residual.clear()
    this.#search.forgetFlow()
    const path = cheapestPath(this.#search, amount)
    return path === undefined ? this.#several?.few(amount) : [{ path, amount }]
  }

  /** What the largest amount that can be paid is paid with. */
  #most(): Part[] | undefined {
    const kept = Math.floor(this.#search.budget * KEPT_FOR_PROOF)
    this.#search.budget -= kept
    const { parts: guess, limit } = this.#several?.estimate() ?? {
      parts: this.#nearMostOnOne(),
      limit: AMOUNT_MAX,
    }
    this.#search.budget += kept
    const proven = largest(sum(guess), limit, (amount) => {
      const parts = this.#search.budget < 0 ? undefined : this.#pay(amount)
      if (parts === undefined) return undefined
      return { parts, most: sum(toppedUp(this.#search.problem, this.#search.residual, parts, AMOUNT_MAX)) }
    })
    return proven ?? (this.#search.budget < 0 && sum(guess) > 0n ? guess : undefined)
  }

  /** A route that is nearly the widest, and what arrives by it. */
  #nearMostOnOne(): Part[] {
    const width = widestPath(this.#search, AMOUNT_MAX)
    const arcs = width === 0n ? undefined : this.#search.find(threshold(creditsForOne(width)), Number(width))
    if (arcs === undefined || arcs.length > hopsMax(this.#search.problem)) return []
    const path = wholePath(this.#search.problem, arcs)
    const amount = deliverable(this.#search.problem.graph, path, (edge) => this.#search.residual.usable(edge))
    return amount > 0n ? [{ path, amount }] : []
  }

  /** Why there is no answer: whether the two are connected at all, and how closely, whatever the capacities. */
  #reason(): NoRouteReason {
    if (this.#search.budget < 0) return 'overloaded'
    this.#search.residual.clear()
    this.#search.forgetFlow()
    const path = this.#search.find(threshold(0n), 0)
    if (this.#search.budget < 0) return 'overloaded'
    if (path === undefined) return 'notConnected'
    if (path.length > hopsMax(this.#search.problem) || this.#several?.isTooLong === true) return 'tooLong'
    return this.#several?.isTooMany === true ? 'tooManyParts' : 'noCapacity'
  }
}

function none(reason: NoRouteReason): Solution {
  return { ok: false, reason }
}
