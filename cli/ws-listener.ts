// WebSockets of the package `ws`, as the sockets that the servers know.

import { STATUS_CODES, type IncomingMessage, type Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer } from 'ws'
import { FRAME_BYTES_MAX } from '../protocol/limits.ts'
import type { Socket } from '../protocol/transport.ts'
import { peerAddress } from './operation/client-address.ts'
import type { Door, Visit } from './operation/door.ts'

/** What serves the connections of one path. */
export interface Endpoint {
  accept(socket: Socket): void
}

/** All WebSockets of a server. */
export interface WebSockets {
  /**
   * Asks all clients to go, and to connect elsewhere: from now on WebSockets end with that word.
   * @param letGo what serves them says its own farewells first.
   */
  goAway(letGo: () => void | Promise<void>): void | Promise<void>
  /** Ends all at once. */
  end(): void
}

const NORMAL_CLOSURE = 1000
const GOING_AWAY = 1001
const UNSUPPORTED_DATA = 1003
/** Memory that a message takes while it waits, beside its bytes. */
const WAITING_BYTES = 400
/** When a refused client may try again: after its share of handshakes has come back. */
const RETRY_AFTER_S = 10

/**
 * Serves the WebSockets that come to an HTTP server.
 * @param endpointOf who serves a path (without query); undefined is answered with 404.
 * @param door who may come in; everybody, if missing.
 */
export function serveWebSockets(
  server: Server,
  endpointOf: (path: string) => Endpoint | undefined,
  door: Door | undefined,
): WebSockets {
  const sockets = new WebSocketServer({
    noServer: true,
    // Sealed frames do not compress, and a deflate context costs 300 kB per connection.
    perMessageDeflate: false,
    maxPayload: FRAME_BYTES_MAX,
  })
  let isGoing = false
  const farewell = (): number => (isGoing ? GOING_AWAY : NORMAL_CLOSURE)
  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on('error', () => stream.destroy())
    const endpoint = endpointOf((request.url ?? '/').replace(/\?.*$/s, ''))
    if (endpoint === undefined) {
      door?.refused('unknownPath', peerAddress(request.socket))
      endWith(stream, answer(404))
      return
    }
    const visit = door?.visit(request)
    if (door !== undefined && visit === undefined) {
      endWith(stream, answer(429, `Retry-After: ${RETRY_AFTER_S}\r\n`))
      return
    }
    if (visit !== undefined) stream.once('close', () => visit.ended())
    sockets.handleUpgrade(request, stream, head, (socket) =>
      endpoint.accept(toSocket(socket, { farewell, door, visit })),
    )
  })
  return {
    goAway: (letGo) => {
      isGoing = true
      const gone = letGo()
      for (const socket of sockets.clients) socket.close(GOING_AWAY)
      return gone
    },
    end: () => {
      for (const socket of sockets.clients) socket.terminate()
      sockets.close()
    },
  }
}

/** Says a last thing and lets go: HTTP servers leave their connections half open for whoever does not close his end. */
export function endWith(stream: Duplex, answer: string): void {
  stream.end(answer, () => stream.destroy())
}

interface Surroundings {
  /** The code with which a socket is closed. */
  readonly farewell?: () => number
  readonly door?: Door | undefined
  readonly visit?: Visit | undefined
}

/** An open WebSocket as a socket: binary messages only, errors end it. */
export function toSocket(
  socket: WebSocket,
  { farewell = () => NORMAL_CLOSURE, door, visit }: Surroundings = {},
): Socket {
  let waiting = 0
  const sent = (): void => {
    waiting--
  }
  const adapter: Socket = {
    send(message) {
      if (socket.readyState !== WebSocket.OPEN) return
      door?.passed('out', message.length)
      waiting++
      socket.send(message, { binary: true }, sent)
    },
    close: () => socket.close(farewell()),
    get bufferedBytes() {
      // Of small messages the bytes are the least.
      return socket.bufferedAmount + WAITING_BYTES * waiting
    },
    onMessage: () => undefined,
    onClose: () => undefined,
    network: visit?.network,
    proved: () => visit?.proved(),
  }
  socket.binaryType = 'nodebuffer'
  socket.on('message', (data: Buffer, isBinary) => {
    if (isBinary) {
      door?.passed('in', data.length)
      adapter.onMessage(new Uint8Array(data.buffer, data.byteOffset, data.length))
    } else socket.close(UNSUPPORTED_DATA, 'binary messages only')
  })
  // `close` follows every error.
  socket.on('error', () => undefined)
  socket.on('close', () => adapter.onClose())
  return adapter
}

function answer(status: number, headers = ''): string {
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n${headers}\r\n`
}
