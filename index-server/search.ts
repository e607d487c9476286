// Finds the cheapest route that carries an amount: a search from the destination backwards, because what an edge
// must carry depends on the fees of all mediators behind it (IDX-9, IDX-10).

import { incomingFor } from '../protocol/fees.ts'
import type { NoRouteReason, Query, Route } from '../protocol/index-messages.ts'
import { ROUTE_NODES_MAX } from '../protocol/limits.ts'
import { capacityFor } from '../protocol/reserve.ts'
import { invariant } from '../protocol/result.ts'
import { NONE, pair, type CurrencyGraph, type Node, type Report } from './graph.ts'
import { Heap } from './heap.ts'
import { SEARCH_EDGES_MAX } from './limits.ts'

export type SearchResult =
  { readonly ok: true; readonly route: Route } | { readonly ok: false; readonly reason: NoRouteReason }

/** One way from a node to the destination. */
interface Label {
  readonly node: Node
  /** What must arrive over the edge that leaves the node; for the destination what it gets. */
  readonly amount: bigint
  readonly hops: number
  /** The label of the next node, on the way to the destination. */
  readonly then: Label | undefined
  /** Order of discovery: decides between equals, so that the same graph gives the same answer. */
  readonly order: number
}

/** @param edgesMax edges to look at before giving up as `overloaded`. */
export function findRoute(
  graph: CurrencyGraph | undefined,
  query: Query,
  edgesMax: number = SEARCH_EDGES_MAX,
): SearchResult {
  const source = graph?.node(query.source) ?? NONE
  const destination = graph?.node(query.destination) ?? NONE
  if (graph === undefined || destination === NONE || graph.first(destination) === NONE) {
    return none('unknownDestination')
  }
  if (source === NONE || graph.first(source) === NONE) return none('unknownSource')
  const search = new Search(graph, query, source, destination, edgesMax)
  return search.run()
}

class Search {
  readonly #graph: CurrencyGraph
  readonly #query: Query
  readonly #source: Node
  readonly #destination: Node
  readonly #excludedNodes: ReadonlySet<Node>
  readonly #excludedEdges: ReadonlySet<number>
  #edgesLeft: number

  constructor(graph: CurrencyGraph, query: Query, source: Node, destination: Node, edgesMax: number) {
    this.#graph = graph
    this.#query = query
    this.#source = source
    this.#destination = destination
    this.#excludedNodes = new Set(query.excludedNodes.map((key) => graph.node(key)))
    this.#excludedEdges = new Set(
      query.excludedEdges
        .map((edge) => [graph.node(edge.from), graph.node(edge.to)] as const)
        .filter(([from, to]) => from !== NONE && to !== NONE)
        .map(([from, to]) => pair(from, to)),
    )
    this.#edgesLeft = edgesMax
  }

  run(): SearchResult {
    if (this.#source === this.#destination || this.#excludedNodes.has(this.#destination)) {
      return none('notConnected')
    }
    const label = this.#cheapest()
    if (label !== undefined) return { ok: true, route: this.#route(label) }
    const hops = this.#distance()
    if (this.#edgesLeft < 0) return none('overloaded')
    if (hops === undefined) return none('notConnected')
    return none(hops > ROUTE_NODES_MAX ? 'tooLong' : 'noCapacity')
  }

  /**
   * Dijkstra over (amount, hops): a label is worth following unless one that is no dearer and no longer was
   * followed from the same node before. Less at a node never costs more before it, so this finds the cheapest.
   */
  #cheapest(): Label | undefined {
    const heap = new Heap<Label>(isBefore)
    const fewestHops = new Map<Node, number>()
    let order = 0
    heap.push({ node: this.#destination, amount: this.#query.amount, hops: 0, then: undefined, order })
    for (let label = heap.pop(); label !== undefined; label = heap.pop()) {
      if (label.node === this.#source) return label
      if (label.hops >= (fewestHops.get(label.node) ?? Infinity)) continue
      fewestHops.set(label.node, label.hops)
      const hops = label.hops + 1
      if (hops > ROUTE_NODES_MAX) continue
      for (let report = this.#graph.first(label.node); report !== NONE; report = this.#graph.next(report)) {
        if (--this.#edgesLeft < 0) return undefined
        const friend = this.#graph.friend(report)
        if (hops >= (fewestHops.get(friend) ?? Infinity)) continue
        if (!this.#isUsable(report, friend, label.node)) continue
        const amount = label.hops === 0 ? label.amount : incomingFor(this.#graph.rate(report), label.amount)
        if (amount === undefined || !this.#carries(report, friend, amount)) continue
        heap.push({ node: friend, amount, hops, then: label, order: ++order })
      }
    }
    return undefined
  }

  /** Whether the edge can carry `amount`: a mediator keeps a reserve, the source has all for itself (IDX-15). */
  #carries(report: Report, from: Node, amount: bigint): boolean {
    return this.#graph.carries(report, from === this.#source ? amount : capacityFor(amount))
  }

  /** Hops between source and destination whatever the capacities; undefined when there is no way. */
  #distance(): number | undefined {
    const seen = new Set([this.#destination])
    let layer = [this.#destination]
    for (let hops = 1; layer.length > 0; hops++) {
      const nextLayer: Node[] = []
      for (const node of layer) {
        for (let report = this.#graph.first(node); report !== NONE; report = this.#graph.next(report)) {
          if (--this.#edgesLeft < 0) return undefined
          const friend = this.#graph.friend(report)
          if (seen.has(friend) || !this.#isUsable(report, friend, node)) continue
          if (friend === this.#source) return hops
          seen.add(friend)
          nextLayer.push(friend)
        }
      }
      layer = nextLayer
    }
    return undefined
  }

  #isUsable(report: number, from: Node, to: Node): boolean {
    return (
      this.#graph.isEdge(report) && !this.#excludedNodes.has(from) && !this.#excludedEdges.has(pair(from, to))
    )
  }

  #route(source: Label): Route {
    const nodes = []
    for (let label: Label | undefined = source; label !== undefined; label = label.then) {
      nodes.push(this.#graph.key(label.node))
    }
    invariant(nodes.length <= ROUTE_NODES_MAX + 1, 'a route is not longer than allowed')
    return { nodes, amount: this.#query.amount, fees: source.amount - this.#query.amount }
  }
}

/** Cheaper first, then shorter, then the one found first. */
function isBefore(a: Label, b: Label): boolean {
  if (a.amount !== b.amount) return a.amount < b.amount
  return a.hops !== b.hops ? a.hops < b.hops : a.order < b.order
}

function none(reason: NoRouteReason): SearchResult {
  return { ok: false, reason }
}
