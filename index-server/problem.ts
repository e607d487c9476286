// What the searches of one query work on.

import type { CurrencyGraph, Node, Report } from './graph.ts'

/** What is searched for, and where it may not go. */
export interface Problem {
  readonly graph: CurrencyGraph
  readonly source: Node
  readonly destination: Node
  readonly excludedNodes: ReadonlySet<Node>
  readonly excludedEdges: ReadonlySet<Report>
}
