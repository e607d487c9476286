// One port for HTTP and WebSockets against strangers who keep their end of a connection open.

import { writeFile } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { connect, Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { connect as connectSecurely } from 'node:tls'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { WebSocket } from 'ws'
import { listen, type Listener } from '../../../cli/http-listener.ts'
import { Certificate, type Pair } from '../../../cli/operation/certificate.ts'
import { Door, type RefusalReason } from '../../../cli/operation/door.ts'
import { Log } from '../../../cli/operation/log.ts'
import { Operation } from '../../../cli/operation/operation.ts'
import { NO_OPERATION } from '../../../cli/operation/options.ts'
import { systemClock } from '../../../cli/system.ts'
import type { Socket as ServedSocket } from '../../../protocol/transport.ts'
import { makeCertificate } from '../../support/certificate.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

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

it('counts a connection that the machine has no room for, says so once, and goes on', async () => {
  const listening = vi.spyOn(Server.prototype, 'listen')
  onTestFinished(() => listening.mockRestore())
  const said: string[] = []
  const terminal = { out: () => undefined, error: (line: string) => void said.push(line) }
  const operation = await Operation.start(NO_OPERATION, 'test', terminal)
  if (!operation.ok) throw new Error(operation.error.message)
  onTestFinished(() => operation.value.close())
  const hello: RequestListener = (_, response) => void response.end('hello')
  const place = { host: '127.0.0.1', port: 0 }
  const listener = await operation.value.listen({
    ...place,
    onRequest: hello,
    endpointOf: () => undefined,
  })
  if (!listener.ok) throw new Error(listener.error.message)
  onTestFinished(() => listener.value.close())
  // As Node.js tells that the system has no file left: a test cannot use up those of the whole machine.
  const server = listening.mock.contexts[0] as Server
  for (let count = 0; count < 3; count++) {
    server.emit('error', Object.assign(new Error('accept ENFILE'), { code: 'ENFILE' }))
  }
  expect(said).toEqual([expect.stringMatching(/could not be taken: too many files are open on this machine/)])
  const answer = await fetch(`http://127.0.0.1:${listener.value.port}`)
  expect(await answer.text()).toBe('hello')
})

describe('CLI-26 one address', () => {
  const LIMITS = { connections: 3, handshakes: 2, burst: 100, perSecond: 100 }

  /** A port that counts this machine's connections like those of others. */
  async function guarded() {
    const refused: RefusalReason[] = []
    const served: ServedSocket[] = []
    const listener = await listen({
      host: '127.0.0.1',
      port: 0,
      onRequest: (_, response) => void response.end('hello'),
      endpointOf: () => ({ accept: (socket) => void served.push(socket) }),
      door: new Door({
        trustsProxy: false,
        now: () => 0,
        onRefused: (reason) => void refused.push(reason),
        limits: LIMITS,
        isExempt: () => false,
      }),
    })
    if (!listener.ok) throw new Error(listener.error.message)
    onTestFinished(() => listener.value.close())
    return { port: listener.value.port, refused, served }
  }

  /** @returns whether the WebSocket was opened, and what closes it. */
  async function knock(port: number) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}`)
    onTestFinished(() => socket.terminate())
    const answer = await new Promise<string>((resolve) => {
      socket.on('open', () => resolve('open'))
      socket.on('error', (error) => resolve(error.message))
    })
    return { answer, close: () => new Promise((resolve) => socket.once('close', resolve).close()) }
  }

  it('may have so many WebSockets without a proved key, and gets their places back by proof or by leaving', async () => {
    const { port, refused, served } = await guarded()
    const [first, second] = [await knock(port), await knock(port)]
    expect([first.answer, second.answer]).toEqual(['open', 'open'])
    expect((await knock(port)).answer).toContain('429')
    served[0]?.proved?.()
    const third = await knock(port)
    expect(third.answer).toBe('open')
    await second.close()
    await third.close()
    expect((await knock(port)).answer).toBe('open')
    expect(refused).toEqual(['addressHandshakes'])
  })

  it('may have so many connections of any kind, and one more when one has gone', async () => {
    const { port, refused } = await guarded()
    const idle = await Promise.all([1, 2, 3].map(() => open(port)))
    expect(await (await open(port)).gone).toBe('gone')
    expect(refused).toEqual(['addressConnections'])
    idle[0]?.socket.destroy()
    // The server hears of it when it does.
    let answer = ''
    while (answer !== 'open') ({ answer } = await knock(port))
  })

  async function open(port: number): Promise<{ readonly socket: Socket; readonly gone: Promise<string> }> {
    const socket = connect(port, '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    socket.on('error', () => undefined)
    await new Promise((resolve) => socket.once('connect', resolve))
    return { socket, gone: new Promise((resolve) => socket.once('close', () => resolve('gone'))) }
  }
})

describe('a certificate that is renewed', () => {
  const [first, second] = [makeCertificate('first'), makeCertificate('second')]

  async function write(folder: string, { cert, key }: Pair): Promise<void> {
    await writeFile(join(folder, 'key.pem'), key)
    await writeFile(join(folder, 'cert.pem'), cert)
  }

  async function secured(certificate: Certificate): Promise<Listener> {
    const nothing = { onRequest: () => undefined, endpointOf: () => undefined }
    const listener = await listen({ host: '127.0.0.1', port: 0, certificate, ...nothing })
    if (!listener.ok) throw new Error(listener.error.message)
    onTestFinished(() => listener.value.close())
    return listener.value
  }

  /** The certificate that a new connection gets. */
  function shownAt({ port }: Listener): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connectSecurely({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
        resolve(socket.getPeerX509Certificate()?.toString() ?? '')
        socket.destroy()
      })
      socket.on('error', reject)
    })
  }

  it('CLI-25 is the one of all ports of a program, also when one of them has closed', async () => {
    const folder = await temporaryFolder()
    await write(folder, first)
    const told = (): void => undefined
    const log = new Log({ format: 'off', program: 'test', clock: systemClock, write: told, complain: told })
    const [certPath, keyPath] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
    const certificate = await Certificate.open({ certPath, keyPath, clock: systemClock, log })
    if (!certificate.ok) throw new Error(certificate.error.message)
    onTestFinished(() => certificate.value.close())
    const [one, gone, other] = [
      await secured(certificate.value),
      await secured(certificate.value),
      await secured(certificate.value),
    ]
    const ports = [one, other]
    expect(await Promise.all(ports.map(shownAt))).toEqual([first.cert, first.cert])
    await gone.close()
    const renewed = new Promise((resolve) => certificate.value.onChanged(resolve))
    await write(folder, second)
    await renewed
    expect(await Promise.all(ports.map(shownAt))).toEqual([second.cert, second.cert])
  })
})
