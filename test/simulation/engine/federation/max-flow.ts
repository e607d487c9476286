// The most that can flow from one node of a network to another (Dinic's algorithm), without any limit of parts or of
// length: written apart from the index server's solver, which it judges.

interface Arc {
  readonly to: number
  /** What can still flow. */
  rest: bigint
  /** The way back: number of that arc. */
  readonly back: number
}

export class FlowNetwork {
  readonly #arcs: Arc[] = []
  readonly #leaving: number[][]

  /** @param nodes their numbers are below this. */
  constructor(nodes: number) {
    this.#leaving = Array.from({ length: nodes }, () => [])
  }

  add(from: number, to: number, capacity: bigint): void {
    const number = this.#arcs.length
    this.#arcs.push({ to, rest: capacity, back: number + 1 }, { to: from, rest: 0n, back: number })
    this.#leaving[from]?.push(number)
    this.#leaving[to]?.push(number + 1)
  }

  /** Uses the network up: to be called once. */
  maxFlow(source: number, sink: number): bigint {
    if (source === sink || this.#leaving[source] === undefined) return 0n
    let flow = 0n
    for (;;) {
      const levels = this.#levels(source)
      if (levels[sink] === undefined) return flow
      flow += this.#block(source, sink, levels)
    }
  }

  /** How many arcs lie between the source and each node that it reaches. */
  #levels(source: number): (number | undefined)[] {
    const levels: (number | undefined)[] = []
    levels[source] = 0
    const found = [source]
    for (const node of found) {
      for (const number of this.#leaving[node] ?? []) {
        const arc = this.#arcs[number]
        if (arc === undefined || arc.rest === 0n || levels[arc.to] !== undefined) continue
        levels[arc.to] = (levels[node] ?? 0) + 1
        found.push(arc.to)
      }
    }
    return levels
  }

  /** Fills all shortest ways. */
  #block(source: number, sink: number, levels: readonly (number | undefined)[]): bigint {
    /** The arc of each node that is looked at next: those before it lead nowhere any more. */
    const next = this.#leaving.map(() => 0)
    const push = (node: number, most: bigint | undefined): bigint => {
      if (node === sink) return most ?? 0n
      const leaving = this.#leaving[node] ?? []
      for (let at = next[node] ?? 0; at < leaving.length; at++) {
        next[node] = at
        const arc = this.#arcs[leaving[at] ?? -1]
        if (arc === undefined || arc.rest === 0n || levels[arc.to] !== (levels[node] ?? 0) + 1) continue
        const pushed = push(arc.to, most === undefined || arc.rest < most ? arc.rest : most)
        if (pushed === 0n) continue
        arc.rest -= pushed
        const back = this.#arcs[arc.back]
        if (back !== undefined) back.rest += pushed
        return pushed
      }
      next[node] = leaving.length
      return 0n
    }
    let flow = 0n
    for (let pushed = push(source, undefined); pushed > 0n; pushed = push(source, undefined)) flow += pushed
    return flow
  }
}
