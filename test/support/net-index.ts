// An index server for a `CoreNet`: the real solver, over what the nodes would report at one moment.

import { CurrencyGraph } from '../../index-server/graph.ts'
import { Solver } from '../../index-server/solver.ts'
import { DEFAULT_CURRENCY } from '../../worker/core/friends.ts'
import type { RouteQuery, RouteQueryAnswer } from '../../worker/core/routes.ts'
import type { TestNode } from './core-net.ts'

/** Answers from what is true now, whatever changes later. */
export function indexOf(nodes: readonly TestNode[]): (query: RouteQuery) => RouteQueryAnswer {
  const graph = new CurrencyGraph()
  for (const node of nodes) {
    for (const { friend, currency, capacity, rate } of node.core.edges()) {
      if (currency === DEFAULT_CURRENCY) graph.set(node.key, friend, capacity, rate)
    }
  }
  const solver = new Solver()
  return (query) => {
    const found = solver.solve(graph, { id: 1, ...query })
    return found.ok ? found : { ok: false, fault: { code: 'noRoute', message: found.reason } }
  }
}
