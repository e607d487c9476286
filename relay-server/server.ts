// A relay: runs the core's decisions over links. It knows sockets only as `protocol/transport.ts` describes them:
// the programs (cli/) bring WebSockets, tests and the simulator bring sockets in memory and a clock of their own.

import { ALLOWED_KEYS_MAX, PACKET_BYTES_MAX } from '../protocol/limits.ts'
import { LinkAcceptor, type ServerEnvironment, type ServerStats } from '../protocol/link-acceptor.ts'
import { fromRelay, RELAY_PROLOGUE, toRelay } from '../protocol/relay-messages.ts'
import { invariant } from '../protocol/result.ts'
import type { Clock, Socket } from '../protocol/transport.ts'
import type { PublicKey } from '../protocol/types.ts'
import { decode } from '../protocol/wire.ts'
import { RelayCore, type RelayAction } from './core.ts'
import { CLIENTS_MAX, HANDSHAKES_MAX, QUEUE_BYTES_HARD_MAX, QUEUE_BYTES_MAX } from './limits.ts'

/** The longest message of a client: a full packet, or a full list of keys. */
const MESSAGE_MAX = Math.max(PACKET_BYTES_MAX, ALLOWED_KEYS_MAX * 32) + 64

export class RelayServer {
  readonly publicKey: PublicKey
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
    this.#door.send(connection, fromRelay.encode({ kind: 'received', from, payload }))
  }
}
