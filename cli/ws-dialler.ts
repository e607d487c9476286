// Dials WebSockets with the package `ws`: how a node, and an app, reach others from Node.js.

import { WebSocket } from 'ws'
import { FRAME_BYTES_MAX } from '../protocol/limits.ts'
import type { Connect } from '../protocol/transport.ts'
import { toSocket } from './ws-listener.ts'

/** A server that does not answer a dial by then is given up. */
const CONNECT_MS_MAX = 10_000

/** Dials `url`; rejects with a sentence for people when nobody answers in time. */
export const dialWebSocket: Connect = (url) =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(url, {
      // Sealed frames do not compress.
      perMessageDeflate: false,
      maxPayload: FRAME_BYTES_MAX,
      handshakeTimeout: CONNECT_MS_MAX,
    })
    // Before `open` it is a dial that failed; after it, `close` follows, and the promise is settled.
    socket.on('error', () =>
      reject(new Error(`Nobody answers at ${url}: it is off line, or the address is wrong.`)),
    )
    socket.once('open', () => resolve(toSocket(socket)))
  })
