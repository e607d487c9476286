// Route queries under way: each goes to all index servers, and the first good answer wins.

import type { NoRouteReason } from '../../protocol/index-messages.ts'
import { fail, type Fault } from '../../protocol/result.ts'
import type { Clock } from '../../protocol/transport.ts'
import type { PublicKey } from '../../protocol/types.ts'
import type { Route, RouteQuery, RouteQueryAnswer } from '../core/routes.ts'
import { ROUTE_ANSWER_MS_MAX, ROUTE_QUERIES_MAX } from './limits.ts'
import { areGoodRoutes } from './route-check.ts'

export interface RouteQueriesOptions {
  readonly clock: Clock
  readonly isFriend: (key: PublicKey) => boolean
  /** Sends a query to one server. */
  readonly ask: (server: PublicKey, id: number, query: RouteQuery) => void
  /** Servers that can be asked now, and whether others may be soon. */
  readonly servers: () => { readonly ready: readonly PublicKey[]; readonly connecting: boolean }
  readonly onAnswer: (query: number, answer: RouteQueryAnswer) => void
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
  readonly cancelTimer: () => void
}

export class RouteQueries {
  readonly #options: RouteQueriesOptions
  /** By the id that servers see. */
  readonly #pending = new Map<number, Pending>()
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
    // Wraps with the 32 bits of the wire; no query lives that long.
    this.#lastId = (this.#lastId + 1) >>> 0
    const id = this.#lastId
    const cancelTimer = clock.after(ROUTE_ANSWER_MS_MAX, () => this.#giveUp(id))
    this.#pending.set(id, {
      query,
      request,
      waitingFor: new Set(),
      asked: new Set(),
      reasons: [],
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
    if (areGoodRoutes(routes, pending.request, this.#options.isFriend)) this.#finish(id, { ok: true, routes })
    else this.#check(id)
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

  /** Ends a query that nobody can answer any more. */
  #check(id: number): void {
    const pending = this.#pending.get(id)
    if (pending === undefined || pending.waitingFor.size > 0 || this.#options.servers().connecting) return
    this.#giveUp(id)
  }

  #giveUp(id: number): void {
    const pending = this.#pending.get(id)
    if (pending === undefined) return
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
    this.#finish(
      id,
      reason === undefined
        ? fault('noRoute', 'The index servers gave no usable answer: try again in a moment.')
        : fault('noRoute', SENTENCES[reason]),
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

/** The reason that says most comes first, when servers disagree. */
const REASONS_BY_WEIGHT: readonly NoRouteReason[] = [
  'noCapacity',
  'tooLong',
  'notConnected',
  'unknownDestination',
  'unknownSource',
  'overloaded',
]

const SENTENCES: Readonly<Record<NoRouteReason, string>> = {
  noCapacity: 'The friends between you and the receiver cannot carry this amount: try less, or raise limits.',
  tooLong: 'The receiver is too many friends away: a friend nearer to him would help.',
  notConnected: 'No chain of friends leads from you to the receiver: you need a friend in common.',
  unknownDestination:
    'The receiver is not on line, or accepts nothing in this currency: ask him to open his card.',
  unknownSource: 'None of your friends is on line in this currency: nothing can be sent now.',
  overloaded: 'The index server has too much to do: try again in a moment.',
}

function fault(code: string, message: string): { readonly ok: false; readonly fault: Fault } {
  return { ok: false, fault: fail(code, message).error }
}
