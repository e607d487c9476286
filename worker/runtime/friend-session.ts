// Keeps one session with one enabled friend: dials over his relays, answers when he dials, decides which of two
// stays, and begins again when it ends (docs/PROTOCOL.md, SES).

import { friendPacket, SESSION_NAME_BYTES, type FriendPacket } from '../../protocol/friend-packets.ts'
import type { Fault } from '../../protocol/result.ts'
import { TokenBucket } from '../../protocol/token-bucket.ts'
import type { PublicKey } from '../../protocol/types.ts'
import { toBase64url } from '../../protocol/wire.ts'
import { compareKeys } from '../core/state.ts'
import { Backoff } from './backoff.ts'
import { FriendLine } from './friend-line.ts'
import {
  FRIEND_DIALS_BURST_MAX,
  FRIEND_DIALS_PER_SECOND_MAX,
  HELLO_BYTES_MAX,
  SESSION_RETRY_MS_MAX,
  SESSION_RETRY_MS_MIN,
  SESSION_STEADY_MS,
  SESSION_TIE_MS,
} from './limits.ts'
import type { LinkContext } from './server-link.ts'

export interface FriendSessionOptions {
  readonly self: PublicKey
  readonly friend: PublicKey
  readonly context: Omit<LinkContext, 'connect'>
  readonly isConnected: (relay: PublicKey) => boolean
  readonly sendPacket: (relay: PublicKey, packet: Uint8Array) => void
  /** Whether the packets of this relay may cause one more answer. */
  readonly mayAnswer: (relay: PublicKey) => boolean
  /** A number that no session of this process has had. */
  readonly nextSession: () => number
  readonly onOnline: (session: number) => void
  readonly onOffline: (session: number) => void
  /** Returns false when the session must end: the message was bad, or too many wait. */
  readonly onMessage: (session: number, message: Uint8Array) => boolean
}

export class FriendSession {
  readonly #options: FriendSessionOptions
  readonly #backoff: Backoff
  /** Handshakes, and words about unknown sessions, that may be caused in this friend's name, by the relay of the packets. */
  readonly #dials = new Map<PublicKey, TokenBucket>()
  /** Where he listens. */
  #relays: readonly PublicKey[] = []
  #active: FriendLine | undefined
  /** The handshake that I began. */
  #dialled: FriendLine | undefined
  /** Those that he began, by their relay: one that pretends to be him disturbs no other. */
  readonly #answered = new Map<PublicKey, FriendLine>()
  /** Which of his relays is next, and how many were tried since the last wait. */
  #turn = 0
  #tried = 0
  #isClosed = false
  #cancelRetry: () => void = () => undefined

  constructor(options: FriendSessionOptions) {
    const { clock, random } = options.context
    this.#options = options
    this.#backoff = new Backoff(SESSION_RETRY_MS_MIN, SESSION_RETRY_MS_MAX, clock, random)
  }

  /** Where he listens now; a session that is open stays where it is. */
  setRelays(relays: readonly PublicKey[]): void {
    const isNew = relays.some((relay) => !this.#relays.includes(relay))
    this.#relays = relays
    if (isNew) this.#dialNow()
  }

  relayConnected(relay: PublicKey): void {
    const position = this.#relays.indexOf(relay)
    if (position === -1 || this.#dialled !== undefined) return
    this.#turn = position
    this.#dialNow()
  }

  relayDisconnected(relay: PublicKey): void {
    this.#dials.delete(relay)
    this.pathLost(relay)
  }

  /** Whatever went over this relay is lost: the relay, or the friend's connection to it, has gone. */
  pathLost(relay: PublicKey): void {
    for (const line of this.#lines()) if (line.relay === relay) line.break()
  }

  packet(relay: PublicKey, packet: FriendPacket): void {
    const line = this.#find(packet)
    switch (packet.kind) {
      case 'dialled':
      case 'answered':
        if (line !== undefined) line.receive(packet.frame)
        else if (packet.kind === 'dialled' && packet.frame.length <= HELLO_BYTES_MAX)
          this.#answer(relay, packet)
        else this.#sayUnknown(relay, packet.session)
        return
      case 'unknown':
        line?.break()
    }
  }

  /** Dropped when the session has ended: the next resume makes up for it. */
  send(session: number, message: Uint8Array): void {
    if (this.#active?.session === session) this.#active.send(message)
  }

  /** Ends a session and begins another after a wait. */
  end(session: number): void {
    const line = this.#active
    if (line?.session !== session) return
    line.close()
    this.#lost(line, false)
  }

  /** Ends everything for good; `onOffline` follows if it was open. */
  close(): void {
    this.#isClosed = true
    this.#cancelRetry()
    for (const line of this.#lines()) line.close()
    if (this.#active !== undefined) this.#options.onOffline(this.#active.session)
    this.#active = this.#dialled = undefined
    this.#answered.clear()
  }

  #lines(): FriendLine[] {
    const lines = [this.#active, this.#dialled, ...this.#answered.values()]
    return lines.filter((line) => line !== undefined)
  }

  #find({ session, kind }: FriendPacket): FriendLine | undefined {
    return this.#lines().find(
      (line) =>
        line.name === session &&
        (kind === 'unknown' || (line.role === 'initiator') === (kind === 'answered')),
    )
  }

  /** Dials without waiting further, unless there is a session or an attempt already. */
  #dialNow(): void {
    this.#tried = 0
    if (this.#active === undefined) this.#dial()
  }

  #dial(): void {
    this.#cancelRetry()
    if (this.#isClosed || this.#dialled !== undefined) return
    const connected = this.#relays.filter(this.#options.isConnected)
    // As soon as a relay of his connects, `relayConnected` begins again.
    if (connected.length === 0) return
    if (this.#tried >= connected.length) {
      this.#tried = 0
      this.#cancelRetry = this.#backoff.wait(() => this.#dial())
      return
    }
    const relay = connected[this.#turn % connected.length]
    if (relay === undefined) return
    this.#turn += 1
    this.#tried += 1
    this.#dialled = this.#open(
      relay,
      'initiator',
      toBase64url(this.#options.context.random(SESSION_NAME_BYTES)),
    )
  }

  /** He dials. Only his newest attempt over a relay counts: the one before is given up. */
  #answer(relay: PublicKey, packet: Extract<FriendPacket, { kind: 'dialled' }>): void {
    if (!this.#mayCause(relay)) return
    this.#answered.get(relay)?.close()
    // SES-3: if both dial at once, the lower key's session will stay, so the other need not be finished.
    if (this.#dialled?.relay === relay && this.#isFriendLower()) {
      this.#dialled.close()
      this.#dialled = undefined
      // Unless nothing comes of his.
      this.#waitAndDial()
    }
    const line = this.#open(relay, 'responder', packet.session)
    this.#answered.set(relay, line)
    line.receive(packet.frame)
  }

  #mayCause(relay: PublicKey): boolean {
    const now = this.#options.context.clock.now()
    const dials =
      this.#dials.get(relay) ?? new TokenBucket(FRIEND_DIALS_BURST_MAX, FRIEND_DIALS_PER_SECOND_MAX, now)
    this.#dials.set(relay, dials)
    return dials.take(1, now) && this.#options.mayAnswer(relay)
  }

  #open(relay: PublicKey, role: 'initiator' | 'responder', name: string): FriendLine {
    const { friend, context, sendPacket } = this.#options
    const kind = role === 'initiator' ? 'dialled' : 'answered'
    return new FriendLine({
      name,
      role,
      friend,
      relay,
      context,
      sendFrame: (frame) => sendPacket(relay, friendPacket.encode({ kind, session: name, frame })),
      onOpen: (line) => this.#opened(line),
      onMessage: (line, message) => {
        if (!this.#options.onMessage(line.session, message)) this.end(line.session)
      },
      onClose: (line, fault) => this.#lost(line, isLostPath(fault)),
      // NOI-8: who began the session renews it; the older one stays in use until the newer is open.
      onRekey: (line) => {
        if (line.role === 'initiator' && line === this.#active) this.#dial()
      },
    })
  }

  #opened(line: FriendLine): void {
    const { clock } = this.#options.context
    line.openedAt = clock.now()
    line.session = this.#options.nextSession()
    if (this.#answered.get(line.relay) === line) this.#answered.delete(line.relay)
    // An attempt that is not needed any more would only lead to two sessions.
    if (this.#dialled !== line) this.#dialled?.close()
    this.#dialled = undefined
    this.#cancelRetry()
    this.#tried = 0
    const before = this.#active
    if (before !== undefined) {
      if (this.#keepsOlder(before, line)) {
        line.close()
        return
      }
      before.close()
      this.#active = undefined
      this.#options.onOffline(before.session)
    }
    this.#active = line
    this.#options.onOnline(line.session)
  }

  /** SES-3. Later than a moment after the first, a second session means that its dialler lost the first. */
  #keepsOlder(older: FriendLine, newer: FriendLine): boolean {
    if (older.role === newer.role || newer.openedAt - older.openedAt >= SESSION_TIE_MS) return false
    const dialledByFriend = older.role === 'responder'
    return dialledByFriend === this.#isFriendLower()
  }

  #lost(line: FriendLine, pathIsLost: boolean): void {
    if (line === this.#answered.get(line.relay)) this.#answered.delete(line.relay)
    else if (line === this.#dialled) {
      this.#dialled = undefined
      // The next of his relays at once; an attempt to renew the keys has time.
      if (this.#active === undefined) this.#dial()
      else this.#waitAndDial()
    } else if (line === this.#active) {
      this.#active = undefined
      const wasSteady = this.#options.context.clock.now() - line.openedAt >= SESSION_STEADY_MS
      if (wasSteady) this.#backoff.reset()
      this.#options.onOffline(line.session)
      if (wasSteady && pathIsLost) this.#dialNow()
      else this.#waitAndDial()
    }
  }

  #waitAndDial(): void {
    if (this.#isClosed) return
    this.#tried = 0
    this.#cancelRetry()
    this.#cancelRetry = this.#backoff.wait(() => this.#dial())
  }

  /** SES-6: tells a friend who uses a session that ended here, so that he need not wait for its keep-alive. */
  #sayUnknown(relay: PublicKey, session: string): void {
    if (!this.#mayCause(relay)) return
    this.#options.sendPacket(relay, friendPacket.encode({ kind: 'unknown', session }))
  }

  #isFriendLower(): boolean {
    return compareKeys(this.#options.friend, this.#options.self) < 0
  }
}

function isLostPath(fault: Fault): boolean {
  return fault.code === 'disconnected'
}
