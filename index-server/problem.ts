// What the searches of one query work on.

import type { NoRouteReason, Query } from '../protocol/index-messages.ts'
import { ROUTE_NODES_MAX } from '../protocol/limits.ts'
import { NONE, type CurrencyGraph, type Node, type Report } from './graph.ts'
import type { Path } from './paths.ts'

/** What is searched for, and where it may not go. */
export interface Problem {
  readonly graph: CurrencyGraph
  /** Whose own edges can carry all that they have (IDX-15). */
  readonly payer: Node
  /** Who takes no fee for what he gets (IDX-9); in a cycle the payer himself. */
  readonly payee: Node
  /** Between whom a way is searched: the payer and the payee, or the first and the last mediator of a cycle. */
  readonly source: Node
  readonly destination: Node
  /** In a cycle, the edges from the payer to the source and from the destination back to him; else NONE. */
  readonly entry: Report
  readonly exit: Report
  readonly excludedNodes: ReadonlySet<Node>
  readonly excludedEdges: ReadonlySet<Report>
  /** Of some edges, the capacity that counts instead of the reported one. */
  readonly capacities: ReadonlyMap<Report, bigint>
}

/** What is asked for; or why there is no answer, whatever the capacities. */
export function problemOf(graph: CurrencyGraph | undefined, query: Query): Problem | NoRouteReason {
  const payer = graph?.node(query.source) ?? NONE
  const payee = graph?.node(query.destination) ?? NONE
  if (graph === undefined || payee === NONE || !graph.isReporter(payee)) return 'unknownDestination'
  if (payer === NONE || !graph.isReporter(payer)) return 'unknownSource'
  if ((query.cycle !== undefined) !== (payer === payee)) return 'notConnected'
  const excludedNodes = new Set(query.excludedNodes.map((key) => graph.node(key)))
  const excludedEdges = new Set(
    query.excludedEdges.map(({ from, to }) => graph.find(graph.node(to), graph.node(from))),
  )
  const problem = {
    graph,
    payer,
    payee,
    ...endsOf(graph, payer, payee, query),
    excludedNodes,
    excludedEdges,
    capacities: roomsOf(graph, payer, query),
  }
  if (excludedNodes.has(problem.source) || excludedNodes.has(problem.destination)) return 'notConnected'
  if (query.cycle === undefined) return problem
  const { source, destination, entry, exit } = problem
  if (source === destination || excludedNodes.has(payer)) return 'notConnected'
  if ([entry, exit].some((edge) => edge === NONE || excludedEdges.has(edge))) return 'notConnected'
  // What begins and ends with the payer goes through him nowhere else.
  return { ...problem, excludedNodes: excludedNodes.add(payer) }
}

/** The same, with so much less of what was reported of these edges; the payer's own word on his stands. */
export function without(problem: Problem, taken: ReadonlyMap<Report, bigint>): Problem {
  const { graph } = problem
  const capacities = new Map<Report, bigint>()
  for (const [edge, amount] of taken) {
    const capacity = graph.capacityOf(edge)
    capacities.set(edge, capacity > amount ? capacity - amount : 0n)
  }
  for (const [edge, room] of problem.capacities) capacities.set(edge, room)
  return { ...problem, capacities }
}

/** The way from the payer to the payee of which `path` is what was searched for. */
export function wholePath({ entry, exit }: Problem, path: Path): Path {
  return entry === NONE ? path : [entry, ...path, exit]
}

/** Edges that what is searched for may have. */
export function hopsMax({ entry }: Problem): number {
  return entry === NONE ? ROUTE_NODES_MAX : ROUTE_NODES_MAX - 2
}

function endsOf(graph: CurrencyGraph, payer: Node, payee: Node, { cycle }: Query) {
  if (cycle === undefined) return { source: payer, destination: payee, entry: NONE, exit: NONE }
  const source = graph.node(cycle.first)
  const destination = graph.node(cycle.last)
  return {
    source,
    destination,
    entry: edgeOf(graph, payer, source),
    exit: edgeOf(graph, destination, payer),
  }
}

/** NONE unless both ends have reported each other (IDX-4). */
function edgeOf(graph: CurrencyGraph, from: Node, to: Node): Report {
  const edge = graph.find(to, from)
  return edge === NONE || graph.mate(edge) === NONE ? NONE : edge
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
