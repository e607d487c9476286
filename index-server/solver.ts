// Answers queries: the cheapest single route where one carries the amount, else a set of routes whenever the network's
// credit, taken as a flow, carries the amount and its fees (IDX-10, IDX-22).

import type { NoRouteReason, Query, Route } from '../protocol/index-messages.ts'
import { ROUTE_NODES_MAX } from '../protocol/limits.ts'
import { Flow, type Strand } from './flow.ts'
import { NONE, type CurrencyGraph, type Report } from './graph.ts'
import { SEARCH_EDGES_MAX } from './limits.ts'
import { PathSearch } from './path-search.ts'
import { deliverable, loadsOf, routeOf, type Part, type Path } from './paths.ts'
import { problemOf, type Problem } from './problem.ts'
import { Residual, threshold } from './residual.ts'
import { SearchSide, type SearchSides } from './search-side.ts'
import { cheapestPath } from './single-route.ts'

export type Solution =
  | { readonly ok: true; readonly routes: readonly Route[] }
  | { readonly ok: false; readonly reason: NoRouteReason }

/** Paths laid for one query before giving up, for each part: more than fit into an answer, since some take others back. */
const PATHS_PER_PART = 2

export class Solver {
  readonly #sides: SearchSides = { forward: new SearchSide(true), backward: new SearchSide(false) }

  /** @param edgesMax edges to look at before giving up as `overloaded`. */
  solve(graph: CurrencyGraph | undefined, query: Query, edgesMax: number = SEARCH_EDGES_MAX): Solution {
    const source = graph?.node(query.source) ?? NONE
    const destination = graph?.node(query.destination) ?? NONE
    if (graph === undefined || destination === NONE || graph.first(destination) === NONE) {
      return none('unknownDestination')
    }
    if (source === NONE || graph.first(source) === NONE) return none('unknownSource')
    const { amount } = query
    if (amount === undefined || source === destination || query.excludedNodes.includes(query.destination))
      return none('notConnected')
    const problem = problemOf(graph, source, destination, query)
    return new Solving(problem, this.#sides, { ...query, amount }, edgesMax).run()
  }
}

class Solving {
  readonly #problem: Problem
  readonly #residual: Residual
  readonly #search: PathSearch
  readonly #sides: SearchSides
  readonly #query: Query & { readonly amount: bigint }
  /** Whether more ways than were asked for might do, or longer ones. */
  #isTooMany = false
  #isTooLong = false

  constructor(
    problem: Problem,
    sides: SearchSides,
    query: Query & { readonly amount: bigint },
    edgesMax: number,
  ) {
    this.#problem = problem
    this.#query = query
    this.#sides = sides
    this.#residual = new Residual(problem)
    this.#search = new PathSearch(problem, this.#residual, sides, edgesMax)
  }

  run(): Solution {
    const { amount, maxParts } = this.#query
    const { graph } = this.#problem
    const path = cheapestPath(this.#problem, this.#residual, this.#search, amount)
    const single = path === undefined ? undefined : [{ path, amount }]
    const parts = maxParts === 1 ? single : this.#cheaper(single ?? this.#few())
    if (parts !== undefined) return { ok: true, routes: parts.map((part) => routeOf(graph, part)) }
    return none(this.#reason())
  }

  /** As few routes as can be found. */
  #few(): Part[] | undefined {
    return this.#flow((flow, target) => flow.fillWidestFirst(target))
  }

  /** More routes, where those who take a share of what they carry take less together. */
  #cheaper(parts: Part[] | undefined): Part[] | undefined {
    if (parts === undefined || !this.#hasProportionalFees(parts)) return parts
    const { amount, maxParts } = this.#query
    const least = amount / BigInt(maxParts) || 1n
    const others = this.#flow((flow, target) => flow.fill(target, least))
    return others !== undefined && this.#sent(others) < this.#sent(parts) ? others : parts
  }

  /** Lays a flow that carries the amount and its fees; undefined when that cannot be done by few and short paths. */
  #flow(fill: (flow: Flow, target: bigint) => void): Part[] | undefined {
    const { amount, maxParts } = this.#query
    const flow = new Flow(this.#problem, this.#residual, this.#search, this.#sides, maxParts * PATHS_PER_PART)
    let target = amount
    for (;;) {
      fill(flow, target)
      const strands = flow.strands(maxParts)
      const short = strands.filter(({ path }) => path.length <= ROUTE_NODES_MAX)
      const parts = this.#topUp(this.#carried(short))
      const lacking = amount - sum(parts)
      if (lacking <= 0n) return parts
      this.#isTooMany ||= sum(strands) < flow.value || flow.gaveUp
      this.#isTooLong ||= short.length < strands.length
      // Each round lays a path at least: the flow gives up in the end.
      if (flow.value < target) return undefined
      target += lacking
    }
  }

  /** What arrives of each strand, as much as is wanted; the cheapest first. */
  #carried(strands: readonly Strand[]): Part[] {
    const { graph } = this.#problem
    let wanted = this.#query.amount
    const parts = strands
      .map(({ path, amount: sent }) => ({ path, sent, amount: deliverable(graph, path, () => sent) }))
      .filter(({ amount }) => amount > 0n)
      .sort((a, b) => compare(a.sent * b.amount, b.sent * a.amount))
      .map(({ path, amount }): Part => {
        const taken = amount < wanted ? amount : wanted
        wanted -= taken
        return { path, amount: taken }
      })
    return parts.filter(({ amount }) => amount > 0n)
  }

  /** What is still lacking, where the paths have room for more than their strands: nearer to the destination fees are gone. */
  #topUp(parts: Part[]): Part[] {
    const { graph } = this.#problem
    let lacking = this.#query.amount - sum(parts)
    if (lacking <= 0n) return parts
    const rooms = new Map<Report, bigint>()
    for (const part of parts) this.#take(rooms, part, 1n)
    return parts.map((part) => {
      if (lacking <= 0n) return part
      this.#take(rooms, part, -1n)
      const most = deliverable(graph, part.path, (edge) => rooms.get(edge) ?? 0n)
      const more = most - part.amount < lacking ? most - part.amount : lacking
      const grown = { ...part, amount: part.amount + (more > 0n ? more : 0n) }
      lacking -= grown.amount - part.amount
      this.#take(rooms, grown, 1n)
      return grown
    })
  }

  /** Takes the part's loads out of the room of its edges, or with -1 gives them back. */
  #take(rooms: Map<Report, bigint>, part: Part, sign: bigint): void {
    const loads = loadsOf(this.#problem.graph, part) ?? []
    part.path.forEach((edge, i) => {
      const room = rooms.get(edge) ?? this.#residual.room(edge) + this.#residual.load(edge)
      rooms.set(edge, room - sign * (loads[i] ?? 0n))
    })
  }

  #hasProportionalFees(parts: readonly Part[]): boolean {
    const { graph } = this.#problem
    return parts.some(({ path }) => path.slice(0, -1).some((edge) => graph.rateMul(edge) > 0))
  }

  #sent(parts: readonly Part[]): bigint {
    return parts.reduce((total, part) => total + (loadsOf(this.#problem.graph, part)?.[0] ?? part.amount), 0n)
  }

  /** Why there is no answer: whether the two are connected at all, and how closely, whatever the capacities. */
  #reason(): NoRouteReason {
    if (this.#search.budget < 0) return 'overloaded'
    this.#residual.clear()
    this.#search.forgetFlow()
    const path: Path | undefined = this.#search.find(threshold(0n), 0)
    if (this.#search.budget < 0) return 'overloaded'
    if (path === undefined) return 'notConnected'
    if (path.length > ROUTE_NODES_MAX || this.#isTooLong) return 'tooLong'
    return this.#isTooMany ? 'tooManyParts' : 'noCapacity'
  }
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : Number(a > b)
}

function sum(parts: readonly { readonly amount: bigint }[]): bigint {
  return parts.reduce((total, { amount }) => total + amount, 0n)
}

function none(reason: NoRouteReason): Solution {
  return { ok: false, reason }
}
