// Ed25519 by the one verification rule (docs/PROTOCOL.md, SIG): the reference that every other provider
// must agree with. Libraries differ on crafted signatures; money must not depend on who looks at them.

import { ed25519 } from '@noble/curves/ed25519.js'
import { bytesToNumberLE } from '@noble/curves/utils.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { concatBytes } from '@noble/hashes/utils.js'
import type { CryptoProvider, SignatureCheck, Signer } from './crypto.ts'
import { KEYS_DECODED_MAX, KEYS_PRECOMPUTED_MAX, PRECOMPUTE_AFTER_USES } from './limits.ts'
import { RecentMap } from './recent.ts'
import { invariant } from './result.ts'
import type { PublicKey, Signature } from './types.ts'
import { fromBase64url, toBase64url } from './wire.ts'
import { nobleAgreement } from './x25519.ts'

const { Point } = ed25519
const { BASE, Fn } = Point
type EdwardsPoint = typeof BASE

const KEY_BYTES = 32
const SIGNATURE_BYTES = 64
/** Measured: 6 ms to set up and 0.16 ms a multiplication (1.07 ms without); 6 costs half as much again. */
const WINDOW_BITS = 5

/** A key that passed the checks of SIG-1, ready to be used. */
interface DecodedKey {
  readonly bytes: Uint8Array
  /** -A: verification subtracts [k]A. */
  readonly negated: EdwardsPoint
  uses: number
}

const decodedKeys = new RecentMap<string, DecodedKey>(KEYS_DECODED_MAX)
/** Keys with a table of multiples. Apart, so that strangers who pass by do not push friends out. */
const precomputedKeys = new RecentMap<string, DecodedKey>(KEYS_PRECOMPUTED_MAX)

/** Ed25519 and X25519 in pure TypeScript, synchronous; caches the keys that it met. */
export const nobleProvider: CryptoProvider = {
  ...nobleAgreement,
  name: 'noble',
  isPublicKey: (publicKey): publicKey is PublicKey => findKey(publicKey) !== undefined,
  verify,
  signer: createSigner,
}

/**
 * Decodes what should be 64 bytes of signature whose scalar is reduced (SIG-2).
 * @returns undefined when it has another size, is not canonical base64url, or S >= L.
 */
export function decodeSignature(
  signature: string,
): { readonly r: Uint8Array; readonly s: bigint; readonly bytes: Uint8Array } | undefined {
  const bytes = decodeBytes(signature, SIGNATURE_BYTES)
  if (bytes === undefined) return undefined
  const s = bytesToNumberLE(bytes.subarray(KEY_BYTES))
  if (s >= Fn.ORDER) return undefined
  return { r: bytes.subarray(0, KEY_BYTES), s, bytes }
}

/** SIG-3: the encoding of [S]B - [k]A must equal the bytes of R; no cofactor, and R is never decoded. */
function verify(check: SignatureCheck): boolean {
  const signature = decodeSignature(check.signature)
  if (signature === undefined) return false
  const key = findKey(check.publicKey)
  if (key === undefined) return false
  countUse(check.publicKey, key)
  const k = hashToScalar(signature.r, key.bytes, check.message)
  const expected = BASE.multiplyUnsafe(signature.s).add(key.negated.multiplyUnsafe(k)).toBytes()
  return equalBytes(expected, signature.r)
}

/** The decoded key, or undefined when `publicKey` breaks SIG-1. */
function findKey(publicKey: string): DecodedKey | undefined {
  const known = precomputedKeys.get(publicKey) ?? decodedKeys.get(publicKey)
  if (known !== undefined) return known
  const key = decodeKey(publicKey)
  if (key !== undefined) decodedKeys.set(publicKey, key)
  return key
}

/** SIG-1: canonical (y < p, no x = 0 with a sign), of prime order, not the identity. */
function decodeKey(publicKey: string): DecodedKey | undefined {
  const bytes = decodeBytes(publicKey, KEY_BYTES)
  if (bytes === undefined) return undefined
  try {
    const point = Point.fromBytes(bytes, false)
    if (point.is0() || !point.isTorsionFree()) return undefined
    return { bytes, negated: point.negate(), uses: 0 }
  } catch {
    return undefined
  }
}

/** A key that is used again and again earns a table, which makes its signatures three times as cheap. */
function countUse(publicKey: string, key: DecodedKey): void {
  key.uses += 1
  if (key.uses !== PRECOMPUTE_AFTER_USES) return
  key.negated.precompute(WINDOW_BITS, false)
  decodedKeys.delete(publicKey)
  precomputedKeys.set(publicKey, key)
}

/** RFC 8032, 5.1.6, with the secret expanded once. */
function createSigner(secretKey: Uint8Array): Signer {
  invariant(secretKey.length === KEY_BYTES, 'a secret key has 32 bytes')
  const { prefix, scalar, pointBytes } = ed25519.utils.getExtendedPublicKey(secretKey)
  return {
    publicKey: toBase64url(pointBytes) as PublicKey,
    sign(message) {
      const nonce = hashToScalar(prefix, message)
      const r = BASE.multiply(nonce).toBytes()
      const s = Fn.create(nonce + hashToScalar(r, pointBytes, message) * scalar)
      return toBase64url(concatBytes(r, Fn.toBytes(s))) as Signature
    },
  }
}

function hashToScalar(...parts: Uint8Array[]): bigint {
  return Fn.create(bytesToNumberLE(sha512(concatBytes(...parts))))
}

function decodeBytes(text: string, size: number): Uint8Array | undefined {
  // Checked before decoding, so that a long text costs nothing.
  if (text.length !== Math.ceil((size * 4) / 3)) return undefined
  try {
    const bytes = fromBase64url(text)
    return bytes.length === size ? bytes : undefined
  } catch {
    return undefined
  }
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index])
}
