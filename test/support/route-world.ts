// Networks of a few nodes for tests of routes: built for the solver, and as a table for whoever checks it by plain means.

import { expect } from 'vitest'
import { incomingFor } from '../../protocol/fees.ts'
import type { Query, Route } from '../../protocol/index-messages.ts'
import { creditsForOne } from '../../protocol/reserve.ts'
import type { Currency, PublicKey, Rate } from '../../protocol/types.ts'
import { CurrencyGraph } from '../../index-server/graph.ts'

const key = (index: number) => `n${index}` as PublicKey
const number = (name: PublicKey | undefined) => Number(name?.slice(1))

export interface Friendship {
  readonly a: number
  readonly b: number
  readonly capacities: readonly [bigint, bigint]
  readonly rates: readonly [Rate, Rate]
}

export interface World {
  readonly graph: CurrencyGraph
  /** By `from>to`: what the edge can carry, and its rate. */
  readonly edges: ReadonlyMap<string, { readonly usable: bigint; readonly rate: Rate }>
}

export const SOURCE = 0

/** What the source says of its own edges, by friend: some of them, and of strangers, too. */
export type Rooms = ReadonlyMap<number, bigint>

export function build(friendships: readonly Friendship[], rooms: Rooms): World {
  const graph = new CurrencyGraph()
  const edges = new Map<string, { usable: bigint; rate: Rate }>()
  const add = (reporter: number, friend: number, capacity: bigint, rate: Rate): void => {
    graph.set(key(reporter), key(friend), capacity, rate)
    const usable = friend === SOURCE ? (rooms.get(reporter) ?? capacity) : creditsForOne(capacity)
    edges.set(`${friend}>${reporter}`, { usable, rate })
  }
  for (const { a, b, capacities, rates } of friendships) {
    add(a, b, capacities[0], rates[0])
    add(b, a, capacities[1], rates[1])
  }
  return { graph, edges }
}

export function query(amount: bigint | undefined, destination: number, rooms: Rooms): Query {
  return {
    id: 0,
    currency: 'credit' as Currency,
    amount,
    source: key(SOURCE),
    destination: key(destination),
    excludedNodes: [],
    excludedEdges: [],
    rooms: [...rooms].map(([friend, capacity]) => ({ friend: key(friend), capacity })),
    maxParts: 16,
  }
}

/** Plain Ford and Fulkerson over a table, depth first. */
export function maxFlow({ edges }: World, nodes: number, destination: number): bigint {
  const room = new Map([...edges].map(([edge, { usable }]) => [edge, usable]))
  const push = (node: number, most: bigint, seen: Set<number>): bigint => {
    if (node === destination) return most
    seen.add(node)
    for (let next = 0; next < nodes; next++) {
      const left = room.get(`${node}>${next}`) ?? 0n
      if (left === 0n || seen.has(next)) continue
      const sent = push(next, left < most ? left : most, seen)
      if (sent === 0n) continue
      room.set(`${node}>${next}`, left - sent)
      room.set(`${next}>${node}`, (room.get(`${next}>${node}`) ?? 0n) + sent)
      return sent
    }
    return 0n
  }
  let flow = 0n
  for (let sent = -1n; sent !== 0n; flow += sent) sent = push(SOURCE, 1n << 127n, new Set())
  return flow
}

/** What each edge of a route carries, from the source on. */
function loads({ edges }: World, route: Pick<Route, 'nodes' | 'amount'>): [string, bigint][] {
  const result: [string, bigint][] = []
  let load = route.amount
  for (let i = route.nodes.length - 1; i > 0; i--) {
    const edge = `${number(route.nodes[i - 1])}>${number(route.nodes[i])}`
    const known = edges.get(edge)
    expect(known, `the edge ${edge} exists`).toBeDefined()
    if (i < route.nodes.length - 1) load = incomingFor(known!.rate, load)!
    result.unshift([edge, load])
  }
  return result
}

/** Checks that the routes can be paid as they are, together, and returns what they take. */
export function check(world: World, asked: Query, routes: readonly Route[]): bigint {
  const carried = new Map<string, bigint>()
  for (const route of routes) {
    expect([route.nodes[0], route.nodes.at(-1)]).toEqual([asked.source, asked.destination])
    expect(new Set(route.nodes).size).toBe(route.nodes.length)
    const laid = loads(world, route)
    expect(laid[0]![1] - route.amount).toBe(route.fees)
    for (const [edge, load] of laid) carried.set(edge, (carried.get(edge) ?? 0n) + load)
  }
  for (const [edge, load] of carried) expect(load).toBeLessThanOrEqual(world.edges.get(edge)!.usable)
  expect(routes.reduce((sum, { amount }) => sum + amount, 0n)).toBe(asked.amount)
  expect(routes.length).toBeLessThanOrEqual(asked.maxParts)
  return routes.reduce((sum, { fees }) => sum + fees, 0n)
}
