// The ways of nodes that have many, in the order of what is taken on them, so that a search need not look at all.

import { NONE, type CurrencyGraph, type Node, type Report } from './graph.ts'

/** A node has fewer ways than this. */
const WAYS_MAX = 2 ** 20

interface Ordered {
  /** Of the node when they were put in order. */
  readonly changes: number
  readonly ways: Int32Array
}

export class PricedWays {
  readonly #graph: CurrencyGraph
  readonly #forward = new Map<Node, Ordered>()
  readonly #backward = new Map<Node, Ordered>()

  constructor(graph: CurrencyGraph) {
    this.#graph = graph
  }

  /** See `CurrencyGraph.pricedWays`. */
  of(node: Node, isForward: boolean): Int32Array {
    const known = isForward ? this.#forward : this.#backward
    const changes = this.#graph.changes(node)
    let ordered = known.get(node)
    if (ordered?.changes !== changes) {
      ordered = { changes, ways: this.#inOrder(node, isForward) }
      known.set(node, ordered)
    }
    return ordered.ways
  }

  #inOrder(node: Node, isForward: boolean): Int32Array {
    const graph = this.#graph
    const ways: Report[] = []
    for (let way = graph.firstWay(node); way !== NONE; way = graph.next(way)) ways.push(way)
    // Who takes how much, and where it stands, in one number: typed arrays of numbers are put in order fast.
    const prices = Float64Array.from(
      ways,
      (way, i) => graph.rateMul(isForward ? way ^ 1 : way) * WAYS_MAX + i,
    )
    return Int32Array.from(prices.sort(), (price) => ways[price % WAYS_MAX] ?? NONE)
  }
}
