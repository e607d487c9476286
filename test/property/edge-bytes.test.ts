// What reads and writes edges without the codec, against the codec: the same values, the same bytes, the same refusals,
// whatever comes.

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { update as updateCodec, type EdgeReport, type Update } from '../../protocol/index-messages.ts'
import { CURRENCY_BYTES_MAX, UPDATE_EDGES_MAX } from '../../protocol/limits.ts'
import { readUpdate } from '../../protocol/read-update.ts'
import { decodePiece, encodePiece, snapshotPiece } from '../../protocol/snapshot-pieces.ts'
import type { Currency, Hash, PublicKey, RequestId } from '../../protocol/types.ts'
import { AMOUNT_MAX, decode, toBase64url } from '../../protocol/wire.ts'

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const word = fc.nat(2 ** 32 - 1)
const key = bytes(32).map((one) => toBase64url(one) as PublicKey)

const currency = fc
  .oneof(
    fc.constantFrom('credit', 'US', 'USD', 'USDX', 'ü', '日本円', '\ufeffx', ' '),
    fc.string({ minLength: 1, unit: 'grapheme' }),
  )
  .filter((text) => Buffer.byteLength(text) <= CURRENCY_BYTES_MAX && !/[\p{Cc}\p{Cs}]/u.test(text))
  .map((text) => text as Currency)

const edge = fc.record({
  friend: key,
  currency,
  capacity: fc.oneof(fc.bigInt(0n, AMOUNT_MAX), fc.bigInt(0n, 1n << 54n)),
  rate: fc.record({ mul: word, add: word }),
})

const update: fc.Arbitrary<Update> = fc.record({
  node: key,
  session: bytes(16).map((one) => toBase64url(one) as RequestId),
  counter: fc.oneof(fc.maxSafeNat(), fc.nat(3)),
  freshness: bytes(32).map((one) => toBase64url(one) as Hash),
  full: fc.boolean(),
  edges: fc.array(edge, { maxLength: 6 }),
})

/** What happens to a body on its way: one byte, a cut, more of it, a piece of another one. */
const trouble = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), at: fc.nat(), to: fc.nat(255) }),
  fc.record({ kind: fc.constant('cut' as const), at: fc.nat() }),
  fc.record({ kind: fc.constant('append' as const), more: fc.uint8Array({ minLength: 1, maxLength: 80 }) }),
)

type Trouble = typeof trouble extends fc.Arbitrary<infer T> ? T : never
const troubles = fc.array(trouble, { minLength: 1, maxLength: 3 })

it('IDX-12 an update is read from its bytes as the codec reads it', () => {
  fc.assert(
    fc.property(update, (value) => {
      const body = updateCodec.encode(value)
      expect(readUpdate(body)).toEqual({ ok: true, value })
      // A message is a view of a frame.
      const frame = Buffer.concat([Buffer.from('before'), body, Buffer.from('behind')])
      expect(readUpdate(frame.subarray(6, 6 + body.length))).toEqual({ ok: true, value })
    }),
    { numRuns: 500 },
  )
})

/** The bytes after what happened to them. */
function troubled(bytes: Uint8Array, troubles: readonly Trouble[]): Uint8Array {
  let body = bytes
  for (const one of troubles) {
    if (one.kind === 'append') body = Buffer.concat([body, one.more])
    else if (one.kind === 'cut') body = body.slice(0, one.at % (body.length + 1))
    else if (body.length > 0) (body = Uint8Array.from(body))[one.at % body.length] = one.to
  }
  return body
}

it('IDX-12 what is no update is refused as the codec refuses it', () => {
  fc.assert(
    fc.property(update, troubles, (value, some) => {
      const body = troubled(updateCodec.encode(value), some)
      expect(readUpdate(body)).toEqual(decode(updateCodec, body))
    }),
    { numRuns: 2_000 },
  )
})

it('IDX-26 the edges in a snapshot are written and read as the codec does it', () => {
  fc.assert(
    fc.property(fc.array(edge, { maxLength: 6 }), troubles, (edges, some) => {
      const piece = { kind: 'edges', edges } as const
      const bytes = snapshotPiece.encode(piece)
      expect(Buffer.compare(encodePiece(piece), bytes)).toBe(0)
      expect(decodePiece(bytes)).toEqual({ ok: true, value: piece })
      const body = troubled(bytes, some)
      expect(decodePiece(body)).toEqual(decode(snapshotPiece, body))
    }),
    { numRuns: 1_000 },
  )
})

it('IDX-26 no edge is written that the codec would not write', () => {
  const [one] = fc.sample(edge, { numRuns: 1, seed: 1 })
  const key = toBase64url(new Uint8Array(32))
  const wrong: Partial<EdgeReport>[] = [
    ...['', key.slice(1), `${key}A`, `${key.slice(1)}+`, `${key.slice(1)}B`, `${key.slice(1)}ü`].map(
      (friend) => ({ friend: friend as PublicKey }),
    ),
    ...['', 'x'.repeat(CURRENCY_BYTES_MAX + 1), 'a\u0000', '\ud800'].map((text) => ({
      currency: text as Currency,
    })),
    { capacity: AMOUNT_MAX + 1n },
    { capacity: -1n },
    { rate: { mul: 2 ** 32, add: 0 } },
    { rate: { mul: 0, add: -1 } },
    { rate: { mul: 0.5, add: 0 } },
  ]
  for (const part of wrong) {
    const piece = { kind: 'edges', edges: [one!, { ...one!, ...part }] } as const
    expect(() => snapshotPiece.encode(piece), JSON.stringify(Object.keys(part))).toThrow()
    expect(() => encodePiece(piece), JSON.stringify(Object.keys(part))).toThrow()
  }
})

it('IDX-12 every length and every byte of an update is read as the codec reads it', () => {
  const [one] = fc.sample(
    update.filter(({ edges }) => edges.length > 1 && edges.length < 4),
    { numRuns: 1, seed: 1 },
  )
  const body = updateCodec.encode({ ...one!, counter: Number.MAX_SAFE_INTEGER })
  for (let length = 0; length <= body.length; length++) {
    const cut = body.subarray(0, length)
    expect(readUpdate(cut)).toEqual(decode(updateCodec, cut))
  }
  for (let at = 0; at < body.length; at++) {
    for (const to of [0, 1, 2, 16, 17, 0x1f, 0x20, 0x7e, 0x7f, 0x80, 0xc3, 0xff]) {
      const changed = body.slice()
      changed[at] = to
      expect(readUpdate(changed)).toEqual(decode(updateCodec, changed))
    }
  }
})

it('IDX-8 an update of as many edges as there may be is read, one more is refused', () => {
  const [one] = fc.sample(edge, { numRuns: 1, seed: 1 })
  const [head] = fc.sample(update, { numRuns: 1, seed: 1 })
  const most = { ...head!, edges: Array.from({ length: UPDATE_EDGES_MAX }, () => one!) }
  const body = updateCodec.encode(most)
  expect(readUpdate(body)).toEqual({ ok: true, value: most })
  const more = Buffer.concat([body, body.subarray(-(body.length - 91) / UPDATE_EDGES_MAX)])
  more.writeUInt16BE(UPDATE_EDGES_MAX + 1, 89)
  expect(readUpdate(more)).toMatchObject({ ok: false, error: { code: 'malformed' } })
})
