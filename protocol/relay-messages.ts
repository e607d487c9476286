// What a client and a relay say to each other inside their link (docs/PROTOCOL.md, section 6).

import { utf8ToBytes } from '@noble/hashes/utils.js'
import * as P from 'micro-packed'
import { ALLOWED_KEYS_MAX, PACKET_BYTES_MAX } from './limits.ts'
import type { PublicKey } from './types.ts'
import * as wire from './wire.ts'

/** Prologue of the handshake: a link that was meant for another kind of server does not open. */
export const RELAY_PROLOGUE = utf8ToBytes('offst/relay/v1')

/**
 * A client says, after the handshake has told the relay its key:
 *
 *     send  = 0x01 // 32B key of the receiver + 2B length + payload
 *     allow = 0x02 // 2B count + 32B keys: from whom this client wants packets; replaces the list before.
 *                  // Empty until the first one: nobody reaches a client that has not asked for it.
 */
export type ToRelay =
  | { readonly kind: 'send'; readonly to: PublicKey; readonly payload: Uint8Array }
  | { readonly kind: 'allow'; readonly keys: readonly PublicKey[] }

/** Why a packet's receiver cannot be reached. The order is the wire's: append only. */
export const GONE_REASONS = [
  /** The receiver's connection ended, or it no longer allows this client. */
  'disconnected',
  /** It is not connected to this relay, or does not allow this client: strangers cannot tell which. */
  'notConnected',
  /** Its queue, or this client's rate, is over the limit: this packet is lost. */
  'overloaded',
] as const
export type GoneReason = (typeof GONE_REASONS)[number]

/**
 * A relay says:
 *
 *     limits   = 0x81 // 4B payload bytes + 4B keys in `allow` + 4B bytes per second; once, first of all
 *     received = 0x82 // 32B key of the sender + 2B length + payload
 *     peerGone = 0x83 // 32B key + 1B reason; only to a client that has just talked to that key
 *     replaced = 0x84 // the same key connected again: this connection ends, and its node must not come back
 *
 * Ping and pong are the link's.
 */
export type FromRelay =
  | ({ readonly kind: 'limits' } & RelayLimits)
  | { readonly kind: 'received'; readonly from: PublicKey; readonly payload: Uint8Array }
  | { readonly kind: 'peerGone'; readonly key: PublicKey; readonly reason: GoneReason }
  | { readonly kind: 'replaced' }

/** What this relay lets one client do. */
export interface RelayLimits {
  /** Largest payload of one packet. */
  readonly payloadBytesMax: number
  readonly allowedKeysMax: number
  /** Payload bytes per second that a client may send in the long run. */
  readonly bytesPerSecondMax: number
}

const goneReason: P.CoderType<GoneReason> = P.apply(P.U8, {
  encode: (index: number) => {
    const reason = GONE_REASONS[index]
    if (reason === undefined) throw new Error(`unknown reason ${index}`)
    return reason
  },
  decode: (reason: GoneReason) => GONE_REASONS.indexOf(reason),
})

const payload = wire.blob(PACKET_BYTES_MAX)

export const toRelay: P.CoderType<ToRelay> = wire.union({
  send: [0x01, P.struct({ to: wire.publicKey, payload })],
  allow: [0x02, P.struct({ keys: wire.list(wire.publicKey, ALLOWED_KEYS_MAX) })],
})

export const fromRelay: P.CoderType<FromRelay> = wire.union({
  limits: [0x81, P.struct({ payloadBytesMax: P.U32BE, allowedKeysMax: P.U32BE, bytesPerSecondMax: P.U32BE })],
  received: [0x82, P.struct({ from: wire.publicKey, payload })],
  peerGone: [0x83, P.struct({ key: wire.publicKey, reason: goneReason })],
  replaced: [0x84, P.struct({})],
})
