import { describe, expect, it } from 'vitest'
import { nobleProvider } from '../../../protocol/ed25519.ts'
import { DEAD_AFTER_MS, HANDSHAKE_MS_MAX, PING_AFTER_MS, REKEY_AGE_MS_MAX } from '../../../protocol/limits.ts'
import { linkIdentity } from '../../../protocol/link.ts'
import { openLink, type LinkSocket } from '../../../protocol/link-socket.ts'
import type { PublicKey } from '../../../protocol/types.ts'
import { MemorySocket } from '../../support/memory-socket.ts'
import { seededRandom } from '../../support/seeded-random.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const random = seededRandom('link-socket')
const alice = linkIdentity(nobleProvider.signer(random(32)), random(32), nobleProvider)
const bob = linkIdentity(nobleProvider.signer(random(32)), random(32), nobleProvider)

const QUEUE_BYTES_MAX = 10_000

/** An end of a link that writes down what happens to it. */
class End {
  readonly story: string[] = []
  readonly link: LinkSocket
  readonly socket: MemorySocket

  constructor(clock: VirtualClock, socket: MemorySocket, dials?: PublicKey) {
    this.socket = socket
    this.link = openLink({
      socket,
      clock,
      random,
      crypto: nobleProvider,
      identity: dials === undefined ? bob : alice,
      role: dials === undefined ? 'responder' : 'initiator',
      expect: dials,
      onOpen: (peer) => this.story.push(peer === alice.signer.publicKey ? 'open alice' : 'open bob'),
      onMessage: (message) => this.story.push(`message ${message.join()}`),
      onClose: (fault) => this.story.push(`closed ${fault.code}`),
      onRekey: () => this.story.push('rekey'),
      queueBytesMax: QUEUE_BYTES_MAX,
    })
  }
}

function connected(clock: VirtualClock): [End, End] {
  const [a, b] = MemorySocket.pair(clock)
  const ends: [End, End] = [new End(clock, a, bob.signer.publicKey), new End(clock, b)]
  clock.advance(10)
  return ends
}

describe('link over a socket', () => {
  it('tells both ends who the other is, and carries messages both ways', () => {
    const clock = new VirtualClock()
    const [a, b] = connected(clock)
    a.link.send(Uint8Array.of(1))
    b.link.send(Uint8Array.of(2))
    clock.advance(10)
    expect(a.story).toEqual(['open bob', 'message 2'])
    expect(b.story).toEqual(['open alice', 'message 1'])
    expect(b.link.peer).toBe(alice.signer.publicKey)
  })

  it('stays up in silence by its own keep-alives', () => {
    const clock = new VirtualClock()
    const [a, b] = connected(clock)
    clock.advance(10 * DEAD_AFTER_MS)
    a.link.send(Uint8Array.of(1))
    clock.advance(10)
    expect(b.story).toEqual(['open alice', 'message 1'])
  })

  it('ends with its reason when the other side falls silent, and closes the socket', () => {
    const clock = new VirtualClock()
    const [a, b] = connected(clock)
    b.socket.intercept = () => undefined
    clock.advance(DEAD_AFTER_MS + 10)
    expect(a.story).toEqual(['open bob', 'closed timedOut'])
    expect(a.socket.isClosed).toBe(true)
  })

  it('ends a handshake that nobody finishes', () => {
    const clock = new VirtualClock()
    const [socket] = MemorySocket.pair(clock)
    const b = new End(clock, socket)
    clock.advance(HANDSHAKE_MS_MAX - 1)
    expect(b.story).toEqual([])
    clock.advance(1)
    expect(b.story).toEqual(['closed timedOut'])
    expect(socket.isClosed).toBe(true)
  })

  it('says nothing more to an owner who closed it, and at once to the other side', () => {
    const clock = new VirtualClock()
    const [a, b] = connected(clock)
    a.link.close()
    a.link.close()
    a.link.send(Uint8Array.of(1))
    clock.advance(DEAD_AFTER_MS)
    expect(a.story).toEqual(['open bob'])
    expect(b.story).toEqual(['open alice', 'closed closedByPeer'])
  })

  it('says that the connection was lost when the socket breaks', () => {
    const clock = new VirtualClock()
    const [a] = connected(clock)
    a.socket.cut()
    a.link.send(Uint8Array.of(1))
    expect(a.story).toEqual(['open bob', 'closed disconnected'])
  })

  it('ends on rubbish, whatever comes after it', () => {
    const clock = new VirtualClock()
    const [a, b] = connected(clock)
    a.socket.send(new Uint8Array(300))
    a.link.send(Uint8Array.of(1))
    clock.advance(10)
    expect(b.story).toEqual(['open alice', 'closed decryptFailed'])
  })

  it('NOI-11 leaves a peer that keeps asking and reads no answer, be it pings that he sends', () => {
    const clock = new VirtualClock()
    const [a, b] = connected(clock)
    b.socket.bufferedBytes = QUEUE_BYTES_MAX
    clock.advance(2 * PING_AFTER_MS)
    expect(b.story).toEqual(['open alice'])
    b.socket.bufferedBytes += 1
    clock.advance(2 * PING_AFTER_MS)
    expect(b.story).toEqual(['open alice', 'closed tooSlow'])
    expect(a.story).toEqual(['open bob', 'closed closedByPeer'])
  })

  it('asks its owner once to connect again when the session is old', () => {
    const clock = new VirtualClock()
    const [a] = connected(clock)
    clock.advance(REKEY_AGE_MS_MAX + DEAD_AFTER_MS)
    expect(a.story).toEqual(['open bob', 'rekey'])
  })
})
