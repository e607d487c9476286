// Who speaks on a link: the Noise static key of this process, vouched for by the Ed25519 identity.

import * as P from 'micro-packed'
import type { KeyAgreement, Signer, SignatureCheck, Verifier } from './crypto.ts'
import { keyPair, type KeyPair } from './noise.ts'
import { fail, ok, type Result } from './result.ts'
import type { PublicKey, Signature } from './types.ts'
import * as wire from './wire.ts'

/** The version of everything that is said on links; the first message of a handshake offers it. */
export const LINK_VERSION = 1

const STATIC_KEY_DOMAIN = 'offst/link/v1'

/** Made once per process by the shell and used for all its links. */
export interface LinkIdentity {
  readonly signer: Signer
  /** The Noise static key, fresh in this process. */
  readonly staticKey: KeyPair
  /** What the handshake carries: version, identity and its signature of the static key. */
  readonly payload: Uint8Array
}

interface Introduction {
  readonly version: number
  readonly publicKey: PublicKey
  readonly signature: Signature
}

const version = P.U16BE
const introduction: P.CoderType<Introduction> = P.struct({
  version,
  publicKey: wire.publicKey,
  signature: wire.signature,
})

/** @param staticSecret 32 random bytes, fresh in this process. */
export function linkIdentity(
  signer: Signer,
  staticSecret: Uint8Array,
  agreement: KeyAgreement,
): LinkIdentity {
  const staticKey = keyPair(staticSecret, agreement)
  const signature = signer.sign(wire.tagged(STATIC_KEY_DOMAIN, staticKey.public))
  const payload = introduction.encode({ version: LINK_VERSION, publicKey: signer.publicKey, signature })
  return { signer, staticKey, payload }
}

/** Bytes of the version that the first message of a handshake offers in the clear. */
export const VERSION_BYTES = 2
/** Bytes of the introductions in the second and the third message. */
export const INTRODUCTION_BYTES = VERSION_BYTES + 32 + 64

export function encodeVersion(): Uint8Array {
  return version.encode(LINK_VERSION)
}

/** Fails with `malformed` or `versionUnsupported`. */
export function checkVersion(offer: Uint8Array): Result<number> {
  const offered = wire.decode(version, offer)
  return !offered.ok || offered.value === LINK_VERSION ? offered : unsupported(offered.value)
}

/**
 * Who the other side of a handshake is (NOI-3), from the payload of its message and its static key.
 * Fails with `malformed`, `versionUnsupported`, `wrongPeer` or `badSignature`, cheapest check first.
 */
export function readIntroduction(
  payload: Uint8Array,
  remoteStatic: Uint8Array,
  expected: PublicKey | undefined,
  verifier: Verifier,
): Result<PublicKey> {
  const decoded = wire.decode(introduction, payload)
  if (!decoded.ok) return decoded
  const { version, publicKey, signature } = decoded.value
  if (version !== LINK_VERSION) return unsupported(version)
  if (expected !== undefined && publicKey !== expected) {
    return fail('wrongPeer', `expected ${expected}, but ${publicKey} answered: check the ticket`)
  }
  const message = wire.tagged(STATIC_KEY_DOMAIN, remoteStatic)
  const check: SignatureCheck = { publicKey, message, signature }
  if (!verifier.verify(check)) return fail('badSignature', `the other side is not ${publicKey}, as it says`)
  return ok(publicKey)
}

function unsupported(offered: number): Result<never> {
  const advice = offered > LINK_VERSION ? 'update this program' : 'the other side must update its program'
  return fail(
    'versionUnsupported',
    `the other side speaks version ${offered}, this program ${LINK_VERSION}: ${advice}`,
  )
}
