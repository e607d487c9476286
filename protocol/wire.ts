// Primitive codecs: strict and canonical (one value, one encoding), each with a limit of its own.

import { base64urlnopad } from '@scure/base'
import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import * as P from 'micro-packed'
import { ADDRESS_BYTES_MAX, CURRENCY_BYTES_MAX, DETAIL_CHARACTERS_MAX } from './limits.ts'
import { fail, ok, type Result } from './result.ts'
import type {
  Currency,
  Hash,
  InvoiceId,
  PaymentId,
  PublicKey,
  Rate,
  RequestId,
  SecretKey,
  Signature,
} from './types.ts'

function fixed<T extends string>(size: number): P.CoderType<T> {
  return P.apply(P.bytes(size), {
    encode: (bytes: Uint8Array) => base64urlnopad.encode(bytes) as T,
    decode: (value: T) => base64urlnopad.decode(value),
  })
}

export const publicKey = fixed<PublicKey>(32)
export const secretKey = fixed<SecretKey>(32)
export const hash = fixed<Hash>(32)
export const invoiceId = fixed<InvoiceId>(32)
export const requestId = fixed<RequestId>(16)
export const paymentId = fixed<PaymentId>(16)
export const signature = fixed<Signature>(64)

export const AMOUNT_MAX = (1n << 128n) - 1n
export const BALANCE_MAX = (1n << 127n) - 1n
/** -2^127 has no mirror among signed 128-bit integers: what one side could say, the other could not. */
export const BALANCE_MIN = -BALANCE_MAX

/** For sorting: less first. */
export function compareAmounts(a: bigint, b: bigint): number {
  return a < b ? -1 : Number(a > b)
}

/** Unsigned 128-bit amount. */
export const amount: P.CoderType<bigint> = P.U128BE
/** Unsigned 128-bit amount that is not zero. */
export const positiveAmount: P.CoderType<bigint> = P.validate(P.U128BE, (value) => {
  if (value === 0n) throw new Error('amount of zero')
  return value
})
/** A credit limit: 0..2^127-1, so that a balance within it is a signed 128-bit integer. */
export const limit: P.CoderType<bigint> = P.validate(P.U128BE, (value) => {
  if (value > BALANCE_MAX) throw new Error('limit over 2^127-1')
  return value
})
/** Signed 128-bit balance whose negation is one too. */
export const balance: P.CoderType<bigint> = P.validate(P.I128BE, (value) => {
  if (value < BALANCE_MIN) throw new Error('balance under -(2^127-1)')
  return value
})

/** A whole number 0..2^53-1 in 8 bytes: sequence numbers and times. */
export const counter: P.CoderType<number> = P.apply(P.U64BE, {
  encode: (value: bigint) => {
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new Error('number over 2^53-1')
    return Number(value)
  },
  decode: (value: number) => {
    if (!Number.isSafeInteger(value) || value < 0) throw new Error('not a whole number 0..2^53-1')
    return BigInt(value)
  },
})

/** Well-formed UTF-8 of `min..max` bytes without control characters. */
export function text<T extends string = string>(min: number, max: number): P.CoderType<T> {
  const inner = P.apply(P.string(max < 256 ? P.U8 : P.U16BE), {
    encode: (value: string) => value as T,
    decode: (value: T): string => value,
  })
  return P.validate(inner, (value) => {
    const size = utf8ToBytes(value).length
    if (size < min || size > max) throw new Error(`text of ${size} bytes, allowed ${min}..${max}`)
    if (!isCleanText(value)) throw new Error('text with control characters')
    return value
  })
}

/** No control characters, no lone surrogates. */
export function isCleanText(value: string): boolean {
  return !/[\p{Cc}\p{Cs}]/u.test(value)
}

/** At most `max` items. */
export function list<T>(inner: P.CoderType<T>, max: number): P.CoderType<readonly T[]> {
  const array = P.apply(P.array(max < 256 ? P.U8 : P.U16BE, inner), {
    encode: (items: T[]): readonly T[] => items,
    decode: (items: readonly T[]) => [...items],
  })
  return P.validate(array, (items) => {
    if (items.length > max) throw new Error(`${items.length} items, allowed ${max}`)
    return items
  })
}

/** At most `max` bytes. */
export function blob(max: number): P.CoderType<Uint8Array> {
  return P.validate(P.bytes(max < 65_536 ? P.U16BE : P.U32BE), (bytes) => {
    if (bytes.length > max) throw new Error(`${bytes.length} bytes, allowed ${max}`)
    return bytes
  })
}

/** A value that may be missing: one byte 0, or one byte 1 and the value. */
export function maybe<T>(inner: P.CoderType<T>): P.CoderType<T | undefined> {
  return P.optional(P.bool, inner)
}

/** The fields of a variant of a union, without the name that selects it. */
type Fields<U extends { readonly kind: string }, K extends U['kind']> = Omit<Extract<U, { kind: K }>, 'kind'>

/**
 * A union whose variants are told apart by `kind` in the code and by one byte on the wire.
 * @param variants per kind: its byte, and the codec of its other fields.
 */
export function union<U extends { readonly kind: string }>(variants: {
  [K in U['kind']]: [number, P.CoderType<Fields<U, K>>]
}): P.CoderType<U> {
  const byTag = new Map<number, { kind: string; inner: P.CoderType<object> }>()
  const byKind = new Map<string, { tag: number; inner: P.CoderType<object> }>()
  for (const kind in variants) {
    const [tag, coder] = variants[kind as U['kind']]
    const inner = coder as P.CoderType<object>
    byTag.set(tag, { kind, inner })
    byKind.set(kind, { tag, inner })
  }
  return P.wrap({
    encodeStream: (writer, value: U) => {
      const variant = byKind.get(value.kind)
      if (variant === undefined) throw writer.err(`unknown kind ${value.kind}`)
      writer.byte(variant.tag)
      variant.inner.encodeStream(writer, value)
    },
    decodeStream: (reader) => {
      const tag = reader.byte()
      const variant = byTag.get(tag)
      if (variant === undefined) throw reader.err(`unknown kind ${tag}`)
      return { kind: variant.kind, ...variant.inner.decodeStream(reader) } as unknown as U
    },
  })
}

export const currency = text<Currency>(1, CURRENCY_BYTES_MAX)
export const rate: P.CoderType<Rate> = P.struct({ mul: P.U32BE, add: P.U32BE })
export const relayAddress = P.struct({ publicKey, address: text(1, ADDRESS_BYTES_MAX) })

/** Decodes bytes that a stranger sent: a value, or a fault with code `malformed`; never throws. */
export function decode<T>(coder: P.CoderType<T>, bytes: Uint8Array): Result<T> {
  try {
    return ok(coder.decode(bytes))
  } catch (error) {
    const detail = error instanceof Error ? error.message : 'not decodable'
    return fail('malformed', detail.slice(0, DETAIL_CHARACTERS_MAX))
  }
}

/** The bytes that are signed or hashed for `domain`: a tag that no other use shares, then `parts`. */
export function tagged(domain: string, ...parts: Uint8Array[]): Uint8Array {
  const tag = utf8ToBytes(domain)
  return concatBytes(Uint8Array.of(tag.length), tag, ...parts)
}

/** Sha256 of tagged bytes. */
export function taggedHash(domain: string, ...parts: Uint8Array[]): Hash {
  return toBase64url(sha256(tagged(domain, ...parts))) as Hash
}

export function toBase64url(bytes: Uint8Array): string {
  return base64urlnopad.encode(bytes)
}

/** @throws {Error} when `value` is not canonical base64url; for values of our own only. */
export function fromBase64url(value: string): Uint8Array {
  return base64urlnopad.decode(value)
}
