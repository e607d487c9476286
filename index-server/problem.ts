// What the searches of one query work on.

import type { Query } from '../protocol/index-messages.ts'
import { NONE, type CurrencyGraph, type Node, type Report } from './graph.ts'

/** What is searched for, and where it may not go. */
export interface Problem {
  readonly graph: CurrencyGraph
  readonly source: Node
  readonly destination: Node
  readonly excludedNodes: ReadonlySet<Node>
  readonly excludedEdges: ReadonlySet<Report>
  /** Of some edges, the capacity that counts instead of the reported one. */
  readonly capacities: ReadonlyMap<Report, bigint>
}

/** The way from one node to another that is asked for. */
export function problemOf(graph: CurrencyGraph, source: Node, destination: Node, query: Query): Problem {
  return {
    graph,
    source,
    destination,
    excludedNodes: new Set(query.excludedNodes.map((key) => graph.node(key))),
    excludedEdges: new Set(
      query.excludedEdges.map(({ from, to }) => graph.find(graph.node(to), graph.node(from))),
    ),
    capacities: roomsOf(graph, source, query),
  }
}

/** What the payer can send by his own word (IDX-15). */
function roomsOf(graph: CurrencyGraph, payer: Node, { rooms }: Query): Map<Report, bigint> {
  const capacities = new Map<Report, bigint>()
  for (const { friend, capacity } of rooms) {
    const edge = graph.find(graph.node(friend), payer)
    if (edge !== NONE) capacities.set(edge, capacity)
  }
  return capacities
}
