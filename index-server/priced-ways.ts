// The ways of nodes that have many, in the order of what is taken on them, so that a search need not look at all; and
// with all that it asks of them side by side, since what is far apart in memory takes many times as long to look at.

import { NONE, type CurrencyGraph, type Node, type Report } from './graph.ts'

/** A node has fewer ways than this. */
const WAYS_MAX = 2 ** 20
/** Ways kept, of all nodes together: some 40 MB; more than the crowded nodes of a million accounts have. */
const KEPT_MAX = 2 ** 21

/** Words of a way. */
const FIELDS = 5
const WAY = 0
const FRIEND = 1
const RATE_MUL = 2
const RATE_ADD = 3
const ABOUT = 4

/** The ways of one node, those first at whose ends the least share is taken; their numbers are below `size`. */
export class PricedWays {
  readonly size: number
  /** Of the node when this was made. */
  readonly changes: number
  readonly #words: Int32Array
  readonly #abouts: Float32Array

  /** @param isForward whether things go from the node over its ways; else they come over them to the node. */
  constructor(graph: CurrencyGraph, node: Node, isForward: boolean) {
    this.changes = graph.changes(node)
    const unordered: Report[] = []
    for (let way = graph.firstWay(node); way !== NONE; way = graph.next(way)) unordered.push(way)
    // Typed arrays of numbers are put in order fast: by number first, then by price, with both in one number.
    const ways = Int32Array.from(unordered).sort()
    const prices = Float64Array.from(ways, (way, i) => graph.rateMul(edgeOf(way, isForward)) * WAYS_MAX + i)
    this.size = ways.length
    this.#words = new Int32Array(ways.length * FIELDS)
    this.#abouts = new Float32Array(this.#words.buffer)
    prices.sort().forEach((price, i) => {
      const way = ways[price % WAYS_MAX] as Report
      this.#words[i * FIELDS + WAY] = way
      this.#words[i * FIELDS + FRIEND] = graph.friend(way)
      this.#words[i * FIELDS + RATE_MUL] = price / WAYS_MAX
      this.update(i, graph, edgeOf(way, isForward))
    })
  }

  way(i: number): Report {
    return this.#words[i * FIELDS + WAY] as Report
  }

  /** At whose end it is. */
  friend(i: number): Node {
    return this.#words[i * FIELDS + FRIEND] as Node
  }

  /** Of the edge that one goes over, as are the next two. */
  rateMul(i: number): number {
    return (this.#words[i * FIELDS + RATE_MUL] as number) >>> 0
  }

  rateAdd(i: number): number {
    return (this.#words[i * FIELDS + RATE_ADD] as number) >>> 0
  }

  about(i: number): number {
    return this.#abouts[i * FIELDS + ABOUT] as number
  }

  /** Takes over what may change while the order stays. */
  update(i: number, graph: CurrencyGraph, edge: Report): void {
    this.#words[i * FIELDS + RATE_ADD] = graph.rateAdd(edge)
    this.#abouts[i * FIELDS + ABOUT] = graph.about(edge)
  }

  /** Where a way is, whose edge has this rate. */
  find(way: Report, rateMul: number): number {
    let from = 0
    let to = this.size
    while (from < to) {
      const middle = (from + to) >> 1
      const mul = this.rateMul(middle)
      if (mul < rateMul || (mul === rateMul && this.way(middle) < way)) from = middle + 1
      else to = middle
    }
    return from
  }
}

/** The priced ways of nodes of one graph, put in order when they are asked for. */
export class PricedWaysOfNodes {
  readonly #graph: CurrencyGraph
  readonly #forward = new Map<Node, PricedWays>()
  readonly #backward = new Map<Node, PricedWays>()
  /** Ways in both. */
  #kept = 0

  constructor(graph: CurrencyGraph) {
    this.#graph = graph
  }

  /** See `CurrencyGraph.pricedWays`. */
  of(node: Node, isForward: boolean): PricedWays {
    const known = this.#known(node, isForward)
    if (known !== undefined) return known
    const ways = new PricedWays(this.#graph, node, isForward)
    const all = isForward ? this.#forward : this.#backward
    this.#kept += ways.size - (all.get(node)?.size ?? 0)
    if (this.#kept > KEPT_MAX) {
      this.#forward.clear()
      this.#backward.clear()
      this.#kept = ways.size
    }
    all.set(node, ways)
    return ways
  }

  /** The capacity of this edge has changed, or the `add` of its rate. */
  update(edge: Report): void {
    const graph = this.#graph
    this.#update(this.#known(graph.friend(edge), true), edge ^ 1, edge)
    this.#update(this.#known(graph.reporter(edge), false), edge, edge)
  }

  #update(ways: PricedWays | undefined, way: Report, edge: Report): void {
    const i = ways?.find(way, this.#graph.rateMul(edge))
    // Edges that lead nowhere are not among the ways.
    if (ways !== undefined && i !== undefined && i < ways.size && ways.way(i) === way)
      ways.update(i, this.#graph, edge)
  }

  /** Unless the node's ways, or the rates on them, have changed since. */
  #known(node: Node, isForward: boolean): PricedWays | undefined {
    const known = (isForward ? this.#forward : this.#backward).get(node)
    return known !== undefined && known.changes === this.#graph.changes(node) ? known : undefined
  }
}

/** Which edge one goes over: from the node to its friend, or from the friend to the node. */
function edgeOf(way: Report, isForward: boolean): Report {
  return isForward ? way ^ 1 : way
}
