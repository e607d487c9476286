// A flow from the source to the destination, laid path by path on what the edges can carry, and taken apart again into
// paths. Fees are left to others: an edge carries what the source sends for it. All of that takes from the budget of the
// search, since paths may be as long as the graph is large.

import { AMOUNT_MAX } from '../protocol/wire.ts'
import { FlowPaths, type Strand } from './flow-paths.ts'
import type { Arc, PathSearch } from './path-search.ts'
import { threshold } from './residual.ts'
import { widestPath } from './widest-path.ts'

/** Edges that taking a flow apart may look at when the budget is used up: for the best answer so far. */
const BEYOND_BUDGET = 50_000

export class Flow {
  readonly #search: PathSearch
  #value = 0n
  /** What the mediators take, at least. */
  #fees = 0
  /** Paths that may still be laid. */
  #pathsLeft: number

  /** @param pathsMax paths to lay before giving up. */
  constructor(search: PathSearch, pathsMax: number) {
    this.#search = search
    this.#pathsLeft = pathsMax
    search.residual.clear()
    search.forgetFlow()
  }

  /** What reaches the destination. */
  get value(): bigint {
    return this.#value
  }

  /** Whether it gave up before it had tried everything. */
  get gaveUp(): boolean {
    return this.#pathsLeft <= 0 || this.#search.budget < 0
  }

  /**
   * Lays the cheapest paths of at least `least` each (the last may be smaller), until they carry `target` or there
   * are none left that together surely cost less than `feesMax`.
   */
  fill(target: bigint, least: bigint, share: number, feesMax = Infinity): void {
    while (this.#value < target && !this.gaveUp) {
      const rest = target - this.#value
      // No later path is cheaper: if the rest goes this way, it must not take more than is left.
      const costMax = (feesMax - this.#fees) * (share / Number(rest))
      const arcs = this.#search.find(threshold(rest < least ? rest : least), share, costMax)
      if (arcs === undefined) return
      const laid = Number(this.#lay(arcs, rest))
      this.#fees += this.#search.feesOf(arcs, share) * (laid / share)
      this.#search.learn()
    }
  }

  /** The same with ever smaller paths, the widest first, so that there are few; reaches whatever can be reached. */
  fillWidestFirst(target: bigint): void {
    this.#fillWidestFirst(target, target)
  }

  /** As much as can be reached. */
  fillAll(): void {
    this.#fillWidestFirst(AMOUNT_MAX, 0n)
  }

  /** @param least gives up when it sees that it will not reach this. */
  #fillWidestFirst(target: bigint, least: bigint): void {
    while (this.#value < target && !this.gaveUp) {
      const rest = target - this.#value
      const width = widestPath(this.#search, rest)
      if (width === 0n) return
      // Ways only get narrower: as many as may still be laid would not do.
      if (this.#value + width * BigInt(this.#pathsLeft) < least) {
        this.#pathsLeft = 0
        return
      }
      this.#search.forgetFlow()
      const half = (width + 1n) / 2n
      this.fill(target, half, Number(half))
    }
  }

  /** At most `max` paths that together are the flow, or the most of it, the widest first. */
  strands(max: number): Strand[] {
    const search = this.#search
    const budgetMin = Math.min(search.budget, 0) - BEYOND_BUDGET
    const paths = new FlowPaths(search.problem, search.residual.loads)
    const strands: Strand[] = []
    for (let paid = 0; strands.length < max;) {
      const strand = paths.takeWidest()
      search.budget -= paths.work - paid
      paid = paths.work
      if (strand === undefined) break
      strands.push(strand)
      if (search.budget < budgetMin) break
    }
    return strands
  }

  /** @returns how much was laid. */
  #lay(arcs: readonly Arc[], most: bigint): bigint {
    let amount = most
    for (const arc of arcs) {
      const room = arc >= 0 ? this.#search.residual.room(arc) : this.#search.residual.load(~arc)
      if (room < amount) amount = room
    }
    for (const arc of arcs) {
      if (arc >= 0) this.#search.residual.add(arc, amount)
      else this.#search.residual.add(~arc, -amount)
    }
    this.#search.budget -= arcs.length
    this.#value += amount
    this.#pathsLeft--
    return amount
  }
}
