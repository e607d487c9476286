// Limits of the shell: what the cards and apps of one browser may take.

/** Cards of one browser: each holds connections and memory of its own. */
export const CARDS_MAX = 64
/** Calls of one app without an answer; more are refused as `busy`. */
export const APP_CALLS_MAX = 1_000
/** `change` events that the node sends ahead of a page; a slower (say, frozen) page gets the latest values later. */
export const CHANGES_AHEAD_MAX = 64
/** A server that does not answer a dial by then is given up. */
export const CONNECT_MS_MAX = 10_000
