// What a node says of its card to whoever watches it: how many of what, and nothing of whom or how much.

import type { CollectionName } from '../../worker/api.ts'
import type { CardNode, ViewChange } from '../../worker/runtime/node.ts'
import type { Labels, Metric } from '../operation/metrics.ts'

/** Collections of which numbers are given. */
const STATES = {
  friends: ['online', 'offline'],
  payments: ['searching', 'sending', 'cancelling', 'paid', 'failed'],
  invoices: ['open', 'paid', 'cancelled', 'expired'],
  relays: ['connected', 'connecting', 'offline'],
  indexServers: ['connected', 'connecting', 'offline'],
} as const satisfies Partial<Record<CollectionName, readonly string[]>>

type Counted = keyof typeof STATES

const HELP: Readonly<Record<Counted, string>> = {
  friends: 'Friends, by whether they are on line',
  payments: 'Payments as a buyer, by state: those under way, and the last 100',
  invoices: 'Invoices, by state: the open ones, and the last 100',
  relays: 'Relays of the card, by state',
  indexServers: 'Index servers of the card, by state',
}

export class NodeNumbers {
  readonly #states = new Map<Counted, Map<string, string>>()
  readonly #node: CardNode
  #isLoaded = false

  /** @param onLoaded the card is there, or it is known why not. */
  constructor(node: CardNode, onLoaded: () => void) {
    this.#node = node
    node.subscribe((changes) => {
      for (const change of changes) this.#take(change)
      if (!this.#isLoaded) onLoaded()
      this.#isLoaded = true
    })
  }

  metrics(): Metric[] {
    const counted = Object.keys(STATES) as Counted[]
    return [
      {
        name: 'offst_node_running',
        help: '1 while the card works: 0 when it is open elsewhere, or has stopped',
        kind: 'gauge',
        read: () => Number(this.#node.card().state === 'running'),
      },
      {
        name: 'offst_node_fault',
        help: '1 for what is wrong with the card, by its code',
        kind: 'gauge',
        labels: ['code'],
        read: () => {
          const { fault } = this.#node.card()
          return fault === undefined ? [] : [[1, { code: fault.code }] as const]
        },
      },
      ...counted.map((collection): Metric => {
        const name = collection === 'indexServers' ? 'index_servers' : collection
        return {
          name: `offst_node_${name}`,
          help: HELP[collection],
          kind: 'gauge',
          labels: ['state'],
          read: () => this.#count(collection),
        }
      }),
    ]
  }

  #take(change: ViewChange): void {
    const { collection, key } = change
    const state = stateOf(change)
    if (!isCounted(collection)) return
    const states = this.#states.get(collection) ?? new Map<string, string>()
    this.#states.set(collection, states)
    if (state === undefined) states.delete(key)
    else states.set(key, state)
  }

  #count(collection: Counted): [number, Labels][] {
    const states = [...(this.#states.get(collection)?.values() ?? [])]
    return STATES[collection].map((state) => [states.filter((one) => one === state).length, { state }])
  }
}

function isCounted(collection: CollectionName): collection is Counted {
  return Object.hasOwn(STATES, collection)
}

/** Undefined when it is gone, or has none. */
function stateOf({ collection, value }: ViewChange): string | undefined {
  if (value === null) return undefined
  if (collection === 'friends') return value.online ? 'online' : 'offline'
  return 'state' in value ? value.state : undefined
}
