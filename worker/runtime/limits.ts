// Limits and intervals of the runtime: what one card does with memory, time and connections.

import { FRIENDS_MAX } from '../../protocol/limits.ts'

/** Inputs of one step: bounds how long a commit, and so every sender, waits. */
export const STEP_INPUTS_MAX = 256
/** Calls of the app API without an answer: quotes wait for index servers, all others for one commit. */
export const CALLS_WAITING_MAX = 1_024
/** Messages of one session that wait to be processed: an honest friend has far fewer under way (8 batches, as many acks, a note). */
export const FRIEND_MESSAGES_WAITING_MAX = 64
/** Longest sleep of the core's timer: a machine that slept looks at its clock at least this often. */
export const TIMER_MS_MAX = 3_600_000
/** Waits before storage that failed is tried again. */
export const STORE_RETRY_MS_MIN = 500
export const STORE_RETRY_MS_MAX = 30_000
/** Waits before a server is dialled again. */
export const DIAL_RETRY_MS_MIN = 500
export const DIAL_RETRY_MS_MAX = 30_000
/** A connection that lasted this long was a success: the next wait is the shortest again. */
export const DIAL_STEADY_MS = 10_000
/** Waits before a session with a friend is tried again; he is also told at once when a relay of his answers. */
export const SESSION_RETRY_MS_MIN = 1_000
export const SESSION_RETRY_MS_MAX = 60_000
/** Activity entries that are read when a card starts; older ones are asked for page by page. */
export const ACTIVITY_LOADED_MAX = 100
/** A dial, handshake included, that takes longer has failed. */
export const DIAL_MS_MAX = 15_000
/** Bytes that wait to be sent to one server; a server that is so far behind is left. The windows of all friends fit. */
export const SEND_BUFFER_BYTES_MAX = 33_554_432
/** Handshakes that one friend may begin at once over one relay, and per second in the long run: each costs some milliseconds. */
export const FRIEND_DIALS_BURST_MAX = 8
export const FRIEND_DIALS_PER_SECOND_MAX = 0.5
/** The same for all friends together behind one relay, which could speak for any of them. */
export const RELAY_DIALS_BURST_MAX = FRIENDS_MAX
export const RELAY_DIALS_PER_SECOND_MAX = 20
/** Connections of one app over relays at once; the oldest gives way. */
export const APP_LINES_MAX = 8
/** Handshakes that may be begun in one app's name over relays at once, and per second in the long run. */
export const APP_DIALS_BURST_MAX = 16
export const APP_DIALS_PER_SECOND_MAX = 0.5
/** Changes of edges are gathered this long before they are signed and sent to the index servers. */
export const EDGES_DEBOUNCE_MS = 200
/** Changes are gathered until this time has passed since the update before, of which an index server so hears one a second. */
export const EDGES_PAUSE_MS = 1_000
/** Index servers that have not answered a route query in this time have no say; less than the buyer waits for. */
export const ROUTE_ANSWER_MS_MAX = 8_000
/** After the first good answer to a route query, the others have so long to give a better one. */
export const ROUTE_RIVALS_MS = 1_000
/** Routes of index servers that are remembered, to know whose it was when one fails. */
export const ROUTES_REMEMBERED_MAX = 256
/** Route queries under way: payments and quotes that search at the same time. */
export const ROUTE_QUERIES_MAX = 256
/** An update that an index server refused is sent again, whole, after this time. */
export const INDEX_REFUSED_RETRY_MS = 2_000
/** Relays connected at once: the card's own and its friends'. */
export const RELAY_LINKS_MAX = 128
/** Dials that the relay lists of friends may cause at once, and per second in the long run; further ones wait. */
export const LISTED_DIALS_BURST_MAX = 2 * RELAY_LINKS_MAX
export const LISTED_DIALS_PER_SECOND_MAX = 0.2
/** A friend's relay that says, alone, that the card is open elsewhere is left for this long: it lies, or is behind. */
export const REPLACED_RETRY_MS = 600_000
/** A session that lasted this long was a success: the next wait is the shortest again. */
export const SESSION_STEADY_MS = 10_000
/** Two sessions that opened within this time were dialled at once by both; equals the limit of a handshake. */
export const SESSION_TIE_MS = 10_000
/** A frame that may begin a session or an app's link; sealed frames are longer. */
export const HELLO_BYTES_MAX = 128
