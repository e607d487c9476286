// Whether routes that an index server gave are what was asked for: servers are not trusted.

import { QUERY_ROOMS_MAX, ROUTE_NODES_MAX } from '../../protocol/limits.ts'
import type { PublicKey } from '../../protocol/types.ts'
import { AMOUNT_MAX } from '../../protocol/wire.ts'
import { amountOf, feesOf, type Route, type RouteQuery } from '../core/routes.ts'

/** IDX-13: together they carry the amount, and each one can be used. */
export function areGoodRoutes(
  routes: readonly Route[],
  query: RouteQuery,
  isFriend: (key: PublicKey) => boolean,
): boolean {
  const total = amountOf(routes)
  const areAllNamed = query.rooms.length < QUERY_ROOMS_MAX
  const rooms = new Map(query.rooms.map(({ friend, capacity }) => [friend, capacity]))
  return (
    routes.length >= 1 &&
    routes.length <= query.maxParts &&
    (query.amount === undefined || total === query.amount) &&
    total + feesOf(routes) <= AMOUNT_MAX &&
    routes.every((route) => isGoodRoute(route, query, isFriend) && leavesRoom(route, rooms, areAllNamed))
  )
}

function isGoodRoute(
  { nodes, amount }: Route,
  query: RouteQuery,
  isFriend: (key: PublicKey) => boolean,
): boolean {
  const [source, first] = nodes
  const excluded = new Set(query.excludedEdges.map(({ from, to }) => `${from}/${to}`))
  return (
    amount > 0n &&
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

/** Takes what the route needs of the first friend's room; false when that is too little: who is not named has none. */
function leavesRoom(
  { nodes, amount, fees }: Route,
  rooms: Map<PublicKey, bigint>,
  areAllNamed: boolean,
): boolean {
  const first = nodes[1]
  const room = first === undefined ? undefined : rooms.get(first)
  if (first === undefined || room === undefined) return !areAllNamed
  rooms.set(first, room - amount - fees)
  return room >= amount + fees
}

/** Only a cycle names a node twice: its source, at both ends. */
function repeats(nodes: readonly PublicKey[], { source, destination }: RouteQuery): boolean {
  const path = source === destination ? nodes.slice(1) : nodes
  return new Set(path).size !== path.length
}
