// Lets routes carry more than they do, as far as there is room for it.

import type { Report } from './graph.ts'
import { deliverable, loadsOf, sum, type Part } from './paths.ts'
import type { Problem } from './problem.ts'
import type { Residual } from './residual.ts'

/** The parts with more of the amount, one after the other, until they carry all of it or have no room left. */
export function toppedUp(problem: Problem, residual: Residual, parts: Part[], amount: bigint): Part[] {
  let lacking = amount - sum(parts)
  if (lacking <= 0n) return parts
  const rooms = new Rooms(problem, residual)
  for (const part of parts) rooms.take(part, 1n)
  return parts.map((part) => {
    if (lacking <= 0n) return part
    rooms.take(part, -1n)
    const most = deliverable(problem.graph, part.path, (edge) => rooms.of(edge))
    const more = most - part.amount < lacking ? most - part.amount : lacking
    const grown = { ...part, amount: part.amount + (more > 0n ? more : 0n) }
    lacking -= grown.amount - part.amount
    rooms.take(grown, 1n)
    return grown
  })
}

/** What the edges can carry, less the exact loads of the parts. */
class Rooms {
  readonly #problem: Problem
  readonly #residual: Residual
  readonly #rooms = new Map<Report, bigint>()

  constructor(problem: Problem, residual: Residual) {
    this.#problem = problem
    this.#residual = residual
  }

  of(edge: Report): bigint {
    return this.#rooms.get(edge) ?? this.#residual.usable(edge)
  }

  /** Takes the part's loads out of the room of its edges, or with -1 gives them back. */
  take(part: Part, sign: bigint): void {
    if (part.amount === 0n) return
    const loads = loadsOf(this.#problem.graph, part) ?? []
    part.path.forEach((edge, i) => this.#rooms.set(edge, this.of(edge) - sign * (loads[i] ?? 0n)))
  }
}
