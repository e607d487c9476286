// A flow from the source to the destination, laid path by path on what the edges can carry, and taken apart again into
// paths. Fees are left to others: an edge carries what the source sends for it.

import { AMOUNT_MAX } from '../protocol/wire.ts'
import { NONE, type CurrencyGraph, type Node, type Report } from './graph.ts'
import type { Arc, PathSearch } from './path-search.ts'
import type { Path } from './paths.ts'
import type { Problem } from './problem.ts'
import { threshold } from './residual.ts'
import { widestPath } from './widest-path.ts'

/** A path of a flow, and how much of the flow it is. */
export interface Strand {
  readonly path: Path
  readonly amount: bigint
}

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
    const loads = new Map(this.#search.residual.loads)
    const strands: Strand[] = []
    while (strands.length < max) {
      const strand = widest(this.#search.problem, loads)
      if (strand === undefined) break
      strands.push(strand)
      for (const edge of strand.path) loads.set(edge, (loads.get(edge) ?? 0n) - strand.amount)
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
    this.#value += amount
    this.#pathsLeft--
    return amount
  }
}

/** The path that carries the most of what is laid on the edges. */
function widest(
  { graph, source, destination }: Problem,
  loads: ReadonlyMap<Report, bigint>,
): Strand | undefined {
  const outgoing = edgesByStart(graph, loads)
  const width = new Map<Node, bigint>()
  const via = new Map<Node, Report>()
  const done = new Set<Node>()
  for (let node: Node = source; node !== destination;) {
    done.add(node)
    for (const edge of outgoing.get(node) ?? []) {
      const load = loads.get(edge) ?? 0n
      const before = width.get(node)
      const most = before === undefined || load < before ? load : before
      const end = graph.reporter(edge)
      if (done.has(end) || most <= (width.get(end) ?? 0n)) continue
      width.set(end, most)
      via.set(end, edge)
    }
    node = widestOf(width, done)
    if (node === NONE) return undefined
  }
  const path: Report[] = []
  for (let node: Node = destination; node !== source; node = graph.friend(path[0] ?? NONE)) {
    path.unshift(via.get(node) ?? NONE)
  }
  return { path, amount: width.get(destination) ?? 0n }
}

function edgesByStart(graph: CurrencyGraph, loads: ReadonlyMap<Report, bigint>): Map<Node, Report[]> {
  const outgoing = new Map<Node, Report[]>()
  for (const edge of loads.keys()) {
    const start = graph.friend(edge)
    const known = outgoing.get(start)
    if (known === undefined) outgoing.set(start, [edge])
    else known.push(edge)
  }
  return outgoing
}

function widestOf(width: ReadonlyMap<Node, bigint>, done: ReadonlySet<Node>): Node {
  let best = NONE
  let most = 0n
  for (const [node, amount] of width) {
    if (done.has(node) || amount <= most) continue
    best = node
    most = amount
  }
  return best
}
