// A headless node: one card in its database, with its links to the world and its door for apps. The composition
// root of `stnode`.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { APP_FRAME_BYTES_MAX } from '../../protocol/app-packets.ts'
import type { Signer } from '../../protocol/crypto.ts'
import { ok, type Result } from '../../protocol/result.ts'
import type { ClassicLevelStore } from '../../worker/runtime/classic-level-store.ts'
import { nodeProvider } from '../../worker/runtime/crypto/node.ts'
import { asyncVerifier } from '../../worker/runtime/crypto/verifier.ts'
import { CardNode } from '../../worker/runtime/node.ts'
import { AppLinks } from '../../worker/shell/app-links.ts'
import { oneCard } from '../../worker/shell/one-card.ts'
import { requireUpgrade, sendJson } from '../answers.ts'
import type { Terminal } from '../terminal.ts'
import { formatHostPort, parseHostPort, type HostPort } from '../http-listener.ts'
import { readIdentity } from '../identity-file.ts'
import type { Log } from '../operation/log.ts'
import { Operation } from '../operation/operation.ts'
import { NO_OPERATION, type OperationOptions } from '../operation/options.ts'
import { warnIfShared } from '../server-identity.ts'
import { runUntilStopped } from '../stop-signal.ts'
import { systemClock, systemRandom } from '../system.ts'
import { dialWebSocket } from '../ws-dialler.ts'
import { CountedStore } from './counted-store.ts'
import { openDatabase } from './database.ts'
import { NodeNumbers } from './node-metrics.ts'
import { TrustedApps } from './trusted-apps.ts'

export interface NodeOptions {
  readonly database: string
  readonly idfile: string
  /** `host:port`. */
  readonly address: string
  readonly trusted: string
  readonly operation?: OperationOptions
}

export interface RunningNode {
  readonly port: number
  stop(): Promise<void>
}

/** Starts a node; faults are those of its files, of its database and of the port. */
export async function startNode(options: NodeOptions, terminal: Terminal): Promise<Result<RunningNode>> {
  const address = parseHostPort(options.address, '--laddr')
  if (!address.ok) return address
  const signer = await readIdentity(options.idfile, nodeProvider)
  if (!signer.ok) return signer
  await warnIfShared(options.idfile, terminal)
  const operation = await Operation.start(options.operation ?? NO_OPERATION, 'stnode', terminal)
  if (!operation.ok) return operation
  const opened = await open(options, signer.value, operation.value)
  const running = opened.ok ? await serve(address.value, opened.value, operation.value, terminal) : opened
  if (!running.ok) await operation.value.close()
  return running
}

/** Opens what the node works on. */
async function open(options: NodeOptions, signer: Signer, { log }: Operation): Promise<Result<Opened>> {
  const trusted = await TrustedApps.open({
    folder: options.trusted,
    clock: systemClock,
    onComplaint: (sentence) => log.warn('notTrusted', sentence),
  })
  if (!trusted.ok) return trusted
  const store = await openDatabase(options.database, signer.publicKey)
  if (store.ok) return ok({ signer, store: store.value, trusted: trusted.value })
  trusted.value.close()
  return store
}

/** Runs a node until the process is asked to stop. */
export function runNode(options: NodeOptions, terminal: Terminal): Promise<number> {
  return runUntilStopped(() => startNode(options, terminal), 'The node has stopped.', terminal)
}

/** What is open when the node begins to serve, and belongs to it from then on. */
interface Opened {
  readonly signer: Signer
  readonly store: ClassicLevelStore
  readonly trusted: TrustedApps
}

async function serve(
  address: HostPort,
  { signer, store, trusted }: Opened,
  operation: Operation,
  terminal: Terminal,
): Promise<Result<RunningNode>> {
  const world = { signer, crypto: nodeProvider, clock: systemClock, random: systemRandom }
  const counted = new CountedStore(store)
  const observer = operation.countLinks('app')
  const asyncProvider = asyncVerifier(nodeProvider)
  const node: CardNode = new CardNode({
    ...world,
    store: counted,
    asyncVerifier: asyncProvider,
    connect: dialWebSocket,
    grants: () => trusted.grants,
    acceptApp: (socket) => links.accept(socket, APP_FRAME_BYTES_MAX),
  })
  const links = new AppLinks({
    ...world,
    observer,
    host: oneCard(node),
    permissionsOf: (app) => trusted.permissionsOf(app),
    onSeen: (app) => node.appSeen(app),
  })
  trusted.onChanged = () => {
    links.recheck(trusted.permissions)
    node.grantsChanged()
  }
  const stop = async (): Promise<void> => {
    trusted.close()
    links.close()
    await node.stop()
    await store.whenClosed()
  }
  // Nothing of the card moves before it is known that apps can reach it.
  const listener = await operation.listen({
    ...address,
    onRequest: (request, response) => answer(node, links, request, response),
    endpointOf: () => links,
  })
  if (!listener.ok) {
    await stop()
    return listener
  }
  const { health } = operation
  const numbers = new NodeNumbers(node, () => health.ready())
  health.watch(() => node.card().fault?.message)
  operation.watch(
    [{ counts: observer, stats: () => links.stats() }],
    [...numbers.metrics(), ...counted.metrics()],
  )
  tellTroubles(node, operation.log, terminal)
  node.start()
  terminal.out(`The node of the card ${signer.publicKey} listens on ${formatHostPort(listener.value)}.`)
  return ok({ port: listener.value.port, stop: () => operation.stop(listener.value, stop) })
}

/** Says why the card does not work, and that it does again, whenever that changes: nobody may be looking at an app. */
function tellTroubles(node: CardNode, log: Log, terminal: Terminal): void {
  let told: string | undefined
  node.subscribe((changes) => {
    for (const change of changes) {
      if (change.collection !== 'card' || change.value === null) continue
      const { fault } = change.value
      if (fault !== undefined && fault.message !== told && fault.code !== 'stopped')
        log.error('cardFault', fault.message, { code: fault.code })
      if (fault === undefined && told !== undefined) {
        log.info('cardWorks')
        terminal.out('The card works again.')
      }
      told = fault?.message
    }
  })
}

/** For whoever watches whether it is up, and for people who open the address in a browser. */
function answer(node: CardNode, links: AppLinks, request: IncomingMessage, response: ServerResponse): void {
  if (request.url === '/healthz') {
    sendJson(response, { state: node.card().state, apps: links.stats() })
  } else {
    requireUpgrade(response, 'This is an Offst node. Apps reach it with its node ticket.')
  }
}
