// An index server: runs the core over links, and its clock every second. It knows sockets only as
// `protocol/transport.ts` describes them: the programs (cli/) bring WebSockets, tests and the simulator others.

import { fromIndex, INDEX_PROLOGUE, toIndex, type FromIndex } from '../protocol/index-messages.ts'
import { UPDATE_BYTES_MAX } from '../protocol/limits.ts'
import { LinkAcceptor, type ServerEnvironment, type ServerStats } from '../protocol/link-acceptor.ts'
import type { Socket } from '../protocol/transport.ts'
import type { Currency, PublicKey } from '../protocol/types.ts'
import { decode } from '../protocol/wire.ts'
import { IndexCore, type IndexAction } from './core.ts'
import { CLIENTS_MAX, FRESHNESS_EVERY_MS, HANDSHAKES_MAX, QUEUE_BYTES_MAX } from './limits.ts'

export interface IndexStats extends ServerStats {
  /** Nodes that have edges here. */
  readonly nodes: number
}

export class IndexServer {
  readonly publicKey: PublicKey
  readonly #environment: ServerEnvironment
  readonly #core: IndexCore
  readonly #door: LinkAcceptor
  #stopTicking: () => void = () => undefined

  constructor(environment: ServerEnvironment) {
    this.publicKey = environment.signer.publicKey
    this.#environment = environment
    this.#core = new IndexCore(environment.crypto, environment.random(32))
    this.#door = new LinkAcceptor({
      ...environment,
      prologue: INDEX_PROLOGUE,
      maxMessage: UPDATE_BYTES_MAX + 128,
      clientsMax: CLIENTS_MAX,
      handshakesMax: HANDSHAKES_MAX,
      queueBytesMax: QUEUE_BYTES_MAX,
      onOpen: (connection, peer) => this.#say(this.#core.opened(connection, peer, this.#now())),
      onMessage: (connection, message) => this.#receive(connection, message),
      onClose: (connection) => this.#core.closed(connection, this.#now()),
    })
    this.#tickLater()
  }

  /** Serves one more connection. */
  accept(socket: Socket): void {
    this.#door.accept(socket)
  }

  /** Ends all connections, takes no new ones, and stops the clock. */
  close(): void {
    this.#stopTicking()
    this.#door.closeAll()
  }

  /** What `node` reported last that it can receive from `friend`; undefined when it is not here. */
  capacity(currency: Currency, node: PublicKey, friend: PublicKey): bigint | undefined {
    return this.#core.capacity(currency, node, friend)
  }

  stats(): IndexStats {
    return { ...this.#door.stats, nodes: this.#core.size }
  }

  #receive(connection: number, bytes: Uint8Array): void {
    const message = decode(toIndex, bytes)
    if (message.ok) {
      this.#say(this.#core.received(connection, message.value, this.#now()))
      return
    }
    // IDX-12: whoever speaks something else is not a client of this protocol.
    this.#door.close(connection)
    this.#core.closed(connection, this.#now())
  }

  /** Encodes a message once, even when it goes to everybody. */
  #say(actions: readonly IndexAction[]): void {
    let last: FromIndex | undefined
    let bytes = new Uint8Array(0)
    for (const { connection, message } of actions) {
      if (message !== last) bytes = fromIndex.encode(message).slice()
      last = message
      this.#door.send(connection, bytes)
    }
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
