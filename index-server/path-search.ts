// Finds the cheapest path with room for an amount, from both ends at once, in what a flow has left of a graph. A node
// with many friends comes again and again: each time some more of its ways are looked at, as long as they may be on a
// path that is cheaper than the best one known.
//
// A search has costs that are never negative, although an arc that takes a flow back gives its cost back: what the
// searches before it learned of the distances (potentials) is added to and taken from them (Johnson). Both are kept
// only for the few nodes that a search settles.

import { NONE, type Node, type Report } from './graph.ts'
import type { PricedWays } from './priced-ways.ts'
import type { Problem } from './problem.ts'
import { threshold, type Residual, type Threshold } from './residual.ts'
import type { Row } from './search-rows.ts'
import type { SearchSide, SearchSides } from './search-side.ts'

/** Over an edge, or back over it: `~edge` takes back what is laid on the edge, from its end to its start. */
export type Arc = number

/** Of which a rate's `mul` is so many parts (protocol/fees.ts). */
const SCALE = 2 ** 32
/** Who has so many friends is looked at cheapest ways first, and so many of them at once. */
export const MANY_FRIENDS = 64
const WAYS_AT_ONCE = 32
/** Of ways that cost the same the shorter one: less than a credit for any route. */
const HOP_COST = 2 ** -10

/** From a node over its ways to its friends, or, growing backward, from them to it. */
interface Step {
  readonly side: SearchSide
  readonly other: SearchSide
  readonly node: Node
  readonly row: Row
  readonly distance: number
  /** What the other side has not settled is not nearer to it than this. */
  readonly far: number
}

export class PathSearch {
  readonly problem: Problem
  /** What is left of the graph; who changes it says so by `learn` or `forgetFlow`. */
  readonly residual: Residual
  readonly sides: SearchSides
  readonly #potentials = new Map<Node, number>()
  #least: Threshold = threshold(0n)
  /** The amount whose fees count as costs; 0: hops alone count. */
  #share = 0
  #best = Infinity
  #meeting: Row = NONE
  /** What the forward side has not settled is not nearer than this; at most the best. */
  #radius = 0
  /** Arcs that may still be looked at, those of the paths that are found included; below 0 when the search gave up. */
  budget: number

  constructor(problem: Problem, residual: Residual, sides: SearchSides, budget: number) {
    this.problem = problem
    this.residual = residual
    this.sides = sides
    this.budget = budget
  }

  /** The loads are gone. */
  forgetFlow(): void {
    this.#potentials.clear()
  }

  /**
   * The cheapest path whose arcs all have room for `least`, for a part of about `share` credits, or, when that is 0,
   * the shortest one; undefined when there is none or the budget was used up.
   * @param costMax it costs less than this.
   */
  find(least: Threshold, share: number, costMax = Infinity): Arc[] | undefined {
    const { graph, source, destination } = this.problem
    const { forward, backward } = this.sides
    this.#least = least
    this.#share = share
    this.#best = costMax + this.#potential(source) - this.#potential(destination)
    this.#meeting = NONE
    this.sides.begin(this.problem, 0)
    for (;;) {
      const near = forward.nearest()
      const far = backward.nearest()
      if (near + far >= this.#best || near === Infinity || far === Infinity) break
      // Whichever will have looked at fewer arcs: who has thousands of friends is often met before his turn comes.
      if (forward.workAfter(graph, WAYS_AT_ONCE) <= backward.workAfter(graph, WAYS_AT_ONCE))
        this.#expand(forward, backward)
      else this.#expand(backward, forward)
      if (this.budget < 0) return undefined
    }
    this.#radius = Math.min(forward.radius, this.#best)
    return this.#meeting === NONE ? undefined : this.#path()
  }

  /** What the mediators of a path take at least for `share`. */
  feesOf(arcs: readonly Arc[], share: number): number {
    return arcs.reduce((fees, arc) => fees + this.#arcCost(arc, share), 0)
  }

  /** What the mediator at the end of the edge takes at least for passing on `share`. */
  costOf(edge: Report, share: number): number {
    const { graph } = this.problem
    return this.costTo(graph.reporter(edge), graph.rateMul(edge), graph.rateAdd(edge), share)
  }

  /** What the mediator at `node`, whose rate this is, takes at least for passing on `share`. */
  costTo(node: Node, rateMul: number, rateAdd: number, share: number): number {
    if (share === 0 || node === this.problem.payee) return HOP_COST
    return shareOf(rateMul, share) + rateAdd + HOP_COST
  }

  /** What those take at least who are between the source and `node`, and `node` itself, as the last search knows. */
  costBefore(node: Node): number {
    const { forward, backward } = this.sides
    const row = this.sides.row(node)
    const known = forward.isSettled(row) ? forward.distance(row) : this.#radius
    // No way from end to end costs less than the best.
    if (!backward.isSettled(row)) return known
    return Math.max(known, this.#best - backward.distance(row))
  }

  /** Takes over what the last search learned of the distances: after its path has been laid on the residual. */
  learn(): void {
    const { forward, backward } = this.sides
    const radius = this.#radius
    for (const row of forward.settled) this.#learn(row, Math.min(forward.distance(row) - radius, 0))
    for (const row of backward.settled) {
      this.#learn(row, Math.max(this.#best - backward.distance(row) - radius, 0))
    }
  }

  #learn(row: Row, change: number): void {
    const node = this.sides.node(row)
    if (change !== 0) this.#potentials.set(node, this.#potential(node) + change)
  }

  #potential(node: Node): number {
    return this.#potentials.get(node) ?? 0
  }

  #expand(side: SearchSide, other: SearchSide): void {
    const { graph } = this.problem
    const row = side.next()
    const from: Step = {
      side,
      other,
      row,
      node: this.sides.node(row),
      distance: side.distance(row),
      far: other.nearest(),
    }
    const position = side.settleNext()
    const before = this.budget
    if (graph.friendCount(from.node) >= MANY_FRIENDS) this.#lookOn(from, position)
    else {
      for (let way = graph.firstWay(from.node); way !== NONE; way = graph.next(way)) this.#look(from, way)
    }
    side.work += before - this.budget
  }

  /** At some of the many ways of a node, from this one on: most of them are never looked at, since others are cheaper. */
  #lookOn(from: Step, position: number): void {
    const { side, other, row } = from
    const ways = this.problem.graph.pricedWays(from.node, side.isForward)
    const end = Math.min(position + WAYS_AT_ONCE, ways.size)
    for (let i = position; i < end; i++) this.#lookAt(from, ways, i)
    if (end === ways.size) return
    // An edge between two of whom both ends look at some ways only may be among the others of both: it is looked at
    // when the second of them is settled.
    if (position === 0) for (const one of other.postponed) this.#lookToward(from, this.sides.node(one))
    const cost = this.#leastCost(from, ways, end)
    const isFirstCost = position === 0 || this.#leastCost(from, ways, position) === 0
    if (cost > 0 && isFirstCost) this.#lookOutOfOrder(from)
    side.postpone(row, end, from.distance + cost)
  }

  /** At those of the many ways of a node that may cost less than their price says. */
  #lookOutOfOrder(from: Step): void {
    const { graph } = this.problem
    for (const [friend, potential] of this.#potentials) {
      const isNearer = from.side.isForward ? potential > 0 : potential < 0
      if (isNearer) this.#lookToward(from, friend)
    }
    for (const edge of this.residual.loads.keys()) {
      if (graph.reporter(edge) === from.node) this.#look(from, edge)
      else if (graph.friend(edge) === from.node) this.#look(from, edge ^ 1)
    }
  }

  #lookToward(from: Step, friend: Node): void {
    const { graph } = this.problem
    this.budget--
    const way = graph.find(from.node, friend)
    if (way !== NONE && graph.mate(way) !== NONE) this.#look(from, way)
  }

  /** At the friend of whom the node makes this report. */
  #look(from: Step, report: Report): void {
    this.budget--
    const mate = report ^ 1
    const friend = this.problem.graph.friend(report)
    const arc = from.side.isForward ? this.#arc(mate, report, from.node) : this.#arc(report, mate, friend)
    if (arc !== undefined) this.#reach(from, friend, arc, this.#arcCost(arc, this.#share))
  }

  /** The same, with what there is to know of the way at hand. */
  #lookAt(from: Step, ways: PricedWays, i: number): void {
    const { node } = from
    const { isForward } = from.side
    const way = ways.way(i)
    if (!this.residual.isAsReported(way)) return this.#look(from, way)
    this.budget--
    const friend = ways.friend(i)
    const edge = isForward ? way ^ 1 : way
    const isOwn = (isForward ? node : friend) === this.problem.payer
    if (!this.residual.isRoom(ways.about(i), edge, isOwn, this.#least)) return
    const cost = this.costTo(isForward ? friend : node, ways.rateMul(i), ways.rateAdd(i), this.#share)
    this.#reach(from, friend, edge, cost)
  }

  #reach({ side, other, node, distance: start, far }: Step, friend: Node, arc: Arc, cost: number): void {
    const reduced = side.isForward ? this.#reduced(cost, node, friend) : this.#reduced(cost, friend, node)
    const distance = start + reduced
    const known = this.sides.row(friend)
    // No way from end to end that goes on from there is cheaper than the best.
    const rest = distance + far < this.#best || !other.isSettled(known) ? far : other.distance(known)
    if (distance + rest >= this.#best) return side.cut(distance)
    if (side.isSettled(known) || (side.isReached(known) && side.distance(known) <= distance)) return
    side.reach(friend, distance, arc)
    if (!other.isReached(known)) return
    const whole = distance + other.distance(known)
    if (whole < this.#best) {
      this.#best = whole
      this.#meeting = known
    }
  }

  /** How something gets over `edge`, or back over `opposite`, which is laid on; undefined: not at all. */
  #arc(edge: Report, opposite: Report, from: Node): Arc | undefined {
    if (!this.residual.isAsReported(edge)) {
      const load = this.residual.load(opposite)
      if (load !== 0n) return load >= this.#least.amount ? ~opposite : undefined
    }
    return this.residual.admits(edge, from === this.problem.payer, this.#least) ? edge : undefined
  }

  /** What is taken for going over an arc, or given back. */
  #arcCost(arc: Arc, share: number): number {
    return arc >= 0 ? this.costOf(arc, share) : -this.costOf(~arc, share)
  }

  #reduced(cost: number, from: Node, to: Node): number {
    if (this.#potentials.size === 0) return cost
    return Math.max(cost + this.#potential(from) - this.#potential(to), 0)
  }

  /** What the ways of the node from this position on cost at least, but for those out of order. */
  #leastCost({ side, node }: Step, ways: PricedWays, position: number): number {
    // With so many out of order there is no order.
    if (node === this.problem.payee || this.#potentials.size > ways.size) return 0
    const price = shareOf(ways.rateMul(position), this.#share)
    if (price === 0 && this.#potentials.size > 0) return 0
    const potential = this.#potential(node)
    return Math.max(price + HOP_COST + (side.isForward ? potential : -potential), 0)
  }

  /** From source to destination, without circles. */
  #path(): Arc[] {
    const { source, destination } = this.problem
    const { forward, backward } = this.sides
    const arcs: Arc[] = []
    let row = this.#meeting
    while (this.sides.node(row) !== source) {
      const arc = forward.arc(row)
      arcs.push(arc)
      row = this.sides.row(this.#start(arc))
    }
    arcs.reverse()
    row = this.#meeting
    while (this.sides.node(row) !== destination) {
      const arc = backward.arc(row)
      arcs.push(arc)
      row = this.sides.row(this.#end(arc))
    }
    this.budget -= arcs.length
    return this.#straight(arcs)
  }

  #straight(arcs: readonly Arc[]): Arc[] {
    const straight: Arc[] = []
    // After how many arcs of the way a node comes, or came before its circle was left out.
    const places = new Map<Node, number>([[this.problem.source, 0]])
    const nodes: Node[] = [this.problem.source]
    for (const arc of arcs) {
      const node = this.#end(arc)
      const before = places.get(node)
      if (before !== undefined && nodes[before] === node) {
        nodes.length = before + 1
        straight.length = before
        continue
      }
      straight.push(arc)
      places.set(node, straight.length)
      nodes.push(node)
    }
    return straight
  }

  #start(arc: Arc): Node {
    const { graph } = this.problem
    return arc >= 0 ? graph.friend(arc) : graph.reporter(~arc)
  }

  #end(arc: Arc): Node {
    const { graph } = this.problem
    return arc >= 0 ? graph.reporter(arc) : graph.friend(~arc)
  }
}

/** What a mediator takes at least for passing on `share`, but for the part of it that is always the same. */
export function shareOf(rateMul: number, share: number): number {
  return rateMul === 0 ? 0 : Math.max((rateMul * share) / SCALE - 1, 0)
}
