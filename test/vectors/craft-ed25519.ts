// Builds the signatures on which Ed25519 libraries disagree, from the group's definition. The results are
// frozen in protocol/ed25519-vectors.ts; a test proves that they are what is built here.

import { ed25519 } from '@noble/curves/ed25519.js'
import { bytesToNumberLE, numberToBytesLE } from '@noble/curves/utils.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js'

const { Point } = ed25519
const { BASE, Fn, Fp } = Point
type EdwardsPoint = typeof BASE

export interface Crafted {
  readonly name: string
  readonly publicKey: Uint8Array
  readonly message: Uint8Array
  readonly signature: Uint8Array
  readonly isValid: boolean
}

/** A generator of the eight points of small order (the libraries' usual one). */
const TORSION = Point.fromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05')
const ZERO_SCALAR = numberToBytesLE(0n, 32)
const BIT_255 = 1n << 255n

const { scalar: secret, point: key } = ed25519.utils.getExtendedPublicKey(new Uint8Array(32).fill(0x0f))
const keyBytes = key.toBytes()
const nonce = Fn.create(bytesToNumberLE(sha512(utf8ToBytes('a nonce for crafted signatures'))))
const commitment = BASE.multiply(nonce)

export function craftAll(): Crafted[] {
  return [...ordinary(), ...craftedR(), ...craftedS(), ...craftedKeys(), ...wrongSizes()]
}

/** Honest signatures, and honest ones with something changed. */
function ordinary(): Crafted[] {
  const message = utf8ToBytes('offst')
  const good = sign(message)
  return [
    vector('an honest signature', keyBytes, message, good, true),
    vector('an honest signature of nothing', keyBytes, new Uint8Array(0), sign(new Uint8Array(0)), true),
    vector('another message', keyBytes, utf8ToBytes('offsT'), good, false),
    vector('one bit of R flipped', keyBytes, message, flip(good, 0), false),
    vector('the sign of R flipped', keyBytes, message, flip(good, 255), false),
    vector('one bit of S flipped', keyBytes, message, flip(good, 256), false),
    vector('the sign of the key flipped', flip(keyBytes, 255), message, good, false),
    vector('another key', BASE.toBytes(), message, good, false),
    vector('all zeros', keyBytes, message, new Uint8Array(64), false),
  ]
}

/** A cofactored equation accepts R with torsion and R in a second encoding; the rule does not. */
function craftedR(): Crafted[] {
  const message = utf8ToBytes('R')
  const withR = (r: Uint8Array, nonce: bigint): Uint8Array =>
    concatBytes(r, toBytes(Fn.create(nonce + challenge(r, keyBytes, message) * secret)))
  const shifted = (order: number): Uint8Array => withR(commitment.add(torsion(order)).toBytes(), nonce)
  const identity = Point.ZERO.toBytes()
  return [
    vector('R with a component of order 2', keyBytes, message, shifted(2), false),
    vector('R with a component of order 4', keyBytes, message, shifted(4), false),
    vector('R with a component of order 8', keyBytes, message, shifted(8), false),
    vector('R the identity, as for a nonce of zero', keyBytes, message, withR(identity, 0n), true),
    vector('R of order 2', keyBytes, message, withR(torsion(2).toBytes(), 0n), false),
    vector('R of order 8', keyBytes, message, withR(torsion(8).toBytes(), 0n), false),
    vector('R the identity with y = p + 1', keyBytes, message, withR(unreduced(identity), 0n), false),
    vector('R the identity with a sign', keyBytes, message, withR(flip(identity, 255), 0n), false),
    vector('R that is no point', keyBytes, message, withR(notAPoint(), nonce), false),
  ]
}

/** The same scalar may be written as S + L; the rule wants S < L. */
function craftedS(): Crafted[] {
  const message = utf8ToBytes('S')
  const good = sign(message)
  const r = good.subarray(0, 32)
  const s = bytesToNumberLE(good.subarray(32))
  const withS = (s: bigint): Uint8Array => concatBytes(r, numberToBytesLE(s, 32))
  const zeroKey = Fn.create(-Fn.inv(challenge(commitment.toBytes(), keyBytes, message)) * nonce)
  return [
    vector('S + L', keyBytes, message, withS(s + Fn.ORDER), false),
    vector('S + 2 L', keyBytes, message, withS(s + 2n * Fn.ORDER), false),
    vector('S + 15 L, the largest that fits', keyBytes, message, withS(s + 15n * Fn.ORDER), false),
    vector('S with its highest bit set', keyBytes, message, withS(s + BIT_255), false),
    vector('S = L', keyBytes, message, withS(Fn.ORDER), false),
    vector('-S', keyBytes, message, withS(Fn.neg(s)), false),
    vector('an unrelated S', keyBytes, message, withS(zeroKey), false),
  ]
}

/** Keys of mixed or small order and second encodings, with signatures that satisfy the cofactorless equation. */
function craftedKeys(): Crafted[] {
  const mixed = (order: number): Crafted => {
    const publicKey = key.add(torsion(order)).toBytes()
    return vanishing(`a key with a component of order ${order}`, publicKey, secret, order)
  }
  const small = (order: number): Crafted =>
    vanishing(`a key of order ${order}`, torsion(order).toBytes(), 0n, order)
  const identity = Point.ZERO.toBytes()
  const message = utf8ToBytes('key')
  const trivial = concatBytes(identity, ZERO_SCALAR)
  return [
    ...[2, 4, 8].map(mixed),
    lingering(key.add(torsion(8)).toBytes()),
    ...[2, 4, 8].map(small),
    vanishing('the identity as key', identity, 0n, 1),
    vanishing('the identity as key with y = p + 1', unreduced(identity), 0n, 1),
    vanishing('the identity as key with a sign', flip(identity, 255), 0n, 1),
    vanishing('a key of order 4 with y = p', unreduced(numberToBytesLE(0n, 32)), 0n, 4),
    vanishing('a key of order 2 with a sign', flip(torsion(2).toBytes(), 255), 0n, 2),
    vector('identity, identity and zero', identity, message, trivial, false),
    vector('a key that is no point', notAPoint(), message, sign(message), false),
    vector('a key of large order with y + p', unreducedLargeOrder(), message, sign(message), false),
  ]
}

function wrongSizes(): Crafted[] {
  const message = utf8ToBytes('size')
  const good = sign(message)
  return [
    vector('a signature of 63 bytes', keyBytes, message, good.subarray(0, 63), false),
    vector('a signature of 65 bytes', keyBytes, message, concatBytes(good, Uint8Array.of(0)), false),
    vector('no signature', keyBytes, message, new Uint8Array(0), false),
    vector('a key of 31 bytes', keyBytes.subarray(0, 31), message, good, false),
    vector('a key of 33 bytes', concatBytes(keyBytes, Uint8Array.of(0)), message, good, false),
    vector('no key', new Uint8Array(0), message, good, false),
  ]
}

/** A signature for which [k] removes the key's torsion, so that it verifies wherever the key is accepted. */
function vanishing(name: string, publicKey: Uint8Array, secret: bigint, order: number): Crafted {
  return search(name, publicKey, secret, (k) => k % BigInt(order) === 0n)
}

/** One for which it does not: only a cofactored equation accepts it. */
function lingering(publicKey: Uint8Array): Crafted {
  const name = 'a key with a component of order 8 that stays in the equation'
  return search(name, publicKey, secret, (k) => k % 8n === 3n)
}

function search(name: string, publicKey: Uint8Array, secret: bigint, fits: (k: bigint) => boolean): Crafted {
  const r = commitment.toBytes()
  for (let attempt = 0; ; attempt++) {
    const message = utf8ToBytes(`key ${attempt}`)
    const k = challenge(r, publicKey, message)
    if (!fits(k)) continue
    const signature = concatBytes(r, toBytes(Fn.create(nonce + k * secret)))
    return vector(name, publicKey, message, signature, false)
  }
}

/** The encoding y + p of a point of large order: the first y from 2 for which there is a point (none is of prime order). */
function unreducedLargeOrder(): Uint8Array {
  for (let y = 2n; ; y++) {
    const bytes = numberToBytesLE(y, 32)
    if (ed25519.utils.isValidPublicKey(bytes)) return unreduced(bytes)
  }
}

function sign(message: Uint8Array): Uint8Array {
  const r = commitment.toBytes()
  return concatBytes(r, toBytes(Fn.create(nonce + challenge(r, keyBytes, message) * secret)))
}

function challenge(r: Uint8Array, publicKey: Uint8Array, message: Uint8Array): bigint {
  return Fn.create(bytesToNumberLE(sha512(concatBytes(r, publicKey, message))))
}

/** A point of order 1, 2, 4 or 8. */
function torsion(order: number): EdwardsPoint {
  let point = TORSION
  for (let current = 8; current > order; current /= 2) point = point.double()
  return point
}

/** The encoding with y + p of a point whose y is below 19. */
function unreduced(bytes: Uint8Array): Uint8Array {
  return numberToBytesLE(bytesToNumberLE(bytes) + Fp.ORDER, 32)
}

function notAPoint(): Uint8Array {
  return concatBytes(Uint8Array.of(2), hexToBytes('00'.repeat(31)))
}

function toBytes(scalar: bigint): Uint8Array {
  return Fn.toBytes(scalar)
}

function flip(bytes: Uint8Array, bit: number): Uint8Array {
  const flipped = Uint8Array.from(bytes)
  const index = bit >> 3
  flipped[index] = (flipped[index] ?? 0) ^ (1 << (bit & 7))
  return flipped
}

function vector(
  name: string,
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
  isValid: boolean,
): Crafted {
  return { name, publicKey, message, signature, isValid }
}
