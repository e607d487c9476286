// Deadlines as data: a binary heap of named moments, each name at most once.

import { invariant } from '../../protocol/result.ts'
import type { Time } from '../../protocol/types.ts'

interface Entry {
  readonly name: string
  readonly due: Time
}

export class Timers {
  readonly #due = new Map<string, Time>()
  /** May hold entries that were moved or cancelled; they are skipped when they come up. */
  #heap: Entry[] = []

  /** Sets or moves the deadline of `name`. */
  set(name: string, due: Time): void {
    if (this.#due.get(name) === due) return
    this.#due.set(name, due)
    this.#push({ name, due })
    if (this.#heap.length > 64 && this.#heap.length > 4 * this.#due.size) this.#rebuild()
  }

  cancel(name: string): void {
    this.#due.delete(name)
  }

  get(name: string): Time | undefined {
    return this.#due.get(name)
  }

  next(): Time | undefined {
    this.#dropOutdated()
    return this.#heap[0]?.due
  }

  /** Removes and returns the names that are due at `now`, the earliest first. */
  take(now: Time): string[] {
    const names: string[] = []
    for (;;) {
      this.#dropOutdated()
      const first = this.#heap[0]
      if (first === undefined || first.due > now) return names
      this.#pop()
      this.#due.delete(first.name)
      names.push(first.name)
    }
  }

  #dropOutdated(): void {
    for (let first = this.#heap[0]; first !== undefined; first = this.#heap[0]) {
      if (this.#due.get(first.name) === first.due) return
      this.#pop()
    }
  }

  #rebuild(): void {
    this.#heap = []
    for (const [name, due] of this.#due) this.#push({ name, due })
  }

  #push(entry: Entry): void {
    const heap = this.#heap
    let index = heap.length
    heap.push(entry)
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!isBefore(entry, at(heap, parent))) break
      heap[index] = at(heap, parent)
      index = parent
    }
    heap[index] = entry
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(at(heap, child + 1), at(heap, child))) child++
      if (!isBefore(at(heap, child), last)) break
      heap[index] = at(heap, child)
      index = child
    }
    heap[index] = last
  }
}

function at(heap: readonly Entry[], index: number): Entry {
  const entry = heap[index]
  invariant(entry !== undefined, 'the index is within the heap')
  return entry
}

/** Equal deadlines come up in the order of their names, so that a run replays exactly. */
function isBefore(a: Entry, b: Entry): boolean {
  return a.due < b.due || (a.due === b.due && a.name < b.name)
}
