// A relay: runs the core's decisions over links. It knows sockets only as `protocol/transport.ts` describes them:
// the programs (cli/) bring WebSockets, tests and the simulator bring sockets in memory and a clock of their own.

import { ALLOWED_KEYS_MAX, PACKET_BYTES_MAX } from '../protocol/limits.ts'
import { LinkAcceptor, type ServerEnvironment, type ServerStats } from '../protocol/link-acceptor.ts'
import { fromRelay, RELAY_PROLOGUE, toRelay, type FromRelay } from '../protocol/relay-messages.ts'
import { invariant } from '../protocol/result.ts'
import type { Clock, Socket } from '../protocol/transport.ts'
import type { PublicKey } from '../protocol/types.ts'
import { decode } from '../protocol/wire.ts'
import { RelayCore, type RelayAction } from './core.ts'
import { CLIENTS_MAX, HANDSHAKES_MAX, QUEUE_BYTES_HARD_MAX, QUEUE_BYTES_MAX } from './limits.ts'

/** The longest message of a client: a full packet, or a full list of keys. */
const MESSAGE_MAX = Math.max(PACKET_BYTES_MAX, ALLOWED_KEYS_MAX * 32) + 64

/** What was passed on since the start. */
export interface RelayTraffic {
  readonly packets: number
  /** Of their payloads. */
  readonly bytes: number
  /** Packets lost because their receiver was not there, or did not allow their sender. */
  readonly notConnected: number
  /** Packets lost because their receiver's queue, or their sender's rate, had no room for them. */
  readonly overloaded: number
}

export class RelayServer {
  readonly publicKey: PublicKey
  readonly #traffic = { packets: 0, bytes: 0, notConnected: 0, overloaded: 0 }
  readonly #clock: Clock
  readonly #core = new RelayCore()
  readonly #door: LinkAcceptor

  constructor(environment: ServerEnvironment) {
    this.publicKey = environment.signer.publicKey
    this.#clock = environment.clock
    this.#door = new LinkAcceptor({
      ...environment,
      prologue: RELAY_PROLOGUE,
      maxMessage: MESSAGE_MAX,
      clientsMax: CLIENTS_MAX,
      handshakesMax: HANDSHAKES_MAX,
      queueBytesMax: QUEUE_BYTES_HARD_MAX,
      onOpen: (connection, peer) => this.#run(this.#core.opened(connection, peer, this.#clock.now())),
      onMessage: (connection, message) => this.#receive(connection, message),
      onClose: (connection) => this.#run(this.#core.closed(connection)),
    })
  }

  /** Serves one more connection. */
  accept(socket: Socket): void {
    this.#door.accept(socket)
  }

  /** Ends all connections and takes no new ones. */
  close(): void {
    this.#door.closeAll()
  }

  stats(): ServerStats {
    return this.#door.stats
  }

  traffic(): RelayTraffic {
    return this.#traffic
  }

  #receive(connection: number, bytes: Uint8Array): void {
    const message = decode(toRelay, bytes)
    if (message.ok) {
      this.#run(this.#core.received(connection, message.value, this.#clock.now()))
      return
    }
    // REL-7: whoever speaks something else is not a client of this protocol.
    this.#door.close(connection)
    this.#run(this.#core.closed(connection))
  }

  #run(actions: readonly RelayAction[]): void {
    for (const action of actions) {
      switch (action.kind) {
        case 'say':
          this.#count(action.message)
          this.#door.send(action.connection, fromRelay.encode(action.message))
          break
        case 'deliver':
          this.#deliver(action)
          break
        case 'close':
          this.#door.close(action.connection)
          break
        default:
          invariant(false, `unknown action ${String(action satisfies never)}`)
      }
    }
  }

  #deliver(action: Extract<RelayAction, { kind: 'deliver' }>): void {
    const { connection, sender, from, payload } = action
    if (this.#door.bufferedBytes(connection) + payload.length > QUEUE_BYTES_MAX) {
      this.#run(this.#core.overloaded(sender, connection))
      return
    }
    this.#traffic.packets++
    this.#traffic.bytes += payload.length
    this.#door.send(connection, fromRelay.encode({ kind: 'received', from, payload }))
  }

  /** Whoever's packet is lost is told so: that a peer has disconnected is no such answer. */
  #count(message: FromRelay): void {
    if (message.kind !== 'peerGone' || message.reason === 'disconnected') return
    this.#traffic[message.reason]++
  }
}
