// What one index server keeps, and what it lets its clients take of it.

import {
  CURRENCIES_MAX,
  FEDERATION_HOPS_MAX,
  FRIENDS_MAX,
  INDEX_REFRESH_MS,
  INDEX_SILENT_MS_MAX,
} from '../protocol/limits.ts'
import { invariant } from '../protocol/result.ts'

/** Clients connected at once. */
export const CLIENTS_MAX = 20_000
/** Connections that have not finished their handshake. */
export const HANDSHAKES_MAX = 1_000
/** Bytes that wait for a client which does not read: it is disconnected. The largest answer has some 17,000. */
export const CLIENT_QUEUE_BYTES_MAX = 262_144
/** The same for a neighbour. */
export const NEIGHBOUR_QUEUE_BYTES_MAX = 4_194_304

/** How often the server publishes a new freshness hash. */
export const FRESHNESS_EVERY_MS = 1_000
/** Hashes that an update may name: a fresh one, as old as the slowest link may make it. */
export const FRESHNESS_HASHES_MAX = 15
/** A node whose connection ends keeps its edges this long, so that a short break is not seen. */
export const DISCONNECT_GRACE_MS = 5_000

/** Edges that one node reports, all currencies together. */
export const NODE_REPORTS_MAX = FRIENDS_MAX * CURRENCIES_MAX
/** Nodes known at once. */
export const NODES_MAX = 1_000_000
/** Edges reported by all nodes together: 80 bytes each, or 220 when it is the only one of its friend. */
export const REPORTS_MAX = 5_000_000
/** Currencies in which there are edges: some 6,000 bytes each, however few they are. */
export const CURRENCIES_KNOWN_MAX = 50_000
/** Edges that the clients of one network (an IPv4 address, a /64 of IPv6) report together: a village has as many. */
export const NETWORK_REPORTS_MAX = 100_000
/** Currencies of these edges. */
export const NETWORK_CURRENCIES_MAX = 1_000

/** Updates that one client may send at once: a full one of a big node in all its pieces. */
export const CLIENT_BURST_UPDATES_MAX = 100
export const CLIENT_UPDATES_PER_SECOND_MAX = 10
export const CLIENT_BURST_QUERIES_MAX = 50
export const CLIENT_QUERIES_PER_SECOND_MAX = 10
/** A query costs its client one more token for so many edges that it made the server look at: some 10 ms. */
export const QUERY_TOKEN_EDGES = 50_000
/** A client that was told so often that it is too fast, and goes on, is disconnected. */
export const CLIENT_TOO_FAST_MAX = 200
/** So many of these are forgotten per second. */
export const CLIENT_TOO_FAST_PER_SECOND_MAX = 1
/** Edges that one query looks at: some 100 ms. */
export const SEARCH_EDGES_MAX = 500_000

/** Work that the clients of one network make, in microseconds of a processor as estimated below: a fifth of one. */
export const NETWORK_WORK_PER_SECOND_MAX = 200_000
/** The same at once: a village that comes back after its router did. */
export const NETWORK_WORK_BURST_MAX = 2_000_000
/** An update, most of it for its signature; and each of its bytes, as if all edges were in new currencies. */
export const UPDATE_WORK = 200
export const UPDATE_BYTE_WORK = 0.25
/** A query, and each edge that it makes the server look at; what takes longer is counted as it was (IDX-28). */
export const QUERY_WORK = 1_000
export const QUERY_EDGE_WORK = 0.2

/** What an answer uses is left to its client this long: until he pays and those on the way have reported it. */
export const RESERVE_MS = 3_000
/** Answers of which that is remembered for one client. */
export const CLIENT_RESERVATIONS_MAX = 8
/** Edges of all answers that are remembered: looking through all of them takes a few milliseconds. */
export const RESERVED_EDGES_MAX = 16_384

/** Seconds that a hash ages on its way over one more server: the pauses between two hashes, and a slow link. */
const HOP_FRESHNESS = 3
/** A sign of life is passed on when nothing of its node was for so long: it may have several servers. */
export const SIGN_OF_LIFE_PAUSE_MS = INDEX_REFRESH_MS / 2
/** After so long at the latest a server that has started has heard a sign of life of every node of the others. */
export const LEARNING_MS = INDEX_REFRESH_MS + SIGN_OF_LIFE_PAUSE_MS + 5_000
/** Own hashes kept, to which the proofs of neighbours may lead: those that nodes may name, aged by all servers on the way. */
export const FRESHNESS_KEPT_MAX = FRESHNESS_HASHES_MAX + HOP_FRESHNESS * FEDERATION_HOPS_MAX
/** Bytes of one edge in an update: the friend's key, currency, capacity and rate. */
export const EDGE_BYTES_MAX = 73
/** A log may be so many times as large as its edges and one update; then its node is asked for a full one. */
export const LOG_WASTE_MAX = 4
/** The same for the log of a node that others serve: they ask it before. */
export const FORWARDED_LOG_WASTE_MAX = 2 * LOG_WASTE_MAX
/** Bytes of the updates of all nodes together that are kept for neighbours. */
export const LOGS_BYTES_MAX = 1_073_741_824
/** The same of the clients of one network: several times what their edges take. */
export const NETWORK_LOGS_BYTES_MAX = 33_554_432
/** Updates, needs and farewells of one neighbour: a stall of the link, and what one core verifies beside its clients' work. */
export const NEIGHBOUR_BURST_MAX = 20_000
export const NEIGHBOUR_MESSAGES_PER_SECOND_MAX = 4_000
/** The same as a server sends them, beside what its neighbour needs: what is more is left out. */
export const NEIGHBOUR_SEND_BURST_MAX = 10_000
export const NEIGHBOUR_SENDS_PER_SECOND_MAX = 2_500
/** Hashes of one neighbour, who has one each second: all of a link that had come to a stop arrive together. */
export const NEIGHBOUR_HASHES_BURST_MAX = 60
export const NEIGHBOUR_HASHES_PER_SECOND_MAX = 2
/** Nodes for whose updates one neighbour is asked within `INDEX_REFRESH_MS`, each once. */
export const ASKED_MAX = 50_000
/** Nodes of which a neighbour needs all, and those of them that are not all here: what is more it asks for again. */
export const NEEDED_MAX = 50_000
/** Updates that a neighbour needs are sent this fast: far below what makes him cut the link. */
export const LOG_UPDATES_BURST_MAX = 1_000
export const LOG_UPDATES_PER_SECOND_MAX = 1_000
/** While so many bytes wait for a neighbour, what he needs waits here. */
export const LOG_BUFFER_BYTES_MAX = 1_048_576
/** A neighbour that broke the rules is served again after this time. */
export const PENALTY_MS = 60_000
/** A neighbour that does not list this server is asked again after this time. */
export const NOT_LISTED_RETRY_MS = 5_000
/** Links of servers at once, those of strangers that are about to be told so included. */
export const SERVER_LINKS_MAX = 128
/** Servers that have not finished their handshake. */
export const SERVER_HANDSHAKES_MAX = 64

invariant(
  NEIGHBOUR_SEND_BURST_MAX + LOG_UPDATES_BURST_MAX < NEIGHBOUR_BURST_MAX &&
    NEIGHBOUR_SENDS_PER_SECOND_MAX + LOG_UPDATES_PER_SECOND_MAX < NEIGHBOUR_MESSAGES_PER_SECOND_MAX,
  'an honest server must not send what makes its neighbours cut the link',
)
invariant(INDEX_SILENT_MS_MAX > 2 * INDEX_REFRESH_MS, 'one lost refresh must not make a node disappear')
invariant(
  INDEX_SILENT_MS_MAX > FRESHNESS_KEPT_MAX * FRESHNESS_EVERY_MS,
  'a node must be remembered until its old updates are no longer fresh',
)
