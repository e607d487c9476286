// What the edges of a graph can still carry for one payment: their capacities, less the reserve of mediators, less
// what the payment has laid on them already; and back again what was laid on them.

import { capacityFor, creditsForOne } from '../protocol/reserve.ts'
import { ABOUT_ERROR, type CurrencyGraph, type Node, type Report } from './graph.ts'

/** Loads are looked for in a map only where this many flags say that there may be one. */
const FLAGS = 4_096

/** An amount that an edge must have room for, prepared for many questions. */
export interface Threshold {
  readonly amount: bigint
  /** Capacity that this takes of an edge that does not come from the source (IDX-15). */
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
  readonly #source: Node
  readonly #loads = new Map<Report, bigint>()
  readonly #flags = new Uint8Array(FLAGS)

  constructor(graph: CurrencyGraph, source: Node) {
    this.#graph = graph
    this.#source = source
  }

  /** Edges with a load, and their loads. */
  get loads(): ReadonlyMap<Report, bigint> {
    return this.#loads
  }

  load(edge: Report): bigint {
    return this.#flags[edge % FLAGS] === 0 ? 0n : (this.#loads.get(edge) ?? 0n)
  }

  add(edge: Report, amount: bigint): void {
    const load = this.load(edge) + amount
    this.#flags[edge % FLAGS] = 1
    if (load === 0n) this.#loads.delete(edge)
    else this.#loads.set(edge, load)
  }

  clear(): void {
    this.#loads.clear()
    this.#flags.fill(0)
  }

  /** What more the edge can carry, exactly. */
  room(edge: Report): bigint {
    const capacity = this.#graph.capacityOf(edge)
    const usable = this.#graph.friend(edge) === this.#source ? capacity : creditsForOne(capacity)
    return usable - this.load(edge)
  }

  /** Whether the edge has room for the amount. @param isOwn whether it comes from the source. */
  admits(edge: Report, isOwn: boolean, least: Threshold): boolean {
    if (this.load(edge) !== 0n) return this.room(edge) >= least.amount
    const about = this.#graph.about(edge)
    const needed = isOwn ? least.aboutOwn : least.aboutForwarded
    if (about >= needed) return true
    if (about < needed * (1 - ABOUT_ERROR)) return false
    return this.#graph.capacityOf(edge) >= (isOwn ? least.amount : least.forwarded)
  }

  /** Nearly `room`, up to the reserve of a mediator; 0 only where there is none. */
  about(edge: Report): number {
    return this.load(edge) === 0n ? this.#graph.about(edge) : Number(this.room(edge))
  }
}
