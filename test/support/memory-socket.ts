// Two ends of a connection in memory: what one sends, the other gets after `delay_ms` of the given clock.

import type { Clock, Socket } from '../../protocol/transport.ts'

export class MemorySocket implements Socket {
  onMessage: (message: Uint8Array) => void = () => undefined
  onClose: () => void = () => undefined
  /** Set by tests to look like a receiver that does not read. */
  bufferedBytes = 0
  /** Set by tests to alter or to lose (undefined) what this end sends. */
  intercept: (message: Uint8Array) => Uint8Array | undefined = (message) => message
  readonly #clock: Clock
  readonly #delay_ms: number
  #other: MemorySocket | undefined
  #isClosed = false

  private constructor(clock: Clock, delay_ms: number) {
    this.#clock = clock
    this.#delay_ms = delay_ms
  }

  static pair(clock: Clock, delay_ms = 1): [MemorySocket, MemorySocket] {
    const a = new MemorySocket(clock, delay_ms)
    const b = new MemorySocket(clock, delay_ms)
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
    this.#clock.after(this.#delay_ms, () => this.#other?.onMessage(copy))
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#clock.after(this.#delay_ms, () => this.#other?.cut())
    this.#clock.after(0, () => this.onClose())
  }

  /** The connection breaks: this end learns that it is over. */
  cut(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.onClose()
  }
}
