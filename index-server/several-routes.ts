// Sets of routes that together carry what none carries alone, or carry it for less: out of a flow that carries the
// amount and its fees (IDX-22).

import { ROUTE_NODES_MAX } from '../protocol/limits.ts'
import { AMOUNT_MAX, compareAmounts } from '../protocol/wire.ts'
import { Flow } from './flow.ts'
import type { Strand } from './flow-paths.ts'
import type { PathSearch } from './path-search.ts'
import { deliverable, loadsOf, sum, type Part } from './paths.ts'
import { toppedUp } from './top-up.ts'

/** Paths laid for one amount before giving up, for each part: more than fit into an answer, since some take others back. */
const PATHS_PER_PART = 2

export class SeveralRoutes {
  readonly #search: PathSearch
  readonly #maxParts: number
  /** Whether more ways than were asked for might have carried the last amount, or longer ones. */
  isTooMany = false
  isTooLong = false

  constructor(search: PathSearch, maxParts: number) {
    this.#search = search
    this.#maxParts = maxParts
  }

  /** As few routes as can be found. */
  few(amount: bigint): Part[] | undefined {
    return this.#laid(amount, (flow, target) => flow.fillWidestFirst(target))
  }

  /** More routes, where those who take a share of what they carry take less together. */
  cheaper(parts: Part[]): Part[] {
    if (!this.#hasProportionalFees(parts)) return parts
    const amount = sum(parts)
    const least = amount / BigInt(this.#maxParts) || 1n
    const share = Number(amount)
    const fees = parts.reduce(
      (total, part) => total + this.#search.feesOf(part.path, share) * (Number(part.amount) / share),
      0,
    )
    // A flow carries the fees, too, and takes as much for them.
    const feesMax = (target: bigint): number => fees * (Number(target) / share)
    const others = this.#laid(amount, (flow, target) => flow.fill(target, least, share, feesMax(target)))
    return others !== undefined && this.#sent(others) < this.#sent(parts) ? others : parts
  }

  /** Routes that carry nearly the most that few and short ones can; and what all routes surely cannot carry more than. */
  estimate(): { readonly parts: Part[]; readonly limit: bigint } {
    const flow = this.#newFlow()
    flow.fillAll()
    const short = flow.strands(this.#maxParts).filter(isShort)
    const parts = this.#parts(short, AMOUNT_MAX)
    return { parts, limit: flow.gaveUp ? AMOUNT_MAX : flow.value }
  }

  /** Lays a flow that carries the amount and its fees; undefined when that cannot be done by few and short paths. */
  #laid(amount: bigint, fill: (flow: Flow, target: bigint) => void): Part[] | undefined {
    const flow = this.#newFlow()
    this.isTooMany = this.isTooLong = false
    let target = amount
    let step = 1n
    for (;;) {
      fill(flow, target)
      const strands = flow.strands(this.#maxParts)
      const short = strands.filter(isShort)
      const parts = this.#parts(short, amount)
      const lacking = amount - sum(parts)
      if (lacking <= 0n) return parts
      this.isTooMany ||= sum(strands) < flow.value || flow.gaveUp
      this.isTooLong ||= short.length < strands.length
      // Each round lays a path at least: the flow gives up in the end.
      if (flow.value < target) return undefined
      // Ever larger steps: a credit a round would use up the paths.
      step *= 2n
      target += lacking * step
    }
  }

  /** What can arrive on the paths of these strands, as much as is wanted. */
  #parts(strands: readonly Strand[], amount: bigint): Part[] {
    const { problem, residual } = this.#search
    // A strand of which nothing arrives may be a path that can carry more.
    const parts = toppedUp(problem, residual, this.#carried(strands, amount), amount)
    return parts.filter((part) => part.amount > 0n)
  }

  /** What arrives of each strand, as much as is wanted; the cheapest first. */
  #carried(strands: readonly Strand[], amount: bigint): Part[] {
    const { graph } = this.#search.problem
    let wanted = amount
    return strands
      .map(({ path, amount: sent }) => ({ path, sent, amount: deliverable(graph, path, () => sent) }))
      .sort((a, b) => compareAmounts(a.sent * b.amount, b.sent * a.amount))
      .map((part): Part => {
        const taken = part.amount < wanted ? part.amount : wanted
        wanted -= taken
        return { path: part.path, amount: taken }
      })
  }

  #hasProportionalFees(parts: readonly Part[]): boolean {
    const { graph } = this.#search.problem
    return parts.some(({ path }) => path.slice(0, -1).some((edge) => graph.rateMul(edge) > 0))
  }

  #sent(parts: readonly Part[]): bigint {
    return parts.reduce(
      (total, part) => total + (loadsOf(this.#search.problem.graph, part)?.[0] ?? part.amount),
      0n,
    )
  }

  #newFlow(): Flow {
    return new Flow(this.#search, this.#maxParts * PATHS_PER_PART)
  }
}

function isShort({ path }: Strand): boolean {
  return path.length <= ROUTE_NODES_MAX
}
