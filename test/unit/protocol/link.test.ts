import { describe, expect, it } from 'vitest'
import { encodeFrame } from '../../../protocol/frames.ts'
import {
  DEAD_AFTER_MS,
  FRAME_BYTES_MAX,
  HANDSHAKE_MS_MAX,
  MESSAGE_BYTES_MAX,
  PACKET_BYTES_MAX,
  PING_AFTER_MS,
  PINGS_BURST_MAX,
  REKEY_AGE_MS_MAX,
  REKEY_GRACE_MESSAGES,
  REKEY_GRACE_MS,
} from '../../../protocol/limits.ts'
import type { LinkEvent } from '../../../protocol/link.ts'
import { Handshake } from '../../../protocol/noise.ts'
import { InvariantError } from '../../../protocol/result.ts'
import { nobleProvider } from '../../../protocol/ed25519.ts'
import { fromBase64url, tagged } from '../../../protocol/wire.ts'
import {
  alice,
  bob,
  carol,
  carry,
  closedWith,
  initiator,
  onlyFrame,
  openPair,
  responder,
} from '../../support/link-pair.ts'

const bytes = (size: number): Uint8Array => Uint8Array.from({ length: size }, (_, index) => index % 251)

describe('handshake', () => {
  it('NOI-3: tells each side the verified identity of the other', () => {
    const [a, b] = [initiator(), responder()]
    expect(carry(a, b)).toEqual([])
    expect(carry(b, a)).toEqual([{ kind: 'open', peer: bob.signer.publicKey }])
    expect(carry(a, b)).toEqual([{ kind: 'open', peer: alice.signer.publicKey }])
    expect([a.isOpen, b.isOpen, a.peer, b.peer]).toEqual([
      true,
      true,
      bob.signer.publicKey,
      alice.signer.publicKey,
    ])
  })

  it('NOI-3: refuses whoever is not expected, and does not tell him who we are', () => {
    const [a, b] = [initiator({ expect: carol.signer.publicKey }), responder()]
    carry(a, b)
    expect(closedWith(carry(b, a))).toBe('wrongPeer')
    expect(a.takeFrames()).toEqual([])
    expect([a.isClosed, a.peer]).toEqual([true, undefined])
  })

  it('NOI-3: lets a responder expect somebody too', () => {
    const [a, b] = [initiator(), responder({ expect: carol.signer.publicKey })]
    carry(a, b)
    carry(b, a)
    expect(closedWith(carry(a, b))).toBe('wrongPeer')
  })

  it('NOI-3: refuses an identity whose signature is of another static key', () => {
    const stolen = { ...carol, payload: bob.payload }
    const [a, b] = [initiator(), responder({ identity: stolen })]
    carry(a, b)
    expect(closedWith(carry(b, a))).toBe('badSignature')
  })

  it('SIG-6: refuses a signature of the static key without its domain tag', () => {
    const signWith = (message: Uint8Array): Uint8Array => {
      const signature = fromBase64url(bob.signer.sign(message))
      return Uint8Array.from([...bob.payload.subarray(0, 34), ...signature])
    }
    const untagged = { ...bob, payload: signWith(bob.staticKey.public) }
    const wrongTag = { ...bob, payload: signWith(tagged('offst/batch/v1', bob.staticKey.public)) }
    for (const identity of [untagged, wrongTag]) {
      const [a, b] = [initiator(), responder({ identity })]
      carry(a, b)
      expect(closedWith(carry(b, a))).toBe('badSignature')
    }
  })

  it('NOI-2: answers a version it does not speak with its own, so that both say what is wrong', () => {
    const [a, b] = [initiator(), responder()]
    const hello = onlyFrame(a)
    hello[33] = 2
    const events = b.receive(hello, 0)
    expect(closedWith(events)).toBe('versionUnsupported')
    const refusal = onlyFrame(b)
    expect([...refusal]).toEqual([0, 1])
    expect(closedWith(a.receive(Uint8Array.of(0, 3), 0))).toBe('versionUnsupported')
    expect(closedWith(initiator().receive(refusal, 0))).toBe('malformed')
  })

  it('NOI-2: tells versions apart before it looks at the size of a hello', () => {
    const later = Uint8Array.from([...onlyFrame(initiator()), 1, 2, 3])
    later[33] = 9
    expect(closedWith(responder().receive(later, 0))).toBe('versionUnsupported')
    later[33] = 1
    expect(closedWith(responder().receive(later, 0))).toBe('malformed')
  })

  it('NOI-2: fails between sides that mean different things by the link', () => {
    const [a, b] = [initiator({ prologue: bytes(1) }), responder()]
    carry(a, b)
    expect(closedWith(carry(b, a))).toBe('decryptFailed')
  })

  it('NOI-2: fails when somebody in the middle altered the hello', () => {
    const [a, b] = [initiator(), responder()]
    const hello = onlyFrame(a)
    hello[0] = (hello[0] ?? 0) ^ 1
    expect(b.receive(hello, 0)).toEqual([])
    expect(closedWith(carry(b, a))).toBe('decryptFailed')
  })

  it('NOI-3: refuses an introduction of another version', () => {
    const payload = bob.payload.slice()
    payload[1] = 2
    const [a, b] = [initiator(), responder({ identity: { ...bob, payload } })]
    carry(a, b)
    expect(closedWith(carry(b, a))).toBe('versionUnsupported')
  })

  it('NOI-4: refuses messages of a wrong size without any arithmetic', () => {
    const staticKey = {
      public: bob.staticKey.public,
      get secret(): never {
        throw new Error('the handshake did arithmetic')
      },
    }
    const identity = { ...bob, staticKey }
    for (const size of [0, 1, 33, 35, 100, 5_000]) {
      const b = responder({ identity })
      const frame = new Uint8Array(size).fill(9)
      if (size > 33) frame.set([0, 1], 32)
      expect(closedWith(b.receive(frame, 0))).toBe('malformed')
      expect(b.takeFrames()).toEqual([])
    }
    expect(() => carry(initiator(), responder({ identity }))).toThrow('arithmetic')
    const [a, b] = [initiator(), responder()]
    carry(a, b)
    expect(closedWith(a.receive(new Uint8Array(193), 0))).toBe('malformed')
    expect(closedWith(b.receive(new Uint8Array(163), 0))).toBe('malformed')
  })

  it('NOI-4: gives up a handshake that takes too long', () => {
    const b = responder({ now: 1_000 })
    expect(b.nextDeadline()).toBe(1_000 + HANDSHAKE_MS_MAX)
    expect(b.tick(999 + HANDSHAKE_MS_MAX)).toEqual([])
    expect(closedWith(b.tick(b.nextDeadline()))).toBe('timedOut')
    expect([b.isClosed, b.nextDeadline()]).toEqual([true, Infinity])
  })

  it('stops a program that dials without naming the peer, or sends before the link is open', () => {
    expect(() => initiator({ expect: undefined })).toThrow(InvariantError)
    expect(() => initiator().send(bytes(1), 0)).toThrow(InvariantError)
    expect(() => openPair().a.send(new Uint8Array(MESSAGE_BYTES_MAX + 1), 0)).toThrow(InvariantError)
  })
})

describe('messages', () => {
  it('NOI-6: carries messages of any size, in pieces that fit the transport', () => {
    for (const maxFrame of [FRAME_BYTES_MAX, PACKET_BYTES_MAX, 1_200]) {
      const { a, b } = openPair({ maxFrame })
      for (const size of [0, 1, 253, 254, 60_000, 65_517, 300_000]) {
        a.send(bytes(size), 0)
        const frames = a.takeFrames()
        expect(Math.max(...frames.map((frame) => frame.length))).toBeLessThanOrEqual(maxFrame)
        const events = frames.flatMap((frame) => b.receive(frame, 0))
        expect(isMessage(events, bytes(size))).toBe(true)
      }
    }
  })

  it('NOI-6: carries the longest message', () => {
    const { a, b } = openPair()
    const longest = bytes(MESSAGE_BYTES_MAX)
    a.send(longest, 0)
    expect(isMessage(carry(a, b), longest)).toBe(true)
  })

  it('NOI-6: ends the session when pieces add up to more than the limit', () => {
    const { a, b } = openPair({ maxMessage: 70_000 })
    a.send(bytes(70_000), 0)
    expect(carry(a, b)).toHaveLength(1)
    a.send(bytes(70_001), 0)
    expect(closedWith(carry(a, b))).toBe('messageTooLong')
  })

  it('NOI-6: refuses frames larger than the transport should carry', () => {
    const { a } = openPair({ maxFrame: 1_200 })
    expect(closedWith(a.receive(new Uint8Array(1_201), 0))).toBe('malformed')
  })

  it('NOI-5: shows only size classes to whoever looks on', () => {
    const { a } = openPair()
    const seen = new Set<number>()
    for (let size = 0; size < 300; size += 7) {
      a.send(bytes(size), 0)
      seen.add(onlyFrame(a).length)
    }
    expect([...seen]).toEqual([256 + 16, 256 + 64 + 16])
  })

  it('NOI-5: ends the session when the peer seals what is no frame', () => {
    for (const plaintext of [
      bytes(256),
      new Uint8Array(0),
      encodeFrame({ kind: 'last', payload: bytes(9) }).fill(1, 99),
    ]) {
      const { b, seal } = sealedByHand()
      expect(closedWith(b.receive(seal(plaintext), 0))).toBe('malformed')
    }
  })

  it('NOI-7: ends the session at a gap, a repetition, a swap and a bad tag', () => {
    const spoil: ((first: Uint8Array, second: Uint8Array) => Uint8Array[])[] = [
      (_, second) => [second],
      (first) => [first, first],
      (first, second) => [second, first],
      (first) => [first.map((byte, index) => (index === 271 ? byte ^ 1 : byte))],
      (first) => [first.subarray(1)],
      () => [new Uint8Array(0)],
    ]
    for (const frames of spoil) {
      const { a, b } = openPair()
      a.send(bytes(1), 0)
      a.send(bytes(2), 0)
      const [first, second] = a.takeFrames()
      if (first === undefined || second === undefined) throw new Error('two messages make two frames')
      const events = frames(first, second).flatMap((frame) => b.receive(frame, 0))
      expect(closedWith(events)).toBe('decryptFailed')
      expect(b.isClosed).toBe(true)
      expect(b.receive(first, 0)).toEqual([])
      // The other side learns of it at once, since that direction is whole.
      expect(closedWith(carry(b, a))).toBe('closedByPeer')
    }
  })

  it('NOI-7: does not open what it sealed itself', () => {
    const { a } = openPair()
    a.send(bytes(1), 0)
    expect(closedWith(a.receive(onlyFrame(a), 0))).toBe('decryptFailed')
  })
})

describe('time', () => {
  it('NOI-8: asks for a new handshake after an hour and ends five minutes later', () => {
    const { a, b } = openPair()
    for (let now = 0; now < REKEY_AGE_MS_MAX; now += PING_AFTER_MS) {
      expect([...a.tick(now), ...b.tick(now), ...carry(a, b, now), ...carry(b, a, now)]).toEqual([])
      expect(a.wantsRekey).toBe(false)
    }
    expect(a.nextDeadline()).toBe(REKEY_AGE_MS_MAX)
    a.tick(REKEY_AGE_MS_MAX)
    expect([a.wantsRekey, a.isOpen]).toEqual([true, true])
    const end = REKEY_AGE_MS_MAX + REKEY_GRACE_MS
    b.send(bytes(1), end - 1)
    carry(b, a, end - 1)
    expect(a.nextDeadline()).toBe(end)
    expect(closedWith(a.tick(end))).toBe('expired')
  })

  it('NOI-8: asks for a new handshake after so many frames and ends some time later, on both sides', () => {
    const rekeyMessages = 10
    const { a, b } = openPair({ rekeyMessages })
    const message = bytes(1)
    const sendUntil = (count: number, sent: number): void => {
      for (; sent < count; sent++) {
        a.send(message, 0)
        for (const event of carry(a, b)) if (event.kind !== 'message') throw new Error(event.kind)
      }
    }
    sendUntil(rekeyMessages - 1, 0)
    expect([a.wantsRekey, b.wantsRekey]).toEqual([false, false])
    sendUntil(rekeyMessages + REKEY_GRACE_MESSAGES, rekeyMessages - 1)
    expect([a.wantsRekey, b.wantsRekey, a.isOpen, b.isOpen]).toEqual([true, true, true, true])
    a.send(bytes(1), 0)
    expect([a.isClosed, a.nextDeadline()]).toEqual([true, 0])
    expect(closedWith(a.tick(0))).toBe('expired')
    expect(closedWith(carry(a, b))).toBe('expired')
  })

  it('NOI-9: pings a silent peer, who answers at once', () => {
    const { a, b } = openPair()
    expect(a.nextDeadline()).toBe(PING_AFTER_MS)
    expect(a.tick(PING_AFTER_MS - 1)).toEqual([])
    expect(a.takeFrames()).toEqual([])
    a.tick(PING_AFTER_MS)
    expect(carry(a, b, PING_AFTER_MS + 5)).toEqual([])
    expect(carry(b, a, PING_AFTER_MS + 10)).toEqual([])
    expect(a.nextDeadline()).toBe(2 * PING_AFTER_MS + 10)
    expect(a.takeFrames()).toEqual([])
  })

  it('NOI-9: finds a dead peer in thirty seconds', () => {
    const { a } = openPair()
    let now = 0
    while (a.isOpen) {
      now = a.nextDeadline()
      const events = a.tick(now)
      if (events.length > 0) expect(closedWith(events)).toBe('timedOut')
    }
    expect(now).toBe(DEAD_AFTER_MS)
  })

  it('NOI-9: is not fooled by a clock that was set back', () => {
    const { a } = openPair({ now: 1e12 })
    a.tick(5)
    expect(a.nextDeadline()).toBeLessThanOrEqual(5 + PING_AFTER_MS)
    expect(closedWith(a.tick(5 + DEAD_AFTER_MS))).toBe('timedOut')
  })

  it('NOI-12: leaves a peer who pings without end, and takes all that an honest one sends', () => {
    const honest = openPair()
    for (let now = PING_AFTER_MS; now < 100 * PING_AFTER_MS; now += PING_AFTER_MS) {
      honest.a.tick(now)
      expect(carry(honest.a, honest.b, now)).toEqual([])
      expect(carry(honest.b, honest.a, now)).toEqual([])
    }
    const { a, b } = openPair()
    let pings = 0
    for (let now = PING_AFTER_MS; b.isOpen; now += PING_AFTER_MS, pings++) {
      a.tick(now)
      const events = carry(a, b)
      if (events.length > 0) expect(closedWith(events)).toBe('tooManyPings')
      carry(b, a, now)
    }
    expect(pings).toBe(PINGS_BURST_MAX + 1)
  })

  it('NOI-10: tells the peer that it closes, and is silent afterwards', () => {
    const { a, b } = openPair()
    a.send(bytes(3), 0)
    a.close(0)
    a.close(0)
    a.send(bytes(4), 0)
    const events = carry(a, b)
    expect(events.map((event) => event.kind)).toEqual(['message', 'closed'])
    expect(closedWith(events)).toBe('closedByPeer')
    expect([a.tick(1e9), a.nextDeadline(), b.takeFrames()]).toEqual([[], Infinity, []])
  })

  it('NOI-10: closes a link that is not open yet without a word', () => {
    const b = responder()
    b.close(0)
    expect([b.isClosed, b.takeFrames(), carry(initiator(), b)]).toEqual([true, [], []])
  })
})

/** Whether the only event is this message (comparing byte by byte as the test runner does is slow). */
function isMessage(events: readonly LinkEvent[], message: Uint8Array): boolean {
  const [event] = events
  return events.length === 1 && event?.kind === 'message' && Buffer.from(message).equals(event.message)
}

/** A responder whose initiator is a bare Noise state, so that it can seal anything. */
function sealedByHand(): { b: ReturnType<typeof responder>; seal: (plaintext: Uint8Array) => Uint8Array } {
  const b = responder({ crypto: nobleProvider })
  const prologue = tagged('offst/link', new Uint8Array(0))
  const noise = new Handshake(
    'initiator',
    prologue,
    alice.staticKey,
    new Uint8Array(32).fill(8),
    nobleProvider,
  )
  const hello = noise.write(Uint8Array.of(0, 1))
  if (hello.ok) b.receive(hello.value, 0)
  noise.read(onlyFrame(b))
  const introduction = noise.write(alice.payload)
  if (introduction.ok) b.receive(introduction.value, 0)
  const { send } = noise.split()
  return { b, seal: (plaintext) => send.seal(new Uint8Array(0), plaintext) }
}
