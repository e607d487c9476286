// Ed25519 and X25519 by node:crypto, about ten times as fast as noble. OpenSSL's equation is the rule's (cofactorless,
// the encoding is compared with R); what it does not check of keys is checked once by noble (SIG-1).

import { createPrivateKey, createPublicKey, diffieHellman, sign, verify, type KeyObject } from 'node:crypto'
import type { CryptoProvider, SignatureCheck, Signer } from '../../../protocol/crypto.ts'
import { decodeSignature, nobleProvider } from '../../../protocol/ed25519.ts'
import { KEYS_IMPORTED_MAX } from '../../../protocol/limits.ts'
import { RecentMap } from '../../../protocol/recent.ts'
import type { PublicKey, Signature } from '../../../protocol/types.ts'
import { invariant } from '../../../protocol/result.ts'
import { fromBase64url, toBase64url } from '../../../protocol/wire.ts'

const keys = new RecentMap<string, KeyObject>(KEYS_IMPORTED_MAX)

export const nodeProvider: CryptoProvider = {
  name: 'node',
  isPublicKey: (publicKey): publicKey is PublicKey => findKey(publicKey) !== undefined,
  verify: verifyByRule,
  signer: createSigner,
  agreementKey: (secret) => {
    const { x } = createPublicKey(agreementSecret(secret)).export({ format: 'jwk' })
    invariant(x !== undefined, 'an X25519 key has a public part')
    return fromBase64url(x)
  },
  agree: (secret, remotePublic) => {
    const x = toBase64url(remotePublic)
    const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x }, format: 'jwk' })
    try {
      return new Uint8Array(diffieHellman({ privateKey: agreementSecret(secret), publicKey }))
    } catch {
      // OpenSSL refuses a result that is all zero.
      return undefined
    }
  },
}

/** Secrets imported before, which takes as long as to agree: a handshake uses each several times. They go with their bytes. */
const agreementSecrets = new WeakMap<Uint8Array, KeyObject>()

function agreementSecret(secret: Uint8Array): KeyObject {
  const known = agreementSecrets.get(secret)
  if (known !== undefined) return known
  const key = importSecret(secret)
  agreementSecrets.set(secret, key)
  return key
}

/** What stands before the 32 bytes of a secret X25519 key (RFC 8410). */
const PKCS8_X25519 = Buffer.from('302e020100300506032b656e04220420', 'hex')

/** As JWK it costs an eighth, but a public part has to be named; a platform that checks it gets the other form. */
function importSecret(secret: Uint8Array): KeyObject {
  const d = toBase64url(secret)
  try {
    return createPrivateKey({ key: { kty: 'OKP', crv: 'X25519', d, x: d }, format: 'jwk' })
  } catch {
    const der = Buffer.concat([PKCS8_X25519, secret])
    return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  }
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
