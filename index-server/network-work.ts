// How much work the clients of one network make. Each has rates of its own, but keys cost nothing: without this a
// thousand of them, all at one place, could keep a server from doing anything for others.

import { TokenBucket } from '../protocol/token-bucket.ts'
import type { Time } from '../protocol/types.ts'
import { NETWORK_WORK_BURST_MAX, NETWORK_WORK_PER_SECOND_MAX } from './limits.ts'

export class NetworkWork {
  /** Of the networks that have made work lately. */
  readonly #buckets = new Map<string, TokenBucket>()
  /** Microseconds charged for what is done now. */
  #estimate = 0

  /** Networks that are remembered. */
  get size(): number {
    return this.#buckets.size
  }

  /**
   * Whether a client of this network may begin something.
   * @param network undefined when it is not counted.
   * @param least microseconds that it takes at least, which are charged then.
   */
  begin(network: string | undefined, least: number, now: Time): boolean {
    if (network === undefined) return true
    const bucket =
      this.#buckets.get(network) ?? new TokenBucket(NETWORK_WORK_BURST_MAX, NETWORK_WORK_PER_SECOND_MAX, now)
    this.#buckets.set(network, bucket)
    if (!bucket.take(least, now)) return false
    this.#estimate = least
    return true
  }

  /** What was begun has taken so many microseconds more. */
  charge(network: string | undefined, more: number): void {
    this.#estimate += more
    if (network !== undefined) this.#buckets.get(network)?.charge(more)
  }

  /** What was begun last, or refused, is over and took so long in all: what is more than was charged is charged, too. */
  measured(network: string | undefined, us: number): void {
    if (us > this.#estimate) this.charge(network, us - this.#estimate)
    this.#estimate = 0
  }

  /** Forgets networks that could make as much work as new ones. */
  expire(now: Time): void {
    for (const [network, bucket] of this.#buckets) if (bucket.isFull(now)) this.#buckets.delete(network)
  }
}
