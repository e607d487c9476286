// Ed25519 by node:crypto, about ten times as fast as noble. OpenSSL's equation is the rule's (cofactorless,
// the encoding is compared with R); what it does not check of keys is checked once by noble (SIG-1).

import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto'
import type { CryptoProvider, SignatureCheck, Signer } from '../../../protocol/crypto.ts'
import { decodeSignature, nobleProvider } from '../../../protocol/ed25519.ts'
import { KEYS_IMPORTED_MAX } from '../../../protocol/limits.ts'
import { RecentMap } from '../../../protocol/recent.ts'
import type { PublicKey, Signature } from '../../../protocol/types.ts'
import { toBase64url } from '../../../protocol/wire.ts'

const keys = new RecentMap<string, KeyObject>(KEYS_IMPORTED_MAX)

export const nodeProvider: CryptoProvider = {
  name: 'node',
  isPublicKey: (publicKey): publicKey is PublicKey => findKey(publicKey) !== undefined,
  verify: verifyByRule,
  signer: createSigner,
}

function verifyByRule(check: SignatureCheck): boolean {
  const signature = decodeSignature(check.signature)
  if (signature === undefined) return false
  const key = findKey(check.publicKey)
  return key !== undefined && verify(null, check.message, key, signature.bytes)
}

/** The imported key, or undefined when it breaks SIG-1. */
function findKey(publicKey: string): KeyObject | undefined {
  const known = keys.get(publicKey)
  if (known !== undefined) return known
  if (!nobleProvider.isPublicKey(publicKey)) return undefined
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey }, format: 'jwk' })
  keys.set(publicKey, key)
  return key
}

function createSigner(secretKey: Uint8Array): Signer {
  const { publicKey } = nobleProvider.signer(secretKey)
  const key = createPrivateKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: publicKey, d: toBase64url(secretKey) },
    format: 'jwk',
  })
  return { publicKey, sign: (message) => toBase64url(sign(null, message, key)) as Signature }
}
