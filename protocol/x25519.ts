// X25519 (RFC 7748) by noble, for platforms without one of their own that is synchronous.

import { x25519 } from '@noble/curves/ed25519.js'
import type { KeyAgreement } from './crypto.ts'

export const nobleAgreement: KeyAgreement = {
  agreementKey: (secret) => x25519.getPublicKey(secret),
  agree: (secret, remotePublic) => {
    try {
      return x25519.getSharedSecret(secret, remotePublic)
    } catch {
      return undefined
    }
  },
}
