import { describe, expect, it } from 'vitest'
import { decodeSignature, nobleProvider } from '../../../protocol/ed25519.ts'
import { ed25519Vectors } from '../../../protocol/ed25519-vectors.ts'
import { PRECOMPUTE_AFTER_USES } from '../../../protocol/limits.ts'
import type { PublicKey, Signature } from '../../../protocol/types.ts'
import { fromBase64url, toBase64url } from '../../../protocol/wire.ts'

const signer = nobleProvider.signer(new Uint8Array(32).fill(5))
const message = new Uint8Array([1, 2, 3])
const signature = signer.sign(message)

/** The keys of the vectors whose names say that the key itself is wrong. */
const badKeys = ed25519Vectors.filter(({ name }) =>
  /^(a key (with|of|that)|the identity as key|no key)/.test(name),
)

describe('public keys', () => {
  it('SIG-1: accepts canonical keys of prime order', () => {
    expect(nobleProvider.isPublicKey(signer.publicKey)).toBe(true)
  })

  it.each(badKeys)('SIG-1: refuses $name', ({ check }) => {
    expect(nobleProvider.isPublicKey(check.publicKey)).toBe(false)
    expect(nobleProvider.isPublicKey(check.publicKey)).toBe(false)
  })

  it('SIG-1: refuses texts that are not 43 characters of canonical base64url', () => {
    const key: string = signer.publicKey
    // 43 characters carry two bits too many, which must be zero: three of four last characters are refused.
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'.split('')
    const loose = alphabet.filter((_, index) => index % 4 !== 0)
    expect(loose.filter((char) => nobleProvider.isPublicKey(key.slice(0, -1) + char))).toEqual([])
    for (const text of ['', `${key}=`, ` ${key}`, key.slice(1), `${key}A`, 'ü'.repeat(43), 'A'.repeat(1e6)]) {
      expect(nobleProvider.isPublicKey(text)).toBe(false)
    }
  })
})

describe('signatures', () => {
  it('SIG-2: decodes exactly 64 bytes with a reduced scalar', () => {
    const bytes = fromBase64url(signature)
    expect(decodeSignature(signature)?.bytes).toEqual(bytes)
    expect(decodeSignature(toBase64url(bytes.subarray(1)))).toBeUndefined()
    expect(decodeSignature(`${signature}AA`)).toBeUndefined()
    expect(decodeSignature('!'.repeat(86))).toBeUndefined()
    expect(decodeSignature(toBase64url(new Uint8Array(64).fill(255)))).toBeUndefined()
  })

  it('SIG-3: answers the same before and after the key got its table', () => {
    const wrong = signer.sign(new Uint8Array([9]))
    for (let use = 0; use < 2 * PRECOMPUTE_AFTER_USES; use++) {
      expect(nobleProvider.verify({ publicKey: signer.publicKey, message, signature })).toBe(true)
      expect(nobleProvider.verify({ publicKey: signer.publicKey, message, signature: wrong })).toBe(false)
    }
  })

  it('SIG-3: is false, not an exception, for rubbish', () => {
    const rubbish = { publicKey: '\u0000' as PublicKey, message, signature: '' as Signature }
    expect(nobleProvider.verify(rubbish)).toBe(false)
    expect(nobleProvider.verify({ ...rubbish, publicKey: signer.publicKey })).toBe(false)
    expect(nobleProvider.verify({ ...rubbish, signature })).toBe(false)
  })

  it('SIG-4: signs the same bytes the same way every time', () => {
    expect(nobleProvider.signer(new Uint8Array(32).fill(5)).sign(message)).toBe(signature)
  })
})
