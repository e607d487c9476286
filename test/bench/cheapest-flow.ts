// The least that any routes together could cost: a minimum-cost flow by successive shortest paths, in floating point, over
// the arrays of the plain graph. It may have as many parts as it likes, mediators take nothing for the fees of others,
// and of what they take for each part only the share that the part has of the most that could go that way. So nothing
// real is cheaper, but for the rounding of each fee; and it shares nothing with the solver.

import type { Rate } from '../../protocol/types.ts'
import type { PlainGraph } from './plain-search.ts'

const SCALE = 2 ** 32

/**
 * The fees for `amount`; undefined when so much does not flow.
 * @param rates of the edges of the graph.
 * @param most that one part can have on an edge.
 */
export function leastFees(
  graph: PlainGraph,
  rates: readonly Rate[],
  source: number,
  destination: number,
  amount: number,
  most: number,
): number | undefined {
  const room = graph.usable.slice()
  for (let edge = graph.first[source]!; edge >= 0; edge = graph.next[edge]!) room[edge] = graph.whole[edge]!
  const cost = (edge: number): number => {
    if (graph.to[edge] === destination) return 0
    const { mul, add } = rates[edge]!
    return mul / SCALE + add / Math.max(Math.min(graph.usable[edge]!, most), 1)
  }
  const flow = new CheapestFlow(graph, room, cost)
  let fees = 0
  for (let left = amount; left > 0;) {
    const path = flow.path(source, destination)
    if (path === undefined) return undefined
    const sent = flow.lay(path, left)
    fees += sent.cost
    left -= sent.amount
  }
  return fees
}

class CheapestFlow {
  readonly #graph: PlainGraph
  readonly #room: Float64Array
  readonly #cost: (edge: number) => number
  readonly #flow: Float64Array
  readonly #potential: Float64Array

  constructor(graph: PlainGraph, room: Float64Array, cost: (edge: number) => number) {
    this.#graph = graph
    this.#room = room
    this.#cost = cost
    this.#flow = new Float64Array(room.length)
    this.#potential = new Float64Array(graph.accounts)
  }

  /** The edges of the cheapest way; one over which something flows the other way takes that back. */
  path(source: number, destination: number): number[] | undefined {
    const { accounts, first, next, to } = this.#graph
    const distance = new Float64Array(accounts).fill(Infinity)
    const via = new Int32Array(accounts).fill(-1)
    const settled = new Uint8Array(accounts)
    const queue = new Queue()
    distance[source] = 0
    for (queue.push(0, source); queue.size > 0;) {
      const node = queue.pop()
      if (settled[node] === 1) continue
      settled[node] = 1
      if (node === destination) break
      for (let edge = first[node]!; edge >= 0; edge = next[edge]!) {
        const end = to[edge]!
        const back = this.#flow[edge ^ 1]! > 0
        if (settled[end] === 1 || (!back && this.#room[edge]! - this.#flow[edge]! < 1)) continue
        const cost = back ? -this.#cost(edge ^ 1) : this.#cost(edge)
        const reduced = Math.max(cost + this.#potential[node]! - this.#potential[end]!, 0)
        if (distance[node]! + reduced >= distance[end]!) continue
        distance[end] = distance[node]! + reduced
        via[end] = edge
        queue.push(distance[end], end)
      }
    }
    if (settled[destination] === 0) return undefined
    for (let node = 0; node < accounts; node++) {
      this.#potential[node]! += Math.min(distance[node]!, distance[destination]!)
    }
    const path: number[] = []
    for (let node = destination; node !== source; node = to[path[0]! ^ 1]!) path.unshift(via[node]!)
    return path
  }

  lay(path: readonly number[], most: number): { readonly amount: number; readonly cost: number } {
    let amount = most
    for (const edge of path) {
      const back = this.#flow[edge ^ 1]!
      amount = Math.min(amount, back > 0 ? back : this.#room[edge]! - this.#flow[edge]!)
    }
    let cost = 0
    for (const edge of path) {
      const isBack = this.#flow[edge ^ 1]! > 0
      if (isBack) this.#flow[edge ^ 1]! -= amount
      else this.#flow[edge]! += amount
      cost += isBack ? -this.#cost(edge ^ 1) : this.#cost(edge)
    }
    return { amount, cost: cost * amount }
  }
}

/** Numbers by their keys, the least first. */
class Queue {
  readonly #items: { readonly key: number; readonly value: number }[] = []

  get size(): number {
    return this.#items.length
  }

  push(key: number, value: number): void {
    const items = this.#items
    let place = items.length
    for (; place > 0 && items[(place - 1) >> 1]!.key > key; place = (place - 1) >> 1) {
      items[place] = items[(place - 1) >> 1]!
    }
    items[place] = { key, value }
  }

  pop(): number {
    const items = this.#items
    const { value } = items[0]!
    const last = items.pop()!
    const half = items.length >> 1
    let place = 0
    while (place < half) {
      let child = 2 * place + 1
      if (child + 1 < items.length && items[child + 1]!.key < items[child]!.key) child += 1
      if (items[child]!.key >= last.key) break
      items[place] = items[child]!
      place = child
    }
    if (items.length > 0) items[place] = last
    return value
  }
}
