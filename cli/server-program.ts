// A program that is one server: its identity, its port, its ticket, until it is stopped. The servers' composition
// root; `offst up` (up.ts) is the other one.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import type { Signer } from '../protocol/crypto.ts'
import type { ServerEnvironment, ServerStats } from '../protocol/link-acceptor.ts'
import { ok, type Result } from '../protocol/result.ts'
import type { PublicKey } from '../protocol/types.ts'
import { nodeProvider } from '../worker/runtime/crypto/node.ts'
import { requireUpgrade, sendJson } from './answers.ts'
import type { Terminal } from './terminal.ts'
import { parseHostPort, type HostPort, type Listener } from './http-listener.ts'
import type { Metric } from './operation/metrics.ts'
import { Operation } from './operation/operation.ts'
import { NO_OPERATION, type OperationOptions } from './operation/options.ts'
import { DATA_FOLDER, makeFolder, serverIdentity } from './server-identity.ts'
import { isEverywhere, showTicket, ticketAddress, warnIfUncovered, type ServerForm } from './server-ticket.ts'
import { runUntilStopped } from './stop-signal.ts'
import { systemClock, systemRandom } from './system.ts'
import type { Endpoint } from './ws-listener.ts'

/** What the two kinds of servers have in common. */
export interface Service extends Endpoint {
  /** The port is open. */
  opened?(): void
  close(): void | Promise<void>
  stats(): ServerStats
}

export interface ServerKind<S extends Service = Service> {
  readonly kind: ServerForm['kind']
  /** The program. */
  readonly name: string
  /** How sentences name it. */
  readonly noun: string
  /** The option that names the address to listen on. */
  readonly addressOption: string
  readonly defaultAddress: string
  /** Faults are those of what this kind has beside its port. */
  make(
    environment: ServerEnvironment,
    operation: Operation,
    terminal: Terminal,
  ): Result<S> | Promise<Result<S>>
  /** What it says of its work. */
  metrics(service: S): readonly Metric[]
}

export interface ServerOptions {
  readonly idfile?: string | undefined
  /** `host:port`. */
  readonly address?: string | undefined
  /** What the ticket says: a `ws://` or `wss://` URL, or `host:port`. */
  readonly publicUrl?: string | undefined
  readonly output?: string | undefined
  readonly qr: boolean
  readonly operation?: OperationOptions
}

/** What both programs take of these. */
export const ticketOptions = {
  'public-url': {
    type: 'string',
    value: 'URL',
    about: 'what its ticket says: wss://a.example.org',
  },
  output: { type: 'string', value: 'FILE', about: 'also writes its ticket to a file' },
  qr: { type: 'boolean', about: 'also draws its ticket, as on a terminal' },
} as const

export interface RunningServer {
  readonly form: ServerForm
  readonly port: number
  stop(): Promise<void>
}

/** Starts a server and says so; faults are those of the files, the options, the ports and the ticket. */
export async function startServer<S extends Service>(
  server: ServerKind<S>,
  options: ServerOptions,
  terminal: Terminal,
): Promise<Result<RunningServer>> {
  const address = parseHostPort(options.address ?? server.defaultAddress, `--${server.addressOption}`)
  if (!address.ok) return address
  // A wrong public URL is found before anything is made.
  const early = ticketAddress(options.publicUrl, { ...address.value, port: address.value.port || 1 })
  if (!early.ok) return early

  const operation = await Operation.start(options.operation ?? NO_OPERATION, server.name, terminal)
  if (!operation.ok) return operation
  const signer = await signerOf(server, options.idfile, terminal)
  const opened = signer.ok
    ? await openServer(server, address.value, signer.value, operation.value, terminal)
    : signer
  if (!opened.ok) {
    await operation.value.close()
    return opened
  }
  const { publicKey, listener, stop } = opened.value
  const form = await tellTicket(server, options, publicKey, listener, operation.value, terminal)
  if (!form.ok) {
    await stop()
    return form
  }
  operation.value.health.ready()
  return ok({ form: form.value, port: listener.port, stop })
}

/** Runs a server until the process is asked to stop. */
export function runServer<S extends Service>(
  server: ServerKind<S>,
  options: ServerOptions,
  terminal: Terminal,
): Promise<number> {
  const start = (): Promise<Result<RunningServer>> => startServer(server, options, terminal)
  return runUntilStopped(start, `The ${server.noun} has stopped.`, terminal)
}

async function signerOf(
  { kind }: Pick<ServerKind, 'kind'>,
  idfile: string | undefined,
  terminal: Terminal,
): Promise<Result<Signer>> {
  if (idfile !== undefined) return serverIdentity(idfile, terminal)
  const folder = await makeFolder(DATA_FOLDER)
  return folder.ok ? serverIdentity(join(DATA_FOLDER, `${kind}.ident`), terminal) : folder
}

interface OpenServer {
  readonly publicKey: PublicKey
  readonly listener: Listener
  readonly stop: () => Promise<void>
}

async function openServer<S extends Service>(
  server: ServerKind<S>,
  address: HostPort,
  signer: Signer,
  operation: Operation,
  terminal: Terminal,
): Promise<Result<OpenServer>> {
  const observer = operation.countLinks(server.kind)
  const environment = { signer, crypto: nodeProvider, clock: systemClock, random: systemRandom, observer }
  const made = await server.make(environment, operation, terminal)
  if (!made.ok) return made
  const service = made.value
  operation.watch([{ counts: observer, stats: () => service.stats() }], server.metrics(service))
  const listener = await operation.listen({
    ...address,
    onRequest: (request, response) => answer(server, service, request, response),
    // A proxy may serve it under any path.
    endpointOf: () => service,
  })
  if (!listener.ok) {
    await service.close()
    return listener
  }
  service.opened?.()
  const stop = (): Promise<void> => operation.stop(listener.value, () => service.close())
  return ok({ publicKey: signer.publicKey, listener: listener.value, stop })
}

/** Faults of the ticket's address and of its file. */
async function tellTicket(
  server: Pick<ServerKind, 'kind' | 'noun'>,
  options: ServerOptions,
  publicKey: PublicKey,
  listener: Listener,
  { certificate }: Operation,
  terminal: Terminal,
): Promise<Result<ServerForm>> {
  const named = ticketAddress(options.publicUrl, listener, certificate !== undefined)
  if (!named.ok) return named
  const form: ServerForm = { kind: server.kind, ticket: { publicKey, address: named.value } }
  terminal.out(`The ${server.noun} listens on port ${listener.port}; its ticket, for ${named.value}:`)
  const shown = await showTicket(form, { output: options.output, withQr: options.qr }, terminal)
  if (!shown.ok) return shown
  if (options.publicUrl === undefined && isEverywhere(listener.host)) {
    terminal.out('If others reach it under another address, name that with --public-url.')
  }
  if (certificate !== undefined) warnIfUncovered(certificate, named.value, terminal)
  return ok(form)
}

/** For people who open the address in a browser, and for whoever watches whether it is up. */
function answer(
  server: Pick<ServerKind, 'noun'>,
  service: Service,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  if (request.url === '/healthz') {
    sendJson(response, service.stats())
  } else {
    requireUpgrade(response, `This is an Offst ${server.noun}. Give its ticket to your wallet.`)
  }
}
