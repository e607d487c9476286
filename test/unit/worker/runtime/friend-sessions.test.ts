// Sessions between two friends over relays that only carry packets, under virtual time.

import { expect, it } from 'vitest'
import { nobleProvider } from '../../../../protocol/ed25519.ts'
import { friendPacket, SESSION_NAME_BYTES } from '../../../../protocol/friend-packets.ts'
import { linkIdentity } from '../../../../protocol/link.ts'
import { encodeVersion, LINK_VERSION } from '../../../../protocol/link-identity.ts'
import { FRIENDS_MAX } from '../../../../protocol/limits.ts'
import type { PublicKey } from '../../../../protocol/types.ts'
import * as wire from '../../../../protocol/wire.ts'
import { compareKeys } from '../../../../worker/core/state.ts'
import { decodeMessage, FriendSessions } from '../../../../worker/runtime/friend-sessions.ts'
import { FRIEND_DIALS_BURST_MAX, RELAY_DIALS_BURST_MAX } from '../../../../worker/runtime/limits.ts'
import { seededRandom } from '../../../support/seeded-random.ts'
import { VirtualClock } from '../../../support/virtual-clock.ts'

const RELAY = 'R'.repeat(43) as PublicKey
const OTHER_RELAY = 'S'.repeat(43) as PublicKey
const ACK = { kind: 'ack', epoch: 0, seq: 1, hash: wire.taggedHash('test') } as const

/** One side: its sessions, and what it told its core. */
class Side {
  readonly key: PublicKey
  readonly story: string[] = []
  /** The session that is open; undefined while off line. */
  session: number | undefined
  sent = 0
  relays = new Set<PublicKey>()
  sessions: FriendSessions
  peer: Side | undefined
  /** Set by tests to change or lose packets of this side. */
  alter: (packet: Uint8Array, relay: PublicKey) => Uint8Array | undefined = (packet) => packet
  readonly #name: string
  readonly #clock: VirtualClock

  constructor(name: string, clock: VirtualClock) {
    this.#name = name
    this.#clock = clock
    this.key = nobleProvider.signer(seededRandom(name)(32)).publicKey
    this.sessions = this.restart()
  }

  /** A new process that knows nothing of the sessions before. */
  restart(): FriendSessions {
    const random = seededRandom(`${this.#name}/${this.#clock.now()}`)
    const signer = nobleProvider.signer(seededRandom(this.#name)(32))
    this.session = undefined
    this.sessions = new FriendSessions({
      self: this.key,
      context: {
        identity: linkIdentity(signer, random(32), nobleProvider),
        crypto: nobleProvider,
        clock: this.#clock,
        random,
      },
      isConnected: (relay) => this.relays.has(relay),
      sendPacket: (relay, _, packet) => this.#send(relay, packet),
      onOnline: (_, session) => {
        this.story.push('online')
        this.session = session
      },
      onOffline: () => {
        this.story.push('offline')
        this.session = undefined
      },
      onMessage: (_, __, message) => {
        this.story.push(message.kind)
        return true
      },
    })
    return this.sessions
  }

  connect(relay: PublicKey): void {
    this.relays.add(relay)
    this.sessions.relayConnected(relay)
  }

  disconnect(relay: PublicKey): void {
    this.relays.delete(relay)
    this.sessions.relayDisconnected(relay)
  }

  /** What a relay does, `allow` lists included. */
  #send(relay: PublicKey, packet: Uint8Array): void {
    this.sent += 1
    const altered = this.alter(packet, relay)
    const { peer } = this
    if (altered === undefined || peer === undefined || !this.relays.has(relay)) return
    this.#clock.after(10, () => {
      if (peer.relays.has(relay)) peer.sessions.packet(relay, this.key, altered)
      else this.sessions.peerGone(relay, peer.key)
    })
  }
}

/** Two friends who listen at `RELAY` both, not yet connected to it. */
function createPair(): { clock: VirtualClock; low: Side; high: Side } {
  const clock = new VirtualClock()
  const sides = [new Side('a', clock), new Side('b', clock)].sort((x, y) => compareKeys(x.key, y.key))
  const [low, high] = [sides[0]!, sides[1]!]
  low.peer = high
  high.peer = low
  befriend(low)
  befriend(high)
  return { clock, low, high }
}

function befriend(side: Side, relays: PublicKey[] = [RELAY]): void {
  const addresses = relays.map((publicKey) => ({ publicKey, address: 'relay.example:1' }))
  side.sessions.update([{ publicKey: side.peer!.key, relays: addresses }])
}

function expectTalking({ clock, low, high }: ReturnType<typeof createPair>): void {
  low.story.length = high.story.length = 0
  low.sessions.send(high.key, low.session!, ACK)
  high.sessions.send(low.key, high.session!, ACK)
  clock.advance(100)
  expect([low.story, high.story]).toEqual([['ack'], ['ack']])
}

/** The beginning of a session as anybody can write it, with this for an ephemeral key and a name. */
function forgedHello(ephemeral: Uint8Array): Uint8Array {
  const session = wire.toBase64url(ephemeral.subarray(0, SESSION_NAME_BYTES))
  const frame = Uint8Array.of(...ephemeral, ...encodeVersion(LINK_VERSION))
  return friendPacket.encode({ kind: 'dialled', session, frame })
}

it('SES-3 leaves one session when both friends dial in the same moment', () => {
  const pair = createPair()
  pair.low.connect(RELAY)
  pair.high.connect(RELAY)
  pair.clock.advance(1_000)
  expectTalking(pair)
  pair.clock.advance(60_000)
  expect([pair.low.story, pair.high.story]).toEqual([['ack'], ['ack']])
})

it('SES-1 lets the friend who comes on line find the one who waits', () => {
  const pair = createPair()
  pair.low.connect(RELAY)
  pair.clock.advance(300_000)
  expect(pair.low.session).toBeUndefined()
  pair.high.connect(RELAY)
  pair.clock.advance(100)
  expectTalking(pair)
})

it('SES-1 dials over the next of the friend’s relays when one does not lead to him', () => {
  const pair = createPair()
  const { clock, low, high } = pair
  befriend(low, [RELAY, OTHER_RELAY])
  befriend(high, [])
  low.connect(RELAY)
  low.connect(OTHER_RELAY)
  high.connect(OTHER_RELAY)
  clock.advance(200)
  expectTalking(pair)
})

it('SES-1 uses a new relay of a friend at once', () => {
  const pair = createPair()
  const { clock, low, high } = pair
  befriend(low, [])
  befriend(high, [])
  low.connect(RELAY)
  high.connect(RELAY)
  clock.advance(60_000)
  expect(low.session).toBeUndefined()
  befriend(low)
  clock.advance(100)
  expectTalking(pair)
})

it('SES-1 ends the session when its relay is lost, and begins another when it is back', () => {
  const pair = createPair()
  const { clock, low, high } = pair
  low.connect(RELAY)
  high.connect(RELAY)
  clock.advance(20_000)
  low.disconnect(RELAY)
  expect(low.session).toBeUndefined()
  clock.advance(5_000)
  low.connect(RELAY)
  clock.advance(40_000)
  expectTalking(pair)
})

it('SES-6 tells a friend that a restart ended his session, so that he need not wait for a time-out', () => {
  const pair = createPair()
  const { clock, low, high } = pair
  low.connect(RELAY)
  high.connect(RELAY)
  clock.advance(60_000)
  // The relay link survives, and he does not dial himself: only the answer to a packet can tell.
  high.restart()
  befriend(high, [])
  low.sessions.send(high.key, low.session!, ACK)
  clock.advance(100)
  expect(low.story.at(-1)).toBe('online')
  expectTalking(pair)
})

it('SES-3 takes the newer session of a friend who lost the older one', () => {
  const pair = createPair()
  const { clock, low, high } = pair
  low.connect(RELAY)
  high.connect(RELAY)
  clock.advance(60_000)
  high.restart()
  befriend(high)
  high.connect(RELAY)
  clock.advance(200)
  expect(low.story.slice(-2)).toEqual(['offline', 'online'])
  expectTalking(pair)
})

it('NOI-8 moves to a new session after an hour without going off line for long', () => {
  const pair = createPair()
  const { clock, low, high } = pair
  low.connect(RELAY)
  high.connect(RELAY)
  clock.advance(1_000)
  low.story.length = 0
  clock.advance(3_700_000)
  expect(low.story).toEqual(['offline', 'online'])
  expectTalking(pair)
})

it('SES-1 begins again, slowly, after a packet was altered on its way', () => {
  const pair = createPair()
  const { clock, low, high } = pair
  low.connect(RELAY)
  high.connect(RELAY)
  clock.advance(1_000)
  low.alter = (packet) => packet.map((byte, index) => (index === packet.length - 1 ? byte ^ 1 : byte))
  low.sessions.send(high.key, low.session!, ACK)
  clock.advance(50)
  expect([low.session, high.session]).toEqual([undefined, undefined])
  low.alter = (packet) => packet
  clock.advance(30_000)
  expectTalking(pair)
})

it('SES-2 answers strangers nothing, and friends no more handshakes than they may cause', () => {
  const { clock, low, high } = createPair()
  low.connect(RELAY)
  clock.advance(1)
  const hello = (session: string) =>
    friendPacket.encode({ kind: 'dialled', session, frame: new Uint8Array(34) })
  const before = low.sent
  low.sessions.packet(RELAY, 'T'.repeat(43) as PublicKey, hello('AAAAAAAAAAA'))
  expect(low.sent).toBe(before)
  high.relays.add(RELAY)
  low.sessions.packet(RELAY, high.key, Uint8Array.of(9, 9))
  for (let i = 0; i < 100; i++) {
    const session = wire.toBase64url(Uint8Array.of(i, 0, 0, 0, 0, 0, 0, 0))
    low.sessions.packet(
      RELAY,
      high.key,
      friendPacket.encode({ kind: 'dialled', session, frame: new Uint8Array(500) }),
    )
  }
  expect(low.sent - before).toBe(FRIEND_DIALS_BURST_MAX)
})

it('SES-2 lets friends meet over one relay while another floods both in their names', () => {
  const pair = createPair()
  const { clock, low, high } = pair
  for (const side of [low, high]) {
    befriend(side, [OTHER_RELAY, RELAY])
    side.alter = (packet, relay) => (relay === OTHER_RELAY ? undefined : packet)
    side.relays.add(RELAY)
    side.relays.add(OTHER_RELAY)
  }
  const forge = seededRandom('forger')
  for (let i = 0; i < 2_000 && (low.session === undefined || high.session === undefined); i++) {
    for (const [side, friend] of [
      [low, high],
      [high, low],
    ] as const) {
      side.sessions.packet(OTHER_RELAY, friend.key, forgedHello(forge(32)))
    }
    if (i === 100) {
      low.sessions.relayConnected(RELAY)
      high.sessions.relayConnected(RELAY)
    }
    clock.advance(50)
  }
  expectTalking(pair)
})

it('SES-3 does not give up its own dial for one that comes over another relay', () => {
  const pair = createPair()
  const { clock, low, high } = pair
  befriend(low, [])
  low.relays.add(RELAY)
  high.connect(RELAY)
  high.sessions.packet(OTHER_RELAY, low.key, forgedHello(new Uint8Array(32).fill(9)))
  clock.advance(100)
  expectTalking(pair)
})

it('SES-1 dials again when nothing comes of the friend’s dial, for which its own was given up', () => {
  const pair = createPair()
  const { clock, low, high } = pair
  // Only the one with the higher key knows where the other listens.
  befriend(low, [])
  befriend(high, [OTHER_RELAY, RELAY])
  for (const side of [low, high]) {
    side.alter = (packet, relay) => (relay === OTHER_RELAY ? undefined : packet)
    side.relays.add(RELAY)
    side.relays.add(OTHER_RELAY)
  }
  high.sessions.relayConnected(OTHER_RELAY)
  high.sessions.packet(OTHER_RELAY, low.key, forgedHello(new Uint8Array(32).fill(9)))
  clock.advance(60_000)
  expectTalking(pair)
})

it('SES-2 lets one relay cause no more answers in the names of all friends than RELAY_DIALS_BURST_MAX', () => {
  const { low } = createPair()
  const keys = Array.from({ length: FRIENDS_MAX }, (_, friend) =>
    wire.publicKey.decode(Uint8Array.of(friend >> 8, friend & 255, ...new Uint8Array(30))),
  )
  low.sessions.update(keys.map((publicKey) => ({ publicKey, relays: [] })))
  low.relays.add(RELAY)
  low.relays.add(OTHER_RELAY)
  const frame = new Uint8Array(500)
  const stray = friendPacket.encode({ kind: 'dialled', session: 'AAAAAAAAAAA', frame })
  for (const key of [...keys, ...keys]) low.sessions.packet(RELAY, key, stray)
  expect(low.sent).toBe(RELAY_DIALS_BURST_MAX)
  low.sessions.packet(OTHER_RELAY, keys[0]!, stray)
  expect(low.sent).toBe(RELAY_DIALS_BURST_MAX + 1)
})

it('SES-4 refuses a message that does not decode, and passes on a batch whose body does not', () => {
  expect(decodeMessage(Uint8Array.of(99)).ok).toBe(false)
  const batch = Uint8Array.of(2, 0, 1, 77, ...new Uint8Array(64))
  expect(decodeMessage(batch)).toMatchObject({ ok: true, value: { kind: 'batch', content: undefined } })
})

it('ends the session with a friend who is disabled, and answers him no more', () => {
  const { clock, low, high } = createPair()
  low.connect(RELAY)
  high.connect(RELAY)
  clock.advance(1_000)
  low.sessions.update([])
  expect(low.story.at(-1)).toBe('offline')
  const { sent } = low
  clock.advance(600_000)
  expect(low.sent).toBe(sent)
  expect(high.session).toBeUndefined()
})
