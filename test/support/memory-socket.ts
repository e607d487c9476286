// Two ends of a connection in memory: what one sends, the other gets a moment later by the given clock.

import type { Clock, Socket } from '../../protocol/transport.ts'

export class MemorySocket implements Socket {
  onMessage: (message: Uint8Array) => void = () => undefined
  onClose: () => void = () => undefined
  /** Set by tests to look like a receiver that does not read. */
  bufferedBytes = 0
  /** Set by tests to alter or to lose (undefined) what this end sends. */
  intercept: (message: Uint8Array) => Uint8Array | undefined = (message) => message
  readonly #clock: Clock
  /** How long the next message takes, in ms. */
  readonly #delay: () => number
  #other: MemorySocket | undefined
  #isClosed = false
  /** When the last message arrives: none overtakes another. */
  #lastArrival = 0

  private constructor(clock: Clock, delay: () => number) {
    this.#clock = clock
    this.#delay = delay
  }

  /** @param delay of each message in either direction, in ms. */
  static pair(clock: Clock, delay: () => number = () => 1): [MemorySocket, MemorySocket] {
    const a = new MemorySocket(clock, delay)
    const b = new MemorySocket(clock, delay)
    a.#other = b
    b.#other = a
    return [a, b]
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  send(message: Uint8Array): void {
    if (this.#isClosed) return
    const sent = this.intercept(message)
    if (sent === undefined) return
    const copy = sent.slice()
    this.#clock.after(this.#nextDelay(), () => this.#other?.onMessage(copy))
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#clock.after(this.#nextDelay(), () => this.#other?.cut())
    this.#clock.after(0, () => this.onClose())
  }

  #nextDelay(): number {
    const now = this.#clock.now()
    this.#lastArrival = Math.max(this.#lastArrival, now + this.#delay())
    return this.#lastArrival - now
  }

  /** The connection breaks: this end learns that it is over. */
  cut(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.onClose()
  }
}
