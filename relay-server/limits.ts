// What one relay lets its clients take of it.

import { ALLOWED_KEYS_MAX, PACKET_BYTES_MAX } from '../protocol/limits.ts'
import type { RelayLimits } from '../protocol/relay-messages.ts'

/** Clients connected at once: about 60 kB each, sockets included. */
export const CLIENTS_MAX = 20_000
/** Connections that have not finished their handshake: each costs the relay three X25519 operations at most. */
export const HANDSHAKES_MAX = 1_000
/** Bytes that wait for one slow receiver; packets beyond are lost, and their senders are told. */
export const QUEUE_BYTES_MAX = 4_194_304
/** Bytes that wait for a receiver which does not read even what the relay itself says: it is disconnected. */
export const QUEUE_BYTES_HARD_MAX = 2 * QUEUE_BYTES_MAX
/** Bytes per second that one client may send in the long run: far above what payments need. */
export const CLIENT_BYTES_PER_SECOND_MAX = 8_388_608
/** Bytes that one client may send at once. */
export const CLIENT_BURST_BYTES_MAX = 16_777_216
/** What a packet costs its sender besides its payload: forwarding an empty one is work too. */
export const PACKET_OVERHEAD_BYTES = 256
/** Allow lists, in keys, that one client may set at once and per second: a list of a thousand keys every ten seconds. */
export const ALLOW_BURST_KEYS_MAX = 10 * ALLOWED_KEYS_MAX
export const ALLOW_KEYS_PER_SECOND_MAX = ALLOWED_KEYS_MAX / 10
/** Peers of one client that are told when it goes: those it talked to last. */
export const PARTNERS_MAX = 2 * ALLOWED_KEYS_MAX

/** What the relay announces of this. */
export const ANNOUNCED_LIMITS: RelayLimits = {
  payloadBytesMax: PACKET_BYTES_MAX,
  allowedKeysMax: ALLOWED_KEYS_MAX,
  bytesPerSecondMax: CLIENT_BYTES_PER_SECOND_MAX,
}
