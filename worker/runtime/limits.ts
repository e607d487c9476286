// Limits and intervals of the runtime: what one card does with memory, time and connections.

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
