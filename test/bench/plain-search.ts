// What the solver is measured against: a plain breadth-first search for one route, and a plain maximum flow (Dinic) in
// floating point over its own arrays. Neither shares anything with the solver.

import type { Link, Network } from './credit-network.ts'

/** Edges out of each account, in one array after the other; edge `e ^ 1` is the other way. */
export class PlainGraph {
  readonly accounts: number
  readonly first: Int32Array
  readonly next: Int32Array
  readonly to: Int32Array
  /** What an edge can carry when it does not come from the source: a sixteenth stays in reserve. */
  readonly usable: Float64Array
  readonly whole: Float64Array

  constructor({ accounts, links }: Network) {
    this.accounts = accounts
    this.first = new Int32Array(accounts).fill(-1)
    this.next = new Int32Array(links.length * 2)
    this.to = new Int32Array(links.length * 2)
    this.usable = new Float64Array(links.length * 2)
    this.whole = new Float64Array(links.length * 2)
    links.forEach((link, i) => this.#add(link, i * 2))
  }

  #add({ a, b, forth, back }: Link, edge: number): void {
    this.#put(edge, a, b, forth)
    this.#put(edge + 1, b, a, back)
  }

  #put(edge: number, from: number, to: number, capacity: bigint): void {
    this.to[edge] = to
    this.whole[edge] = Number(capacity)
    this.usable[edge] = Number(capacity - capacity / 16n)
    this.next[edge] = this.first[from]!
    this.first[from] = edge
  }

  /** Hops of the shortest route whose edges all carry the amount and the fees of one credit a mediator; undefined: none. */
  shortestRoute(source: number, destination: number, amount: number): number | undefined {
    const hops = new Int32Array(this.accounts).fill(-1)
    const queue = [source]
    hops[source] = 0
    for (let at = 0; at < queue.length; at++) {
      const node = queue[at]!
      for (let edge = this.first[node]!; edge >= 0; edge = this.next[edge]!) {
        const end = this.to[edge]!
        const room = node === source ? this.whole[edge]! : this.usable[edge]!
        if (hops[end]! >= 0 || room < amount + 8) continue
        hops[end] = hops[node]! + 1
        if (end === destination) return hops[end]
        queue.push(end)
      }
    }
    return undefined
  }

  /** What can flow from the source to the destination, at most `most`. */
  maxFlow(source: number, destination: number, most: number): number {
    const room = this.usable.slice()
    for (let edge = this.first[source]!; edge >= 0; edge = this.next[edge]!) room[edge] = this.whole[edge]!
    let flow = 0
    while (flow < most) {
      const level = this.#levels(room, source, destination)
      if (level === undefined) break
      const at = this.first.slice()
      for (let sent = 1; sent > 0 && flow < most; flow += sent) {
        sent = this.#send(room, level, at, source, destination, most - flow)
      }
    }
    return flow
  }

  #levels(room: Float64Array, source: number, destination: number): Int32Array | undefined {
    const level = new Int32Array(this.accounts).fill(-1)
    const queue = [source]
    level[source] = 0
    for (let i = 0; i < queue.length; i++) {
      const node = queue[i]!
      for (let edge = this.first[node]!; edge >= 0; edge = this.next[edge]!) {
        const end = this.to[edge]!
        if (level[end]! >= 0 || room[edge]! < 1) continue
        level[end] = level[node]! + 1
        queue.push(end)
      }
    }
    return level[destination]! < 0 ? undefined : level
  }

  #send(
    room: Float64Array,
    level: Int32Array,
    at: Int32Array,
    node: number,
    destination: number,
    most: number,
  ): number {
    if (node === destination) return most
    for (; at[node]! >= 0; at[node] = this.next[at[node]!]!) {
      const edge = at[node]!
      const end = this.to[edge]!
      if (room[edge]! < 1 || level[end] !== level[node]! + 1) continue
      const sent = this.#send(room, level, at, end, destination, Math.min(most, room[edge]!))
      if (sent === 0) continue
      room[edge]! -= sent
      room[edge ^ 1]! += sent
      return sent
    }
    return 0
  }
}
