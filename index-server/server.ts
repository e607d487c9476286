// An index server: runs the core over links, and its clock every second. It knows sockets only as
// `protocol/transport.ts` describes them: the programs (cli/) bring WebSockets, tests and the simulator others.

import { fromIndex, INDEX_PROLOGUE, toIndex, type FromIndex } from '../protocol/index-messages.ts'
import type { ServerTicket } from '../protocol/forms.ts'
import { UPDATE_BYTES_MAX } from '../protocol/limits.ts'
import { LinkAcceptor, type ServerEnvironment, type ServerStats } from '../protocol/link-acceptor.ts'
import type { Socket } from '../protocol/transport.ts'
import type { Currency, PublicKey } from '../protocol/types.ts'
import { decode } from '../protocol/wire.ts'
import { IndexCore, type IndexAction, type IndexCoreOptions } from './core.ts'
import type { IndexCounts } from './counts.ts'
import type { FederationCounts } from './federation.ts'
import { FederationLinks, type FederationPlace } from './federation-links.ts'
import { CLIENTS_MAX, FRESHNESS_EVERY_MS, HANDSHAKES_MAX, CLIENT_QUEUE_BYTES_MAX } from './limits.ts'

/** More than that no message takes: then the clock was set. */
const MEASURED_MS_MAX = 10_000

export interface IndexStats extends ServerStats {
  /** Nodes that have edges here. */
  readonly nodes: number
  /** Edges that they report, at either end. */
  readonly reports: number
  readonly updates: Readonly<IndexCounts['updates']>
  readonly queries: Readonly<IndexCounts['queries']>
  /** Missing when this server has nothing to do with others. */
  readonly federation?: FederationStats
}

export interface FederationStats extends FederationCounts {
  /** Servers that are listed, and that are connected. */
  readonly trusted: number
  readonly connected: number
  /** Servers turned away since the start because they are not listed. */
  readonly unlisted: number
}

export type IndexServerOptions = Omit<IndexCoreOptions, 'federates'>

export class IndexServer {
  readonly publicKey: PublicKey
  readonly #environment: ServerEnvironment
  readonly #core: IndexCore
  readonly #door: LinkAcceptor
  readonly #federation: FederationLinks | undefined
  #stopTicking: () => void = () => undefined

  /** @param place missing for a server that shares with no other one. */
  constructor(environment: ServerEnvironment, place?: FederationPlace, options: IndexServerOptions = {}) {
    this.publicKey = environment.signer.publicKey
    this.#environment = environment
    const federates = place !== undefined
    this.#core = new IndexCore(environment.crypto, environment.random(32), { ...options, federates })
    const { federation } = this.#core
    if (place !== undefined && federation !== undefined) {
      this.#federation = new FederationLinks(environment, place, federation)
    }
    this.#door = new LinkAcceptor({
      ...environment,
      prologue: INDEX_PROLOGUE,
      maxMessage: UPDATE_BYTES_MAX + 128,
      clientsMax: CLIENTS_MAX,
      handshakesMax: HANDSHAKES_MAX,
      queueBytesMax: CLIENT_QUEUE_BYTES_MAX,
      onOpen: (connection, peer, network) =>
        this.#say(this.#core.opened(connection, peer, this.#now(), network)),
      onMessage: (connection, message) => this.#receive(connection, message),
      onClose: (connection) => this.#core.closed(connection, this.#now()),
    })
    this.#tickLater()
  }

  /** Serves one more connection. */
  accept(socket: Socket): void {
    this.#door.accept(socket)
  }

  /** Serves one more connection of another server. */
  acceptServer(socket: Socket): void {
    if (this.#federation === undefined) socket.close()
    else this.#federation.accept(socket)
  }

  /** The servers to share with, from now on: those that list this one, too. */
  trust(servers: readonly ServerTicket[]): void {
    this.#federation?.trust(servers)
  }

  /** Ends all connections, takes no new ones, and stops the clock. */
  close(): void {
    this.#stopTicking()
    this.#door.closeAll()
    this.#federation?.close()
  }

  /** What `node` reported last that it can receive from `friend`; undefined when it is not here. */
  capacity(currency: Currency, node: PublicKey, friend: PublicKey): bigint | undefined {
    return this.#core.capacity(currency, node, friend)
  }

  /** What to keep for the time after a restart, in pieces; it serves on between two of them. */
  snapshot(): Iterable<Uint8Array> {
    return this.#core.snapshot(this.#environment.signer)
  }

  stats(): IndexStats {
    const { size: nodes, reports, counts } = this.#core
    const stats = { ...this.#door.stats, nodes, reports, ...counts }
    const { federation } = this.#core
    if (this.#federation === undefined || federation === undefined) return stats
    const { size: trusted, unlisted } = this.#federation
    return { ...stats, federation: { trusted, connected: federation.size, unlisted, ...federation.counts } }
  }

  #receive(connection: number, bytes: Uint8Array): void {
    const began = this.#now()
    this.#handle(connection, bytes)
    // The clock tells only milliseconds, and is set now and then.
    const ms = Math.min(Math.max(0, this.#now() - began - 1), MEASURED_MS_MAX)
    this.#core.took(connection, ms * 1000)
  }

  #handle(connection: number, bytes: Uint8Array): void {
    const message = decode(toIndex, bytes)
    if (message.ok) {
      this.#say(this.#core.received(connection, message.value, this.#now()))
      return
    }
    // IDX-12: whoever speaks something else is not a client of this protocol.
    this.#end(connection)
  }

  #end(connection: number): void {
    this.#door.close(connection)
    this.#core.closed(connection, this.#now())
  }

  /** Encodes a message once, even when it goes to everybody. */
  #say(actions: readonly IndexAction[]): void {
    let last: FromIndex | undefined
    let bytes = new Uint8Array(0)
    for (const { connection, message, isLast = false } of actions) {
      if (message !== last) bytes = fromIndex.encode(message).slice()
      last = message
      this.#door.send(connection, bytes)
      if (isLast) this.#end(connection)
    }
    this.#federation?.flush()
  }

  #tickLater(): void {
    const { clock, random } = this.#environment
    this.#stopTicking = clock.after(FRESHNESS_EVERY_MS, () => {
      this.#tickLater()
      this.#say(this.#core.tick(clock.now(), random(32)))
    })
  }

  #now(): number {
    return this.#environment.clock.now()
  }
}
