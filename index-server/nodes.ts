// The nodes that an index server knows: whose update is the newest, what it reported, and when it disappears.

import type { Gone } from '../protocol/federation-messages.ts'
import type { EdgeReport, RefusalReason, SignedUpdate, Update } from '../protocol/index-messages.ts'
import { INDEX_SILENT_MS_MAX, OLD_SESSIONS_MAX } from '../protocol/limits.ts'
import { invariant } from '../protocol/result.ts'
import type { KnownNode } from '../protocol/snapshot-pieces.ts'
import type { Currency, PublicKey, RequestId, Time } from '../protocol/types.ts'
import { CurrencyGraph } from './graph.ts'
import { KeyedHash } from './keyed-hash.ts'
import {
  DISCONNECT_GRACE_MS,
  EDGE_BYTES_MAX,
  FORWARDED_LOG_WASTE_MAX,
  NODE_REPORTS_MAX,
  NODES_MAX,
} from './limits.ts'
import { Holding, Shares } from './shares.ts'
import { UpdateLog, type Change, type EdgeName } from './update-log.ts'

/** Who brought an update: the connection of the node itself, or the key of a neighbour. */
export type Source = number | PublicKey

export interface Origin {
  readonly source: Source
  /** The network of a client; undefined when it is not counted, and of neighbours. */
  readonly network?: string | undefined
}

interface NodeRecord {
  session: RequestId
  /** The largest that was proved to be fresh. */
  counter: number
  /** The largest that the node itself brought here; -1 before. */
  said: number
  /** Sessions that ended, the latest last. */
  readonly oldSessions: RequestId[]
  /** Who brought the newest update first. */
  source: Source
  heard: Time
  /** Whether its edges are here: from a full update until they are dropped. */
  isPresent: boolean
  /** Whether only a fresh update counts: its server saw it leave, or nothing came of it since this server started. */
  needsProof: boolean
  readonly held: Holding
  log: UpdateLog
  /** When one of its updates was passed on to all neighbours; 0 when one was left out since, or the node left somewhere. */
  passed: Time
}

/** Of nodes without updates to keep: a server that shares with nobody has many, and no other. */
const NO_UPDATES = new UpdateLog()

export class Nodes {
  /** In the order in which they were heard last. */
  readonly #records = new Map<PublicKey, NodeRecord>()
  /** Nodes whose connection has ended, and when their edges go; in this order. */
  readonly #leaving = new Map<PublicKey, Time>()
  /** Nodes whose edges are what this server knew before it started, and when they were heard then; in this order. */
  readonly #restored = new Map<PublicKey, Time>()
  readonly #graphs = new Map<Currency, CurrencyGraph>()
  /** For the graphs' tables. */
  readonly #hash: KeyedHash
  readonly #shares = new Shares()
  #present = 0

  /** @param seed 64 bits that nobody outside knows: they decide nothing but where tables keep things. */
  constructor(seed = 0n) {
    this.#hash = new KeyedHash(seed)
  }

  /** Edges that they report, at either end. */
  get reports(): number {
    return this.#shares.reports
  }

  /** Nodes that have edges here. */
  get size(): number {
    return this.#present + this.#restored.size
  }

  graph(currency: Currency): CurrencyGraph | undefined {
    return this.#graphs.get(currency)
  }

  /**
   * Why a node's own update cannot be taken, as far as its place in the order and the limits go (IDX-3, IDX-8).
   * @param network from where it comes; undefined when that is not counted.
   */
  refusalOf(update: Update, network?: string): RefusalReason | undefined {
    const record = this.#records.get(update.node)
    if (record?.session === update.session && update.counter <= record.said) return 'stale'
    if (record?.oldSessions.includes(update.session) === true) return 'stale'
    if (!update.full && (record?.session !== update.session || !record.isPresent)) return 'needFull'
    if (!update.full && record?.log.isBloatedBy(this.#loggedBytes(update)) === true) return 'needFull'
    return this.#limitReached(update, network)
  }

  /** Whether a forwarded update would be more than there is room for. */
  isTooMuch(update: Update): boolean {
    const log = this.#records.get(update.node)?.log
    const bytes = this.#loggedBytes(update)
    if (log?.isBloatedBy(bytes, FORWARDED_LOG_WASTE_MAX) === true && !update.full) return true
    return this.#limitReached(update, undefined) !== undefined
  }

  /** Whether the update belongs to a session that another one has followed. */
  hasEnded({ node, session }: Update): boolean {
    return this.#records.get(node)?.oldSessions.includes(session) === true
  }

  /** Whether fresh updates of this session were taken, and its node has not left since. */
  isLive({ node, session }: Update): boolean {
    const record = this.#records.get(node)
    return record?.session === session && !record.needsProof
  }

  /** Whether the update tells nothing that is not known, be it proved to be fresh or not. */
  knows(update: Update, signed: SignedUpdate, isProven: boolean): boolean {
    const record = this.#records.get(update.node)
    if (record?.session !== update.session) return false
    if (isProven && update.counter > record.counter) return false
    return record.needsProof || !record.log.hasNews(update, signed)
  }

  /**
   * Takes an update that is fresh, and that the questions above let pass; its signature holds.
   * @param signed to keep it for other servers.
   */
  take(update: Update, { source, network }: Origin, now: Time, signed?: SignedUpdate): void {
    const { node } = update
    const record = this.#records.get(node) ?? fresh(update)
    if (record.session !== update.session) this.#beginSession(node, record, update.session)
    if (typeof source === 'number') record.said = update.counter
    if (update.counter > record.counter || record.needsProof) {
      record.source = source
      record.needsProof = false
      this.#shares.move(record.held, network)
    }
    record.counter = Math.max(record.counter, update.counter)
    record.heard = now
    // Deleted first, so that it becomes the last in the order.
    this.#records.delete(node)
    this.#records.set(node, record)
    this.#leaving.delete(node)
    this.#apply(record, update, signed)
  }

  /** Takes an update of a live session of which nobody knows how old it is (IDX-18). */
  learn(update: Update, signed: SignedUpdate): void {
    const record = this.#records.get(update.node)
    invariant(record !== undefined && this.isLive(update), 'only of live sessions more can be learned')
    this.#apply(record, update, signed)
  }

  /** Of the updates that count; undefined while there is no full one. */
  digest(node: PublicKey): bigint | undefined {
    const record = this.#records.get(node)
    return record?.isPresent === true ? record.log.digest : undefined
  }

  /** The updates that count, the oldest first; undefined while there is no full one. */
  updates(node: PublicKey): SignedUpdate[] | undefined {
    const record = this.#records.get(node)
    return record?.isPresent === true ? record.log.updates() : undefined
  }

  /** Whether a neighbour whose newest update this is too, and who has this digest, knows something else of the node. */
  lacks({ node, session, counter }: Update, digest: bigint | undefined): boolean {
    const record = this.#records.get(node)
    if (record?.session !== session || record.counter !== counter || record.needsProof) return false
    if (!record.isPresent) return true
    return digest !== undefined && digest !== record.log.digest
  }

  /** When an update of the node was passed on to all neighbours the last time; 0 when one was left out since, or the node left somewhere. */
  passed(node: PublicKey): Time {
    return this.#records.get(node)?.passed ?? 0
  }

  /** @param now 0 when the next sign of life must not be kept back. */
  pass(node: PublicKey, now: Time): void {
    const record = this.#records.get(node)
    if (record !== undefined) record.passed = now
  }

  isKnown(node: PublicKey): boolean {
    return this.#records.has(node)
  }

  /** The connection of a client with this key has ended. */
  disconnected(node: PublicKey, connection: number, now: Time): void {
    const record = this.#records.get(node)
    if (record?.source === connection && record.isPresent) {
      this.#leaving.set(node, now + DISCONNECT_GRACE_MS)
    }
  }

  /** A neighbour says that the node has left; false when that is not for him to say, or is known. */
  left({ node, session, counter }: Gone, neighbour: PublicKey): boolean {
    const record = this.#records.get(node)
    if (record?.session !== session || record.source !== neighbour) return false
    if (counter < record.counter || record.needsProof) return false
    this.#leave(node, record)
    return true
  }

  /**
   * Drops the edges of nodes that have left, and forgets those that fell silent. A node that has left is
   * remembered until it would have fallen silent, so that its old updates cannot come back while they are fresh.
   * @returns those that have left.
   */
  expire(now: Time): Gone[] {
    const gone: Gone[] = []
    for (const [node, at] of this.#leaving) {
      if (at > now) break
      this.#leaving.delete(node)
      const record = this.#records.get(node)
      if (record === undefined) continue
      this.#leave(node, record)
      gone.push({ node, session: record.session, counter: record.counter })
    }
    for (const [node, heard] of this.#restored) {
      if (now - heard < INDEX_SILENT_MS_MAX) break
      const record = this.#records.get(node)
      if (record !== undefined) this.#dropEdges(node, record)
    }
    for (const [node, record] of this.#records) {
      if (now - record.heard < INDEX_SILENT_MS_MAX) break
      this.#dropAll(node, record)
      this.#records.delete(node)
      this.#leaving.delete(node)
    }
    return gone
  }

  /**
   * Every node and its edges, those heard longest ago first. Updates may be taken while the caller pauses: each node
   * is as it is when its turn comes, but `heard` as at the beginning, so that the order holds.
   */
  *known(): Generator<KnownNode & { readonly edges: readonly EdgeReport[] }> {
    const heard = new Float64Array(this.#records.size)
    const nodes: PublicKey[] = []
    for (const [node, record] of this.#records) heard[nodes.push(node) - 1] = record.heard
    for (const [place, node] of nodes.entries()) {
      const record = this.#records.get(node)
      if (record === undefined) continue
      const { session, counter, oldSessions } = record
      // Whoever is about to go would come back for a minute.
      const edges = this.#leaving.has(node) ? [] : this.#edgesOf(node, record)
      const lastHeard = this.#restored.get(node) ?? heard[place] ?? 0
      yield { node, session, counter, oldSessions: [...oldSessions], heard: lastHeard, edges }
    }
  }

  /** Takes what this server knew of a node before it started, unless it is too old, or from a future of the clock. */
  restore({ node, session, counter, oldSessions, heard }: KnownNode, now: Time): void {
    if (heard > now || now - heard >= INDEX_SILENT_MS_MAX) return
    if (this.#records.has(node) || this.#records.size >= NODES_MAX) return
    const record = { ...fresh({ session }), counter, said: counter, heard, needsProof: true }
    record.oldSessions.push(...oldSessions)
    this.#records.set(node, record)
  }

  /** More edges of a node that was restored: they are there until it reports all anew, or is silent for too long. */
  restoreEdges(node: PublicKey, edges: readonly EdgeReport[]): void {
    const record = this.#records.get(node)
    if (record === undefined || record.held.reports + edges.length > NODE_REPORTS_MAX) return
    if (!this.#shares.haveRoom(record.held, undefined, record.held.reports + edges.length, 0)) return
    if (!this.#shares.haveRoomForCurrencies(undefined, currenciesOf(edges))) return
    this.#restored.set(node, record.heard)
    this.#set(node, record, edges)
  }

  #edgesOf(node: PublicKey, record: NodeRecord): EdgeReport[] {
    const edges: EdgeReport[] = []
    for (const currency of record.held.currencies.keys()) {
      const graph = this.#graphs.get(currency)
      if (graph === undefined) continue
      for (const report of graph.reportsOf(graph.node(node))) {
        const friend = graph.key(graph.friend(report))
        edges.push({ friend, currency, capacity: graph.capacityOf(report), rate: graph.rate(report) })
      }
    }
    return edges
  }

  #limitReached(update: Update, network: string | undefined): RefusalReason | undefined {
    const record = this.#records.get(update.node)
    if (record === undefined && this.#records.size >= NODES_MAX) return 'overloaded'
    const { held, log } = record ?? { held: new Holding(), log: NO_UPDATES }
    const kept = update.full ? 0 : Math.max(held.reports, log.edgeCount)
    const limitBroken = (edges: number): RefusalReason | undefined => {
      if (edges > NODE_REPORTS_MAX) return 'tooManyEdges'
      return this.#shares.haveRoom(held, network, edges, this.#loggedBytes(update)) ? undefined : 'overloaded'
    }
    // Which of the edges are new is only looked up when it matters.
    let broken = limitBroken(kept + update.edges.length)
    if (broken !== undefined && !update.full) broken = limitBroken(kept + this.#countNew(update))
    if (broken !== undefined) return broken
    // Who comes from another network brings along what he has.
    const currencies = currenciesOf(update.edges)
    if (!update.full && held.network !== network) currencies.push(...held.currencies.keys())
    return this.#shares.haveRoomForCurrencies(network, currencies) ? undefined : 'overloaded'
  }

  #countNew(update: Update): number {
    return update.edges.filter((edge) => this.graph(edge.currency)?.has(update.node, edge.friend) !== true)
      .length
  }

  /** Bytes that the update adds to the logs, nearly: signs of life are not kept. */
  #loggedBytes(update: Update): number {
    return update.edges.length * EDGE_BYTES_MAX
  }

  #beginSession(node: PublicKey, record: NodeRecord, session: RequestId): void {
    record.oldSessions.push(record.session)
    if (record.oldSessions.length > OLD_SESSIONS_MAX) record.oldSessions.shift()
    this.#dropAll(node, record)
    record.session = session
    record.counter = record.said = -1
  }

  /** Sets the edges of which no later update has said anything, and removes those that a full one undoes. */
  #apply(record: NodeRecord, update: Update, signed: SignedUpdate | undefined): void {
    if (signed !== undefined && !record.log.hasNews(update, signed)) return
    const change = signed === undefined ? undefined : this.#logged(record, update, signed)
    if (record.isPresent && (change !== undefined || !update.full)) {
      this.#delete(update.node, record, change?.undone ?? [])
      this.#set(update.node, record, change?.news ?? update.edges)
    } else if (update.full) {
      this.#dropEdges(update.node, record)
      record.isPresent = true
      this.#present++
      this.#set(update.node, record, change === undefined ? update.edges : record.log.edges(change.news))
    }
  }

  /** Keeps the update for neighbours. */
  #logged(record: NodeRecord, update: Update, signed: SignedUpdate): Change {
    if (record.log === NO_UPDATES) record.log = new UpdateLog()
    const { log } = record
    const change = log.add(update, signed)
    this.#shares.log(record.held, log.bytes - record.held.logBytes)
    return change
  }

  #delete(node: PublicKey, record: NodeRecord, names: readonly EdgeName[]): void {
    for (const { friend, currency } of names) {
      const graph = this.#graphs.get(currency)
      if (graph?.delete(node, friend) !== true) continue
      this.#shares.report(record.held, currency, -1)
      this.#shrink(currency, graph)
    }
  }

  #set(node: PublicKey, record: NodeRecord, edges: Iterable<EdgeReport>): void {
    for (const edge of edges) {
      const graph = this.#graphs.get(edge.currency) ?? new CurrencyGraph(this.#hash)
      this.#graphs.set(edge.currency, graph)
      const before = graph.size
      graph.set(node, edge.friend, edge.capacity, edge.rate)
      this.#shares.report(record.held, edge.currency, graph.size - before)
    }
  }

  #shrink(currency: Currency, graph: CurrencyGraph): void {
    if (graph.size === 0) this.#graphs.delete(currency)
    else if (graph.isWasteful) this.#graphs.set(currency, graph.copy())
  }

  #leave(node: PublicKey, record: NodeRecord): void {
    this.#dropAll(node, record)
    record.needsProof = true
    record.passed = 0
  }

  #dropAll(node: PublicKey, record: NodeRecord): void {
    this.#dropEdges(node, record)
    this.#shares.log(record.held, -record.held.logBytes)
    record.log = NO_UPDATES
  }

  #dropEdges(node: PublicKey, record: NodeRecord): void {
    for (const currency of [...record.held.currencies.keys()]) {
      const graph = this.#graphs.get(currency)
      if (graph === undefined) continue
      this.#shares.report(record.held, currency, -graph.forget(node))
      this.#shrink(currency, graph)
    }
    invariant(record.held.reports === 0, 'a node without edges has no reports')
    this.#restored.delete(node)
    if (record.isPresent) this.#present--
    record.isPresent = false
  }
}

function currenciesOf(edges: readonly EdgeReport[]): Currency[] {
  return edges.map(({ currency }) => currency)
}

function fresh({ session }: Pick<Update, 'session'>): NodeRecord {
  return {
    session,
    counter: -1,
    said: -1,
    oldSessions: [],
    source: 0,
    heard: 0,
    isPresent: false,
    needsProof: false,
    held: new Holding(),
    log: NO_UPDATES,
    passed: 0,
  }
}
