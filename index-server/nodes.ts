// The nodes that an index server knows: whose update is the newest, what it reported, and when it disappears.

import type { RefusalReason, Update } from '../protocol/index-messages.ts'
import { INDEX_SILENT_MS_MAX } from '../protocol/limits.ts'
import { invariant } from '../protocol/result.ts'
import type { Currency, PublicKey, RequestId, Time } from '../protocol/types.ts'
import { CurrencyGraph } from './graph.ts'
import { DISCONNECT_GRACE_MS, NODE_REPORTS_MAX, NODES_MAX, OLD_SESSIONS_MAX, REPORTS_MAX } from './limits.ts'

interface NodeRecord {
  session: RequestId
  counter: number
  /** Sessions that ended, the latest last. */
  readonly oldSessions: RequestId[]
  /** The connection that brought the last update. */
  connection: number
  heard: Time
  /** Whether its edges are here: from a full update until they are dropped. */
  isPresent: boolean
  reports: number
  readonly currencies: Set<Currency>
}

export class Nodes {
  /** In the order in which they were heard last. */
  readonly #records = new Map<PublicKey, NodeRecord>()
  /** Nodes whose connection has ended, and when their edges go; in this order. */
  readonly #leaving = new Map<PublicKey, Time>()
  readonly #graphs = new Map<Currency, CurrencyGraph>()
  #reports = 0
  #present = 0

  /** Nodes that have edges here. */
  get size(): number {
    return this.#present
  }

  graph(currency: Currency): CurrencyGraph | undefined {
    return this.#graphs.get(currency)
  }

  /** Why this update cannot be taken, as far as its place in the order and the limits go (IDX-3, IDX-8). */
  refusalOf(update: Update): RefusalReason | undefined {
    const record = this.#records.get(update.node)
    if (record?.session === update.session && update.counter <= record.counter) return 'stale'
    if (record?.oldSessions.includes(update.session) === true) return 'stale'
    if (!update.full && (record?.session !== update.session || !record.isPresent)) return 'needFull'
    if (record === undefined && this.#records.size >= NODES_MAX) return 'overloaded'

    const kept = update.full ? 0 : (record?.reports ?? 0)
    const added = update.full ? update.edges.length : this.#countNew(update)
    if (kept + added > NODE_REPORTS_MAX) return 'tooManyEdges'
    if (this.#reports - (record?.reports ?? 0) + kept + added > REPORTS_MAX) return 'overloaded'
    return undefined
  }

  /** Takes an update that `refusalOf` let pass and whose signature holds. */
  take(update: Update, connection: number, now: Time): void {
    const { node } = update
    const record = this.#records.get(node) ?? fresh(update)
    if (record.session !== update.session) {
      record.oldSessions.push(record.session)
      if (record.oldSessions.length > OLD_SESSIONS_MAX) record.oldSessions.shift()
      record.session = update.session
    }
    record.counter = update.counter
    record.connection = connection
    record.heard = now
    // Deleted first, so that it becomes the last in the order.
    this.#records.delete(node)
    this.#records.set(node, record)
    this.#leaving.delete(node)

    if (update.full) {
      this.#dropEdges(node, record)
      record.isPresent = true
      this.#present++
    }
    for (const edge of update.edges) {
      const graph = this.#graphs.get(edge.currency) ?? new CurrencyGraph()
      this.#graphs.set(edge.currency, graph)
      const before = graph.size
      graph.set(node, edge.friend, edge.capacity, edge.rate)
      record.currencies.add(edge.currency)
      record.reports += graph.size - before
      this.#reports += graph.size - before
    }
  }

  /** The connection of a client with this key has ended. */
  disconnected(node: PublicKey, connection: number, now: Time): void {
    const record = this.#records.get(node)
    if (record?.connection === connection && record.isPresent) {
      this.#leaving.set(node, now + DISCONNECT_GRACE_MS)
    }
  }

  /**
   * Drops the edges of nodes that have left, and forgets those that fell silent. A node that has left is
   * remembered until it would have fallen silent, so that its old updates cannot come back while they are fresh.
   */
  expire(now: Time): void {
    for (const [node, at] of this.#leaving) {
      if (at > now) break
      this.#leaving.delete(node)
      const record = this.#records.get(node)
      if (record !== undefined) this.#dropEdges(node, record)
    }
    for (const [node, record] of this.#records) {
      if (now - record.heard < INDEX_SILENT_MS_MAX) break
      this.#dropEdges(node, record)
      this.#records.delete(node)
      this.#leaving.delete(node)
    }
  }

  #countNew(update: Update): number {
    return update.edges.filter((edge) => this.graph(edge.currency)?.has(update.node, edge.friend) !== true)
      .length
  }

  #dropEdges(node: PublicKey, record: NodeRecord): void {
    for (const currency of record.currencies) {
      const graph = this.#graphs.get(currency)
      if (graph === undefined) continue
      const count = graph.forget(node)
      record.reports -= count
      this.#reports -= count
      if (graph.size === 0) this.#graphs.delete(currency)
    }
    invariant(record.reports === 0, 'a node without edges has no reports')
    record.currencies.clear()
    if (record.isPresent) this.#present--
    record.isPresent = false
  }
}

function fresh(update: Update): NodeRecord {
  const { session, counter } = update
  return {
    session,
    counter,
    oldSessions: [],
    connection: 0,
    heard: 0,
    isPresent: false,
    reports: 0,
    currencies: new Set(),
  }
}
