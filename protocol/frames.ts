// The plaintext of one sealed frame of a link: kind, length, payload, zeros up to a size class, so that the
// lengths seen outside tell little of what is inside.

import { FRAME_BYTES_MAX, PACKET_BYTES_MAX } from './limits.ts'
import { TAG_BYTES } from './noise.ts'
import { fail, invariant, ok, type Result } from './result.ts'

/** The kinds of frames and their byte on the wire. */
const KIND_BYTES = { last: 1, more: 2, ping: 3, pong: 4, close: 5 } as const
export type FrameKind = keyof typeof KIND_BYTES

/** `last` and `more` carry (a piece of) a message; the others carry nothing. */
export interface Frame {
  readonly kind: FrameKind
  readonly payload: Uint8Array
}

/** One byte of kind and two of length. */
const HEADER_BYTES = 3
/** Room for one frame of a friend's session, sealed, in the relay packet that carries it. */
const NESTING_BYTES = 64

/**
 * The sizes that a plaintext may have (NOI-5). 256: keep-alives, acknowledgements and answers; 512: one
 * request; 1024: a few; 4096 and 16384: batches under load. Each has a twin that holds a sealed frame of
 * it inside a relay packet, so that wrapping does not double the size. The last two are the most that fits
 * a relay packet and a Noise message.
 */
export const SIZE_CLASSES: readonly number[] = [
  ...[256, 512, 1_024, 4_096, 16_384].flatMap((size) => [size, size + NESTING_BYTES]),
  PACKET_BYTES_MAX - TAG_BYTES,
  FRAME_BYTES_MAX - TAG_BYTES,
]

/** The smallest limit on frames that a link can work with. */
export const FRAME_BYTES_MIN = (SIZE_CLASSES[0] ?? 0) + TAG_BYTES

/** Bytes of payload of the largest frame that, sealed, is at most `maxFrame` bytes. */
export function payloadBytesMax(maxFrame: number): number {
  const largest = SIZE_CLASSES.findLast((size) => size + TAG_BYTES <= maxFrame)
  invariant(largest !== undefined, `frames of at most ${maxFrame} bytes are too small for a link`)
  return largest - HEADER_BYTES
}

/** The padded plaintext of `frame`; its payload must fit the largest class. */
export function encodeFrame(frame: Frame): Uint8Array {
  const { kind, payload } = frame
  const size = SIZE_CLASSES.find((size) => size >= HEADER_BYTES + payload.length)
  invariant(size !== undefined, 'a frame is larger than the largest size class')
  const plaintext = new Uint8Array(size)
  plaintext[0] = KIND_BYTES[kind]
  new DataView(plaintext.buffer).setUint16(1, payload.length)
  plaintext.set(payload, HEADER_BYTES)
  return plaintext
}

/**
 * Reads an opened frame; fails with `malformed` for whatever `encodeFrame` does not make: another size than
 * the smallest class that fits, an unknown kind, padding that is not zero, a `more` that is not full.
 */
export function decodeFrame(plaintext: Uint8Array): Result<Frame> {
  const size = SIZE_CLASSES.indexOf(plaintext.length)
  if (size === -1) return fail('malformed', `a frame of ${plaintext.length} bytes is of no size class`)
  const kind = kindOf(plaintext[0])
  if (kind === undefined) return fail('malformed', `a frame of unknown kind ${plaintext[0]}`)
  const length = new DataView(plaintext.buffer, plaintext.byteOffset).getUint16(1)
  const end = HEADER_BYTES + length
  if (end > plaintext.length) return fail('malformed', 'a frame whose length is more than it holds')
  if (end <= (SIZE_CLASSES[size - 1] ?? 0)) return fail('malformed', 'a frame larger than it needs to be')
  if (plaintext.subarray(end).some((byte) => byte !== 0)) {
    return fail('malformed', 'a frame whose padding is not zero')
  }
  if (kind === 'more' && end !== plaintext.length) {
    return fail('malformed', 'a piece of a message that does not fill its frame')
  }
  if (kind !== 'more' && kind !== 'last' && length !== 0) {
    return fail('malformed', `a ${kind} frame with a payload`)
  }
  return ok({ kind, payload: plaintext.subarray(HEADER_BYTES, end) })
}

function kindOf(byte: number | undefined): FrameKind | undefined {
  for (const kind in KIND_BYTES) if (KIND_BYTES[kind as FrameKind] === byte) return kind as FrameKind
  return undefined
}
