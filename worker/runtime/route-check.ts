// Whether routes that an index server gave are what was asked for: servers are not trusted.

import { ROUTE_NODES_MAX } from '../../protocol/limits.ts'
import type { PublicKey } from '../../protocol/types.ts'
import { AMOUNT_MAX } from '../../protocol/wire.ts'
import type { Route, RouteQuery } from '../core/routes.ts'

/** IDX-13: together they carry the amount, and each one can be used. */
export function areGoodRoutes(
  routes: readonly Route[],
  query: RouteQuery,
  isFriend: (key: PublicKey) => boolean,
): boolean {
  const total = routes.reduce((sum, { amount }) => sum + amount, 0n)
  return (
    routes.length >= 1 &&
    routes.length <= query.maxParts &&
    total === query.amount &&
    routes.every((route) => isGoodRoute(route, query, isFriend))
  )
}

function isGoodRoute(
  { nodes, amount, fees }: Route,
  query: RouteQuery,
  isFriend: (key: PublicKey) => boolean,
): boolean {
  const [source, first] = nodes
  const excluded = new Set(query.excludedEdges.map(({ from, to }) => `${from}/${to}`))
  return (
    amount > 0n &&
    amount + fees <= AMOUNT_MAX &&
    nodes.length >= 2 &&
    nodes.length <= ROUTE_NODES_MAX + 1 &&
    source === query.source &&
    nodes.at(-1) === query.destination &&
    first !== undefined &&
    isFriend(first) &&
    !repeats(nodes, query) &&
    !nodes.some((node) => query.excludedNodes.includes(node)) &&
    !nodes.some((node, index) => excluded.has(`${node}/${nodes[index + 1] ?? ''}`))
  )
}

/** Only a cycle names a node twice: its source, at both ends. */
function repeats(nodes: readonly PublicKey[], { source, destination }: RouteQuery): boolean {
  const path = source === destination ? nodes.slice(1) : nodes
  return new Set(path).size !== path.length
}
