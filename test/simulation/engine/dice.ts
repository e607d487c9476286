// All chance of a simulated world: one 64-bit seed, and streams that do not disturb each other.

import { seededWords } from '../../support/seeded-random.ts'
import { toBase64url } from '../../../protocol/wire.ts'

export class Dice {
  readonly #seed: string
  readonly #word: () => number

  /** @param seed the world's number, or a path below it. */
  constructor(seed: string) {
    this.#seed = seed
    this.#word = seededWords(seed)
  }

  /** Dice of their own for one purpose: how often they are thrown changes nothing elsewhere. */
  fork(purpose: string): Dice {
    return new Dice(`${this.#seed}/${purpose}`)
  }

  /** 0 <= x < 1. */
  unit(): number {
    return this.#word() / 2 ** 32
  }

  /** 0..below-1. */
  below(below: number): number {
    return Math.floor(this.unit() * below)
  }

  /** from..to, both included. */
  between(from: number, to: number): number {
    return from + this.below(to - from + 1)
  }

  /** Between the two, each order of magnitude as likely as another. */
  spread(from: number, to: number): number {
    return from * (to / from) ** this.unit()
  }

  chance(probability: number): boolean {
    return this.unit() < probability
  }

  /** @throws {Error} when there is nothing to choose from. */
  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new Error('there is nothing to choose from')
    return items[this.below(items.length)] as T
  }

  /** One of the keys, each as likely as its weight says. */
  weighted<K extends string>(weights: Readonly<Partial<Record<K, number>>>): K {
    const entries = Object.entries<number | undefined>(weights) as [K, number][]
    let left = this.unit() * entries.reduce((sum, [, weight]) => sum + weight, 0)
    for (const [key, weight] of entries) {
      left -= weight
      if (left < 0) return key
    }
    return this.pick(entries)[0]
  }

  /** The same items in another order. */
  shuffled<T>(items: readonly T[]): T[] {
    const result = [...items]
    for (let i = result.length - 1; i > 0; i--) {
      const j = this.below(i + 1)
      ;[result[i], result[j]] = [result[j] as T, result[i] as T]
    }
    return result
  }

  bytes(size: number): Uint8Array {
    return Uint8Array.from({ length: size }, () => this.below(256))
  }

  /** 16 random bytes, base64url. */
  id16(): string {
    return toBase64url(this.bytes(16))
  }
}
