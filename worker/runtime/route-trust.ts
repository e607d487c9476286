// Which index servers gave routes that failed: the next time, what others answer is tried first.

import type { PublicKey } from '../../protocol/types.ts'
import type { Route, RouteQuery } from '../core/routes.ts'
import { ROUTES_REMEMBERED_MAX } from './limits.ts'

/** An answer that was taken. */
interface Taken {
  readonly server: PublicKey
  readonly request: RouteQuery
  /** Mediators, and edges that do not begin at the source: what the server alone vouched for. */
  readonly vouched: ReadonlySet<string>
}

export class RouteTrust {
  #taken: Taken[] = []
  /** When routes of a server failed last: numbers that grow with each failure. */
  readonly #failures = new Map<PublicKey, number>()
  #lastFailure = 0

  /** These routes were given out, to be tried or to be shown. */
  take(server: PublicKey, request: RouteQuery, routes: readonly Route[]): void {
    const vouched = routes.flatMap(({ nodes }) => [
      ...nodes.slice(1, -1),
      ...nodes.slice(2).map((to, index) => edge(nodes[index + 1], to)),
    ])
    this.#taken.push({ server, request, vouched: new Set(vouched) })
    if (this.#taken.length > ROUTES_REMEMBERED_MAX) this.#taken.shift()
  }

  /** Whoever asks again for a way around something has tried it. */
  learn({ destination, currency, excludedNodes, excludedEdges }: RouteQuery): void {
    const failed = [...excludedNodes, ...excludedEdges.map(({ from, to }) => edge(from, to))]
    this.#taken = this.#taken.filter(({ server, request, vouched }) => {
      const isSame = request.destination === destination && request.currency === currency
      if (!isSame || !failed.some((name) => vouched.has(name))) return true
      this.#failures.set(server, ++this.#lastFailure)
      return false
    })
  }

  /** The lower, the longer ago its routes failed; 0: never. */
  lastFailure(server: PublicKey): number {
    return this.#failures.get(server) ?? 0
  }
}

function edge(from: PublicKey | undefined, to: PublicKey): string {
  return `${from ?? ''}/${to}`
}
