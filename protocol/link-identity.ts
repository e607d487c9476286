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
  /** What it speaks, and nothing else. */
  readonly version: number
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

const linkVersion = P.U16BE
const introduction: P.CoderType<Introduction> = P.struct({
  version: linkVersion,
  publicKey: wire.publicKey,
  signature: wire.signature,
})

/**
 * @param staticSecret 32 random bytes, fresh in this process.
 * @param version of links, 0..65535: another one than this program's is for the simulator.
 */
export function linkIdentity(
  signer: Signer,
  staticSecret: Uint8Array,
  agreement: KeyAgreement,
  version = LINK_VERSION,
): LinkIdentity {
  const staticKey = keyPair(staticSecret, agreement)
  const signature = signer.sign(wire.tagged(STATIC_KEY_DOMAIN, staticKey.public))
  const payload = introduction.encode({ version, publicKey: signer.publicKey, signature })
  return { version, signer, staticKey, payload }
}

/** Bytes of the version that the first message of a handshake offers in the clear. */
export const VERSION_BYTES = 2
/** Bytes of the introductions in the second and the third message. */
export const INTRODUCTION_BYTES = VERSION_BYTES + 32 + 64

export function encodeVersion(version: number): Uint8Array {
  return linkVersion.encode(version)
}

/** Fails with `malformed`, or with `versionUnsupported` when it is not `own`. */
export function checkVersion(offer: Uint8Array, own: number): Result<number> {
  const offered = wire.decode(linkVersion, offer)
  return !offered.ok || offered.value === own ? offered : unsupported(offered.value, own)
}

/**
 * Who the other side of a handshake is (NOI-3), from the payload of its message and its static key.
 * Fails with `malformed`, `versionUnsupported`, `wrongPeer` or `badSignature`, cheapest check first.
 */
export function readIntroduction(
  payload: Uint8Array,
  remoteStatic: Uint8Array,
  own: { readonly version: number; readonly expect: PublicKey | undefined },
  verifier: Verifier,
): Result<PublicKey> {
  const decoded = wire.decode(introduction, payload)
  if (!decoded.ok) return decoded
  const { version, publicKey, signature } = decoded.value
  if (version !== own.version) return unsupported(version, own.version)
  if (own.expect !== undefined && publicKey !== own.expect) {
    return fail('wrongPeer', `expected ${own.expect}, but ${publicKey} answered: check the ticket`)
  }
  const message = wire.tagged(STATIC_KEY_DOMAIN, remoteStatic)
  const check: SignatureCheck = { publicKey, message, signature }
  if (!verifier.verify(check)) return fail('badSignature', `the other side is not ${publicKey}, as it says`)
  return ok(publicKey)
}

function unsupported(offered: number, own: number): Result<never> {
  const advice = offered > own ? 'update this program' : 'the other side must update its program'
  return fail(
    'versionUnsupported',
    `the other side speaks version ${offered}, this program ${own}: ${advice}`,
  )
}
