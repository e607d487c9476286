// What index servers are asked for a payment or a quote: ways around all that is known not to carry it.

import type { Cycle, Room } from '../../../protocol/index-messages.ts'
import { PAYMENT_PARTS_MAX, QUERY_EXCLUSIONS_MAX, QUERY_ROOMS_MAX } from '../../../protocol/limits.ts'
import type { Currency, PublicKey } from '../../../protocol/types.ts'
import { compareAmounts } from '../../../protocol/wire.ts'
import type { Edge, RouteQuery } from '../routes.ts'
import type { RouteWaiter, State } from '../state.ts'
import { roomToward } from './room.ts'

/** What is to be carried, and what has failed to carry it. */
interface Order {
  readonly destination: PublicKey
  readonly currency: Currency
  /** Missing: as much as can be. */
  readonly amount?: bigint
  readonly maxFees?: bigint
  /** Routes that can be used: missing for as many as one payment may have. */
  readonly maxParts?: number
  readonly cycle?: Cycle | undefined
  readonly excludedNodes?: readonly PublicKey[]
  readonly excludedEdges?: readonly Edge[]
}

/** Asks for routes; the answer comes to the waiter. */
export function queryRoutes(s: State, waiter: RouteWaiter, order: Order): void {
  const { cycle, excludedNodes = [], excludedEdges = [], maxParts = PAYMENT_PARTS_MAX, ...target } = order
  s.actions.push({
    type: 'queryRoutes',
    query: s.newQuery(waiter),
    request: {
      ...target,
      ...(cycle === undefined ? {} : { cycle }),
      source: s.publicKey,
      // The oldest are the likeliest to have mended.
      excludedNodes: excludedNodes.slice(-QUERY_EXCLUSIONS_MAX),
      excludedEdges: excludedEdges.slice(-QUERY_EXCLUSIONS_MAX),
      rooms: roomsToward(s, order.currency),
      maxParts,
    },
  })
}

/**
 * What my own edges can carry now, of which an index server may not have heard yet; the narrowest where there are too
 * many (PAY-38).
 */
function roomsToward(s: State, currency: Currency): RouteQuery['rooms'] {
  const rooms: Room[] = []
  for (const friend of s.friends.values()) {
    const { publicKey, currencies } = friend.record
    // Where no accounts are kept there is no edge.
    if (!currencies.some((config) => config.currency === currency)) continue
    const room = roomToward(friend, currency)
    rooms.push({ friend: publicKey, capacity: typeof room === 'string' ? 0n : room.amount })
  }
  rooms.sort((a, b) => compareAmounts(a.capacity, b.capacity))
  return rooms.slice(0, QUERY_ROOMS_MAX)
}
