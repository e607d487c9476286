// One port for HTTP and WebSockets against strangers who keep their end of a connection open.

import { connect, type Socket } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { listen, type Listener } from '../../../cli/http-listener.ts'

/** Far above what loopback takes, far below every time-out of a listener. */
const ENDED_MS_MAX = 2_000

async function start(): Promise<Listener> {
  const listener = await listen({
    host: '127.0.0.1',
    port: 0,
    onRequest: (_, response) => void response.end('hello'),
    endpointOf: () => undefined,
  })
  if (!listener.ok) throw new Error(listener.error.message)
  return listener.value
}

/** A client that says its part, reads what comes, and never closes its own end. */
function stubborn(port: number, text: string): { readonly socket: Socket; readonly ended: Promise<string> } {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  onTestFinished(() => void socket.destroy())
  socket.write(text)
  let answer = ''
  socket.setEncoding('utf8')
  socket.on('data', (chunk: string) => (answer += chunk))
  socket.on('error', () => undefined)
  return { socket, ended: new Promise((resolve) => socket.on('end', () => resolve(answer))) }
}

const UPGRADE = [
  'GET /nowhere HTTP/1.1',
  'Host: a.example',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  '',
  '',
].join('\r\n')

it.each([
  ['a WebSocket that nobody serves', UPGRADE, '404'],
  ['what is no HTTP', 'rubbish\r\n\r\n', '400'],
  ['headers without end', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, '400'],
])('answers %s and lets go of the connection, although the other side does not', async (_, text, status) => {
  const listener = await start()
  const { socket, ended } = stubborn(listener.port, text)
  expect(await ended).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
  // Nobody is there any more to take it.
  const refused = new Promise((resolve) => socket.on('close', () => resolve('refused')))
  const again = setInterval(() => socket.write('more'), 10)
  onTestFinished(() => clearInterval(again))
  expect(await Promise.race([refused, after(ENDED_MS_MAX, 'taken')])).toBe('refused')
  expect(await Promise.race([listener.close(), after(ENDED_MS_MAX, 'still open')])).toBeUndefined()
})

function after(delay_ms: number, value: string): Promise<string> {
  return new Promise((resolve) => setTimeout(() => resolve(value), delay_ms))
}
