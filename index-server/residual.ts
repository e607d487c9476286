// What the edges of a graph can still carry for one payment: their capacities, or what the payer says of his own ones,
// less the reserve of mediators, less what the payment has laid on them already; and back again what was laid on them.
// Excluded edges carry nothing.

import { capacityFor, creditsForOne } from '../protocol/reserve.ts'
import { ABOUT_ERROR, type CurrencyGraph, type Node, type Report } from './graph.ts'
import type { Problem } from './problem.ts'

/** All but the reports is looked for in maps, and only where one of this many flags says that there may be something. */
const FLAGS = 4_096
/** Of an excluded edge: less than any amount. */
const EXCLUDED = -1n

/** An amount that an edge must have room for, prepared for many questions. */
export interface Threshold {
  readonly amount: bigint
  /** Capacity that this takes of an edge that does not come from the payer (IDX-15). */
  readonly forwarded: bigint
  readonly aboutOwn: number
  readonly aboutForwarded: number
}

export function threshold(amount: bigint): Threshold {
  const forwarded = capacityFor(amount)
  return { amount, forwarded, aboutOwn: Number(amount), aboutForwarded: Number(forwarded) }
}

export class Residual {
  readonly #graph: CurrencyGraph
  readonly #payer: Node
  readonly #excluded: ReadonlySet<Report>
  /** What counts instead of the reported capacity. */
  readonly #capacities: ReadonlyMap<Report, bigint>
  readonly #loads = new Map<Report, bigint>()
  /** Whether for one of the edges that share a flag, or the one the other way, something counts beside its report. */
  readonly #flags = new Uint8Array(FLAGS)

  constructor({ graph, payer, excludedEdges, capacities }: Problem) {
    this.#graph = graph
    this.#payer = payer
    this.#excluded = excludedEdges
    this.#capacities = capacities
    this.clear()
  }

  /** Whether nothing but reports counts for the edge and for the one the other way. False may be a mistake. */
  isAsReported(edge: Report): boolean {
    return this.#flags[(edge >> 1) % FLAGS] === 0
  }

  /** Edges with a load, and their loads. */
  get loads(): ReadonlyMap<Report, bigint> {
    return this.#loads
  }

  load(edge: Report): bigint {
    return this.isAsReported(edge) ? 0n : (this.#loads.get(edge) ?? 0n)
  }

  add(edge: Report, amount: bigint): void {
    const load = this.load(edge) + amount
    this.#flag(edge)
    if (load === 0n) this.#loads.delete(edge)
    else this.#loads.set(edge, load)
  }

  clear(): void {
    this.#loads.clear()
    this.#flags.fill(0)
    for (const edge of this.#excluded) this.#flag(edge)
    for (const edge of this.#capacities.keys()) this.#flag(edge)
  }

  /** What more the edge can carry, exactly. */
  room(edge: Report): bigint {
    return this.usable(edge) - this.load(edge)
  }

  /** What the edge can carry while nothing is laid on it; below 0 when it is excluded. */
  usable(edge: Report): bigint {
    if (!this.isAsReported(edge) && this.#excluded.has(edge)) return EXCLUDED
    const capacity = this.#capacity(edge)
    return this.#graph.friend(edge) === this.#payer ? capacity : creditsForOne(capacity)
  }

  /** Whether the edge has room for the amount. @param isOwn whether it comes from the payer. */
  admits(edge: Report, isOwn: boolean, least: Threshold): boolean {
    if (!this.isAsReported(edge)) return this.room(edge) >= least.amount
    return this.isRoom(this.#graph.about(edge), edge, isOwn, least)
  }

  /** The same, of an edge that is as reported and has about this capacity. */
  isRoom(about: number, edge: Report, isOwn: boolean, least: Threshold): boolean {
    const needed = isOwn ? least.aboutOwn : least.aboutForwarded
    if (about >= needed) return true
    if (about < needed * (1 - ABOUT_ERROR)) return false
    return this.#graph.capacityOf(edge) >= (isOwn ? least.amount : least.forwarded)
  }

  /** Nearly `room`, up to the reserve of a mediator; not above 0 only where there is none. */
  about(edge: Report): number {
    return this.isAsReported(edge) ? this.#graph.about(edge) : Number(this.room(edge))
  }

  #capacity(edge: Report): bigint {
    const capacity = this.isAsReported(edge) ? undefined : this.#capacities.get(edge)
    return capacity ?? this.#graph.capacityOf(edge)
  }

  #flag(edge: Report): void {
    this.#flags[(edge >> 1) % FLAGS] = 1
  }
}
