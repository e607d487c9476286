// An index server of a World that takes every report and answers every query with routes of the test's choice.

import { CLIENTS_MAX, HANDSHAKES_MAX, CLIENT_QUEUE_BYTES_MAX } from '../../../index-server/limits.ts'
import {
  freshnessHash,
  fromIndex,
  INDEX_PROLOGUE,
  toIndex,
  type FromIndex,
  type Query,
  type Route,
} from '../../../protocol/index-messages.ts'
import { LinkAcceptor, type ServerEnvironment } from '../../../protocol/link-acceptor.ts'
import { MESSAGE_BYTES_MAX } from '../../../protocol/limits.ts'
import type { Socket } from '../../../protocol/transport.ts'
import { decode } from '../../../protocol/wire.ts'

export class LyingIndexServer {
  readonly #door: LinkAcceptor
  readonly #routesFor: (query: Query) => readonly Route[]

  constructor(environment: ServerEnvironment, routesFor: (query: Query) => readonly Route[]) {
    this.#routesFor = routesFor
    this.#door = new LinkAcceptor({
      ...environment,
      prologue: INDEX_PROLOGUE,
      maxMessage: MESSAGE_BYTES_MAX,
      clientsMax: CLIENTS_MAX,
      handshakesMax: HANDSHAKES_MAX,
      queueBytesMax: CLIENT_QUEUE_BYTES_MAX,
      onOpen: (connection) =>
        this.#say(connection, { kind: 'freshness', hash: freshnessHash(environment.random(32), []) }),
      onMessage: (connection, bytes) => this.#receive(connection, bytes),
      onClose: () => undefined,
    })
  }

  accept(socket: Socket): void {
    this.#door.accept(socket)
  }

  close(): void {
    this.#door.closeAll()
  }

  #receive(connection: number, bytes: Uint8Array): void {
    const message = decode(toIndex, bytes)
    if (!message.ok || message.value.kind !== 'query') return
    this.#say(connection, { kind: 'routes', id: message.value.id, routes: this.#routesFor(message.value) })
  }

  #say(connection: number, message: FromIndex): void {
    this.#door.send(connection, fromIndex.encode(message))
  }
}
