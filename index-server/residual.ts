// What the edges of a graph can still carry for one payment: their capacities, or what the payer says of his own ones,
// less the reserve of mediators, less what the payment has laid on them already; and back again what was laid on them.

import { capacityFor, creditsForOne } from '../protocol/reserve.ts'
import { ABOUT_ERROR, type CurrencyGraph, type Node, type Report } from './graph.ts'
import type { Problem } from './problem.ts'

/** Loads and other capacities are looked for in maps only where this many flags say that there may be one. */
const FLAGS = 4_096

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
  /** What counts instead of the reported capacity. */
  readonly #capacities: ReadonlyMap<Report, bigint>
  readonly #loads = new Map<Report, bigint>()
  /** Whether one of the edges that share a flag has a load, or a capacity other than the reported one. */
  readonly #flags = new Uint8Array(FLAGS)

  constructor({ graph, payer, capacities }: Problem) {
    this.#graph = graph
    this.#payer = payer
    this.#capacities = capacities
    this.clear()
  }

  /** Edges with a load, and their loads. */
  get loads(): ReadonlyMap<Report, bigint> {
    return this.#loads
  }

  load(edge: Report): bigint {
    return this.#isFlagged(edge) ? (this.#loads.get(edge) ?? 0n) : 0n
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
    for (const edge of this.#capacities.keys()) this.#flag(edge)
  }

  /** What more the edge can carry, exactly. */
  room(edge: Report): bigint {
    return this.usable(edge) - this.load(edge)
  }

  /** What the edge can carry while nothing is laid on it. */
  usable(edge: Report): bigint {
    const capacity = this.#capacity(edge)
    return this.#graph.friend(edge) === this.#payer ? capacity : creditsForOne(capacity)
  }

  /** Whether the edge has room for the amount. @param isOwn whether it comes from the payer. */
  admits(edge: Report, isOwn: boolean, least: Threshold): boolean {
    if (!this.#isAsReported(edge)) return this.room(edge) >= least.amount
    const about = this.#graph.about(edge)
    const needed = isOwn ? least.aboutOwn : least.aboutForwarded
    if (about >= needed) return true
    if (about < needed * (1 - ABOUT_ERROR)) return false
    return this.#graph.capacityOf(edge) >= (isOwn ? least.amount : least.forwarded)
  }

  /** Nearly `room`, up to the reserve of a mediator; 0 only where there is none. */
  about(edge: Report): number {
    return this.#isAsReported(edge) ? this.#graph.about(edge) : Number(this.room(edge))
  }

  #capacity(edge: Report): bigint {
    const capacity = this.#isFlagged(edge) ? this.#capacities.get(edge) : undefined
    return capacity ?? this.#graph.capacityOf(edge)
  }

  /** Whether all that was reported is there. */
  #isAsReported(edge: Report): boolean {
    return !this.#isFlagged(edge) || !(this.#loads.has(edge) || this.#capacities.has(edge))
  }

  #flag(edge: Report): void {
    this.#flags[edge % FLAGS] = 1
  }

  #isFlagged(edge: Report): boolean {
    return this.#flags[edge % FLAGS] !== 0
  }
}
