// What is inside a relay packet between friends: frames of their sessions, each with the session it belongs to
// (docs/PROTOCOL.md, SES). Two friends may have several sessions under way over one relay: both may dial at once.

import { utf8ToBytes } from '@noble/hashes/utils.js'
import * as P from 'micro-packed'
import { BATCH_BYTES_MAX, PACKET_BYTES_MAX } from './limits.ts'
import * as wire from './wire.ts'

/** Prologue of the handshake: a session between friends is no link to a server. */
export const FRIEND_PROLOGUE = utf8ToBytes('offst/friend/v1')

/** Bytes of a session's name: enough that two sessions of the same friends never meet. */
export const SESSION_NAME_BYTES = 8
/** Kind and name, before the frame. */
const HEAD_BYTES = 1 + SESSION_NAME_BYTES
/** Bytes of the largest frame of a session. */
export const SESSION_FRAME_BYTES_MAX = PACKET_BYTES_MAX - HEAD_BYTES
/** Bytes of the longest message between friends: a batch with its signature. */
export const FRIEND_MESSAGE_BYTES_MAX = BATCH_BYTES_MAX + 128

/**
 *     dialled  = 0x01 // 8B name of the session + frame, from him who began the session
 *     answered = 0x02 // 8B name of the session + frame, from the other
 *     unknown  = 0x03 // 8B name of the session: its sender knows no such session (SES-6)
 */
export type FriendPacket =
  | { readonly kind: 'dialled'; readonly session: string; readonly frame: Uint8Array }
  | { readonly kind: 'answered'; readonly session: string; readonly frame: Uint8Array }
  | { readonly kind: 'unknown'; readonly session: string }

/** The name of a session or link in a packet. */
export const sessionName: P.CoderType<string> = P.apply(P.bytes(SESSION_NAME_BYTES), {
  encode: (bytes: Uint8Array) => wire.toBase64url(bytes),
  decode: (name: string) => wire.fromBase64url(name),
})
/** The rest of the packet. */
const frame = P.bytes(null)

export const friendPacket: P.CoderType<FriendPacket> = wire.union({
  dialled: [0x01, P.struct({ session: sessionName, frame })],
  answered: [0x02, P.struct({ session: sessionName, frame })],
  unknown: [0x03, P.struct({ session: sessionName })],
})
