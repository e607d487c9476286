// What one index server keeps, and what it lets its clients take of it.

import { CURRENCIES_MAX, FRIENDS_MAX, INDEX_REFRESH_MS, INDEX_SILENT_MS_MAX } from '../protocol/limits.ts'
import { invariant } from '../protocol/result.ts'

/** Clients connected at once. */
export const CLIENTS_MAX = 20_000
/** Connections that have not finished their handshake. */
export const HANDSHAKES_MAX = 1_000
/** Bytes that wait for a receiver which does not read: it is disconnected. */
export const QUEUE_BYTES_MAX = 4_194_304

/** How often the server publishes a new freshness hash. */
export const FRESHNESS_EVERY_MS = 1_000
/** Hashes that an update may name: a fresh one, as old as the slowest link may make it. */
export const FRESHNESS_HASHES_MAX = 15
/** A node whose connection ends keeps its edges this long, so that a short break is not seen. */
export const DISCONNECT_GRACE_MS = 5_000
/** Ended sessions remembered of each known node. */
export const OLD_SESSIONS_MAX = 8

/** Edges that one node reports, all currencies together. */
export const NODE_REPORTS_MAX = FRIENDS_MAX * CURRENCIES_MAX
/** Nodes known at once. */
export const NODES_MAX = 1_000_000
/** Edges reported by all nodes together: about 60 bytes each, and 100 for finding it again. */
export const REPORTS_MAX = 5_000_000

/** Updates that one client may send at once: a full one of a big node in all its pieces. */
export const CLIENT_BURST_UPDATES_MAX = 100
export const CLIENT_UPDATES_PER_SECOND_MAX = 10
export const CLIENT_BURST_QUERIES_MAX = 50
export const CLIENT_QUERIES_PER_SECOND_MAX = 10
/** Edges that one search looks at: about half a second. */
export const SEARCH_EDGES_MAX = 500_000

invariant(INDEX_SILENT_MS_MAX > 2 * INDEX_REFRESH_MS, 'one lost refresh must not make a node disappear')
invariant(
  INDEX_SILENT_MS_MAX > FRESHNESS_HASHES_MAX * FRESHNESS_EVERY_MS,
  'a node must be remembered until its old updates are no longer fresh',
)
