// What the index server knows and answers, without sockets, clock or randomness of its own.
// Rules: docs/PROTOCOL.md, section 8 (IDX-n).

import type { Signer, Verifier } from '../protocol/crypto.ts'
import {
  updateCheck,
  type FromIndex,
  type NoRouteReason,
  type Query,
  type RefusalReason,
  type SignedUpdate,
  type ToIndex,
} from '../protocol/index-messages.ts'
import { readUpdate } from '../protocol/read-update.ts'
import { invariant } from '../protocol/result.ts'
import { TokenBucket } from '../protocol/token-bucket.ts'
import type { Currency, PublicKey, Time } from '../protocol/types.ts'
import { fromBase64url, taggedHash } from '../protocol/wire.ts'
import { Federation } from './federation.ts'
import { Freshness } from './freshness.ts'
import {
  CLIENT_BURST_QUERIES_MAX,
  CLIENT_BURST_UPDATES_MAX,
  CLIENT_QUERIES_PER_SECOND_MAX,
  CLIENT_TOO_FAST_MAX,
  CLIENT_TOO_FAST_PER_SECOND_MAX,
  CLIENT_UPDATES_PER_SECOND_MAX,
  FRESHNESS_EVERY_MS,
  LEARNING_MS,
  QUERY_EDGE_WORK,
  QUERY_TOKEN_EDGES,
  QUERY_WORK,
  RESERVE_MS,
  SEARCH_EDGES_MAX,
  UPDATE_BYTE_WORK,
  UPDATE_WORK,
} from './limits.ts'
import { newCounts } from './counts.ts'
import { NetworkWork } from './network-work.ts'
import { Nodes } from './nodes.ts'
import { Reservations } from './reservations.ts'
import { snapshotOf } from './snapshot.ts'
import { Solver } from './solver.ts'

/** Names a connection; never used again for another one. */
export type ConnectionId = number

/** Something to say to a client. */
export interface IndexAction {
  readonly connection: ConnectionId
  readonly message: FromIndex
  /** The connection ends after it. */
  readonly isLast?: boolean
}

type Answer = Extract<FromIndex, { readonly kind: 'routes' | 'noRoute' }>

interface Client {
  readonly key: PublicKey
  /** From where it comes; undefined when that is not counted. */
  readonly network: string | undefined
  readonly updates: TokenBucket
  readonly queries: TokenBucket
  /** How often it may still be told that it is too fast. */
  readonly refusals: TokenBucket
  /** Whether its last message was more than that: whoever minds no answer is not served any more (IDX-8). */
  isTooMuch: boolean
}

export interface IndexCoreOptions {
  /** Whether it shares with other servers. */
  readonly federates?: boolean
  /** How long what an answer uses is left to its client; 0: not at all. */
  readonly reserveMs?: number | undefined
  /** The nodes that this server knew before it started. */
  readonly restored?: Nodes | undefined
}

export class IndexCore {
  /** What goes to and comes from other servers; missing when this one has nothing to do with any. */
  readonly federation: Federation | undefined
  /** What became of the clients' messages, since the start. */
  readonly counts = newCounts()
  readonly #verifier: Verifier
  readonly #clients = new Map<ConnectionId, Client>()
  /** How many connections a key has. */
  readonly #connectionsOf = new Map<PublicKey, number>()
  readonly #nodes: Nodes
  readonly #solver = new Solver()
  readonly #reservations: Reservations
  readonly #freshness = new Freshness()
  readonly #work = new NetworkWork()
  #ticks = 0

  /**
   * @param random 32 random bytes: for the first freshness hash and the tables; nobody can compute them.
   */
  constructor(verifier: Verifier, random: Uint8Array, options: IndexCoreOptions = {}) {
    const { federates = false, reserveMs = RESERVE_MS, restored } = options
    this.#verifier = verifier
    this.#reservations = new Reservations(reserveMs)
    this.#nodes = restored ?? new Nodes(new DataView(random.buffer, random.byteOffset).getBigUint64(0))
    // Other servers hear what a freshness hash is made of: that must not tell the seed of the tables.
    this.#freshness.publish(fromBase64url(taggedHash('offst/first-freshness/v1', random)), [])
    if (!federates) return
    this.federation = new Federation({
      verifier,
      nodes: this.#nodes,
      freshness: this.#freshness,
      isClient: (node) => this.#connectionsOf.has(node),
    })
  }

  /** Nodes that have edges here. */
  get size(): number {
    return this.#nodes.size
  }

  /** Edges that they report, at either end. */
  get reports(): number {
    return this.#nodes.reports
  }

  /** What `node` reported last that it can receive from `friend`; undefined when it is not here. */
  capacity(currency: Currency, node: PublicKey, friend: PublicKey): bigint | undefined {
    return this.#nodes.graph(currency)?.capacity(node, friend)
  }

  /** What to keep of its nodes for the time after a restart (IDX-26), in pieces. */
  snapshot(signer: Signer): Iterable<Uint8Array> {
    return snapshotOf(this.#nodes, signer)
  }

  /**
   * A client has proved its key.
   * @param network from where it comes, if that is counted: the nodes of a network share what there is for one.
   */
  opened(connection: ConnectionId, key: PublicKey, now: Time, network?: string): IndexAction[] {
    invariant(!this.#clients.has(connection), 'a connection opens once')
    this.#clients.set(connection, {
      key,
      network,
      updates: new TokenBucket(CLIENT_BURST_UPDATES_MAX, CLIENT_UPDATES_PER_SECOND_MAX, now),
      queries: new TokenBucket(CLIENT_BURST_QUERIES_MAX, CLIENT_QUERIES_PER_SECOND_MAX, now),
      // The last refusal is the one that ends it.
      refusals: new TokenBucket(CLIENT_TOO_FAST_MAX - 1, CLIENT_TOO_FAST_PER_SECOND_MAX, now),
      isTooMuch: false,
    })
    this.#connectionsOf.set(key, (this.#connectionsOf.get(key) ?? 0) + 1)
    return [{ connection, message: { kind: 'freshness', hash: this.#freshness.latest } }]
  }

  /** A client has said something. */
  received(connection: ConnectionId, message: ToIndex, now: Time): IndexAction[] {
    const client = this.#clients.get(connection)
    if (client === undefined) return []
    switch (message.kind) {
      case 'update': {
        const refusal = this.#update(connection, client, message, now)
        this.counts.updates[refusal ?? 'taken'] += 1
        if (refusal === undefined) return []
        return [{ connection, message: { kind: 'refused', reason: refusal }, isLast: client.isTooMuch }]
      }
      case 'query': {
        const answer = this.#answer(client, message, now)
        this.counts.queries[answer.kind === 'noRoute' ? answer.reason : 'answered'] += 1
        return [{ connection, message: answer, isLast: client.isTooMuch }]
      }
    }
  }

  /**
   * What a client has said last took so long: what is more than was estimated counts, too (IDX-28).
   * @param us microseconds.
   */
  took(connection: ConnectionId, us: number): void {
    this.#work.measured(this.#clients.get(connection)?.network, us)
  }

  /** A connection has ended: its node's edges go after a short grace (IDX-7). */
  closed(connection: ConnectionId, now: Time): void {
    const client = this.#clients.get(connection)
    if (client === undefined) return
    this.#clients.delete(connection)
    const left = (this.#connectionsOf.get(client.key) ?? 1) - 1
    if (left === 0) this.#connectionsOf.delete(client.key)
    else this.#connectionsOf.set(client.key, left)
    this.#nodes.disconnected(client.key, connection, now)
  }

  /** Every second: publishes a new freshness hash (IDX-2) and drops the nodes that fell silent (IDX-7). */
  tick(now: Time, random: Uint8Array): IndexAction[] {
    this.#ticks += 1
    this.#freshness.publish(random, this.federation?.hashes ?? [])
    this.federation?.published()
    const gone = this.#nodes.expire(now)
    this.federation?.left(gone, now)
    this.#reservations.expire(now)
    this.#work.expire(now)
    const message: FromIndex = { kind: 'freshness', hash: this.#freshness.latest }
    return [...this.#clients.keys()].map((connection) => ({ connection, message }))
  }

  /** Takes an update, or says why not; the cheapest checks come first. */
  #update(
    connection: ConnectionId,
    client: Client,
    signed: SignedUpdate,
    now: Time,
  ): RefusalReason | undefined {
    const work = UPDATE_WORK + UPDATE_BYTE_WORK * signed.body.length
    if (!this.#isInTime(client, client.updates, work, now)) return 'tooFast'
    const decoded = readUpdate(signed.body)
    if (!decoded.ok) return 'malformed'
    const update = decoded.value
    if (update.edges.some((edge) => edge.friend === update.node)) return 'malformed'
    if (update.node !== client.key) return 'notYours'
    if (this.#freshness.listOf(update.freshness) === undefined) return 'notFresh'
    const refusal = this.#nodes.refusalOf(update, client.network)
    if (refusal !== undefined) return refusal
    // Another server was faster with something newer.
    if (this.#nodes.knows(update, signed, true)) return undefined
    if (!this.#verifier.verify(updateCheck(update.node, signed))) return 'badSignature'
    const origin = { source: connection, network: client.network }
    this.#nodes.take(update, origin, now, this.federation === undefined ? undefined : signed)
    this.federation?.told(update, signed, now)
    return undefined
  }

  #answer(client: Client, query: Query, now: Time): Answer {
    const { id } = query
    if (!this.#isInTime(client, client.queries, QUERY_WORK, now)) {
      return { kind: 'noRoute', id, reason: 'overloaded' }
    }
    const graph = this.#nodes.graph(query.currency)
    const reserved = this.#reservations
    const found = this.#solver.solve(graph, query, SEARCH_EDGES_MAX, (edges) =>
      reserved.byOthers(client.key, graph, edges, now),
    )
    client.queries.charge(this.#solver.work / QUERY_TOKEN_EDGES)
    this.#work.charge(client.network, QUERY_EDGE_WORK * this.#solver.work)
    if (!found.ok) return { kind: 'noRoute', id, reason: this.#believable(found.reason) }
    // Whoever asks for the most wants to know, not to pay.
    if (query.amount !== undefined) reserved.add(client.key, graph, query, found.loads, now)
    return { kind: 'routes', id, routes: found.routes }
  }

  /** Whether the client's bucket lets one more message pass, and its network may make so much work. */
  #isInTime(client: Client, bucket: TokenBucket, work: number, now: Time): boolean {
    const isTaken = bucket.take(1, now) && this.#work.begin(client.network, work, now)
    client.isTooMuch = !isTaken && !client.refusals.take(1, now)
    return isTaken
  }

  /** Who has not heard of all nodes cannot say that there is no way (IDX-11). */
  #believable(reason: NoRouteReason): NoRouteReason {
    const isLearning = this.federation !== undefined && this.#ticks * FRESHNESS_EVERY_MS < LEARNING_MS
    return isLearning && reason !== 'overloaded' ? 'learning' : reason
  }
}
