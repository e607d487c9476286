// Ed25519 by WebCrypto: faster than noble, asynchronous, and different from browser to browser. It is used
// only if it answers every vector rightly when the node starts (SIG-5).

import type { SignatureCheck } from '../../../protocol/crypto.ts'
import { ed25519Vectors } from '../../../protocol/ed25519-vectors.ts'
import { decodeSignature, nobleProvider } from '../../../protocol/ed25519.ts'
import { KEYS_DECODED_MAX } from '../../../protocol/limits.ts'
import { RecentMap } from '../../../protocol/recent.ts'
import type { PublicKey } from '../../../protocol/types.ts'
import { fromBase64url } from '../../../protocol/wire.ts'
import { asyncVerifier, passesVectors, type AsyncVerifier } from './verifier.ts'

/** The platform's verifier behind the checks that platforms leave out. Rejects if the platform fails. */
export function webCryptoVerifier(subtle: SubtleCrypto): AsyncVerifier {
  const keys = new RecentMap<PublicKey, Promise<CryptoKey>>(KEYS_DECODED_MAX)

  function importKey(publicKey: PublicKey): Promise<CryptoKey> {
    const known = keys.get(publicKey)
    if (known !== undefined) return known
    const bytes = new Uint8Array(fromBase64url(publicKey))
    const key = subtle.importKey('raw', bytes, 'Ed25519', false, ['verify'])
    keys.set(publicKey, key)
    key.catch(() => keys.delete(publicKey))
    return key
  }

  async function verify(check: SignatureCheck): Promise<boolean> {
    const signature = decodeSignature(check.signature)
    if (signature === undefined || !nobleProvider.isPublicKey(check.publicKey)) return false
    const key = await importKey(check.publicKey)
    return subtle.verify('Ed25519', key, new Uint8Array(signature.bytes), new Uint8Array(check.message))
  }

  return { name: 'webcrypto', verifyMany: (checks) => Promise.all(checks.map(verify)) }
}

/** The fastest verifier of this platform that follows the rule: WebCrypto if it passes the vectors, else noble. */
export async function chooseVerifier(subtle: SubtleCrypto | undefined): Promise<AsyncVerifier> {
  const noble = asyncVerifier(nobleProvider)
  if (subtle === undefined) return noble
  const platform = webCryptoVerifier(subtle)
  try {
    return (await passesVectors(platform, ed25519Vectors)) ? withFallback(platform, noble) : noble
  } catch {
    return noble
  }
}

/** An answer is always given: when the platform fails after all, noble verifies instead. */
function withFallback(platform: AsyncVerifier, noble: AsyncVerifier): AsyncVerifier {
  return {
    name: platform.name,
    verifyMany: (checks) => platform.verifyMany(checks).catch(() => noble.verifyMany(checks)),
  }
}
