// The platform's WebSocket as the transport that links are made of.

import type { Connect, Socket } from '../../protocol/transport.ts'
import { CONNECT_MS_MAX } from './limits.ts'

/** Dials `url`; rejects with a sentence for people when nobody answers in time or the browser refuses. */
export const connectBrowserSocket: Connect = (url) =>
  new Promise((resolve, reject) => {
    let socket: WebSocket
    try {
      socket = new WebSocket(url)
    } catch {
      // From a page served by https the browser throws at once: ws:// would be mixed content.
      reject(
        new Error(
          `The browser does not allow a connection to ${url}: use an address that begins with wss://.`,
        ),
      )
      return
    }
    socket.binaryType = 'arraybuffer'
    const timer = setTimeout(() => {
      refuse(`${url} did not answer within ${CONNECT_MS_MAX / 1_000} seconds.`)
      socket.close()
    }, CONNECT_MS_MAX)
    socket.onopen = () => {
      clearTimeout(timer)
      resolve(wrap(socket))
    }
    socket.onclose = () => refuse(`Nobody answers at ${url}: it is off line, or the address is wrong.`)

    function refuse(message: string): void {
      clearTimeout(timer)
      reject(new Error(message))
    }
  })

/** `onMessage` and `onClose` are to be set before the current task ends. */
function wrap(socket: WebSocket): Socket {
  const wrapped: Socket = {
    send(message) {
      if (socket.readyState === WebSocket.OPEN) socket.send(new Uint8Array(message))
    },
    close: () => socket.close(),
    get bufferedBytes() {
      return socket.bufferedAmount
    },
    onMessage: () => undefined,
    onClose: () => undefined,
  }
  socket.onmessage = ({ data }: MessageEvent<unknown>) => {
    // A text message is nothing that a peer of ours sends.
    if (data instanceof ArrayBuffer) wrapped.onMessage(new Uint8Array(data))
    else socket.close()
  }
  socket.onclose = () => wrapped.onClose()
  return wrapped
}
