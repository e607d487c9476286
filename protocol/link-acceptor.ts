// The door of a server: takes sockets, lets strangers prove who they are within bounds, numbers the connections
// and gives their messages to the server. What relay and index server share.

import type { LinkCrypto, Signer } from './crypto.ts'
import { linkIdentity, type LinkIdentity } from './link.ts'
import { openLink, type LinkSocket } from './link-socket.ts'
import type { Clock, Random, Socket } from './transport.ts'
import type { PublicKey } from './types.ts'

/** Hears of the links of a server, to count them; nothing that it does changes anything. */
export interface LinkObserver {
  /** A client has proved his key. */
  opened(): void
  /**
   * A link has ended.
   * @param reason the code of its fault; `byServer` when the server ended it.
   * @param peer missing when the handshake was not finished.
   */
  ended(reason: string, peer: PublicKey | undefined): void
  /** Calls `handle`, which handles one message of a client. */
  handle(handle: () => void): void
}

/** What a server needs of the world around it. */
export interface ServerEnvironment {
  readonly signer: Signer
  readonly crypto: LinkCrypto
  readonly clock: Clock
  readonly random: Random
  readonly observer?: LinkObserver | undefined
}

export interface AcceptorOptions extends ServerEnvironment {
  readonly prologue: Uint8Array
  /** Bytes of the longest message of a client. */
  readonly maxMessage: number
  readonly clientsMax: number
  readonly handshakesMax: number
  /** Bytes that may wait for a client that does not read; past it he is disconnected. */
  readonly queueBytesMax: number
  /** @param network of the socket, see `Socket`. */
  readonly onOpen: (connection: number, peer: PublicKey, network: string | undefined) => void
  readonly onMessage: (connection: number, message: Uint8Array) => void
  /** Follows every `onOpen` once, unless `close` was called. */
  readonly onClose: (connection: number) => void
}

export interface ServerStats {
  readonly clients: number
  /** Connections that have not finished their handshake. */
  readonly handshakes: number
  /** Connections turned away since the start because there were too many. */
  readonly turnedAway: number
}

export class LinkAcceptor {
  readonly #options: AcceptorOptions
  readonly #identity: LinkIdentity
  readonly #handshakes = new Set<LinkSocket>()
  readonly #clients = new Map<number, LinkSocket>()
  #nextConnection = 1
  #turnedAway = 0
  #isClosed = false

  constructor(options: AcceptorOptions) {
    this.#options = options
    this.#identity = linkIdentity(options.signer, options.random(32), options.crypto)
  }

  get stats(): ServerStats {
    return { clients: this.#clients.size, handshakes: this.#handshakes.size, turnedAway: this.#turnedAway }
  }

  /** The connections of all clients. */
  get connections(): Iterable<number> {
    return this.#clients.keys()
  }

  /** @param maxFrame bytes of the largest frame that the socket carries; FRAME_BYTES_MAX if missing. */
  accept(socket: Socket, maxFrame?: number): void {
    const { handshakesMax, clientsMax, clock, random, crypto, prologue, maxMessage, queueBytesMax } =
      this.#options
    if (this.#isClosed || this.#clients.size >= clientsMax) {
      this.#turnedAway++
      socket.close()
      return
    }
    if (this.#handshakes.size >= handshakesMax) this.#turnOldestAway()
    const connection = this.#nextConnection++
    const link = openLink({
      socket,
      clock,
      random,
      crypto,
      prologue,
      maxMessage,
      maxFrame,
      queueBytesMax,
      identity: this.#identity,
      role: 'responder',
      onOpen: (peer) => {
        socket.proved?.()
        this.#open(connection, link, peer, socket.network)
      },
      onMessage: (message) => this.#handle(connection, message),
      onClose: ({ code }) => {
        this.#handshakes.delete(link)
        this.#options.observer?.ended(code, link.peer)
        if (this.#clients.delete(connection)) this.#options.onClose(connection)
      },
    })
    this.#handshakes.add(link)
  }

  /** Sends to a client; false when he is not there, or has just been disconnected for not reading. */
  send(connection: number, message: Uint8Array): boolean {
    const link = this.#clients.get(connection)
    if (link === undefined) return false
    if (link.bufferedBytes > this.#options.queueBytesMax) {
      this.#end(connection, 'tooSlow')
      this.#options.onClose(connection)
      return false
    }
    link.send(message)
    return true
  }

  /** Bytes that wait for this client. */
  bufferedBytes(connection: number): number {
    return this.#clients.get(connection)?.bufferedBytes ?? 0
  }

  /** Ends one connection without `onClose`. Idempotent. */
  close(connection: number): void {
    this.#end(connection, 'byServer')
  }

  /** Ends all connections and takes no new ones. Idempotent. */
  closeAll(): void {
    this.#isClosed = true
    for (const link of [...this.#handshakes, ...this.#clients.values()]) link.close()
    this.#handshakes.clear()
    this.#clients.clear()
  }

  /** Whoever means it is soon done: strangers that only knock keep nobody out. */
  #turnOldestAway(): void {
    for (const oldest of this.#handshakes) {
      this.#turnedAway++
      this.#handshakes.delete(oldest)
      oldest.close()
      this.#options.observer?.ended('turnedAway', undefined)
      return
    }
  }

  #end(connection: number, reason: string): void {
    const link = this.#clients.get(connection)
    if (link === undefined) return
    this.#clients.delete(connection)
    link.close()
    this.#options.observer?.ended(reason, link.peer)
  }

  #handle(connection: number, message: Uint8Array): void {
    const { observer, onMessage } = this.#options
    if (observer === undefined) onMessage(connection, message)
    else observer.handle(() => onMessage(connection, message))
  }

  #open(connection: number, link: LinkSocket, peer: PublicKey, network: string | undefined): void {
    this.#handshakes.delete(link)
    this.#clients.set(connection, link)
    this.#options.observer?.opened()
    this.#options.onOpen(connection, peer, network)
  }
}
