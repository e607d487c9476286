// The cryptography that the programs need from their platform. All providers pass the same vectors (test/vectors).

import type { PublicKey, Signature } from './types.ts'

/** One signature that must hold before an input may be processed. */
export interface SignatureCheck {
  readonly publicKey: PublicKey
  /** The exact bytes that were signed, domain tag included. */
  readonly message: Uint8Array
  readonly signature: Signature
}

/** Verifies by the one rule of docs/PROTOCOL.md (canonical torsion-free key, S < L, cofactorless equation). */
export interface Verifier {
  /** True iff the 43 characters decode to a canonical, torsion-free Ed25519 point that is not the identity. */
  isPublicKey(publicKey: string): publicKey is PublicKey
  /** False for anything invalid; never throws. */
  verify(check: SignatureCheck): boolean
}

/** X25519 (RFC 7748), by which the two ends of a link agree on keys. */
export interface KeyAgreement {
  /** The public key of 32 secret bytes. */
  agreementKey(secret: Uint8Array): Uint8Array
  /** The shared secret; undefined when it is all zero, as it is for keys of low order. */
  agree(secret: Uint8Array, remotePublic: Uint8Array): Uint8Array | undefined
}

/** What a link needs to open: it agrees on keys, and verifies who the other side is. */
export interface LinkCrypto extends Verifier, KeyAgreement {}

/** An identity: the public key and the means to sign with it. */
export interface Signer {
  readonly publicKey: PublicKey
  sign(message: Uint8Array): Signature
}

export interface CryptoProvider extends LinkCrypto {
  readonly name: string
  /** @param secretKey 32 random bytes (the Ed25519 seed). */
  signer(secretKey: Uint8Array): Signer
}
