// Every limit of the wire and of the node, in one place: name, unit (last in the name), reason.

/** Nodes of a route after the sender, destination included. A longer route fails too often to be worth its fees. */
export const ROUTE_NODES_MAX = 32
/** Requests of one side of a friendship that the other has not resolved: bounds memory per friend and what jamming can hold. */
export const PENDING_REQUESTS_MAX = 512
/** One friend's requests leave one part in so many of what I can send on to others: enough for small payments while somebody jams, and little lost to large ones. */
export const CAPACITY_RESERVE_DIVISOR = 16n
/** One friend's requests take one part in so many of the pending requests that I may send on: places are seldom short, so halves cost nobody anything. */
export const PENDING_SHARE_DIVISOR = 2
/** Parts of one payment: more parts cost more signatures than they find capacity. */
export const PAYMENT_PARTS_MAX = 16
/** Operations in one batch: bounds the work between two commits. */
export const BATCH_OPERATIONS_MAX = 256
/** Bytes of one batch body: fits one sealed frame with room to spare. */
export const BATCH_BYTES_MAX = 32_768
/** Batches sent and not acknowledged: enough to fill a 300 ms round trip. */
export const BATCHES_IN_FLIGHT_MAX = 8
/** Batches kept until the friend's signature covers them; past it he is asked for a note by sending ours. */
export const BATCHES_RETAINED_MAX = 256
/** Currencies of one friendship. */
export const CURRENCIES_MAX = 16
/** Bytes of UTF-8 in the name of a currency. */
export const CURRENCY_BYTES_MAX = 16
/** Relays that a friend announces. */
export const RELAYS_MAX = 8
/** Bytes of a server's address. */
export const ADDRESS_BYTES_MAX = 256
/** Bytes of UTF-8 in a name that people give (card, friend, server). */
export const NAME_BYTES_MAX = 64
/** Bytes of UTF-8 in an invoice's description: keeps its QR code readable by a phone. */
export const DESCRIPTION_BYTES_MAX = 256
/** Bytes of a ticket, invoice or receipt that a person hands over, in any carrier: the largest friend ticket as TOML fits. */
export const FORM_BYTES_MAX = 16_384
/** Friends of one card. */
export const FRIENDS_MAX = 1_000
/** Apps that may drive one card. */
export const APPS_MAX = 64
/** Keys from which a client of a relay wants packets: all friends and apps of a card. */
export const ALLOWED_KEYS_MAX = FRIENDS_MAX + APPS_MAX
/** Budgets of one app: one a currency. */
export const BUDGETS_MAX = 16
/** Invoices of one card that wait to be paid. */
export const OPEN_INVOICES_MAX = 1_000

/** Characters of what a codec says about bytes that it refuses: it would repeat them, and they may be many. */
export const DETAIL_CHARACTERS_MAX = 200

/** Plaintext bytes of one application message on a link, reassembled. */
export const MESSAGE_BYTES_MAX = 1_048_576
/** Bytes of one sealed frame (the Noise limit). */
export const FRAME_BYTES_MAX = 65_535
/** Bytes of payload of one relay packet: a sealed frame of a friend's session that must fit into a relay frame. */
export const PACKET_BYTES_MAX = 60_000
/** Messages under one handshake, after which a new one is made. */
export const REKEY_MESSAGES_MAX = 1_048_576
/** Age of a handshake, after which a new one is made. */
export const REKEY_AGE_MS_MAX = 3_600_000
/** A link that has been silent this long sends a ping. */
export const PING_AFTER_MS = 10_000
/** A link that has heard nothing this long is dead. */
export const DEAD_AFTER_MS = 30_000
/** Pings and pongs of a peer that are taken at once, and per second in the long run: an honest one sends a tenth. */
export const PINGS_BURST_MAX = 20
export const PINGS_PER_SECOND_MAX = 1
/** Handshakes that take longer are given up. */
export const HANDSHAKE_MS_MAX = 10_000
/** Frames in one direction that a link still allows after it asked for a new handshake; then it ends. */
export const REKEY_GRACE_MESSAGES = 65_536
/** Time that a link goes on after it asked for a new handshake by age: its owner replaces it meanwhile. */
export const REKEY_GRACE_MS = 300_000

/** Public keys kept decoded (about 1 KB each): spares 1 ms per signature of a key met before. */
export const KEYS_DECODED_MAX = 4_096
/** Public keys that node:crypto keeps imported (about 1 KB each): an index server hears all its nodes again and again. */
export const KEYS_IMPORTED_MAX = 65_536
/** Public keys kept with a table of their multiples (about 200 KB each): the friends that one talks to. */
export const KEYS_PRECOMPUTED_MAX = 128
/** Signatures of one key after which its table (6 ms to make, 0.9 ms gained each) pays for itself. */
export const PRECOMPUTE_AFTER_USES = 8

/** A quiet channel signs a note this long after its last batch. */
export const NOTE_QUIET_MS = 1_000
/** A busy channel signs a note at least this often. */
export const NOTE_BUSY_MS = 60_000
/** Resets that friends settle without asking their users: a fault that comes back is not hidden. */
export const REPAIRS_MAX = 3
/** Such resets are forgotten, once a statement agrees, after this time without another. */
export const REPAIRS_FORGOTTEN_MS = 3_600_000
/** A refund that the friend cannot take now is tried again after this time. */
export const REFUND_AGAIN_MS = 10_000
/** The destination cancels a payment whose parts do not all arrive in this time. */
export const INCOMPLETE_PAYMENT_MS_MAX = 60_000
/** A request that is still unanswered after this time is refused by everybody who has not forwarded it. */
export const REQUEST_EXPIRES_MS = 300_000
/** The buyer asks the destination to cancel a part that was not answered in this time. */
export const PART_ANSWER_MS_MAX = 30_000
/** The buyer gives up a search for routes that was not answered in this time. */
export const ROUTE_QUERY_MS_MAX = 10_000
/** Attempts of one payment before it fails. */
export const PAYMENT_ATTEMPTS_MAX = 16

/** Edges that one index update names: about 40 kB, sealed in one frame. A bigger node sends several. */
export const UPDATE_EDGES_MAX = 512
/** Bytes of one index update: UPDATE_EDGES_MAX edges of at most 73 bytes, and its head. */
export const UPDATE_BYTES_MAX = 38_000
/** Nodes, and edges, that one route query excludes: what PAYMENT_ATTEMPTS_MAX attempts can find broken, several times. */
export const QUERY_EXCLUSIONS_MAX = 64
/** Friends of whom one route query says what can be sent to them: the narrowest first, so that the others matter least. */
export const QUERY_ROOMS_MAX = 256
/** A node tells its index servers at least this often that it is there, by a signed update. */
export const INDEX_REFRESH_MS = 20_000
/** An index server drops a node that it has not heard of for this long. */
export const INDEX_SILENT_MS_MAX = 60_000
/** Ended sessions that an index server remembers of each known node. */
export const OLD_SESSIONS_MAX = 8
/** After a start, or after its order where a way was lost, a payment asks again this long: index servers hear about it only now. */
export const SETTLING_MS = 5_000
/** After so long index servers have heard of a change, and those who use them have asked again. */
export const NEWS_MS = 2_000
/** A payment waits this long for an index server that does not answer, e.g. while it restarts. */
export const OUTAGE_PATIENCE_MS = 30_000
/** Pause between two searches of a payment while the node settles. */
export const SEARCH_AGAIN_MS = 500

/** Index servers that one index server lists: each costs every other a hash in its lists. */
export const NEIGHBOURS_MAX = 32
/** Servers that pass an update on, one after the other, the node's own included: federations are close-knit. */
export const FEDERATION_HOPS_MAX = 8
/** Bytes of one message between index servers: an update, and the longest proof that it is fresh. */
export const FEDERATION_MESSAGE_BYTES_MAX =
  UPDATE_BYTES_MAX + 128 + FEDERATION_HOPS_MAX * (33 + 32 * NEIGHBOURS_MAX)
