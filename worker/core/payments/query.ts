// What index servers are asked for a payment or a quote: a way around all that is known not to carry it.

import { QUERY_EXCLUSIONS_MAX } from '../../../protocol/limits.ts'
import type { Currency, PublicKey } from '../../../protocol/types.ts'
import type { Edge } from '../routes.ts'
import type { RouteWaiter, State } from '../state.ts'
import { roomToward } from './room.ts'

/** Parts that the engine asks index servers for: one, for a payment recalls all of its parts when one fails. */
const PARTS_ASKED = 1

/** What is to be carried, and what has failed to carry it. */
interface Order {
  readonly destination: PublicKey
  readonly currency: Currency
  readonly amount: bigint
  readonly maxFees?: bigint
  readonly excludedNodes?: readonly PublicKey[]
  readonly excludedEdges?: readonly Edge[]
}

/** Asks for routes; the answer comes to the waiter. */
export function queryRoutes(s: State, waiter: RouteWaiter, order: Order): void {
  const { destination, currency, amount, maxFees, excludedNodes = [], excludedEdges = [] } = order
  s.actions.push({
    type: 'queryRoutes',
    query: s.newQuery(waiter),
    request: {
      currency,
      amount,
      source: s.publicKey,
      destination,
      excludedNodes: [...excludedNodes],
      // Where there is not room for all, what the payment itself has met counts more.
      excludedEdges: [...blockedEdges(s, currency, amount), ...excludedEdges].slice(-QUERY_EXCLUSIONS_MAX),
      maxParts: PARTS_ASKED,
      ...(maxFees === undefined ? {} : { maxFees }),
    },
  })
}

/** My own edges that cannot carry the amount now: an index server may not have heard of it yet (PAY-38). */
function blockedEdges(s: State, currency: Currency, amount: bigint): Edge[] {
  const blocked: Edge[] = []
  for (const friend of s.friends.values()) {
    const { publicKey, currencies } = friend.record
    // Where no accounts are kept there is no edge.
    if (!currencies.some((config) => config.currency === currency)) continue
    const room = roomToward(friend, currency)
    if (typeof room === 'string' || room.amount < amount) blocked.push({ from: s.publicKey, to: publicKey })
  }
  return blocked
}
