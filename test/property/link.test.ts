// Whatever happens to the frames of a link on their way, it delivers what was sent or ends; it never throws.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MESSAGE_BYTES_MAX } from '../../protocol/limits.ts'
import type { Link, LinkEvent } from '../../protocol/link.ts'
import { carry, closedWith, initiator, openPair, responder } from '../support/link-pair.ts'

/** Something that a hostile network does to a sequence of frames. */
type Damage = (frames: readonly Uint8Array[]) => Uint8Array[]

const index = fc.nat()

function at(frames: readonly Uint8Array[], number: number): number {
  return number % Math.max(1, frames.length)
}

function replaced(frames: readonly Uint8Array[], position: number, by: readonly Uint8Array[]): Uint8Array[] {
  return [...frames.slice(0, position), ...by, ...frames.slice(position + 1)]
}

function flipped(frame: Uint8Array, bit: number): Uint8Array {
  const copy = frame.slice()
  const place = (bit >> 3) % Math.max(1, copy.length)
  if (copy.length > 0) copy[place] = (copy[place] ?? 0) ^ (1 << (bit & 7))
  return copy
}

/** Only damage that changes the sequence of frames. */
const damage: fc.Arbitrary<Damage> = fc.oneof(
  fc.tuple(index, index).map(
    ([which, bit]): Damage =>
      (frames) =>
        replaced(frames, at(frames, which), [flipped(frames[at(frames, which)] ?? new Uint8Array(1), bit)]),
  ),
  fc.tuple(index, index).map(([which, size]): Damage => (frames) => {
    const frame = frames[at(frames, which)] ?? new Uint8Array(1)
    return replaced(frames, at(frames, which), [frame.subarray(0, size % Math.max(1, frame.length))])
  }),
  index.map(
    (which): Damage =>
      (frames) =>
        replaced(frames, at(frames, which), []),
  ),
  index.map((which): Damage => (frames) => {
    const frame = frames[at(frames, which)] ?? new Uint8Array(1)
    return replaced(frames, at(frames, which), [frame, frame])
  }),
  fc
    .tuple(index, fc.uint8Array({ maxLength: 400 }))
    .map(([which, rubbish]): Damage => (frames) => [
      ...frames.slice(0, at(frames, which)),
      rubbish,
      ...frames.slice(at(frames, which)),
    ]),
  fc.constant<Damage>((frames) => [...frames].reverse()),
)

const messages = fc.array(fc.uint8Array({ maxLength: 700 }), { minLength: 2, maxLength: 5 })

function texts(events: readonly LinkEvent[]): string[] {
  return events.flatMap((event) =>
    event.kind === 'message' ? [Buffer.from(event.message).toString('hex')] : [],
  )
}

function receiveAll(link: Link, frames: readonly Uint8Array[]): LinkEvent[] {
  return frames.flatMap((frame) => link.receive(frame, 0))
}

describe('an open link', () => {
  it('NOI-6: delivers messages of any size in order, both ways at once', () => {
    const sizes = fc.array(fc.oneof(fc.nat(2_000), fc.nat(MESSAGE_BYTES_MAX)), { maxLength: 3 })
    fc.assert(
      fc.property(sizes, sizes, (there, back) => {
        const { a, b } = openPair()
        for (const size of there) a.send(new Uint8Array(size).fill(size), 0)
        for (const size of back) b.send(new Uint8Array(size).fill(size), 0)
        const isAsSent = (events: readonly LinkEvent[], sent: readonly number[]): boolean =>
          events.length === sent.length &&
          events.every(
            (event, number) =>
              event.kind === 'message' &&
              event.message.length === sent[number] &&
              event.message.every((byte) => byte === (event.message.length & 255)),
          )
        expect(isAsSent(carry(a, b), there)).toBe(true)
        expect(isAsSent(carry(b, a), back)).toBe(true)
      }),
      { numRuns: 20 },
    )
  })

  it('NOI-7: delivers a prefix of what was sent and ends, whatever is done to the frames', () => {
    fc.assert(
      fc.property(fc.boolean(), messages, damage, (isForward, sent, damage) => {
        const { a, b } = openPair()
        const [from, to] = isForward ? [a, b] : [b, a]
        for (const message of sent) from.send(message, 0)
        const events = receiveAll(to, damage(from.takeFrames()))
        const wanted = sent.map((message) => Buffer.from(message).toString('hex'))
        const got = texts(events)
        expect(got).toEqual(wanted.slice(0, got.length))
        // Losing the last frames is the only damage that cannot be seen in what arrives.
        if (to.isOpen) expect(got.length).toBeLessThan(sent.length)
        else expect(closedWith(events)).toBe('decryptFailed')
      }),
      { numRuns: 200 },
    )
  })
})

describe('a handshake', () => {
  it('NOI-7: opens with the right peer or not at all, whatever is done to its frames', () => {
    fc.assert(
      fc.property(fc.nat(2), damage, (turn, damage) => {
        const [a, b] = [initiator(), responder()]
        const sides = [a, b, a, b] as const
        for (let step = 0; step < 3; step++) {
          const [from, to] = [sides[step] ?? a, sides[step + 1] ?? b]
          const frames = from.takeFrames()
          const events = receiveAll(to, step === turn ? damage(frames) : frames)
          for (const event of events) expect(event.kind).not.toBe('message')
        }
        if (a.isOpen && b.isOpen) {
          a.send(Uint8Array.of(1), 0)
          expect(texts(carry(a, b))).toEqual(['01'])
        }
      }),
      { numRuns: 150 },
    )
  })

  it('NOI-4: refuses rubbish from strangers with a fault, never with an exception', () => {
    const rubbish = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc
        .uint8Array({ minLength: 34, maxLength: 34 })
        .map((hello) => Uint8Array.from([...hello.slice(0, 32), 0, 1])),
    )
    fc.assert(
      fc.property(fc.array(rubbish, { minLength: 1, maxLength: 4 }), (frames) => {
        for (const link of [responder(), initiator()]) {
          const events = receiveAll(link, frames)
          expect(link.isOpen).toBe(false)
          expect(events.filter((event) => event.kind !== 'closed')).toEqual([])
          expect(events.length).toBeLessThanOrEqual(1)
        }
      }),
      { numRuns: 100 },
    )
  })
})
