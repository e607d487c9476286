// What the answers of the last seconds use of the edges: left to those who asked, so that buyers who ask at the same
// time are not sent over the same credit (IDX-25).

import type { Query } from '../protocol/index-messages.ts'
import type { PublicKey, Time } from '../protocol/types.ts'
import type { CurrencyGraph, Report } from './graph.ts'
import { CLIENT_RESERVATIONS_MAX, RESERVED_EDGES_MAX } from './limits.ts'

interface Reservation {
  readonly client: PublicKey
  /** What the routes are for: the client's next answer for the same takes the place of this one. */
  readonly purpose: string
  readonly graph: CurrencyGraph
  readonly until: Time
  readonly edges: ReadonlyMap<Report, Share>
}

interface Share {
  readonly load: bigint
  /** What was reported of the edge then: a new report says more than the reservation. */
  readonly capacity: bigint
}

export class Reservations {
  readonly #lifetime: number
  /** By client and purpose, the oldest first. */
  readonly #live = new Map<string, Reservation>()
  /** The same by client alone. */
  readonly #purposes = new Map<PublicKey, Set<string>>()
  /** How many reservations concern an edge. */
  readonly #counts = new Map<Report, number>()
  #edges = 0

  /** @param lifetime in milliseconds; 0: nothing is reserved. */
  constructor(lifetime: number) {
    this.#lifetime = lifetime
  }

  /** Edges that are remembered, for all answers together. */
  get size(): number {
    return this.#edges
  }

  /** What other clients have reserved of a graph, when one of these edges may be concerned; else nothing. */
  byOthers(
    client: PublicKey,
    graph: CurrencyGraph | undefined,
    edges: ReadonlyMap<Report, bigint>,
    now: Time,
  ): ReadonlyMap<Report, bigint> {
    this.expire(now)
    const reserved = new Map<Report, bigint>()
    if (graph === undefined || ![...edges.keys()].some((edge) => this.#counts.has(edge))) return reserved
    for (const one of this.#live.values()) {
      if (one.client === client || one.graph !== graph) continue
      for (const [edge, { load, capacity }] of one.edges) {
        if (graph.capacityOf(edge) === capacity) reserved.set(edge, (reserved.get(edge) ?? 0n) + load)
      }
    }
    return reserved
  }

  /** Remembers what an answer uses. */
  add(
    client: PublicKey,
    graph: CurrencyGraph | undefined,
    { currency, destination }: Query,
    loads: ReadonlyMap<Report, bigint>,
    now: Time,
  ): void {
    if (graph === undefined) return
    const purpose = `${client}/${currency}/${destination}`
    this.#remove(purpose)
    const purposes = this.#purposes.get(client) ?? new Set()
    const [oldest] = purposes
    if (purposes.size >= CLIENT_RESERVATIONS_MAX && oldest !== undefined) this.#remove(oldest)
    const edges = new Map<Report, Share>()
    for (const [edge, load] of loads) {
      edges.set(edge, { load, capacity: graph.capacityOf(edge) })
      this.#counts.set(edge, (this.#counts.get(edge) ?? 0) + 1)
    }
    this.#live.set(purpose, { client, purpose, graph, until: now + this.#lifetime, edges })
    this.#purposes.set(client, purposes.add(purpose))
    this.#edges += edges.size
    for (const first of this.#live.keys()) {
      if (this.#edges <= RESERVED_EDGES_MAX) break
      this.#remove(first)
    }
  }

  /** Forgets what is over. */
  expire(now: Time): void {
    for (const [purpose, { until }] of this.#live) {
      if (until > now) break
      this.#remove(purpose)
    }
  }

  #remove(purpose: string): void {
    const one = this.#live.get(purpose)
    if (one === undefined) return
    this.#live.delete(purpose)
    const purposes = this.#purposes.get(one.client)
    purposes?.delete(purpose)
    if (purposes?.size === 0) this.#purposes.delete(one.client)
    this.#edges -= one.edges.size
    for (const edge of one.edges.keys()) {
      const left = (this.#counts.get(edge) ?? 1) - 1
      if (left === 0) this.#counts.delete(edge)
      else this.#counts.set(edge, left)
    }
  }
}
