// Routes as asked of and answered by index servers.

import type { Cycle, Room } from '../../protocol/index-messages.ts'
import type { Fault } from '../../protocol/result.ts'
import type { Currency, PublicKey } from '../../protocol/types.ts'

export interface Edge {
  readonly from: PublicKey
  readonly to: PublicKey
}

export interface RouteQuery {
  readonly currency: Currency
  /** What the destination is to get; missing: as much as it can get now. */
  readonly amount?: bigint
  readonly source: PublicKey
  /** The source itself for a cycle. */
  readonly destination: PublicKey
  /** Over which friends a cycle leaves the source and comes back. */
  readonly cycle?: Cycle
  readonly excludedNodes: readonly PublicKey[]
  readonly excludedEdges: readonly Edge[]
  /** What the card can send to its friends now, by its own books. */
  readonly rooms: readonly Room[]
  readonly maxParts: number
  /** What the payer allows the mediators together, whom index servers need not tell; missing for a quote. */
  readonly maxFees?: bigint
}

/** One route and what it carries. */
export interface Route {
  /** From source to destination, both included: 2..33 nodes. */
  readonly nodes: readonly PublicKey[]
  /** What the destination gets by this route. */
  readonly amount: bigint
  /** What the mediators take together. */
  readonly fees: bigint
}

/** Straight to a friend, without a fee. */
export function directRoute(from: PublicKey, to: PublicKey, amount: bigint): Route {
  return { nodes: [from, to], amount, fees: 0n }
}

/** What the destination gets by all of them. */
export function amountOf(routes: readonly Route[]): bigint {
  return routes.reduce((sum, { amount }) => sum + amount, 0n)
}

/** What the mediators of all of them take. */
export function feesOf(routes: readonly Route[]): bigint {
  return routes.reduce((sum, { fees }) => sum + fees, 0n)
}

/** Routes that together carry the amount, or why there are none. */
export type RouteQueryAnswer =
  { readonly ok: true; readonly routes: readonly Route[] } | { readonly ok: false; readonly fault: Fault }
