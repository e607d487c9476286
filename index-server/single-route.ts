// The cheapest single route that carries an amount, exactly: a quick search from both ends gives a good one, then a
// search from the destination backwards, where what an edge must carry depends on the fees of all mediators behind
// it, looks only at what may be cheaper (IDX-9, IDX-10).

import { incomingFor } from '../protocol/fees.ts'
import { ABOUT_ERROR, NONE, type Node, type Report } from './graph.ts'
import { Heap } from './heap.ts'
import { MANY_FRIENDS, shareOf, type PathSearch } from './path-search.ts'
import { loadsOf, type Path } from './paths.ts'
import type { PricedWays } from './priced-ways.ts'
import { hopsMax, wholePath, type Problem } from './problem.ts'
import { threshold, type Residual } from './residual.ts'

/** One way from a node to the destination. */
interface Label {
  readonly node: Node
  /** What must arrive over the edge that leaves the node; for the destination what it gets. */
  readonly amount: bigint
  /** What mediators take of that, nearly. */
  readonly fees: number
  /** At least what the whole route costs the source. */
  readonly least: number
  readonly hops: number
  /** The edge that leaves the node, and the label of the node at its end. */
  readonly edge: Report
  readonly then: Label | undefined
  /** Order of discovery: decides between equals, so that the same graph gives the same answer. */
  readonly order: number
}

/** Costs of a search are that much too high at most: what it adds for the hops. */
const SLACK = 0.05

/** What is left of the graph may carry loads of other parts. Undefined: there is none, or the budget was used up. */
export function cheapestPath(search: PathSearch, amount: bigint): Path | undefined {
  const quick = search.find(threshold(amount), Number(amount))
  if (quick === undefined) return undefined
  const sent = costOf(search, quick, amount)
  const path = new Backward(search, amount, sent).run() ?? quick
  return costOf(search, path, amount) === undefined ? undefined : wholePath(search.problem, path)
}

/** What the source of the search sends; undefined when the path is too long, or the whole way cannot carry the fees. */
function costOf({ problem, residual }: PathSearch, path: Path, amount: bigint): bigint | undefined {
  if (path.length > hopsMax(problem)) return undefined
  const whole = wholePath(problem, path)
  const loads = loadsOf(problem.graph, { path: whole, amount })
  if (loads === undefined) return undefined
  const isCarried = whole.every((edge, i) => residual.room(edge) >= (loads[i] ?? 0n))
  return isCarried ? loads[whole.length > path.length ? 1 : 0] : undefined
}

class Backward {
  readonly #problem: Problem
  readonly #residual: Residual
  readonly #search: PathSearch
  readonly #amount: bigint
  readonly #about: number
  readonly #hopsMax: number
  /** The fees of the route to be beaten. */
  readonly #fees: number
  readonly #heap = new Heap<Label>(isBefore)
  readonly #fewestHops = new Map<Node, number>()
  /** The edge from a source that has no other, else NONE. */
  readonly #onlyWay: Report
  #order = 0

  constructor(search: PathSearch, amount: bigint, sent: bigint | undefined) {
    const { problem, residual } = search
    this.#problem = problem
    this.#residual = residual
    this.#search = search
    this.#amount = amount
    this.#about = Number(amount)
    this.#hopsMax = hopsMax(problem)
    const { graph, source } = problem
    this.#onlyWay = graph.friendCount(source) === 1 ? graph.mate(graph.firstWay(source)) : NONE
    this.#fees = sent === undefined ? Infinity : Number(sent - amount)
  }

  /**
   * Dijkstra over (amount, hops), led by what the quick search learned of the way from the source: a label is worth
   * following unless one that is no dearer and no longer was followed from the same node before. Less at a node never
   * costs more before it, so this finds the cheapest.
   */
  run(): Path | undefined {
    this.#push(this.#problem.destination, this.#amount, 0, 0, NONE, undefined)
    for (let label = this.#heap.pop(); label !== undefined; label = this.#heap.pop()) {
      if (label.node === this.#problem.source) return pathOf(label)
      if (label.hops >= (this.#fewestHops.get(label.node) ?? Infinity)) continue
      this.#fewestHops.set(label.node, label.hops)
      if (label.hops < this.#hopsMax) this.#expand(label)
      if (this.#search.budget < 0) return undefined
    }
    return undefined
  }

  #expand(label: Label): void {
    const { graph, payee } = this.#problem
    if (graph.friendCount(label.node) < MANY_FRIENDS) {
      for (let edge = graph.firstWay(label.node); edge !== NONE; edge = graph.next(edge))
        this.#look(label, edge)
    } else {
      const ways = graph.pricedWays(label.node, false)
      for (let i = 0; i < ways.size; i++) {
        const least = label.node === payee ? 0 : shareOf(ways.rateMul(i), this.#about + label.fees)
        // All that come now take as much at least.
        if (label.fees + least - SLACK > this.#fees - 1) break
        this.#lookAt(label, ways, i)
      }
    }
    // A source with one friend is at the end of no way.
    const only = this.#onlyWay
    if (only !== NONE && graph.reporter(only) === label.node) this.#look(label, only)
  }

  #look(label: Label, edge: Report): void {
    this.#search.budget--
    const sent = this.#about + label.fees
    if (this.#residual.about(edge) < sent * (1 - ABOUT_ERROR)) return
    this.#tryOut(label, edge, this.#problem.graph.friend(edge), this.#search.costOf(edge, sent))
  }

  /** The same, with what there is to know of the way at hand. */
  #lookAt(label: Label, ways: PricedWays, i: number): void {
    const edge = ways.way(i)
    if (!this.#residual.isAsReported(edge)) return this.#look(label, edge)
    this.#search.budget--
    const sent = this.#about + label.fees
    if (ways.about(i) < sent * (1 - ABOUT_ERROR)) return
    const cost = this.#search.costTo(label.node, ways.rateMul(i), ways.rateAdd(i), sent)
    this.#tryOut(label, edge, ways.friend(i), cost)
  }

  /** @param cost what is taken at the end of the edge, nearly: most edges are out of the question, as that shows. */
  #tryOut(label: Label, edge: Report, friend: Node, cost: number): void {
    const { graph, payee, excludedNodes } = this.#problem
    const hops = label.hops + 1
    if (!this.#mayBeat(friend, hops, label.fees + cost)) return
    if (excludedNodes.has(friend)) return
    const amount = label.node === payee ? label.amount : incomingFor(graph.rate(edge), label.amount)
    if (amount === undefined || this.#residual.room(edge) < amount) return
    const fees = Number(amount - this.#amount)
    if (this.#mayBeat(friend, hops, fees)) this.#push(friend, amount, fees, hops, edge, label)
  }

  #push(node: Node, amount: bigint, fees: number, hops: number, edge: Report, then: Label | undefined): void {
    const least = fees + this.#search.costBefore(node)
    this.#heap.push({ node, amount, fees, least, hops, edge, then, order: ++this.#order })
  }

  /** Whether a route of so many hops and fees from there on may take a credit less than the one to be beaten. */
  #mayBeat(node: Node, hops: number, fees: number): boolean {
    return (
      fees + this.#search.costBefore(node) - SLACK <= this.#fees - 1 &&
      hops < (this.#fewestHops.get(node) ?? Infinity)
    )
  }
}

function pathOf(source: Label): Path {
  const path: Report[] = []
  for (let label = source; label.then !== undefined; label = label.then) path.push(label.edge)
  return path
}

/** Cheaper first, then shorter, then the one found first. */
function isBefore(a: Label, b: Label): boolean {
  if (a.least !== b.least) return a.least < b.least
  return a.hops !== b.hops ? a.hops < b.hops : a.order < b.order
}
