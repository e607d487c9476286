// The sessions with all enabled friends: hands packets and events of the relays to the friend they belong to, and
// decoded messages to the core. What a stranger sends is dropped unread.

import { batch, friendMessage, type FriendMessage } from '../../protocol/channel-messages.ts'
import { friendPacket } from '../../protocol/friend-packets.ts'
import { ok, type Result } from '../../protocol/result.ts'
import { TokenBucket } from '../../protocol/token-bucket.ts'
import type { PublicKey } from '../../protocol/types.ts'
import * as wire from '../../protocol/wire.ts'
import type { Connections } from '../core/actions.ts'
import type { DecodedMessage } from '../core/inputs.ts'
import { FriendSession } from './friend-session.ts'
import { RELAY_DIALS_BURST_MAX, RELAY_DIALS_PER_SECOND_MAX } from './limits.ts'
import type { LinkContext } from './server-link.ts'

export interface FriendSessionsOptions {
  readonly self: PublicKey
  readonly context: Omit<LinkContext, 'connect'>
  readonly isConnected: (relay: PublicKey) => boolean
  readonly sendPacket: (relay: PublicKey, to: PublicKey, packet: Uint8Array) => void
  readonly onOnline: (friend: PublicKey, session: number) => void
  readonly onOffline: (friend: PublicKey, session: number) => void
  /** Returns false when too many wait: the session ends. */
  readonly onMessage: (friend: PublicKey, session: number, message: DecodedMessage) => boolean
}

export class FriendSessions {
  readonly #options: FriendSessionsOptions
  readonly #friends = new Map<PublicKey, FriendSession>()
  /** Answers that the packets of a relay may cause: a relay can pretend to be any friend. */
  readonly #answers = new Map<PublicKey, TokenBucket>()
  #lastSession = 0

  constructor(options: FriendSessionsOptions) {
    this.#options = options
  }

  /** Keeps sessions with exactly these. */
  update(friends: Connections['friends']): void {
    const wanted = new Set(friends.map(({ publicKey }) => publicKey))
    for (const [key, friend] of this.#friends) {
      if (wanted.has(key)) continue
      this.#friends.delete(key)
      friend.close()
    }
    for (const { publicKey, relays } of friends) {
      const friend = this.#friends.get(publicKey) ?? this.#create(publicKey)
      this.#friends.set(publicKey, friend)
      friend.setRelays(relays.map((relay) => relay.publicKey))
    }
  }

  relayConnected(relay: PublicKey): void {
    for (const friend of this.#friends.values()) friend.relayConnected(relay)
  }

  relayDisconnected(relay: PublicKey): void {
    this.#answers.delete(relay)
    for (const friend of this.#friends.values()) friend.relayDisconnected(relay)
  }

  peerGone(relay: PublicKey, peer: PublicKey): void {
    this.#friends.get(peer)?.pathLost(relay)
  }

  /** SES-2: strangers cost one look into a map. */
  packet(relay: PublicKey, from: PublicKey, payload: Uint8Array): void {
    const friend = this.#friends.get(from)
    if (friend === undefined) return
    const packet = wire.decode(friendPacket, payload)
    if (packet.ok) friend.packet(relay, packet.value)
  }

  /** Dropped when that session has ended. */
  send(friend: PublicKey, session: number, message: FriendMessage): void {
    this.#friends.get(friend)?.send(session, friendMessage.encode(message))
  }

  /** Ends one session; another one is begun after a wait. */
  end(friend: PublicKey, session: number): void {
    this.#friends.get(friend)?.end(session)
  }

  close(): void {
    this.update([])
  }

  #create(friend: PublicKey): FriendSession {
    const { self, context, isConnected, sendPacket, onOnline, onOffline, onMessage } = this.#options
    return new FriendSession({
      self,
      friend,
      context,
      isConnected,
      sendPacket: (relay, packet) => sendPacket(relay, friend, packet),
      mayAnswer: (relay) => this.#mayAnswer(relay),
      nextSession: () => ++this.#lastSession,
      onOnline: (session) => onOnline(friend, session),
      onOffline: (session) => onOffline(friend, session),
      onMessage: (session, bytes) => {
        const message = decodeMessage(bytes)
        return message.ok && onMessage(friend, session, message.value)
      },
    })
  }

  #mayAnswer(relay: PublicKey): boolean {
    const now = this.#options.context.clock.now()
    const answers =
      this.#answers.get(relay) ?? new TokenBucket(RELAY_DIALS_BURST_MAX, RELAY_DIALS_PER_SECOND_MAX, now)
    this.#answers.set(relay, answers)
    return answers.take(1, now)
  }
}

/** SES-4: a message that does not decode ends the session; a signed body that does not is the channel's matter. */
export function decodeMessage(bytes: Uint8Array): Result<DecodedMessage> {
  const message = wire.decode(friendMessage, bytes)
  if (!message.ok || message.value.kind !== 'batch') return message as Result<DecodedMessage>
  const content = wire.decode(batch, message.value.body)
  return ok({ ...message.value, content: content.ok ? content.value : undefined })
}
