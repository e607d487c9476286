// Exact amounts on a path of edges: what each must carry so that an amount arrives, and what arrives of what is sent.

import { forwardable, incomingFor } from '../protocol/fees.ts'
import type { Route } from '../protocol/index-messages.ts'
import { invariant } from '../protocol/result.ts'
import type { CurrencyGraph, Report } from './graph.ts'

/** Edges from the source to the destination. */
export type Path = readonly Report[]

/** A path and what the destination gets by it. */
export interface Part {
  readonly path: Path
  readonly amount: bigint
}

/** What each edge carries, from the source on; undefined when that is no 128-bit amount. */
export function loadsOf(graph: CurrencyGraph, { path, amount }: Part): bigint[] | undefined {
  const loads = [amount]
  let load = amount
  // The mediator at the end of an edge takes its fee by the rate of that edge (IDX-9).
  for (const edge of path.slice(0, -1).reverse()) {
    const incoming = incomingFor(graph.rate(edge), load)
    if (incoming === undefined) return undefined
    load = incoming
    loads.unshift(load)
  }
  return loads
}

/** What the parts together lay on each edge. */
export function totalLoads(graph: CurrencyGraph, parts: readonly Part[]): Map<Report, bigint> {
  const total = new Map<Report, bigint>()
  for (const part of parts) {
    const loads = loadsOf(graph, part) ?? []
    part.path.forEach((edge, i) => total.set(edge, (total.get(edge) ?? 0n) + (loads[i] ?? 0n)))
  }
  return total
}

/** The most that arrives when each edge carries at most its room. */
export function deliverable(graph: CurrencyGraph, path: Path, room: (edge: Report) => bigint): bigint {
  let amount: bigint | undefined
  let before: Report | undefined
  for (const edge of path) {
    const passed =
      amount === undefined || before === undefined ? undefined : forwardable(graph.rate(before), amount)
    const most = room(edge)
    amount = passed === undefined || most < passed ? most : passed
    before = edge
  }
  return amount ?? 0n
}

/** What arrives by all of them. */
export function sum(parts: readonly { readonly amount: bigint }[]): bigint {
  return parts.reduce((total, { amount }) => total + amount, 0n)
}

export function routeOf(graph: CurrencyGraph, part: Part): Route {
  const [sent] = loadsOf(graph, part) ?? []
  const [first] = part.path
  invariant(sent !== undefined && first !== undefined, 'a part of an answer is a path that can carry it')
  const nodes = [graph.friend(first), ...part.path.map((edge) => graph.reporter(edge))]
  return { nodes: nodes.map((node) => graph.key(node)), amount: part.amount, fees: sent - part.amount }
}
