// One session with a friend, from its handshake to its end: a link whose frames travel in relay packets.

import {
  FRIEND_MESSAGE_BYTES_MAX,
  FRIEND_PROLOGUE,
  SESSION_FRAME_BYTES_MAX,
} from '../../protocol/friend-packets.ts'
import { openLink, type LinkSocket } from '../../protocol/link-socket.ts'
import type { Role } from '../../protocol/noise.ts'
import type { Fault } from '../../protocol/result.ts'
import type { PublicKey } from '../../protocol/types.ts'
import { PacketSocket } from './packet-socket.ts'
import type { LinkContext } from './server-link.ts'

export interface FriendLineOptions {
  /** Names the session in packets. */
  readonly name: string
  readonly role: Role
  readonly friend: PublicKey
  /** The relay that carries it. */
  readonly relay: PublicKey
  readonly context: Omit<LinkContext, 'connect'>
  readonly sendFrame: (frame: Uint8Array) => void
  readonly onOpen: (line: FriendLine) => void
  readonly onMessage: (line: FriendLine, message: Uint8Array) => void
  /** Not after `close`. */
  readonly onClose: (line: FriendLine, fault: Fault) => void
  readonly onRekey: (line: FriendLine) => void
}

export class FriendLine {
  readonly name: string
  readonly role: Role
  readonly relay: PublicKey
  /** Once it is open: its number in the core's inputs, and when it opened. */
  session = 0
  openedAt = 0
  readonly #socket: PacketSocket
  readonly #link: LinkSocket

  constructor(options: FriendLineOptions) {
    this.name = options.name
    this.role = options.role
    this.relay = options.relay
    this.#socket = new PacketSocket({
      send: options.sendFrame,
      // The windows of all friends fit into the buffer of the relay's link.
      bufferedBytes: () => 0,
      onClosed: () => undefined,
    })
    this.#link = openLink({
      ...options.context,
      socket: this.#socket,
      role: options.role,
      expect: options.friend,
      prologue: FRIEND_PROLOGUE,
      maxFrame: SESSION_FRAME_BYTES_MAX,
      maxMessage: FRIEND_MESSAGE_BYTES_MAX,
      onOpen: () => options.onOpen(this),
      onMessage: (message) => options.onMessage(this, message),
      onClose: (fault) => options.onClose(this, fault),
      onRekey: () => options.onRekey(this),
    })
  }

  receive(frame: Uint8Array): void {
    this.#socket.onMessage(frame)
  }

  send(message: Uint8Array): void {
    this.#link.send(message)
  }

  /** The path is lost; `onClose` follows. */
  break(): void {
    this.#socket.break()
  }

  /** Ends it with a farewell to the friend; `onClose` does not follow. */
  close(): void {
    this.#link.close()
  }
}
