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
  const rooms = new Map(query.rooms.map(({ friend, capacity }) => [friend, capacity]))
  return (
    routes.length >= 1 &&
    routes.length <= query.maxParts &&
    (query.amount === undefined ? total <= AMOUNT_MAX : total === query.amount) &&
    routes.every((route) => isGoodRoute(route, query, isFriend) && leavesRoom(route, rooms))
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
    isThrough(nodes, query) &&
    !nodes.some((node, index) => excluded.has(`${node}/${nodes[index + 1] ?? ''}`))
  )
}

/** A cycle begins and ends with the friends that were named. */
function isThrough(nodes: readonly PublicKey[], { cycle }: RouteQuery): boolean {
  return cycle === undefined || (nodes[1] === cycle.first && nodes.at(-2) === cycle.last)
}

/** Takes what the route needs of the first friend's room; false when that is too little. */
function leavesRoom({ nodes, amount, fees }: Route, rooms: Map<PublicKey, bigint>): boolean {
  const first = nodes[1]
  const room = first === undefined ? undefined : rooms.get(first)
  if (first === undefined || room === undefined) return true
  rooms.set(first, room - amount - fees)
  return room >= amount + fees
}

/** Only a cycle names a node twice: its source, at both ends. */
function repeats(nodes: readonly PublicKey[], { source, destination }: RouteQuery): boolean {
  const path = source === destination ? nodes.slice(1) : nodes
  return new Set(path).size !== path.length
}
