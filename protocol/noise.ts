// Noise_XX_25519_ChaChaPoly_SHA256, by the Noise Protocol Framework, revision 34 (noiseprotocol.org).
// Section numbers are the framework's. Nothing here reads a clock, random bytes or a socket.

import { chacha20poly1305 } from '@noble/ciphers/chacha.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import type { KeyAgreement } from './crypto.ts'
import { fail, invariant, ok, type Result } from './result.ts'

/** Bytes of an X25519 key, public or secret. */
export const KEY_BYTES = 32
/** Bytes that sealing adds. */
export const TAG_BYTES = 16

const PROTOCOL_NAME = utf8ToBytes('Noise_XX_25519_ChaChaPoly_SHA256')
const EMPTY = new Uint8Array(0)

export type Role = 'initiator' | 'responder'

export interface KeyPair {
  readonly secret: Uint8Array
  readonly public: Uint8Array
}

/** @param secret 32 random bytes. */
export function keyPair(secret: Uint8Array, agreement: KeyAgreement): KeyPair {
  invariant(secret.length === KEY_BYTES, 'a Noise secret key has 32 bytes')
  return { secret, public: agreement.agreementKey(secret) }
}

/** Section 5.1: a key and a counter of nonces, which never repeat because each use moves the counter. */
export class CipherState {
  readonly #key: Uint8Array
  #nonce = 0

  constructor(key: Uint8Array) {
    this.#key = key
  }

  /** Messages sealed or opened so far. */
  get count(): number {
    return this.#nonce
  }

  seal(additional: Uint8Array, plaintext: Uint8Array): Uint8Array {
    return chacha20poly1305(this.#key, this.#nextNonce(), additional).encrypt(plaintext)
  }

  /** The plaintext, or undefined when the tag is wrong; a wrong tag ends the session, so the nonce is spent. */
  open(additional: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
    if (sealed.length < TAG_BYTES) return undefined
    const nonce = this.#nextNonce()
    try {
      return chacha20poly1305(this.#key, nonce, additional).decrypt(sealed)
    } catch {
      return undefined
    }
  }

  /** Section 12.3: 32 zero bits, then the counter in 64 bits, little-endian. */
  #nextNonce(): Uint8Array {
    // 2^53 is far beyond the limits of a link; the framework's own bound is 2^64-1.
    invariant(this.#nonce < Number.MAX_SAFE_INTEGER, 'a Noise nonce would repeat')
    const nonce = new Uint8Array(12)
    new DataView(nonce.buffer).setBigUint64(4, BigInt(this.#nonce), true)
    this.#nonce += 1
    return nonce
  }
}

/** Section 5.2: the chaining key and the hash of all that was said. */
class SymmetricState {
  #chainingKey: Uint8Array = PROTOCOL_NAME
  /** The name has exactly 32 bytes, so it is the first hash itself. */
  hash: Uint8Array = PROTOCOL_NAME
  #cipher: CipherState | undefined

  mixHash(data: Uint8Array): void {
    this.hash = sha256(concatBytes(this.hash, data))
  }

  mixKey(input: Uint8Array): void {
    const [chainingKey, key] = hkdf(this.#chainingKey, input)
    this.#chainingKey = chainingKey
    this.#cipher = new CipherState(key)
  }

  encryptAndHash(plaintext: Uint8Array): Uint8Array {
    const sealed = this.#cipher === undefined ? plaintext : this.#cipher.seal(this.hash, plaintext)
    this.mixHash(sealed)
    return sealed
  }

  decryptAndHash(sealed: Uint8Array): Uint8Array | undefined {
    const plaintext = this.#cipher === undefined ? sealed : this.#cipher.open(this.hash, sealed)
    this.mixHash(sealed)
    return plaintext
  }

  split(): readonly [CipherState, CipherState] {
    const [first, second] = hkdf(this.#chainingKey, EMPTY)
    return [new CipherState(first), new CipherState(second)]
  }
}

/** Section 4.3 with two outputs. */
function hkdf(chainingKey: Uint8Array, input: Uint8Array): readonly [Uint8Array, Uint8Array] {
  const temporary = hmac(sha256, chainingKey, input)
  const first = hmac(sha256, temporary, Uint8Array.of(1))
  return [first, hmac(sha256, temporary, concatBytes(first, Uint8Array.of(2)))]
}

type Token = 'e' | 's' | 'ee' | 'es' | 'se'

/** Section 7.5, XX: the initiator writes the first and the last message. */
const PATTERN: readonly (readonly Token[])[] = [['e'], ['e', 'ee', 's', 'es'], ['s', 'se']]

/** The keys of the finished session, seen from one side. */
export interface Transport {
  readonly send: CipherState
  readonly receive: CipherState
  /** Hash of the whole handshake, the same on both sides. */
  readonly handshakeHash: Uint8Array
}

/** What a handshake message carried, or why it was refused (`malformed`, `decryptFailed`). */
type Read = Result<Uint8Array>

/** Section 5.3. Messages are written and read in turn; after a refused one the handshake must be dropped. */
export class Handshake {
  readonly #role: Role
  readonly #agreement: KeyAgreement
  readonly #symmetric = new SymmetricState()
  readonly #static: KeyPair
  readonly #ephemeralSecret: Uint8Array
  #ephemeral: KeyPair | undefined
  #remoteStatic: Uint8Array | undefined
  #remoteEphemeral: Uint8Array | undefined
  #turn = 0

  /** @param ephemeralSecret 32 random bytes, never used before. */
  constructor(
    role: Role,
    prologue: Uint8Array,
    staticKey: KeyPair,
    ephemeralSecret: Uint8Array,
    agreement: KeyAgreement,
  ) {
    invariant(ephemeralSecret.length === KEY_BYTES, 'a Noise ephemeral secret has 32 bytes')
    this.#role = role
    this.#agreement = agreement
    this.#static = staticKey
    this.#ephemeralSecret = ephemeralSecret
    this.#symmetric.mixHash(prologue)
  }

  /** The other side's static key, once a message has carried it. */
  get remoteStatic(): Uint8Array | undefined {
    return this.#remoteStatic
  }

  get isFinished(): boolean {
    return this.#turn === PATTERN.length
  }

  /** Whether the next message is ours to write. */
  get isOurTurn(): boolean {
    return !this.isFinished && (this.#turn % 2 === 0) === (this.#role === 'initiator')
  }

  /** Writes the next message; fails with `decryptFailed` when the peer's key is of low order. */
  write(payload: Uint8Array): Result<Uint8Array> {
    invariant(this.isOurTurn, 'a handshake message was written out of turn')
    const parts: Uint8Array[] = []
    for (const token of PATTERN[this.#turn] ?? []) {
      if (token === 'e') parts.push(this.#writeEphemeral())
      else if (token === 's') parts.push(this.#symmetric.encryptAndHash(this.#static.public))
      else if (!this.#mixSharedSecret(token)) return lowOrder()
    }
    parts.push(this.#symmetric.encryptAndHash(payload))
    this.#turn += 1
    return ok(concatBytes(...parts))
  }

  /** Reads the next message and returns its payload; never throws for what the peer sent. */
  read(message: Uint8Array): Read {
    invariant(!this.isFinished && !this.isOurTurn, 'a handshake message was read out of turn')
    let rest = message
    for (const token of PATTERN[this.#turn] ?? []) {
      if (token === 'e' || token === 's') {
        const size = token === 'e' ? KEY_BYTES : KEY_BYTES + TAG_BYTES
        if (rest.length < size) return fail('malformed', 'a handshake message ends before its keys do')
        if (!this.#readKey(token, rest.slice(0, size))) return badTag()
        rest = rest.subarray(size)
      } else if (!this.#mixSharedSecret(token)) return lowOrder()
    }
    const payload = this.#symmetric.decryptAndHash(rest)
    if (payload === undefined) return badTag()
    this.#turn += 1
    return ok(payload)
  }

  /** The session's keys; only once, when the handshake is finished. */
  split(): Transport {
    invariant(this.isFinished, 'a handshake was split before its end')
    const [first, second] = this.#symmetric.split()
    const handshakeHash = this.#symmetric.hash
    return this.#role === 'initiator'
      ? { send: first, receive: second, handshakeHash }
      : { send: second, receive: first, handshakeHash }
  }

  #writeEphemeral(): Uint8Array {
    this.#ephemeral = keyPair(this.#ephemeralSecret, this.#agreement)
    this.#symmetric.mixHash(this.#ephemeral.public)
    return this.#ephemeral.public
  }

  #readKey(token: 'e' | 's', bytes: Uint8Array): boolean {
    if (token === 'e') {
      this.#remoteEphemeral = bytes
      this.#symmetric.mixHash(bytes)
      return true
    }
    this.#remoteStatic = this.#symmetric.decryptAndHash(bytes)
    return this.#remoteStatic !== undefined
  }

  /** The first letter names the initiator's key, the second the responder's. False for a low-order key. */
  #mixSharedSecret(token: 'ee' | 'es' | 'se'): boolean {
    const isInitiator = this.#role === 'initiator'
    const [ours, theirs] = isInitiator ? [token[0], token[1]] : [token[1], token[0]]
    const own = ours === 'e' ? this.#ephemeral : this.#static
    const remote = theirs === 'e' ? this.#remoteEphemeral : this.#remoteStatic
    invariant(own !== undefined && remote !== undefined, 'a handshake used a key before it was there')
    const secret = this.#agreement.agree(own.secret, remote)
    if (secret === undefined) return false
    this.#symmetric.mixKey(secret)
    return true
  }
}

function badTag(): Read {
  return fail(
    'decryptFailed',
    'a handshake message does not open: it was altered, or meant for another session',
  )
}

function lowOrder(): Read {
  return fail('decryptFailed', 'the other side sent a key of low order, which would make the secret public')
}
