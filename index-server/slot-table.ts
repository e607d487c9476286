// An open-addressing hash table of slot numbers: finds again what the caller keeps in typed arrays, at four to eight
// bytes an entry. What a slot stands for, and what makes two the same, only the caller knows.

const EMPTY = -1
const FIRST_PLACES = 16
/** Of the places, at most so many are taken before the table doubles: in 16ths. */
const FULL_16THS = 11

export class SlotTable {
  readonly #hashOf: (slot: number) => number
  #places = new Int32Array(FIRST_PLACES).fill(EMPTY)
  #size = 0

  /** @param hashOf the hash, 32 bits, of a slot in use; the same for as long as it is in use. */
  constructor(hashOf: (slot: number) => number) {
    this.#hashOf = hashOf
  }

  get size(): number {
    return this.#size
  }

  /** The first slot with this hash for which `isIt` holds, or -1. */
  find(hash: number, isIt: (slot: number) => boolean): number {
    const mask = this.#places.length - 1
    for (let place = hash & mask; ; place = (place + 1) & mask) {
      const slot = this.#places[place] ?? EMPTY
      if (slot === EMPTY || isIt(slot)) return slot
    }
  }

  /** Adds a slot that is not there. */
  add(slot: number): void {
    if (this.#size * 16 >= this.#places.length * FULL_16THS) this.#grow()
    this.#put(slot)
    this.#size += 1
  }

  /** Takes out a slot that is there and still in use. */
  delete(slot: number): void {
    const mask = this.#places.length - 1
    let hole = this.#hashOf(slot) & mask
    while (this.#places[hole] !== slot) hole = (hole + 1) & mask
    // Those behind it move up, unless that would put them before the place of their hash.
    for (let place = (hole + 1) & mask; ; place = (place + 1) & mask) {
      const moved = this.#places[place] ?? EMPTY
      if (moved === EMPTY) break
      const home = this.#hashOf(moved) & mask
      if (((place - home) & mask) < ((place - hole) & mask)) continue
      this.#places[hole] = moved
      hole = place
    }
    this.#places[hole] = EMPTY
    this.#size -= 1
  }

  #put(slot: number): void {
    const mask = this.#places.length - 1
    let place = this.#hashOf(slot) & mask
    while (this.#places[place] !== EMPTY) place = (place + 1) & mask
    this.#places[place] = slot
  }

  #grow(): void {
    const before = this.#places
    this.#places = new Int32Array(before.length * 2).fill(EMPTY)
    for (const slot of before) if (slot !== EMPTY) this.#put(slot)
  }
}
