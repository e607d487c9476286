// A socket whose messages travel in relay packets.

import type { Socket } from '../../protocol/transport.ts'

export interface PacketSocketOptions {
  /** Puts a message into a packet. */
  readonly send: (message: Uint8Array) => void
  /** Bytes that wait for the relay. */
  readonly bufferedBytes: () => number
  /** Its owner has closed it. */
  readonly onClosed: () => void
}

export class PacketSocket implements Socket {
  onMessage: (message: Uint8Array) => void = () => undefined
  onClose: () => void = () => undefined
  readonly #options: PacketSocketOptions
  #isClosed = false

  constructor(options: PacketSocketOptions) {
    this.#options = options
  }

  get bufferedBytes(): number {
    return this.#options.bufferedBytes()
  }

  send(message: Uint8Array): void {
    if (!this.#isClosed) this.#options.send(message)
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#options.onClosed()
  }

  /** The path is lost; `onClose` follows. */
  break(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.onClose()
  }
}
