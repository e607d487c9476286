// What is inside a relay packet between an app and a node: frames of their links, each with the link it belongs to
// (docs/PROTOCOL.md, APP). The link inside is the one that apps open directly, too.

import * as P from 'micro-packed'
import { SESSION_NAME_BYTES, sessionName } from './friend-packets.ts'
import { PACKET_BYTES_MAX } from './limits.ts'
import * as wire from './wire.ts'

/** Bytes of the largest frame of such a link: kind and name stand before it. */
export const APP_FRAME_BYTES_MAX = PACKET_BYTES_MAX - 1 - SESSION_NAME_BYTES

/**
 *     toNode = 0x04 // 8B name of the link + frame
 *     toApp  = 0x05 // 8B name of the link + frame
 *     ended  = 0x06 // 8B name of the link: its sender knows no such link
 */
export type AppPacket =
  | { readonly kind: 'toNode'; readonly line: string; readonly frame: Uint8Array }
  | { readonly kind: 'toApp'; readonly line: string; readonly frame: Uint8Array }
  | { readonly kind: 'ended'; readonly line: string }

/** The rest of the packet. */
const frame = P.bytes(null)

export const appPacket: P.CoderType<AppPacket> = wire.union({
  toNode: [0x04, P.struct({ line: sessionName, frame })],
  toApp: [0x05, P.struct({ line: sessionName, frame })],
  ended: [0x06, P.struct({ line: sessionName })],
})
