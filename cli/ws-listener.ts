// WebSockets of the package `ws`, as the sockets that the servers know.

import { STATUS_CODES, type IncomingMessage, type Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer } from 'ws'
import { FRAME_BYTES_MAX } from '../protocol/limits.ts'
import type { Socket } from '../protocol/transport.ts'

/** What serves the connections of one path. */
export interface Endpoint {
  accept(socket: Socket): void
}

const NORMAL_CLOSURE = 1000
const UNSUPPORTED_DATA = 1003

/**
 * Serves the WebSockets that come to an HTTP server.
 * @param endpointOf who serves a path (without query); undefined is answered with 404.
 * @returns what ends all of them at once.
 */
export function serveWebSockets(
  server: Server,
  endpointOf: (path: string) => Endpoint | undefined,
): () => void {
  const sockets = new WebSocketServer({
    noServer: true,
    // Sealed frames do not compress, and a deflate context costs 300 kB per connection.
    perMessageDeflate: false,
    maxPayload: FRAME_BYTES_MAX,
  })
  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on('error', () => stream.destroy())
    const endpoint = endpointOf((request.url ?? '/').replace(/\?.*$/s, ''))
    if (endpoint === undefined) {
      endWith(stream, `HTTP/1.1 404 ${STATUS_CODES[404]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
      return
    }
    sockets.handleUpgrade(request, stream, head, (socket) => endpoint.accept(toSocket(socket)))
  })
  return () => {
    for (const socket of sockets.clients) socket.terminate()
    sockets.close()
  }
}

/** Says a last thing and lets go: HTTP servers leave their connections half open for whoever does not close his end. */
export function endWith(stream: Duplex, answer: string): void {
  stream.end(answer, () => stream.destroy())
}

/** An open WebSocket as a socket: binary messages only, errors end it. */
export function toSocket(socket: WebSocket): Socket {
  const adapter: Socket = {
    send(message) {
      if (socket.readyState === WebSocket.OPEN) socket.send(message, { binary: true })
    },
    close: () => socket.close(NORMAL_CLOSURE),
    get bufferedBytes() {
      return socket.bufferedAmount
    },
    onMessage: () => undefined,
    onClose: () => undefined,
  }
  socket.binaryType = 'nodebuffer'
  socket.on('message', (data: Buffer, isBinary) => {
    if (isBinary) adapter.onMessage(new Uint8Array(data.buffer, data.byteOffset, data.length))
    else socket.close(UNSUPPORTED_DATA, 'binary messages only')
  })
  // `close` follows every error.
  socket.on('error', () => undefined)
  socket.on('close', () => adapter.onClose())
  return adapter
}
