// A program that is one server: its identity, its port, its ticket, until it is stopped. The servers' composition
// root; `offst up` (up.ts) is the other one.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import type { ServerEnvironment, ServerStats } from '../protocol/link-acceptor.ts'
import { ok, type Result } from '../protocol/result.ts'
import { nodeProvider } from '../worker/runtime/crypto/node.ts'
import { EXIT, type Terminal } from './terminal.ts'
import { listen, parseHostPort } from './http-listener.ts'
import { DATA_FOLDER, makeFolder, serverIdentity } from './server-identity.ts'
import { isEverywhere, showTicket, ticketAddress, type ServerForm } from './server-ticket.ts'
import { untilStopped } from './stop-signal.ts'
import { systemClock, systemRandom } from './system.ts'
import type { Endpoint } from './ws-listener.ts'

/** What the two kinds of servers have in common. */
export interface Service extends Endpoint {
  close(): void | Promise<void>
  stats(): ServerStats
}

export interface ServerKind {
  readonly kind: ServerForm['kind']
  /** How sentences name it. */
  readonly noun: string
  /** The option that names the address to listen on. */
  readonly addressOption: string
  readonly defaultAddress: string
  /** Faults are those of what this kind has beside its port. */
  make(environment: ServerEnvironment, terminal: Terminal): Result<Service> | Promise<Result<Service>>
}

export interface ServerOptions {
  readonly idfile?: string | undefined
  /** `host:port`. */
  readonly address?: string | undefined
  /** What the ticket says: a `ws://` or `wss://` URL, or `host:port`. */
  readonly publicUrl?: string | undefined
  readonly output?: string | undefined
  readonly qr: boolean
}

/** What both programs take of these. */
export const ticketOptions = {
  'public-url': {
    type: 'string',
    value: 'URL',
    about: 'what the ticket says, if others reach it differently: wss://relay.example.org or host:port',
  },
  output: { type: 'string', value: 'FILE', about: 'also writes the ticket to a file' },
  qr: { type: 'boolean', about: 'also draws the ticket (always done in a terminal)' },
} as const

export interface RunningServer {
  readonly form: ServerForm
  readonly port: number
  stop(): Promise<void>
}

/** Starts a server and says so; faults are those of the identity file, the address, the port and the ticket. */
export async function startServer(
  server: ServerKind,
  options: ServerOptions,
  terminal: Terminal,
): Promise<Result<RunningServer>> {
  const address = parseHostPort(options.address ?? server.defaultAddress, `--${server.addressOption}`)
  if (!address.ok) return address
  // A wrong public URL is found before anything is made.
  const early = ticketAddress(options.publicUrl, { ...address.value, port: address.value.port || 1 })
  if (!early.ok) return early

  const folder: Result<void> = options.idfile === undefined ? await makeFolder(DATA_FOLDER) : ok(undefined)
  if (!folder.ok) return folder
  const signer = await serverIdentity(options.idfile ?? join(DATA_FOLDER, `${server.kind}.ident`), terminal)
  if (!signer.ok) return signer

  const environment = { signer: signer.value, crypto: nodeProvider, clock: systemClock, random: systemRandom }
  const made = await server.make(environment, terminal)
  if (!made.ok) return made
  const service = made.value
  const listener = await listen({
    ...address.value,
    onRequest: (request, response) => answer(server, service, request, response),
    // A proxy may serve it under any path.
    endpointOf: () => service,
  })
  if (!listener.ok) {
    await service.close()
    return listener
  }
  const stop = async (): Promise<void> => {
    await service.close()
    await listener.value.close()
  }
  const named = ticketAddress(options.publicUrl, listener.value)
  if (!named.ok) {
    await stop()
    return named
  }
  const ticket = { publicKey: signer.value.publicKey, address: named.value }
  const form: ServerForm = { kind: server.kind, ticket }
  terminal.out(`The ${server.noun} listens on port ${listener.value.port}; its ticket, for ${named.value}:`)
  const shown = await showTicket(form, { output: options.output, withQr: options.qr }, terminal)
  if (!shown.ok) {
    await stop()
    return shown
  }
  if (options.publicUrl === undefined && isEverywhere(address.value.host)) {
    terminal.out('If others reach it under another address, name that with --public-url.')
  }
  return ok({ form, port: listener.value.port, stop })
}

/** Runs a server until the process is asked to stop. */
export async function runServer(
  server: ServerKind,
  options: ServerOptions,
  terminal: Terminal,
): Promise<number> {
  const running = await startServer(server, options, terminal)
  if (!running.ok) {
    terminal.error(running.error.message)
    return running.error.code === 'usage' ? EXIT.usage : EXIT.refused
  }
  await untilStopped()
  await running.value.stop()
  terminal.out(`The ${server.noun} has stopped.`)
  return EXIT.ok
}

/** For people who open the address in a browser, and for whoever watches whether it is up. */
function answer(
  server: ServerKind,
  service: Service,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  if (request.url === '/healthz') {
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    response.end(`${JSON.stringify(service.stats())}\n`)
    return
  }
  response.writeHead(426, { 'content-type': 'text/plain; charset=utf-8', upgrade: 'websocket' })
  response.end(`This is an Offst ${server.noun}. Give its ticket to your wallet.\n`)
}
