// An index server that shares what it hears with others: its port for them, the folder of those it trusts, and what
// its terminal says of each.

import type { FederationPlace, NeighbourState } from '../index-server/federation-links.ts'
import { IndexServer, type IndexServerOptions, type IndexStats } from '../index-server/server.ts'
import { toText } from '../protocol/forms.ts'
import { NEIGHBOURS_MAX } from '../protocol/limits.ts'
import type { ServerEnvironment } from '../protocol/link-acceptor.ts'
import { fail, ok, type Result } from '../protocol/result.ts'
import type { PublicKey } from '../protocol/types.ts'
import { parseHostPort, type HostPort, type Listener } from './http-listener.ts'
import type { Operation } from './operation/operation.ts'
import { ticketAddress } from './server-ticket.ts'
import { SnapshotFile, type SnapshotCounts } from './snapshot-file.ts'
import { systemClock } from './system.ts'
import type { Terminal } from './terminal.ts'
import { TrustedFolder } from './trusted-folder.ts'
import { requireUpgrade } from './answers.ts'
import { dialWebSocket } from './ws-dialler.ts'
import type { Endpoint } from './ws-listener.ts'

export interface SharingOptions {
  /** `host:port` where other index servers reach this one. Missing: it can only dial them. */
  readonly lserver?: string | undefined
  /** The folder with the tickets of other index servers. Missing: it shares with nobody. */
  readonly trusted?: string | undefined
  /** The file in which it keeps what it knows, for its next start. Missing: it starts with nothing. */
  readonly snapshot?: string | undefined
  /** Whether credit that a client was just told of is offered to others as well. */
  readonly noReserve?: boolean
}

/** The options of a program that take these. */
export const sharingOptions = {
  lserver: {
    type: 'string',
    value: 'HOST:PORT',
    about: 'where to listen for other index servers; without, it dials them',
  },
  trusted: {
    type: 'string',
    value: 'DIR',
    about: 'tickets of index servers that list it, too',
  },
} as const

/** An index server with its port for others and its folder. */
export interface SharingIndex extends Endpoint {
  readonly publicKey: PublicKey
  /** It is the one that has the port: from now on it keeps a snapshot. */
  opened(): void
  stats(): IndexStats
  /** Missing for a server that keeps none. */
  snapshots(): SnapshotCounts | undefined
  close(): Promise<void>
}

/** Makes an index server, and what it needs to share; faults of the options, the folder and the port. */
export async function startSharingIndex(
  environment: ServerEnvironment,
  options: SharingOptions,
  operation: Operation,
  terminal: Terminal,
): Promise<Result<SharingIndex>> {
  const { lserver, trusted } = options
  if (trusted === undefined) {
    if (lserver !== undefined) {
      return fail(
        'usage',
        '--lserver is for servers that are trusted: name the folder of their tickets, --trusted DIR.',
      )
    }
    const snapshot = await openSnapshot(options, environment, operation)
    const server = new IndexServer(environment, undefined, inside(options, snapshot))
    return ok(sharingIndex(server, async () => server.close(), snapshot))
  }
  const address = lserver === undefined ? undefined : parseHostPort(lserver, '--lserver')
  if (address?.ok === false) return address
  const folder = await TrustedFolder.open({
    folder: trusted,
    kind: 'index',
    tickets: 'tickets of index servers',
    owners: 'index servers',
    filesMax: NEIGHBOURS_MAX,
    clock: systemClock,
    onComplaint: (sentence) => terminal.error(sentence),
  })
  if (!folder.ok) return folder
  const snapshot = await openSnapshot(options, environment, operation)
  const names = new Map<PublicKey, string>()
  const place: FederationPlace = {
    connect: dialWebSocket,
    isDialled: address !== undefined,
    onState: (key, state) => terminal.out(sentenceOf(names.get(key) ?? key, state)),
  }
  const server = new IndexServer(environment, place, inside(options, snapshot))
  const trust = (): void => {
    const tickets = folder.value.files.map(({ name, document: { ticket } }) => ({ name, ticket }))
    for (const { name, ticket } of tickets) names.set(ticket.publicKey, name)
    server.trust(tickets.map(({ ticket }) => ticket))
  }
  folder.value.onRead = trust
  // Before the port opens: who dials at once would be told that he is not listed.
  trust()
  const listener =
    address === undefined ? undefined : await listenForServers(address.value, server, operation)
  if (listener?.ok === false) {
    folder.value.close()
    server.close()
    return listener
  }
  announce(server.publicKey, listener?.value, operation, terminal)
  const close = async (): Promise<void> => {
    folder.value.close()
    server.close()
    await listener?.value.close()
  }
  return ok(sharingIndex(server, close, snapshot))
}

function inside(
  { noReserve = false }: SharingOptions,
  snapshot: SnapshotFile | undefined,
): IndexServerOptions {
  return { restored: snapshot?.nodes, reserveMs: noReserve ? 0 : undefined }
}

async function openSnapshot(
  { snapshot }: SharingOptions,
  environment: ServerEnvironment,
  { log }: Operation,
): Promise<SnapshotFile | undefined> {
  return snapshot === undefined ? undefined : SnapshotFile.open(snapshot, environment, log)
}

function sharingIndex(
  server: IndexServer,
  close: () => Promise<void>,
  snapshot: SnapshotFile | undefined,
): SharingIndex {
  return {
    publicKey: server.publicKey,
    accept: (socket) => server.accept(socket),
    opened: () => snapshot?.keep(() => server.snapshot()),
    stats: () => server.stats(),
    snapshots: () => snapshot?.counts,
    close: async () => {
      const closed = close()
      await snapshot?.close()
      await closed
    },
  }
}

function listenForServers(
  address: HostPort,
  server: IndexServer,
  operation: Operation,
): Promise<Result<Listener>> {
  return operation.listen({
    ...address,
    onRequest: (_, response) =>
      requireUpgrade(response, 'This port of an Offst index server is for other index servers.'),
    endpointOf: () => ({ accept: (socket) => server.acceptServer(socket) }),
  })
}

function announce(
  publicKey: PublicKey,
  listener: Listener | undefined,
  { certificate }: Operation,
  terminal: Terminal,
): void {
  if (listener === undefined) {
    terminal.out(
      'Other index servers cannot dial this one, which has no --lserver: it dials those it trusts.',
    )
    return
  }
  const address = ticketAddress(undefined, listener, certificate !== undefined)
  if (!address.ok) return
  const ticket = { publicKey, address: address.value }
  terminal.out(
    `Other index servers reach it on port ${listener.port}; its ticket for them, for ${ticket.address}:`,
  )
  terminal.out(toText({ kind: 'index', ticket }))
}

/** @param name of the server's ticket. */
function sentenceOf(name: string, state: NeighbourState): string {
  switch (state.kind) {
    case 'awaited':
      return `${name}: waits for this index server, which has to dial.`
    case 'connected':
      return `${name}: connected; both servers share what they hear.`
    case 'offline':
      return `${name}: not connected. ${state.reason} It is tried again.`
    case 'notListed':
      return `${name}: this index server does not list ours in its --trusted: give its owner our ticket.`
    case 'dismissed':
      return `${name}: this index server says that ours broke the rules; it is tried again in a minute.`
    case 'cut':
      return `${name}: cut off for a minute, because it ${OFFENCES[state.reason]}.`
    case 'removed':
      return `${name}: no longer trusted.`
  }
}

const OFFENCES = {
  malformed: 'sent what is no message',
  badSignature: 'passed on a wrong signature',
  badProof: 'passed on a proof that does not hold',
  tooFast: 'sent too much',
} as const
