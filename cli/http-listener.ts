// Listens on one port for HTTP and WebSockets, bounded against slow and greedy strangers.

import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { Socket as Stream, type AddressInfo, type DropArgument } from 'node:net'
import { fail, ok, type Result } from '../protocol/result.ts'
import type { Certificate } from './operation/certificate.ts'
import { peerAddress } from './operation/client-address.ts'
import type { Door } from './operation/door.ts'
import { endWith, serveWebSockets, type Endpoint, type WebSockets } from './ws-listener.ts'

/** Time for a request to arrive, headers and all. */
const REQUEST_MS_MAX = 10_000
/** Bytes of the headers of a request. */
const HEADER_BYTES_MAX = 16_384
/** Connections at once, of all kinds: both servers' clients, and pages. */
const CONNECTIONS_MAX = 45_000
/** Time for what is under way to end, and for clients to say farewell, when the server is asked to stop. */
export const DRAIN_MS_MAX = 5_000

export interface HostPort {
  /** Name or address to listen on; IPv6 without brackets. */
  readonly host: string
  /** 0..65535; 0 takes any that is free. */
  readonly port: number
}

export interface ListenOptions extends HostPort {
  readonly onRequest: RequestListener
  readonly endpointOf: (path: string) => Endpoint | undefined
  /** Who may come in; everybody, if missing. */
  readonly door?: Door | undefined
  /** For TLS; missing: without. */
  readonly certificate?: Certificate | undefined
  /** A connection could not be taken; the port goes on. */
  readonly onFault?: (error: Error) => void
}

export interface Listener extends HostPort {
  /**
   * Takes no more connections, lets go of those that are there, and gives the port back: when all have ended, at the
   * latest after `DRAIN_MS_MAX`.
   * @param letGo what serves them ends its part.
   */
  close(letGo?: () => void | Promise<void>): Promise<void>
}

/** Faults: `portInUse`, `notAllowed`, `badAddress`, `notListening`. */
export async function listen(options: ListenOptions): Promise<Result<Listener>> {
  const { host, port, endpointOf, door, onFault } = options
  const server = makeServer(options)
  server.maxConnections = CONNECTIONS_MAX
  server.on('drop', (drop?: DropArgument) => door?.refused('serverFull', drop?.remoteAddress))
  server.on('connection', (stream) => {
    if (door?.connected(stream) === false) stream.destroy()
  })
  server.on('clientError', (_error, stream) => {
    // A handshake of TLS that failed has been counted, and its connection is of no more use.
    if (stream.destroyed) return
    door?.refused('badRequest', stream instanceof Stream ? peerAddress(stream) : undefined)
    if (stream.writable) endWith(stream, 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')
    else stream.destroy()
  })
  const webSockets = serveWebSockets(server, endpointOf, door)
  const error = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    server.once('error', resolve)
    server.listen({ host, port }, () => resolve(undefined))
  })
  if (error !== undefined) return refuse(error, host, port)
  // Such as too many open files on this machine. Without somebody who hears it, it would end the process.
  server.on('error', (fault) => {
    door?.refused('acceptFailed', undefined)
    onFault?.(fault)
  })
  const { port: listensOn } = server.address() as AddressInfo
  return ok({ host, port: listensOn, close: (letGo) => close(server, webSockets, letGo) })
}

function makeServer({ onRequest, certificate, door }: ListenOptions): Server {
  const bounds = {
    headersTimeout: REQUEST_MS_MAX,
    requestTimeout: REQUEST_MS_MAX,
    maxHeaderSize: HEADER_BYTES_MAX,
    connectionsCheckingInterval: REQUEST_MS_MAX / 2,
  }
  if (certificate === undefined) return createServer(bounds, onRequest)
  const options = { ...bounds, ...certificate.pair, handshakeTimeout: REQUEST_MS_MAX }
  const server = createSecureServer(options, onRequest)
  // Connections that are open keep the certificate that they began with.
  server.once(
    'close',
    certificate.onChanged((pair) => server.setSecureContext(pair)),
  )
  server.prependListener('tlsClientError', (_error, stream) => {
    door?.refused('badTls', peerAddress(stream))
    stream.destroy()
  })
  return server
}

/** `host:port` as it stands in a URL. */
export function formatHostPort({ host, port }: HostPort): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** Parses `host:port`, `[v6]:port` or the `ws://` URL of one; fault `usage`. */
export function parseHostPort(text: string, option: string): Result<HostPort> {
  const [, scheme, address = text] = /^(wss?):\/\/([^/?#]*)\/?$/i.exec(text) ?? []
  if (scheme?.toLowerCase() === 'wss') {
    const message = `${option} "${text}": listen on host:port; a certificate (--tls-cert), or a proxy before it, makes it wss://.`
    return fail('usage', message)
  }
  const [, v6, name, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([a-zA-Z0-9.-]+)):([0-9]{1,5})$/.exec(address) ?? []
  const host = v6 ?? name
  if (host === undefined || digits === undefined || Number(digits) > 65_535) {
    return fail('usage', `${option} "${text}" is not host:port, for example 127.0.0.1:8000.`)
  }
  return ok({ host, port: Number(digits) })
}

async function close(
  server: Server,
  webSockets: WebSockets,
  letGo: () => void | Promise<void> = () => undefined,
): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  const gone = webSockets.goAway(letGo)
  server.closeIdleConnections()
  let timer: NodeJS.Timeout | undefined
  const timedOut = new Promise<void>((resolve) => (timer = setTimeout(resolve, DRAIN_MS_MAX)))
  await Promise.race([closed, timedOut])
  clearTimeout(timer)
  webSockets.end()
  server.closeAllConnections()
  await Promise.all([closed, gone])
}

function refuse(error: NodeJS.ErrnoException, host: string, port: number): Result<never> {
  const place = formatHostPort({ host, port })
  switch (error.code) {
    case 'EADDRINUSE':
      return fail(
        'portInUse',
        `Another program listens on ${place} already: stop it, or choose another port.`,
      )
    case 'EACCES':
      return fail('notAllowed', `This user may not listen on ${place}: choose a port of at least 1024.`)
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return fail('badAddress', `${host} is no address of this machine: use 127.0.0.1, 0.0.0.0 or its own.`)
    default:
      return fail('notListening', `Cannot listen on ${place}: ${error.message}.`)
  }
}
