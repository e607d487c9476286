// `offst up`: wallet, relay and index server in one process on one port.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { addressToUrl } from '../protocol/forms.ts'
import { fail, ok, type Result } from '../protocol/result.ts'
import { RelayServer } from '../relay-server/server.ts'
import { nodeProvider } from '../worker/runtime/crypto/node.ts'
import { EXIT, type Terminal } from './terminal.ts'
import { formatHostPort, listen } from './http-listener.ts'
import { INDEX_PATH, OWN_SERVERS_PATH, ownBaseUrl, ownServers, RELAY_PATH } from './own-servers.ts'
import { SECURITY_HEADERS } from './security-headers.ts'
import { DATA_FOLDER, makeFolder, serverIdentity } from './server-identity.ts'
import { startSharingIndex, type SharingIndex, type SharingOptions } from './sharing-index.ts'
import { isEverywhere, isLoopback, localAddresses } from './server-ticket.ts'
import { loadStaticFiles, pathOf, refuse, serveStatic, type StaticFiles } from './static-server.ts'
import { untilStopped } from './stop-signal.ts'
import { systemClock, systemRandom } from './system.ts'

export interface UpOptions extends SharingOptions {
  /** Default 8080; 0 takes any that is free. */
  readonly port?: string | undefined
  /** Default 127.0.0.1. */
  readonly host?: string | undefined
  /** Where the servers' keys are. Default: DATA_FOLDER. */
  readonly data?: string | undefined
  /** What people type to reach the wallet, if a proxy stands before it. */
  readonly publicUrl?: string | undefined
  /** The folder with the built wallet. */
  readonly wallet: string
}

export interface RunningUp {
  /** Where the wallet is, for this machine. */
  readonly url: string
  readonly port: number
  stop(): Promise<void>
}

interface Services {
  readonly relay: RelayServer
  readonly sharing: SharingIndex
}

/** Starts everything and says where it is; faults of options, folders, keys and the port. */
export async function startUp(options: UpOptions, terminal: Terminal): Promise<Result<RunningUp>> {
  const { host = '127.0.0.1', data = DATA_FOLDER, publicUrl } = options
  const port = parsePort(options.port ?? '8080')
  if (!port.ok) return port
  const url = checkPublicUrl(publicUrl)
  if (!url.ok) return url
  const files = await loadStaticFiles(options.wallet)
  if (!files.ok) return files
  const services = await makeServices(data, options, terminal)
  if (!services.ok) return services
  const { relay, sharing } = services.value
  const closeServices = async (): Promise<void> => {
    relay.close()
    await sharing.close()
  }

  const listener = await listen({
    host,
    port: port.value,
    onRequest: (request, response) => answer(services.value, files.value, publicUrl, request, response),
    endpointOf: (path) => (path === RELAY_PATH ? relay : path === INDEX_PATH ? sharing.server : undefined),
  })
  if (!listener.ok) {
    await closeServices()
    return listener
  }
  const shownHost = isEverywhere(host) ? 'localhost' : host
  const place = `http://${formatHostPort({ host: shownHost, port: listener.value.port })}`
  announce(host, place, listener.value.port, publicUrl, terminal)
  return ok({
    url: place,
    port: listener.value.port,
    stop: async () => {
      await closeServices()
      await listener.value.close()
    },
  })
}

/** Runs everything until the process is asked to stop. */
export async function runUp(options: UpOptions, terminal: Terminal): Promise<number> {
  const running = await startUp(options, terminal)
  if (!running.ok) {
    terminal.error(running.error.message)
    return running.error.code === 'usage' ? EXIT.usage : EXIT.refused
  }
  await untilStopped()
  await running.value.stop()
  terminal.out('Offst has stopped.')
  return EXIT.ok
}

async function makeServices(
  data: string,
  options: SharingOptions,
  terminal: Terminal,
): Promise<Result<Services>> {
  const folder = await makeFolder(data)
  if (!folder.ok) return folder
  const relaySigner = await serverIdentity(join(data, 'relay.ident'), terminal)
  if (!relaySigner.ok) return relaySigner
  const indexSigner = await serverIdentity(join(data, 'index.ident'), terminal)
  if (!indexSigner.ok) return indexSigner
  const environment = { crypto: nodeProvider, clock: systemClock, random: systemRandom }
  const sharing = await startSharingIndex({ ...environment, signer: indexSigner.value }, options, terminal)
  if (!sharing.ok) return sharing
  const relay = new RelayServer({ ...environment, signer: relaySigner.value })
  return ok({ relay, sharing: sharing.value })
}

function answer(
  { relay, sharing: { server: index } }: Services,
  files: StaticFiles,
  publicUrl: string | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  const path = pathOf(request)
  if (isRead && path === '/healthz') {
    sendJson(response, { relay: relay.stats(), index: index.stats() })
  } else if (isRead && path === OWN_SERVERS_PATH) {
    const base = ownBaseUrl(publicUrl, request.headers)
    if (base === undefined) refuse(response, 400, 'The Host header is missing or is no host.')
    else sendJson(response, ownServers(base, relay.publicKey, index.publicKey))
  } else {
    serveStatic(files, request, response)
  }
}

/** Node.js leaves out the body when the method is HEAD. */
function sendJson(response: ServerResponse, value: object): void {
  response.writeHead(200, {
    ...SECURITY_HEADERS,
    'content-type': 'application/json',
    'cache-control': 'no-store',
  })
  response.end(`${JSON.stringify(value)}\n`)
}

function announce(
  host: string,
  place: string,
  port: number,
  publicUrl: string | undefined,
  terminal: Terminal,
): void {
  terminal.out(`Offst is up. Open ${publicUrl ?? place} in a browser. Ctrl-C stops it.`)
  if (publicUrl !== undefined || isLoopback(host)) return
  const others = isEverywhere(host) ? localAddresses() : [host]
  const urls = others.map((address) => `http://${formatHostPort({ host: address, port })}`)
  terminal.out(
    `Others reach the relay and the index server at ${urls.join(', ')}. Their browsers run the wallet only ` +
      'over https: put a proxy with a certificate before it, and name its address with --public-url.',
  )
}

function parsePort(text: string): Result<number> {
  const port = /^[0-9]{1,5}$/.test(text) ? Number(text) : NaN
  if (port <= 65_535) return ok(port)
  return fail('usage', `--port "${text}" is no port: use a number from 1 to 65535, or 0 for any free one.`)
}

function checkPublicUrl(publicUrl: string | undefined): Result<void> {
  if (publicUrl === undefined) return ok(undefined)
  const isHttp = /^https?:\/\//i.test(publicUrl) && URL.canParse(publicUrl)
  const base = ownBaseUrl(publicUrl, {})
  if (isHttp && !/[?#]/.test(publicUrl) && addressToUrl(`${base}${RELAY_PATH}`).ok) return ok(undefined)
  return fail(
    'usage',
    `--public-url "${publicUrl}" is no address of a web site: use https://wallet.example.org.`,
  )
}
