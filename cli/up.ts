// `offst up`: wallet, relay and index server in one process on one port.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import type { Signer } from '../protocol/crypto.ts'
import { addressToUrl } from '../protocol/forms.ts'
import { fail, ok, type Result } from '../protocol/result.ts'
import { RelayServer } from '../relay-server/server.ts'
import { nodeProvider } from '../worker/runtime/crypto/node.ts'
import { sendJson } from './answers.ts'
import type { Terminal } from './terminal.ts'
import { formatHostPort, parseHostPort, type HostPort } from './http-listener.ts'
import { Operation } from './operation/operation.ts'
import { NO_OPERATION, type OperationOptions } from './operation/options.ts'
import { indexMetrics, relayMetrics } from './operation/server-metrics.ts'
import { INDEX_PATH, OWN_SERVERS_PATH, baseOf, ownBaseUrl, ownServers, RELAY_PATH } from './own-servers.ts'
import { DATA_FOLDER, makeFolder, serverIdentity } from './server-identity.ts'
import { startSharingIndex, type SharingIndex, type SharingOptions } from './sharing-index.ts'
import { isEverywhere, isLoopback, localAddresses, warnIfUncovered } from './server-ticket.ts'
import { loadStaticFiles, pathOf, refuse, serveStatic, type StaticFiles } from './static-server.ts'
import { runUntilStopped } from './stop-signal.ts'
import { systemClock, systemRandom } from './system.ts'

export interface UpOptions extends Omit<SharingOptions, 'snapshot'> {
  /** Default 8080; 0 takes any that is free. */
  readonly port?: string | undefined
  /** Default 127.0.0.1. */
  readonly host?: string | undefined
  /** `host:port`, instead of the two. */
  readonly address?: string | undefined
  /** Where the servers' keys are, and what the index server knew. Default: DATA_FOLDER. */
  readonly data?: string | undefined
  /** What people type to reach the wallet, if a proxy stands before it. */
  readonly publicUrl?: string | undefined
  /** The folder with the built wallet. */
  readonly wallet: string
  readonly operation?: OperationOptions
}

export interface RunningUp {
  /** Where the wallet is, for this machine. */
  readonly url: string
  readonly port: number
  stop(): Promise<void>
}

interface Services {
  readonly relay: RelayServer
  readonly index: SharingIndex
}

/** What a request is answered from. */
interface Site extends Services {
  readonly files: StaticFiles
  readonly publicUrl: string | undefined
  readonly trustsProxy: boolean
  /** Whether TLS ends here. */
  readonly isSecure: boolean
}

/** Starts everything and says where it is; faults of options, folders, files, keys and ports. */
export async function startUp(options: UpOptions, terminal: Terminal): Promise<Result<RunningUp>> {
  const { data = DATA_FOLDER, publicUrl } = options
  const address = placeOf(options)
  if (!address.ok) return address
  const url = checkPublicUrl(publicUrl)
  if (!url.ok) return url
  const files = await loadStaticFiles(options.wallet)
  if (!files.ok) return files
  const operation = await Operation.start(options.operation ?? NO_OPERATION, 'offst up', terminal)
  if (!operation.ok) return operation
  const signers = await readSigners(data, terminal)
  if (!signers.ok) {
    await operation.value.close()
    return signers
  }
  const sharing = { ...options, snapshot: join(data, 'index.snapshot') }
  const services = await makeServices(signers.value, sharing, operation.value, terminal)
  if (!services.ok) {
    await operation.value.close()
    return services
  }
  const { relay, index } = services.value
  const { trustsProxy, certificate } = operation.value
  const isSecure = certificate !== undefined
  const site: Site = { relay, index, files: files.value, publicUrl, trustsProxy, isSecure }

  const closeServices = async (): Promise<void> => {
    relay.close()
    await index.close()
  }
  const listener = await operation.value.listen({
    ...address.value,
    onRequest: (request, response) => answer(site, request, response),
    endpointOf: (path) => (path === RELAY_PATH ? relay : path === INDEX_PATH ? index : undefined),
  })
  if (!listener.ok) {
    await closeServices()
    await operation.value.close()
    return listener
  }
  index.opened()
  const { host, port } = listener.value
  const scheme = isSecure ? 'https' : 'http'
  const place = `${scheme}://${formatHostPort({ host: isEverywhere(host) ? 'localhost' : host, port })}`
  const shown = publicUrl ?? place
  announce(scheme, listener.value, shown, publicUrl !== undefined, terminal)
  if (certificate !== undefined) warnIfUncovered(certificate, shown.replace(/^https/i, 'wss'), terminal)
  operation.value.health.ready()
  return ok({ url: place, port, stop: () => operation.value.stop(listener.value, closeServices) })
}

/** Runs everything until the process is asked to stop. */
export function runUp(options: UpOptions, terminal: Terminal): Promise<number> {
  return runUntilStopped(() => startUp(options, terminal), 'Offst has stopped.', terminal)
}

interface Signers {
  readonly relay: Signer
  readonly index: Signer
}

async function readSigners(data: string, terminal: Terminal): Promise<Result<Signers>> {
  const folder = await makeFolder(data)
  if (!folder.ok) return folder
  const relay = await serverIdentity(join(data, 'relay.ident'), terminal)
  if (!relay.ok) return relay
  const index = await serverIdentity(join(data, 'index.ident'), terminal)
  return index.ok ? ok({ relay: relay.value, index: index.value }) : index
}

async function makeServices(
  signers: Signers,
  sharing: SharingOptions,
  operation: Operation,
  terminal: Terminal,
): Promise<Result<Services>> {
  const world = { crypto: nodeProvider, clock: systemClock, random: systemRandom }
  const [relayLinks, indexLinks] = [operation.countLinks('relay'), operation.countLinks('index')]
  const environment = { ...world, signer: signers.index, observer: indexLinks }
  const index = await startSharingIndex(environment, sharing, operation, terminal)
  if (!index.ok) return index
  const relay = new RelayServer({ ...world, signer: signers.relay, observer: relayLinks })
  operation.watch(
    [
      { counts: relayLinks, stats: () => relay.stats() },
      { counts: indexLinks, stats: () => index.value.stats() },
    ],
    [...relayMetrics(relay), ...indexMetrics(index.value)],
  )
  return ok({ relay, index: index.value })
}

function answer(
  { relay, index, files, publicUrl, trustsProxy, isSecure }: Site,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  const path = pathOf(request)
  if (isRead && path === '/healthz') {
    sendJson(response, { relay: relay.stats(), index: index.stats() })
  } else if (isRead && path === OWN_SERVERS_PATH) {
    const base = ownBaseUrl(publicUrl, request.headers, { isSecure, trustsProxy })
    if (base === undefined) refuse(response, 400, 'The Host header is missing or is no host.')
    else sendJson(response, ownServers(base, relay.publicKey, index.publicKey))
  } else {
    serveStatic(files, request, response)
  }
}

function announce(
  scheme: 'http' | 'https',
  { host, port }: HostPort,
  shown: string,
  isPublic: boolean,
  terminal: Terminal,
): void {
  terminal.out(`Offst is up. Open ${shown} in a browser. Ctrl-C stops it.`)
  if (isPublic || isLoopback(host)) return
  const others = isEverywhere(host) ? localAddresses() : [host]
  const urls = others.map((address) => `${scheme}://${formatHostPort({ host: address, port })}`)
  terminal.out(
    scheme === 'https'
      ? `Others reach it at ${urls.join(', ')}, or at the name in the certificate: say that with --public-url.`
      : `Others reach the relay and the index server at ${urls.join(', ')}. Their browsers run the wallet only ` +
          'over https: put a proxy with a certificate before it, and name its address with --public-url.',
  )
}

/** Where to listen. */
function placeOf({ host, port, address }: UpOptions): Result<HostPort> {
  if (address === undefined) {
    const number = parsePort(port ?? '8080')
    return number.ok ? ok({ host: host ?? '127.0.0.1', port: number.value }) : number
  }
  if (host === undefined && port === undefined) return parseHostPort(address, '--listen')
  return fail('usage', '--listen says what --host and --port say: give one or the other.')
}

function parsePort(text: string): Result<number> {
  const port = /^[0-9]{1,5}$/.test(text) ? Number(text) : NaN
  if (port <= 65_535) return ok(port)
  return fail('usage', `--port "${text}" is no port: use a number from 1 to 65535, or 0 for any free one.`)
}

function checkPublicUrl(publicUrl: string | undefined): Result<void> {
  if (publicUrl === undefined) return ok(undefined)
  const isHttp = /^https?:\/\//i.test(publicUrl) && URL.canParse(publicUrl)
  const relayUrl = `${baseOf(publicUrl)}${RELAY_PATH}`
  if (isHttp && !/[?#]/.test(publicUrl) && addressToUrl(relayUrl).ok) return ok(undefined)
  return fail(
    'usage',
    `--public-url "${publicUrl}" is no address of a web site: use https://wallet.example.org.`,
  )
}
