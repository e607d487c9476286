// The values of the app API: how amounts, keys, times and names are written in its messages, and their ranges.
// SPDX-License-Identifier: MIT

import * as v from 'valibot'

const AMOUNT_MAX = (1n << 128n) - 1n
const BALANCE_MAX = (1n << 127n) - 1n

function decimal(min: bigint, max: bigint) {
  const schema = v.pipe(
    v.string(),
    v.regex(/^(0|-?[1-9]\d{0,38})$/, 'not a whole number'),
    v.check((text) => BigInt(text) >= min && BigInt(text) <= max, `not between ${min} and ${max}`),
  )
  // Else the check would be asked about what is no number, which makes BigInt throw.
  return v.config(schema, { abortPipeEarly: true })
}

/** The characters of whole bytes: the bits that the last one has too many are zero. */
const base64url = (size: 22 | 43) =>
  v.pipe(
    v.string(),
    v.length(size),
    v.regex(size === 22 ? /^[A-Za-z0-9_-]*[AQgw]$/ : /^[A-Za-z0-9_-]*[AEIMQUYcgkosw048]$/, 'not whole bytes'),
  )

/** 0..2^128-1 credits. */
export const Amount = decimal(0n, AMOUNT_MAX)
/** 1..2^128-1 credits. */
export const PositiveAmount = decimal(1n, AMOUNT_MAX)
/** A credit limit, 0..2^127-1. */
export const Limit = decimal(0n, BALANCE_MAX)
/** -(2^127-1)..2^127-1 credits. */
export const Balance = decimal(-BALANCE_MAX, BALANCE_MAX)
/** What a total changes by, -(2^128-1)..2^128-1 credits: it may go from one end of the balances to the other. */
export const SignedAmount = decimal(-AMOUNT_MAX, AMOUNT_MAX)
/** Ed25519 public key, base64url. */
export const Key = base64url(43)
/** 16 random bytes, base64url: makes a repeated call the same call. */
export const Id16 = base64url(22)
export const Id32 = base64url(43)
export const Time = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
export const Name = v.pipe(
  v.string(),
  v.trim(),
  v.minBytes(1),
  v.maxBytes(64),
  v.regex(/^[^\p{Cc}\p{Cs}]*$/u, 'control characters'),
)
export const CurrencyName = v.pipe(v.string(), v.minBytes(1), v.maxBytes(16))
/** Any text form, link or TOML that a person may paste. */
export const FormText = v.pipe(v.string(), v.maxLength(65_536))
const Uint32 = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffff_ffff))
/** `floor(amount * mul / 2^32) + add` credits. */
export const RateView = v.object({ mul: Uint32, add: Uint32 })
export const ServerAddress = v.object({
  publicKey: Key,
  address: v.pipe(v.string(), v.minBytes(1), v.maxBytes(256)),
})
export const Fault = v.object({ code: v.string(), message: v.string() })
