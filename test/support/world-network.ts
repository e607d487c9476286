// The network of a World: servers by their URL, sockets in memory, and whatever can go wrong with a cable.

import type { Clock, Connect, Socket } from '../../protocol/transport.ts'
import { MemorySocket } from './memory-socket.ts'

/** One-way delay of the network, unless a test says otherwise. */
const DELAY_MS = 20

/** A client's connection to a server: the first end is the client's. */
export interface Connection {
  readonly url: string
  readonly client: string
  readonly ends: readonly [MemorySocket, MemorySocket]
}

export class WorldNetwork {
  readonly #clock: Clock
  readonly #servers = new Map<string, (socket: Socket) => void>()
  readonly #offline = new Set<string>()
  #connections: Connection[] = []
  /** How long the next message of a connection takes, in ms; none overtakes another of the same direction. */
  delay: (client: string, url: string) => number = () => DELAY_MS
  /** Whether no way leads from the client to the server now; asked when it dials. */
  isParted: (client: string, url: string) => boolean = () => false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Connections that have not been cut. */
  get connections(): readonly Connection[] {
    return this.#connections
  }

  /** Serves `url` until the returned function is called, which breaks its connections. */
  listen(url: string, accept: (socket: Socket) => void): () => void {
    this.#servers.set(url, accept)
    return () => {
      this.#servers.delete(url)
      this.cutIf((connection) => connection.url === url)
    }
  }

  /** How the named client dials. */
  connectAs(client: string): Connect {
    return (url) =>
      new Promise((resolve, reject) => {
        this.#clock.after(2 * this.delay(client, url), () => {
          const accept = this.#servers.get(url)
          if (accept === undefined || this.#offline.has(client) || this.isParted(client, url)) {
            reject(new Error(`${url} cannot be reached.`))
            return
          }
          const ends = MemorySocket.pair(this.#clock, () => this.delay(client, url))
          this.#connections = this.#connections.filter((other) => !other.ends.some((end) => end.isClosed))
          this.#connections.push({ url, client, ends })
          accept(ends[1])
          resolve(ends[0])
        })
      })
  }

  /** Pulls the client's cable. */
  disconnect(client: string): void {
    this.#offline.add(client)
    this.cut(client)
  }

  reconnect(client: string): void {
    this.#offline.delete(client)
  }

  /** Breaks the client's connections; it may dial again. */
  cut(client: string): void {
    this.cutIf((connection) => connection.client === client)
  }

  /** Breaks what `isHit` says. */
  cutIf(isHit: (connection: Connection) => boolean): void {
    const hit = this.#connections.filter(isHit)
    this.#connections = this.#connections.filter((connection) => !isHit(connection))
    for (const { ends } of hit) for (const end of ends) end.cut()
  }
}
