import { describe, expect, it } from 'vitest'
import {
  decodeFrame,
  encodeFrame,
  FRAME_BYTES_MIN,
  payloadBytesMax,
  SIZE_CLASSES,
} from '../../../protocol/frames.ts'
import { FRAME_BYTES_MAX, PACKET_BYTES_MAX } from '../../../protocol/limits.ts'
import { TAG_BYTES } from '../../../protocol/noise.ts'

const HEADER_BYTES = 3
const largest = SIZE_CLASSES.at(-1) ?? 0

/** A padded frame with one byte changed. */
function altered(index: number, value: number): Uint8Array {
  const frame = encodeFrame({ kind: 'last', payload: Uint8Array.of(1, 2, 3) })
  frame[index] = value
  return frame
}

function codeOf(plaintext: Uint8Array): string {
  const decoded = decodeFrame(plaintext)
  return decoded.ok ? 'ok' : decoded.error.code
}

describe('NOI-5: padding', () => {
  it('makes every frame as long as a size class, the smallest that fits', () => {
    for (const size of SIZE_CLASSES) {
      const full = new Uint8Array(size - HEADER_BYTES).fill(7)
      for (const payload of [full, full.subarray(1)]) {
        const frame = encodeFrame({ kind: 'last', payload })
        expect(frame.length).toBe(size)
        expect(decodeFrame(frame)).toEqual({ ok: true, value: { kind: 'last', payload } })
      }
    }
    expect(encodeFrame({ kind: 'ping', payload: new Uint8Array(0) }).length).toBe(SIZE_CLASSES[0])
  })

  it('has classes that grow, and that fit a relay packet and a Noise message', () => {
    expect(SIZE_CLASSES).toEqual([...SIZE_CLASSES].sort((a, b) => a - b))
    expect(payloadBytesMax(PACKET_BYTES_MAX)).toBe(PACKET_BYTES_MAX - TAG_BYTES - HEADER_BYTES)
    expect(payloadBytesMax(FRAME_BYTES_MAX)).toBe(largest - HEADER_BYTES)
    expect(payloadBytesMax(FRAME_BYTES_MIN)).toBe(256 - HEADER_BYTES)
    expect(() => payloadBytesMax(FRAME_BYTES_MIN - 1)).toThrow('too small')
  })
})

describe('NOI-5: decoding refuses', () => {
  it.each([
    ['an empty plaintext', new Uint8Array(0)],
    ['a size that is no class', encodeFrame({ kind: 'ping', payload: new Uint8Array(0) }).subarray(1)],
    ['kind 0', altered(0, 0)],
    ['an unknown kind', altered(0, 6)],
    ['a length beyond the frame', altered(1, 255)],
    ['a length that leaves payload in the padding', altered(2, 2)],
    ['padding that is not zero', altered(255, 1)],
    ['a keep-alive with a payload', altered(0, 3)],
    ['a close with a payload', altered(0, 5)],
    ['a piece of a message that is not full', altered(0, 2)],
  ])('%s', (_, plaintext) => {
    expect(codeOf(plaintext)).toBe('malformed')
  })

  it('a frame of a larger class than it needs', () => {
    const frame = new Uint8Array(512)
    frame.set(altered(0, 1))
    expect(codeOf(frame)).toBe('malformed')
  })
})
