// What the index server knows and answers, without sockets, clock or randomness of its own.
// Rules: docs/PROTOCOL.md, section 7 (IDX-n).

import type { Verifier } from '../protocol/crypto.ts'
import {
  freshnessHash,
  update as updateCodec,
  updateCheck,
  type FromIndex,
  type Query,
  type RefusalReason,
  type SignedUpdate,
  type ToIndex,
} from '../protocol/index-messages.ts'
import { invariant } from '../protocol/result.ts'
import { TokenBucket } from '../protocol/token-bucket.ts'
import type { Currency, Hash, PublicKey, Time } from '../protocol/types.ts'
import { decode } from '../protocol/wire.ts'
import {
  CLIENT_BURST_QUERIES_MAX,
  CLIENT_BURST_UPDATES_MAX,
  CLIENT_QUERIES_PER_SECOND_MAX,
  CLIENT_UPDATES_PER_SECOND_MAX,
  FRESHNESS_HASHES_MAX,
} from './limits.ts'
import { Nodes } from './nodes.ts'
import { Solver } from './solver.ts'

/** Names a connection; never used again for another one. */
export type ConnectionId = number

/** Something to say to a client. */
export interface IndexAction {
  readonly connection: ConnectionId
  readonly message: FromIndex
}

interface Client {
  readonly key: PublicKey
  readonly updates: TokenBucket
  readonly queries: TokenBucket
}

export class IndexCore {
  readonly #verifier: Verifier
  readonly #clients = new Map<ConnectionId, Client>()
  readonly #nodes = new Nodes()
  readonly #solver = new Solver()
  /** The hashes that an update may name, the latest last. */
  readonly #fresh: Hash[] = []

  /** @param random 32 random bytes for the first freshness hash. */
  constructor(verifier: Verifier, random: Uint8Array) {
    this.#verifier = verifier
    this.#publish(random)
  }

  /** Nodes that have edges here. */
  get size(): number {
    return this.#nodes.size
  }

  /** What `node` reported last that it can receive from `friend`; undefined when it is not here. */
  capacity(currency: Currency, node: PublicKey, friend: PublicKey): bigint | undefined {
    return this.#nodes.graph(currency)?.capacity(node, friend)
  }

  /** A client has proved its key. */
  opened(connection: ConnectionId, key: PublicKey, now: Time): IndexAction[] {
    invariant(!this.#clients.has(connection), 'a connection opens once')
    this.#clients.set(connection, {
      key,
      updates: new TokenBucket(CLIENT_BURST_UPDATES_MAX, CLIENT_UPDATES_PER_SECOND_MAX, now),
      queries: new TokenBucket(CLIENT_BURST_QUERIES_MAX, CLIENT_QUERIES_PER_SECOND_MAX, now),
    })
    return [{ connection, message: { kind: 'freshness', hash: this.#latest() } }]
  }

  /** A client has said something. */
  received(connection: ConnectionId, message: ToIndex, now: Time): IndexAction[] {
    const client = this.#clients.get(connection)
    if (client === undefined) return []
    switch (message.kind) {
      case 'update': {
        const refusal = this.#update(connection, client, message, now)
        return refusal === undefined ? [] : [{ connection, message: { kind: 'refused', reason: refusal } }]
      }
      case 'query':
        return [{ connection, message: this.#answer(client, message, now) }]
    }
  }

  /** A connection has ended: its node's edges go after a short grace (IDX-7). */
  closed(connection: ConnectionId, now: Time): void {
    const client = this.#clients.get(connection)
    if (client === undefined) return
    this.#clients.delete(connection)
    this.#nodes.disconnected(client.key, connection, now)
  }

  /** Every second: publishes a new freshness hash (IDX-2) and drops the nodes that fell silent (IDX-7). */
  tick(now: Time, random: Uint8Array): IndexAction[] {
    this.#publish(random)
    this.#nodes.expire(now)
    const message: FromIndex = { kind: 'freshness', hash: this.#latest() }
    return [...this.#clients.keys()].map((connection) => ({ connection, message }))
  }

  /** Takes an update, or says why not; the cheapest checks come first. */
  #update(
    connection: ConnectionId,
    client: Client,
    signed: SignedUpdate,
    now: Time,
  ): RefusalReason | undefined {
    if (!client.updates.take(1, now)) return 'tooFast'
    const decoded = decode(updateCodec, signed.body)
    if (!decoded.ok) return 'malformed'
    const update = decoded.value
    if (update.edges.some((edge) => edge.friend === update.node)) return 'malformed'
    if (update.node !== client.key) return 'notYours'
    if (!this.#fresh.includes(update.freshness)) return 'notFresh'
    const refusal = this.#nodes.refusalOf(update)
    if (refusal !== undefined) return refusal
    if (!this.#verifier.verify(updateCheck(update.node, signed))) return 'badSignature'
    this.#nodes.take(update, connection, now)
    return undefined
  }

  #answer(client: Client, query: Query, now: Time): FromIndex {
    const { id } = query
    if (!client.queries.take(1, now)) return { kind: 'noRoute', id, reason: 'overloaded' }
    const found = this.#solver.solve(this.#nodes.graph(query.currency), query)
    return found.ok
      ? { kind: 'routes', id, routes: found.routes }
      : { kind: 'noRoute', id, reason: found.reason }
  }

  /** There are no neighbours yet; federation adds their latest hashes. */
  #publish(random: Uint8Array): void {
    this.#fresh.push(freshnessHash(random, []))
    if (this.#fresh.length > FRESHNESS_HASHES_MAX) this.#fresh.shift()
  }

  #latest(): Hash {
    const hash = this.#fresh.at(-1)
    invariant(hash !== undefined, 'there is always a freshness hash')
    return hash
  }
}
