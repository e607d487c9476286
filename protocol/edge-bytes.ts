// Lists of edge reports to and from bytes: an index server reads them in every update, and both ways in its snapshots,
// millions at a time, where the codec takes several times as long. Whatever is not plainly in order is left to the
// codec (`edgeReports`): so what is right and what is not is decided in one place.

import type { EdgeReport } from './index-messages.ts'
import { CURRENCY_BYTES_MAX, UPDATE_EDGES_MAX } from './limits.ts'
import type { Currency, PublicKey } from './types.ts'
import { AMOUNT_MAX } from './wire.ts'

export const KEY_BYTES = 32
const COUNT_BYTES = 2
/** Of an edge behind the name of its currency: capacity and rate. */
const TAIL_BYTES = 16 + 8
const EDGE_BYTES_MIN = KEY_BYTES + 1 + 1 + TAIL_BYTES

/** What is encoded from `start` on, and nothing behind it; undefined for what the codec has to look at. */
export function readEdges(bytes: Uint8Array, start: number): EdgeReport[] | undefined {
  if (start + COUNT_BYTES > bytes.length) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const count = view.getUint16(start)
  if (count > UPDATE_EDGES_MAX) return undefined
  const edges: EdgeReport[] = []
  let at = start + COUNT_BYTES
  let currency = '' as Currency
  for (let i = 0; i < count; i++) {
    if (at + EDGE_BYTES_MIN > bytes.length) return undefined
    const named = at + KEY_BYTES
    const tail = named + 1 + (bytes[named] ?? 0)
    if (tail + TAIL_BYTES > bytes.length) return undefined
    // Most reports of a node are of one currency.
    if (!isText(bytes, named, currency)) {
      const other = plainCurrency(bytes, named + 1, tail)
      if (other === undefined) return undefined
      currency = other
    }
    edges.push({
      friend: keyAt(bytes, at),
      currency,
      capacity: amountAt(view, tail),
      rate: { mul: view.getUint32(tail + 16), add: view.getUint32(tail + 20) },
    })
    at = tail + TAIL_BYTES
  }
  return at === bytes.length ? edges : undefined
}

/** The list behind `head`; undefined for what the codec has to look at. */
export function writeEdges(head: Uint8Array, edges: readonly EdgeReport[]): Uint8Array | undefined {
  if (edges.length > UPDATE_EDGES_MAX) return undefined
  const currencies = edges.reduce((sum, { currency }) => sum + currency.length, 0)
  const size = head.length + COUNT_BYTES + edges.length * (KEY_BYTES + 1 + TAIL_BYTES) + currencies
  const bytes = new Uint8Array(size)
  const view = new DataView(bytes.buffer)
  bytes.set(head)
  view.setUint16(head.length, edges.length)
  let at = head.length + COUNT_BYTES
  for (const { friend, currency, capacity, rate } of edges) {
    if (!putKey(bytes, at, friend) || !putPlain(bytes, at + KEY_BYTES, currency)) return undefined
    if (capacity < 0n || capacity > AMOUNT_MAX || !isWord(rate.mul) || !isWord(rate.add)) return undefined
    const tail = at + KEY_BYTES + 1 + currency.length
    putAmount(view, tail, capacity)
    view.setUint32(tail + 16, rate.mul)
    view.setUint32(tail + 20, rate.add)
    at = tail + TAIL_BYTES
  }
  return bytes
}

function amountAt(view: DataView, at: number): bigint {
  const low = view.getUint32(at + 8) * 2 ** 32 + view.getUint32(at + 12)
  const isSmall = low <= Number.MAX_SAFE_INTEGER && (view.getUint32(at) | view.getUint32(at + 4)) === 0
  return isSmall ? BigInt(low) : (view.getBigUint64(at) << 64n) | view.getBigUint64(at + 8)
}

function putAmount(view: DataView, at: number, amount: bigint): void {
  view.setBigUint64(at, amount >> 64n)
  view.setBigUint64(at + 8, amount)
}

function isWord(value: number): boolean {
  return value >>> 0 === value
}

/** Whether the length at `at`, and the bytes behind it, are those of a plain text. */
function isText(bytes: Uint8Array, at: number, text: string): boolean {
  if (bytes[at] !== text.length || text === '') return false
  for (let i = 0; i < text.length; i++) if (bytes[at + 1 + i] !== text.charCodeAt(i)) return false
  return true
}

/** One byte in UTF-8, and visible. */
function isPlain(code: number): boolean {
  return code >= 0x20 && code <= 0x7e
}

function plainCurrency(bytes: Uint8Array, start: number, end: number): Currency | undefined {
  if (end - start < 1 || end - start > CURRENCY_BYTES_MAX) return undefined
  let text = ''
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0
    if (!isPlain(byte)) return undefined
    text += String.fromCharCode(byte)
  }
  return text as Currency
}

/** False when it is for the codec to say what becomes of it. */
function putPlain(bytes: Uint8Array, at: number, text: string): boolean {
  if (text.length < 1 || text.length > CURRENCY_BYTES_MAX) return false
  bytes[at] = text.length
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (!isPlain(code)) return false
    bytes[at + 1 + i] = code
  }
  return true
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const CODES = Uint8Array.from(ALPHABET, (character) => character.charCodeAt(0))
/** By code of a character: its six bits, or 64. */
const SEXTETS = Uint8Array.from({ length: 128 }, (_, code) => {
  const sextet = ALPHABET.indexOf(String.fromCharCode(code))
  return sextet < 0 ? 64 : sextet
})
/** Of the key under work. */
const KEY_CODES = codesOf(KEY_BYTES)

/** One for each character of so many bytes as text. */
export function codesOf(size: number): number[] {
  return new Array<number>(Math.ceil((size * 4) / 3)).fill(0)
}

export function keyAt(bytes: Uint8Array, at: number): PublicKey {
  return textAt(bytes, at, KEY_CODES) as PublicKey
}

/** The bytes at `at`, as base64url without padding. @param codes `codesOf` their number: they are overwritten. */
export function textAt(bytes: Uint8Array, at: number, codes: number[]): string {
  let bits = 0
  let width = 0
  let next = at
  const end = at + ((codes.length * 3) >> 2)
  for (let i = 0; i < codes.length; i++) {
    if (width < 6) {
      bits = (bits << 8) | (next < end ? (bytes[next++] ?? 0) : 0)
      width += 8
    }
    width -= 6
    codes[i] = CODES[(bits >> width) & 63] ?? 0
  }
  return String.fromCharCode.apply(null, codes)
}

/** False when it is for the codec to say what becomes of it. */
function putKey(bytes: Uint8Array, at: number, key: PublicKey): boolean {
  if (key.length !== KEY_CODES.length) return false
  let bits = 0
  let width = 0
  let next = at
  for (let i = 0; i < key.length; i++) {
    const sextet = SEXTETS[key.charCodeAt(i)] ?? 64
    if (sextet === 64) return false
    bits = (bits << 6) | sextet
    width += 6
    if (width >= 8) {
      width -= 8
      bytes[next++] = bits >> width
    }
  }
  // The two bits that are left of the last character say nothing.
  return (bits & 3) === 0
}
