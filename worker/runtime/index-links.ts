// The index servers of a card: each is kept informed, and all are asked for routes.

import type { Signer } from '../../protocol/crypto.ts'
import { fromIndex, INDEX_PROLOGUE, toIndex, type FromIndex } from '../../protocol/index-messages.ts'
import { INDEX_REFRESH_MS } from '../../protocol/limits.ts'
import type { Fault } from '../../protocol/result.ts'
import type { PublicKey, RequestId } from '../../protocol/types.ts'
import * as wire from '../../protocol/wire.ts'
import type { Connections, EdgeReport } from '../core/actions.ts'
import type { RouteQuery, RouteQueryAnswer } from '../core/routes.ts'
import { EdgeTable } from './edge-table.ts'
import { IndexReporter } from './index-reporter.ts'
import { EDGES_DEBOUNCE_MS, INDEX_REFUSED_RETRY_MS } from './limits.ts'
import { RouteQueries } from './route-queries.ts'
import { ServerLink, type LinkContext } from './server-link.ts'

const SESSION_BYTES = 16

export interface IndexLinksOptions {
  readonly signer: Signer
  readonly context: LinkContext
  readonly onAnswer: (query: number, answer: RouteQueryAnswer) => void
  /** What the views show of a server has changed. */
  readonly onChanged: (server: PublicKey) => void
}

interface Server {
  readonly link: ServerLink
  /** While connected. */
  reporter: IndexReporter | undefined
  /** Why it refuses to serve this card. */
  fault: Fault | undefined
}

export class IndexLinks {
  readonly #options: IndexLinksOptions
  readonly #servers = new Map<PublicKey, Server>()
  readonly #edges = new EdgeTable()
  readonly #queries: RouteQueries
  #friends: ReadonlySet<PublicKey> = new Set()
  /** New whenever the node starts; the counter orders its updates. */
  #session: RequestId
  #renewedAt = -Infinity
  #counter = 0

  constructor(options: IndexLinksOptions) {
    const { context, onAnswer } = options
    this.#options = options
    this.#session = newSession(context)
    this.#queries = new RouteQueries({
      clock: context.clock,
      onAnswer,
      isFriend: (key) => this.#friends.has(key),
      ask: (server, id, query) => this.#ask(server, id, query),
      servers: () => this.#available(),
    })
  }

  /** Connects to what is wanted and leaves what is not. */
  update({ indexServers, friends }: Pick<Connections, 'indexServers' | 'friends'>): void {
    this.#friends = new Set(friends.map(({ publicKey }) => publicKey))
    const wanted = new Map(indexServers.map(({ publicKey, address }) => [publicKey, address]))
    for (const [key, server] of this.#servers) {
      if (wanted.has(key)) continue
      this.#servers.delete(key)
      closeServer(server)
      this.#queries.serverGone(key)
    }
    for (const [key, address] of wanted) {
      const server = this.#servers.get(key)
      if (server === undefined) this.#servers.set(key, this.#open(key, address))
      else server.link.setAddresses([address])
    }
  }

  /** All edges, after the records were loaded. */
  setEdges(reports: readonly EdgeReport[]): void {
    this.#edges.setAll(reports)
    for (const { reporter } of this.#servers.values()) reporter?.reportAll(EDGES_DEBOUNCE_MS)
  }

  /** The edges with one friend have changed. */
  setFriendEdges(friend: PublicKey, reports: readonly EdgeReport[]): void {
    const changed = this.#edges.set(friend, reports)
    for (const { reporter } of this.#servers.values()) reporter?.changed(changed)
  }

  /** The network is back: servers that are not connected are dialled at once. */
  wake(): void {
    for (const { link } of this.#servers.values()) link.wake()
  }

  /** Answered by `onAnswer`, later or before this returns. */
  query(query: number, request: RouteQuery): void {
    if (this.#available().ready.length === 0) for (const { link } of this.#servers.values()) link.hurry()
    this.#queries.start(query, request)
  }

  /** Those who asked are gone. */
  forgetQueries(): void {
    this.#queries.clear()
  }

  /** For the views. */
  get(server: PublicKey): { readonly link: ServerLink; readonly fault: Fault | undefined } | undefined {
    return this.#servers.get(server)
  }

  /** Leaves all servers. Whoever asks for a route now hears that there is none. */
  close(): void {
    for (const server of this.#servers.values()) closeServer(server)
    const keys = [...this.#servers.keys()]
    this.#servers.clear()
    for (const key of keys) this.#queries.serverGone(key)
  }

  #open(key: PublicKey, address: string): Server {
    const link = new ServerLink(key, [address], INDEX_PROLOGUE, this.#options.context, {
      connected: () => {
        server.fault = undefined
        server.reporter = this.#report(key, link)
      },
      message: (bytes) => {
        const message = wire.decode(fromIndex, bytes)
        if (message.ok) this.#receive(key, server, message.value)
        else {
          const reason = message.error.message
          link.reject({ code: 'malformed', message: `The index server speaks unclearly: ${reason}.` })
        }
      },
      disconnected: () => {
        server.reporter?.close()
        server.reporter = undefined
        this.#queries.serverGone(key)
      },
      changed: () => {
        this.#options.onChanged(key)
        // A dial that failed ends the hope of those who wait for this server.
        if (link.state === 'offline') this.#queries.serverGone(key)
      },
    })
    const server: Server = { link, reporter: undefined, fault: undefined }
    return server
  }

  #report(key: PublicKey, link: ServerLink): IndexReporter {
    return new IndexReporter({
      signer: this.#options.signer,
      clock: this.#options.context.clock,
      edges: this.#edges,
      session: () => this.#session,
      nextCounter: () => ++this.#counter,
      send: (message) => link.send(message),
      onReported: () => this.#queries.serverReady(key),
    })
  }

  #receive(key: PublicKey, server: Server, message: FromIndex): void {
    switch (message.kind) {
      case 'freshness':
        server.reporter?.fresh(message.hash)
        return
      case 'routes':
        this.#queries.found(key, message.id, message.routes)
        return
      case 'noRoute':
        this.#queries.notFound(key, message.id, message.reason)
        return
      case 'refused':
        // The same card has reported from another device meanwhile: its session has ended ours (IDX-3).
        if (message.reason === 'stale') this.#renewSession()
        server.fault = server.reporter?.refused(message.reason)
        this.#options.onChanged(key)
    }
  }

  /** Not over and over: a server that says so all the time would keep the card telling everybody everything. */
  #renewSession(): void {
    const now = this.#options.context.clock.now()
    if (now - this.#renewedAt < INDEX_REFRESH_MS) return
    this.#renewedAt = now
    this.#session = newSession(this.#options.context)
    for (const { reporter } of this.#servers.values()) reporter?.reportAll(INDEX_REFUSED_RETRY_MS)
  }

  #ask(key: PublicKey, id: number, query: RouteQuery): void {
    this.#servers.get(key)?.link.send(
      toIndex.encode({
        ...query,
        kind: 'query',
        id,
      }),
    )
  }

  #available(): { readonly ready: readonly PublicKey[]; readonly connecting: boolean } {
    const servers = [...this.#servers]
    return {
      ready: servers
        .filter(([, { link, reporter }]) => link.state === 'connected' && reporter?.hasReported === true)
        .map(([key]) => key),
      connecting: servers.some(
        ([, { link, reporter }]) =>
          link.state === 'connecting' || (link.state === 'connected' && reporter?.hasReported !== true),
      ),
    }
  }
}

function closeServer({ link, reporter }: Server): void {
  reporter?.close()
  link.close()
}

function newSession({ random }: LinkContext): RequestId {
  return wire.toBase64url(random(SESSION_BYTES)) as RequestId
}
