import { describe, expect, it } from 'vitest'
import type { Signer } from '../../../protocol/crypto.ts'
import { nobleProvider } from '../../../protocol/ed25519.ts'
import { INDEX_PROLOGUE } from '../../../protocol/index-messages.ts'
import {
  DEAD_AFTER_MS,
  FRAME_BYTES_MAX,
  HANDSHAKE_MS_MAX,
  PACKET_BYTES_MAX,
  PING_AFTER_MS,
} from '../../../protocol/limits.ts'
import {
  fromRelay,
  RELAY_PROLOGUE,
  toRelay,
  type FromRelay,
  type ToRelay,
} from '../../../protocol/relay-messages.ts'
import { HANDSHAKES_MAX, QUEUE_BYTES_HARD_MAX, QUEUE_BYTES_MAX } from '../../../relay-server/limits.ts'
import { RelayServer } from '../../../relay-server/server.ts'
import { LinkClient } from '../../support/link-client.ts'
import { MemorySocket } from '../../support/memory-socket.ts'
import { seededRandom } from '../../support/seeded-random.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const random = seededRandom('relay-server')
const signers = Array.from({ length: 3 }, () => nobleProvider.signer(random(32)))
const [alice, bob, carol] = signers as [Signer, Signer, Signer]
const PAYLOAD = Uint8Array.of(1, 2, 3)

class RelayWorld {
  readonly clock = new VirtualClock()
  readonly relay = new RelayServer({
    signer: nobleProvider.signer(random(32)),
    crypto: nobleProvider,
    clock: this.clock,
    random,
  })
  /** The relay's ends of the connections, in their order. */
  readonly serverSockets: MemorySocket[] = []

  /** An open connection without a client. */
  socket(): MemorySocket {
    const [mine, servers] = MemorySocket.pair(this.clock)
    this.relay.accept(servers)
    this.serverSockets.push(servers)
    return mine
  }

  client(signer: Signer, prologue = RELAY_PROLOGUE): LinkClient<FromRelay, ToRelay> {
    const client = new LinkClient({
      socket: this.socket(),
      clock: this.clock,
      random,
      signer,
      server: this.relay.publicKey,
      prologue,
      says: toRelay,
      hears: fromRelay,
    })
    this.clock.advance(10)
    return client
  }

  /** Two clients that allow each other, with nothing left to hear. */
  friends(): [LinkClient<FromRelay, ToRelay>, LinkClient<FromRelay, ToRelay>] {
    const [a, b] = [this.client(alice), this.client(bob)]
    a.say({ kind: 'allow', keys: [b.key] })
    b.say({ kind: 'allow', keys: [a.key] })
    this.clock.advance(10)
    a.take()
    b.take()
    return [a, b]
  }
}

describe('relay server', () => {
  it('REL-2 carries packets both ways between friends', () => {
    const world = new RelayWorld()
    const [a, b] = world.friends()
    a.say({ kind: 'send', to: b.key, payload: PAYLOAD })
    b.say({ kind: 'send', to: a.key, payload: new Uint8Array(60_000) })
    world.clock.advance(10)
    expect(b.take()).toEqual([{ kind: 'received', from: a.key, payload: PAYLOAD }])
    expect(a.take()).toEqual([{ kind: 'received', from: b.key, payload: new Uint8Array(60_000) }])
  })

  it('REL-4 tells friends when a connection breaks, and when its client falls silent', () => {
    const world = new RelayWorld()
    const [a, b] = world.friends()
    a.say({ kind: 'send', to: b.key, payload: PAYLOAD })
    world.clock.advance(10)
    world.serverSockets[1]?.cut()
    world.clock.advance(10)
    expect(a.take()).toEqual([{ kind: 'peerGone', key: b.key, reason: 'disconnected' }])

    const back = world.client(bob)
    back.say({ kind: 'allow', keys: [a.key] })
    world.clock.advance(10)
    a.say({ kind: 'send', to: b.key, payload: PAYLOAD })
    world.clock.advance(10)
    world.serverSockets[2]!.onMessage = () => undefined
    world.clock.advance(DEAD_AFTER_MS)
    expect(a.take()).toEqual([{ kind: 'peerGone', key: b.key, reason: 'disconnected' }])
  })

  it('REL-5 the older connection hears that it is replaced before it ends', () => {
    const world = new RelayWorld()
    const older = world.client(alice)
    older.take()
    const newer = world.client(alice)
    expect(older.take()).toEqual([{ kind: 'replaced' }])
    expect(older.ended).toBe('closedByPeer')
    expect(newer.ended).toBeUndefined()
    expect(world.relay.stats().clients).toBe(1)
  })

  it('REL-6 a receiver that does not read loses packets, and nobody else does', () => {
    const world = new RelayWorld()
    const [a, b] = world.friends()
    const c = world.client(carol)
    c.say({ kind: 'allow', keys: [a.key] })
    world.clock.advance(10)
    c.take()
    world.serverSockets[1]!.bufferedBytes = QUEUE_BYTES_MAX
    a.say({ kind: 'send', to: b.key, payload: PAYLOAD })
    a.say({ kind: 'send', to: c.key, payload: PAYLOAD })
    world.clock.advance(10)
    expect(a.take()).toEqual([{ kind: 'peerGone', key: b.key, reason: 'overloaded' }])
    expect(b.take()).toEqual([])
    expect(c.take()).toHaveLength(1)
  })

  it('REL-6 keeps no more than its queue for a client that never reads, however much it is sent', () => {
    const world = new RelayWorld()
    const [a, b] = world.friends()
    const c = world.client(carol)
    c.say({ kind: 'allow', keys: [a.key] })
    world.clock.advance(10)
    c.take()
    const unread = world.serverSockets[1]!
    unread.intercept = (message) => {
      unread.bufferedBytes += message.length
      return undefined
    }
    const payload = new Uint8Array(PACKET_BYTES_MAX)
    const count = Math.ceil((2 * QUEUE_BYTES_MAX) / PACKET_BYTES_MAX)
    for (let sent = 0; sent < count; sent++) a.say({ kind: 'send', to: b.key, payload })
    a.say({ kind: 'send', to: c.key, payload: PAYLOAD })
    world.clock.advance(10)
    expect(unread.bufferedBytes).toBeLessThan(QUEUE_BYTES_MAX + FRAME_BYTES_MAX)
    const lost = a.take()
    expect(lost.length).toBeGreaterThan(count / 3)
    expect(new Set(lost.map(({ kind }) => kind))).toEqual(new Set(['peerGone']))
    expect(c.take()).toEqual([{ kind: 'received', from: a.key, payload: PAYLOAD }])
  })

  it('REL-6 a client that reads nothing at all is disconnected', () => {
    const world = new RelayWorld()
    const [a, b] = world.friends()
    b.say({ kind: 'send', to: a.key, payload: PAYLOAD })
    world.clock.advance(10)
    world.serverSockets[0]!.bufferedBytes = QUEUE_BYTES_HARD_MAX + 1
    a.say({ kind: 'send', to: carol.publicKey, payload: PAYLOAD })
    world.clock.advance(10)
    expect(a.ended).toBe('closedByPeer')
    expect(world.relay.stats().clients).toBe(1)
    expect(b.take()).toEqual([{ kind: 'peerGone', key: a.key, reason: 'disconnected' }])
  })

  it('REL-6 NOI-11 a client that only asks for signs of life, and reads none, is disconnected', () => {
    const world = new RelayWorld()
    const [a] = world.friends()
    world.serverSockets[0]!.bufferedBytes = QUEUE_BYTES_HARD_MAX + 1
    world.clock.advance(2 * PING_AFTER_MS)
    expect(a.ended).toBe('closedByPeer')
    expect(world.relay.stats().clients).toBe(1)
  })

  it('REL-7 ends a link on which something else is spoken, and goes on for the others', () => {
    const world = new RelayWorld()
    const [a, b] = world.friends()
    a.link.send(Uint8Array.of(0x7f, 1, 2))
    world.clock.advance(10)
    expect(a.ended).toBe('closedByPeer')
    const again = world.client(alice)
    again.say({ kind: 'allow', keys: [b.key] })
    again.take()
    b.say({ kind: 'send', to: a.key, payload: PAYLOAD })
    world.clock.advance(10)
    expect(again.take()).toEqual([{ kind: 'received', from: b.key, payload: PAYLOAD }])
  })

  it('REL-7 does not take a link that was meant for another kind of server', () => {
    const world = new RelayWorld()
    const lost = world.client(alice, INDEX_PROLOGUE)
    expect(lost.isOpen).toBe(false)
    expect(lost.ended).toBeDefined()
  })

  it('REL-8 gives up strangers who do not finish the handshake, and bounds their number', () => {
    const world = new RelayWorld()
    const strangers = Array.from({ length: 3 * HANDSHAKES_MAX }, () => world.socket())
    world.clock.advance(10)
    const areClosed = strangers.map(({ isClosed }) => isClosed)
    expect(areClosed.indexOf(false)).toBe(2 * HANDSHAKES_MAX)
    expect(areClosed.lastIndexOf(true)).toBe(2 * HANDSHAKES_MAX - 1)
    const turnedAway = 2 * HANDSHAKES_MAX
    expect(world.relay.stats()).toEqual({ clients: 0, handshakes: HANDSHAKES_MAX, turnedAway })
    world.clock.advance(HANDSHAKE_MS_MAX)
    expect(world.relay.stats()).toEqual({ clients: 0, handshakes: 0, turnedAway })
  })

  it('REL-8 lets in whoever finishes the handshake while strangers go on knocking', () => {
    const world = new RelayWorld()
    for (let i = 0; i < HANDSHAKES_MAX; i++) world.socket()
    expect(world.client(alice).isOpen).toBe(true)
  })

  it('ends all links when it closes, and takes no more', () => {
    const world = new RelayWorld()
    const [a] = world.friends()
    const stranger = world.socket()
    world.relay.close()
    world.clock.advance(10)
    expect(a.ended).toBe('closedByPeer')
    expect(stranger.isClosed).toBe(true)
    expect(world.client(bob).isOpen).toBe(false)
  })
})
