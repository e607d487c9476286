// Reads the update of a node straight from its bytes. An index server reads more of these than of anything else, and
// the codec, which can read and write everything, takes several times as long. Whatever is not plainly an update in
// order is left to the codec: so what is refused, what is not, and why, is decided in one place.

import { update as updateCodec, type EdgeReport, type Update } from './index-messages.ts'
import { CURRENCY_BYTES_MAX, UPDATE_EDGES_MAX } from './limits.ts'
import type { Result } from './result.ts'
import type { Currency, Hash, PublicKey, RequestId } from './types.ts'
import { decode } from './wire.ts'

const KEY_BYTES = 32
const SESSION_BYTES = 16
const SESSION_AT = KEY_BYTES
const COUNTER_AT = SESSION_AT + SESSION_BYTES
const FRESHNESS_AT = COUNTER_AT + 8
const FULL_AT = FRESHNESS_AT + KEY_BYTES
const COUNT_AT = FULL_AT + 1
const EDGES_AT = COUNT_AT + 2
/** Of an edge behind the name of its currency: capacity and rate. */
const TAIL_BYTES = 16 + 8
const EDGE_BYTES_MIN = KEY_BYTES + 1 + 1 + TAIL_BYTES

/** What `decode(update, body)` gives. */
export function readUpdate(body: Uint8Array): Result<Update> {
  const update = readPlain(body)
  return update === undefined ? decode(updateCodec, body) : { ok: true, value: update }
}

/** Undefined for what the codec has to look at. */
function readPlain(body: Uint8Array): Update | undefined {
  if (body.length < EDGES_AT) return undefined
  const view = new DataView(body.buffer, body.byteOffset, body.length)
  const counter = view.getUint32(COUNTER_AT) * 2 ** 32 + view.getUint32(COUNTER_AT + 4)
  const full = body[FULL_AT] ?? 0
  if (!Number.isSafeInteger(counter) || full > 1) return undefined
  const edges = readEdges(body, view)
  if (edges === undefined) return undefined
  return {
    node: textOf(body, 0, KEY_CODES) as PublicKey,
    session: textOf(body, SESSION_AT, SESSION_CODES) as RequestId,
    counter,
    freshness: textOf(body, FRESHNESS_AT, KEY_CODES) as Hash,
    full: full === 1,
    edges,
  }
}

function readEdges(body: Uint8Array, view: DataView): EdgeReport[] | undefined {
  const count = view.getUint16(COUNT_AT)
  if (count > UPDATE_EDGES_MAX) return undefined
  const edges: EdgeReport[] = []
  let at = EDGES_AT
  let currency = '' as Currency
  for (let i = 0; i < count; i++) {
    if (at + EDGE_BYTES_MIN > body.length) return undefined
    const named = at + KEY_BYTES
    const tail = named + 1 + (body[named] ?? 0)
    if (tail + TAIL_BYTES > body.length) return undefined
    // Most reports of a node are of one currency.
    if (!isText(body, named, currency)) {
      const other = plainCurrency(body, named + 1, tail)
      if (other === undefined) return undefined
      currency = other
    }
    edges.push({
      friend: textOf(body, at, KEY_CODES) as PublicKey,
      currency,
      capacity: amountAt(view, tail),
      rate: { mul: view.getUint32(tail + 16), add: view.getUint32(tail + 20) },
    })
    at = tail + TAIL_BYTES
  }
  return at === body.length ? edges : undefined
}

function amountAt(view: DataView, at: number): bigint {
  const low = view.getUint32(at + 8) * 2 ** 32 + view.getUint32(at + 12)
  const isSmall = low <= Number.MAX_SAFE_INTEGER && (view.getUint32(at) | view.getUint32(at + 4)) === 0
  return isSmall ? BigInt(low) : (view.getBigUint64(at) << 64n) | view.getBigUint64(at + 8)
}

/** Whether the length at `at`, and the bytes behind it, are those of a plain text. */
function isText(body: Uint8Array, at: number, text: string): boolean {
  if (body[at] !== text.length || text === '') return false
  for (let i = 0; i < text.length; i++) if (body[at + 1 + i] !== text.charCodeAt(i)) return false
  return true
}

/** The name of a currency in letters that are one byte each and none that is invisible. */
function plainCurrency(body: Uint8Array, start: number, end: number): Currency | undefined {
  const size = end - start
  if (size < 1 || size > CURRENCY_BYTES_MAX) return undefined
  let text = ''
  for (let at = start; at < end; at++) {
    const byte = body[at] ?? 0
    if (byte < 0x20 || byte > 0x7e) return undefined
    text += String.fromCharCode(byte)
  }
  return text as Currency
}

const ALPHABET = Uint8Array.from(
  'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_',
  (character) => character.charCodeAt(0),
)
/** Of the text under work, as many as it has characters. */
const KEY_CODES = new Array<number>(Math.ceil((KEY_BYTES * 4) / 3)).fill(0)
const SESSION_CODES = new Array<number>(Math.ceil((SESSION_BYTES * 4) / 3)).fill(0)

/** The bytes at `at`, as base64url without padding. @param codes one for each character. */
function textOf(body: Uint8Array, at: number, codes: number[]): string {
  let bits = 0
  let width = 0
  let next = at
  const end = at + ((codes.length * 3) >> 2)
  for (let i = 0; i < codes.length; i++) {
    if (width < 6) {
      bits = (bits << 8) | (next < end ? (body[next++] ?? 0) : 0)
      width += 8
    }
    width -= 6
    codes[i] = ALPHABET[(bits >> width) & 63] ?? 0
  }
  return String.fromCharCode.apply(null, codes)
}
