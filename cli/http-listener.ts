// Listens on one port for HTTP and WebSockets, bounded against slow and greedy strangers.

import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fail, ok, type Result } from '../protocol/result.ts'
import { endWith, serveWebSockets, type Endpoint } from './ws-listener.ts'

/** Time for a request to arrive, headers and all. */
const REQUEST_MS_MAX = 10_000
/** Bytes of the headers of a request. */
const HEADER_BYTES_MAX = 16_384
/** Connections at once, of all kinds: both servers' clients, and pages. */
const CONNECTIONS_MAX = 45_000
/** Time for the last bytes of ended connections to leave. */
const FAREWELL_MS = 200

export interface HostPort {
  /** Name or address to listen on; IPv6 without brackets. */
  readonly host: string
  /** 0..65535; 0 takes any that is free. */
  readonly port: number
}

export interface ListenOptions extends HostPort {
  readonly onRequest: RequestListener
  readonly endpointOf: (path: string) => Endpoint | undefined
}

export interface Listener extends HostPort {
  /** Ends all connections and gives the port back. */
  close(): Promise<void>
}

/** Faults: `portInUse`, `notAllowed`, `badAddress`, `notListening`. */
export async function listen(options: ListenOptions): Promise<Result<Listener>> {
  const { host, port, onRequest, endpointOf } = options
  const server = createServer(
    {
      headersTimeout: REQUEST_MS_MAX,
      requestTimeout: REQUEST_MS_MAX,
      maxHeaderSize: HEADER_BYTES_MAX,
      connectionsCheckingInterval: REQUEST_MS_MAX / 2,
    },
    onRequest,
  )
  server.maxConnections = CONNECTIONS_MAX
  server.on('clientError', (_error, stream) => {
    if (stream.writable) endWith(stream, 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')
    else stream.destroy()
  })
  const endWebSockets = serveWebSockets(server, endpointOf)
  const error = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    server.once('error', resolve)
    server.listen({ host, port }, () => resolve(undefined))
  })
  if (error !== undefined) return refuse(error, host, port)
  const { port: listensOn } = server.address() as AddressInfo
  return ok({ host, port: listensOn, close: () => close(server, endWebSockets) })
}

/** `host:port` as it stands in a URL. */
export function formatHostPort({ host, port }: HostPort): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** Parses `host:port`, `[v6]:port` or the `ws://` URL of one; fault `usage`. */
export function parseHostPort(text: string, option: string): Result<HostPort> {
  const [, scheme, address = text] = /^(wss?):\/\/([^/?#]*)\/?$/i.exec(text) ?? []
  if (scheme?.toLowerCase() === 'wss') {
    const message = `${option} "${text}": let a proxy end TLS, listen on ws:// or host:port, and name the wss:// address in the ticket.`
    return fail('usage', message)
  }
  const [, v6, name, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([a-zA-Z0-9.-]+)):([0-9]{1,5})$/.exec(address) ?? []
  const host = v6 ?? name
  if (host === undefined || digits === undefined || Number(digits) > 65_535) {
    return fail('usage', `${option} "${text}" is not host:port, for example 127.0.0.1:8000.`)
  }
  return ok({ host, port: Number(digits) })
}

async function close(server: Server, endWebSockets: () => void): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  await new Promise((resolve) => setTimeout(resolve, FAREWELL_MS))
  endWebSockets()
  server.closeAllConnections()
  await closed
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
