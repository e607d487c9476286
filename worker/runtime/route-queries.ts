// Route queries under way: each goes to all index servers, and the best of the good answers that come in time wins.

import type { NoRouteReason } from '../../protocol/index-messages.ts'
import { fail, type Fault } from '../../protocol/result.ts'
import type { Clock } from '../../protocol/transport.ts'
import type { PublicKey } from '../../protocol/types.ts'
import { compareAmounts } from '../../protocol/wire.ts'
import { amountOf, feesOf, type Route, type RouteQuery, type RouteQueryAnswer } from '../core/routes.ts'
import { ROUTE_ANSWER_MS_MAX, ROUTE_QUERIES_MAX, ROUTE_RIVALS_MS } from './limits.ts'
import { areGoodRoutes } from './route-check.ts'
import { RouteTrust } from './route-trust.ts'

export interface RouteQueriesOptions {
  readonly clock: Clock
  readonly isFriend: (key: PublicKey) => boolean
  /** Sends a query to one server. */
  readonly ask: (server: PublicKey, id: number, query: RouteQuery) => void
  /** Servers that can be asked now, and whether others may be soon. */
  readonly servers: () => { readonly ready: readonly PublicKey[]; readonly connecting: boolean }
  readonly onAnswer: (query: number, answer: RouteQueryAnswer) => void
}

/** A good answer. */
interface Offer {
  readonly server: PublicKey
  readonly routes: readonly Route[]
  readonly amount: bigint
  readonly fees: bigint
}

interface Pending {
  /** The core's number of it. */
  readonly query: number
  readonly request: RouteQuery
  /** Asked, and has not answered. */
  readonly waitingFor: Set<PublicKey>
  readonly asked: Set<PublicKey>
  /** What those said who found nothing. */
  readonly reasons: NoRouteReason[]
  readonly offers: Offer[]
  /** Whether only a better offer is waited for. */
  isServed: boolean
  cancelTimer: () => void
}

export class RouteQueries {
  readonly #options: RouteQueriesOptions
  /** By the id that servers see. */
  readonly #pending = new Map<number, Pending>()
  readonly #trust = new RouteTrust()
  #lastId = 0

  constructor(options: RouteQueriesOptions) {
    this.#options = options
  }

  start(query: number, request: RouteQuery): void {
    const { clock, onAnswer } = this.#options
    if (this.#pending.size >= ROUTE_QUERIES_MAX) {
      onAnswer(query, fault('busy', 'Too many routes are being searched: try again in a moment.'))
      return
    }
    this.#trust.learn(request)
    // Wraps with the 32 bits of the wire; no query lives that long.
    this.#lastId = (this.#lastId + 1) >>> 0
    const id = this.#lastId
    const cancelTimer = clock.after(ROUTE_ANSWER_MS_MAX, () => this.#decide(id))
    this.#pending.set(id, {
      query,
      request,
      waitingFor: new Set(),
      asked: new Set(),
      reasons: [],
      offers: [],
      isServed: false,
      cancelTimer,
    })
    for (const server of this.#options.servers().ready) this.#ask(id, server)
    this.#check(id)
  }

  /** A server can be asked from now on. */
  serverReady(server: PublicKey): void {
    for (const id of this.#pending.keys()) this.#ask(id, server)
  }

  /** A server will not answer what it was asked. */
  serverGone(server: PublicKey): void {
    for (const [id, { asked, waitingFor }] of [...this.#pending]) {
      asked.delete(server)
      waitingFor.delete(server)
      this.#check(id)
    }
  }

  found(server: PublicKey, id: number, routes: readonly Route[]): void {
    const pending = this.#pending.get(id)
    if (pending?.waitingFor.delete(server) !== true) return
    if (areGoodRoutes(routes, pending.request, this.#options.isFriend)) {
      pending.offers.push({ server, routes, amount: amountOf(routes), fees: feesOf(routes) })
    }
    this.#check(id)
  }

  notFound(server: PublicKey, id: number, reason: NoRouteReason): void {
    const pending = this.#pending.get(id)
    if (pending?.waitingFor.delete(server) !== true) return
    pending.reasons.push(reason)
    this.#check(id)
  }

  /** Forgets all without answering: who asked is gone. */
  clear(): void {
    for (const { cancelTimer } of this.#pending.values()) cancelTimer()
    this.#pending.clear()
  }

  #ask(id: number, server: PublicKey): void {
    const pending = this.#pending.get(id)
    if (pending === undefined || pending.asked.has(server)) return
    pending.asked.add(server)
    pending.waitingFor.add(server)
    this.#options.ask(server, id, pending.request)
  }

  /** Ends a query that nobody can answer any more, or soon after there is an answer to be content with. */
  #check(id: number): void {
    const pending = this.#pending.get(id)
    if (pending === undefined) return
    const isServed = pending.offers.some((offer) => !isDear(offer, pending))
    if (pending.waitingFor.size === 0 && (isServed || !this.#options.servers().connecting)) this.#decide(id)
    else if (isServed && !pending.isServed) {
      pending.isServed = true
      pending.cancelTimer()
      pending.cancelTimer = this.#options.clock.after(ROUTE_RIVALS_MS, () => this.#decide(id))
    }
  }

  #decide(id: number): void {
    const pending = this.#pending.get(id)
    if (pending === undefined) return
    const [best] = pending.offers.sort((a, b) => this.#compare(a, b, pending))
    if (best !== undefined) {
      this.#trust.take(best.server, pending.request, best.routes)
      return this.#finish(id, { ok: true, routes: best.routes })
    }
    const { ready } = this.#options.servers()
    if (ready.length === 0 && pending.reasons.length === 0) {
      this.#finish(
        id,
        fault(
          'noIndexServer',
          'No index server can be reached, so no route can be found: check the connection.',
        ),
      )
      return
    }
    const reason = REASONS_BY_WEIGHT.find((name) => pending.reasons.includes(name))
    if (reason === 'learning' || reason === 'overloaded')
      return this.#finish(id, fault('busy', SENTENCES[reason]))
    this.#finish(
      id,
      reason === undefined
        ? fault('noRoute', 'The index servers gave no usable answer: try again in a moment.')
        : fault('noRoute', SENTENCES[reason]),
    )
  }

  /** What can be paid first; then by the servers' merits; then the most, where that was asked for; then the cheapest. */
  #compare(a: Offer, b: Offer, pending: Pending): number {
    return (
      Number(isDear(a, pending)) - Number(isDear(b, pending)) ||
      this.#trust.lastFailure(a.server) - this.#trust.lastFailure(b.server) ||
      compareAmounts(b.amount, a.amount) ||
      compareAmounts(a.fees, b.fees)
    )
  }

  #finish(id: number, answer: RouteQueryAnswer): void {
    const pending = this.#pending.get(id)
    if (pending === undefined) return
    this.#pending.delete(id)
    pending.cancelTimer()
    this.#options.onAnswer(pending.query, answer)
  }
}

/** More than the payer allows; for a quote, more than anybody would pay who has the choice. */
function isDear({ fees, amount }: Offer, { request, offers }: Pending): boolean {
  const cheapest = offers.reduce((least, offer) => (offer.fees < least ? offer.fees : least), fees)
  return fees > (request.maxFees ?? cheapest + amount)
}

/** The reason that says most comes first, when servers disagree. */
const REASONS_BY_WEIGHT: readonly NoRouteReason[] = [
  'noCapacity',
  'tooManyParts',
  'tooLong',
  'notConnected',
  'unknownDestination',
  'unknownSource',
  'learning',
  'overloaded',
]

const SENTENCES: Readonly<Record<NoRouteReason, string>> = {
  noCapacity: 'The friends between you and the receiver cannot carry this amount: try less, or raise limits.',
  tooManyParts:
    'The ways between you and the receiver are too thin for this amount: try less, or raise limits.',
  tooLong: 'The receiver is too many friends away: a friend nearer to him would help.',
  notConnected: 'No chain of friends leads from you to the receiver: you need a friend in common.',
  unknownDestination:
    'The receiver is not on line, or accepts nothing in this currency: ask him to open his card.',
  unknownSource: 'None of your friends is on line in this currency: nothing can be sent now.',
  learning: 'The index server has just started and does not know everybody yet: try again in a moment.',
  overloaded: 'The index server has too much to do: try again in a moment.',
}

function fault(code: string, message: string): { readonly ok: false; readonly fault: Fault } {
  return { ok: false, fault: fail(code, message).error }
}
