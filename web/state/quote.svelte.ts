// A payment before it is made: to whom and how much, the way found, and the fees that the user allows.

import type { ParamsOf, RouteView } from '../../worker/api.ts'
import { node } from '../wallet.ts'
import { Action } from './action.svelte.ts'
import type { Problem } from './faults.ts'

/** What is to be paid, as the address of the screen says it. */
export type Target = ParamsOf<'payments.quote'>

export interface Order {
  readonly target: Target
  readonly destination: string
  readonly currency: string
  readonly amount: bigint
  readonly description?: string
  readonly expires?: number
}

/** For each route more than the quoted fees, so that a small change on the way does not stop the payment. */
const SPARE_FEE = 3n

export class Quote {
  readonly looking = new Action()
  #order = $state.raw<Order>()
  #routes = $state.raw<readonly RouteView[]>()
  #fees = $state.raw<bigint>(0n)
  #problem = $state.raw<Problem>()

  get order(): Order | undefined {
    return this.#order
  }
  /** Undefined until a way is found. */
  get routes(): readonly RouteView[] | undefined {
    return this.#routes
  }
  /** Why no way was found the last time; stays while another is looked for. */
  get problem(): Problem | undefined {
    return this.#problem
  }
  get fees(): bigint {
    return this.#fees
  }
  get suggestedMaxFees(): bigint {
    return this.#fees + SPARE_FEE * BigInt(this.#routes?.length ?? 1)
  }

  /** Reads what is to be paid and looks for a way; the order is there first. */
  async look(query: URLSearchParams): Promise<void> {
    const found = await this.looking.run(async () => {
      this.#order ??= await readOrder(query)
      if (this.#order === undefined) return
      const { routes, fees } = await node.call('payments.quote', this.#order.target)
      this.#routes = routes
      this.#fees = BigInt(fees)
    })
    if (found || this.looking.problem !== undefined) this.#problem = this.looking.problem
  }
}

async function readOrder(query: URLSearchParams): Promise<Order | undefined> {
  const invoice = query.get('invoice')
  if (invoice === null) return readKeyOrder(query)
  const seen = await node.call('text.inspect', { input: invoice })
  if (seen.kind !== 'invoice') return undefined
  return {
    target: { invoice: seen.text },
    destination: seen.destination,
    currency: seen.currency,
    amount: BigInt(seen.amount),
    ...(seen.description === undefined ? {} : { description: seen.description }),
    ...(seen.expires === undefined ? {} : { expires: seen.expires }),
  }
}

function readKeyOrder(query: URLSearchParams): Order | undefined {
  const [destination, currency, amount] = [query.get('to'), query.get('currency'), query.get('amount')]
  if (destination === null || currency === null || !/^\d+$/.test(amount ?? '')) return undefined
  const target = { destination, currency, amount: BigInt(amount ?? '0').toString() }
  return { target, destination, currency, amount: BigInt(target.amount) }
}
