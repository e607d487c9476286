// Limits of the shell: what the cards and apps of one browser may take.

/** Cards of one browser: each holds connections and memory of its own. */
export const CARDS_MAX = 64
/** Calls of one app without an answer; more are refused as `busy`. */
export const APP_CALLS_MAX = 1_000
/** `change` events that the node sends ahead of a page; a slower (say, frozen) page gets the latest values later. */
export const CHANGES_AHEAD_MAX = 64
/** Changes in one `change` event: the largest view (a payment of 16 routes) has 25 kB, so an event fits a message. */
export const EVENT_CHANGES_MAX = 32
/** Apps connected by links at once, and strangers who have not proved who they are. */
export const APP_LINKS_MAX = 256
export const APP_HANDSHAKES_MAX = 64
/** Bytes of one call: the longest text that may be pasted, each character escaped. */
export const APP_CALL_BYTES_MAX = 65_536 * 6 + 1_024
/** Bytes of calls that wait while it is looked up whether their app may connect: the largest and some small ones. */
export const APP_WAITING_BYTES_MAX = 524_288
/** Bytes that wait for an app that does not read; past it the app is disconnected. */
export const APP_QUEUE_BYTES_MAX = 16_777_216
/** A server that does not answer a dial by then is given up. */
export const CONNECT_MS_MAX = 10_000
/** Entries of a remote card's state: friends, apps and open invoices at their most, and what is kept of the finished. */
export const REMOTE_ENTRIES_MAX = 10_000
/** Characters of JSON that they have together. */
export const REMOTE_CHARACTERS_MAX = 16_777_216
/** Entries that a node may add to a remote card's state (and renamings), at once and then: what waits for pages grows by each. */
export const REMOTE_NEWS_BURST_MAX = 50_000
export const REMOTE_NEWS_PER_SECOND_MAX = 100
/** Characters of a sentence of another node that is shown. */
export const REMOTE_FAULT_CHARACTERS_MAX = 500
