// Attack: every message is as large as the wire takes, and what it asks for as much as it can.

import type { Operation } from '../../../../protocol/channel-messages.ts'
import {
  ADDRESS_BYTES_MAX,
  BATCH_BYTES_MAX,
  BATCH_OPERATIONS_MAX,
  CURRENCIES_MAX,
  RELAYS_MAX,
  ROUTE_NODES_MAX,
} from '../../../../protocol/limits.ts'
import type { Currency, PublicKey, RequestId } from '../../../../protocol/types.ts'
import type { Friend } from '../../../../worker/core/state.ts'
import { HostileCore } from './hostile-core.ts'

/** Requests with the longest route of which a batch holds so many. */
const LONG_REQUESTS = 26

export class HugeMessages extends HostileCore {
  protected override strike(friend: Friend): void {
    const kind = this.dice.pick(['wishes', 'requests', 'relays', 'currencies', 'terms', 'noise'] as const)
    if (kind === 'noise') {
      const body = this.dice.bytes(BATCH_BYTES_MAX)
      return this.say(friend, { kind: this.dice.pick(['batch', 'note', 'reset']), body })
    }
    this.seal(friend, this.#operations(kind, friend))
  }

  #operations(kind: 'wishes' | 'requests' | 'relays' | 'currencies' | 'terms', friend: Friend): Operation[] {
    const currency = this.currency()
    switch (kind) {
      case 'wishes':
        return times(BATCH_OPERATIONS_MAX, () => ({
          kind: 'askCancel',
          requestId: this.dice.id16() as RequestId,
        }))
      case 'requests': {
        const strangers = times(ROUTE_NODES_MAX - 2, () => this.hash() as string as PublicKey)
        return times(LONG_REQUESTS, () => {
          const route = [...this.routeFrom(friend, 1), ...strangers]
          return { kind: 'request', request: this.request(friend, { route, destPayment: 1n }) }
        })
      }
      case 'relays': {
        const relays = times(RELAYS_MAX, () => ({
          publicKey: this.hash() as string as PublicKey,
          address: 'a'.repeat(ADDRESS_BYTES_MAX),
        }))
        return times(8, () => ({ kind: 'relays', relays }))
      }
      case 'currencies':
        return times(this.dice.between(1, CURRENCIES_MAX + 1), (number) => ({
          kind: 'addCurrency',
          currency: `currency ${number}` as Currency,
        }))
      case 'terms': {
        const rate = { mul: 0xffff_ffff, add: 0xffff_ffff }
        return times(BATCH_OPERATIONS_MAX, () => ({
          kind: 'terms',
          terms: { currency, remoteMaxDebt: (1n << 127n) - 1n, open: this.dice.chance(0.5), rate },
        }))
      }
    }
  }
}

function times<T>(count: number, make: (number: number) => T): T[] {
  return Array.from({ length: count }, (_, number) => make(number))
}
