// The three messages that open a link: Noise XX, a version, and who each side is (NOI-1 to NOI-4).

import type { LinkCrypto } from './crypto.ts'
import {
  checkVersion,
  encodeVersion,
  INTRODUCTION_BYTES,
  readIntroduction,
  VERSION_BYTES,
  type LinkIdentity,
} from './link-identity.ts'
import { Handshake, KEY_BYTES, TAG_BYTES, type Role, type Transport } from './noise.ts'
import { fail, invariant, type Fault, type Result } from './result.ts'
import type { PublicKey } from './types.ts'
import { tagged } from './wire.ts'

export interface LinkHandshakeOptions {
  readonly role: Role
  readonly identity: LinkIdentity
  /** 32 random bytes, used for this link only. */
  readonly ephemeral: Uint8Array
  /** The only peer to talk to; an initiator must name it. */
  readonly expect?: PublicKey | undefined
  readonly crypto: LinkCrypto
  /** What the link is for; both sides must give the same bytes. Default: none. */
  readonly prologue?: Uint8Array | undefined
}

/** What one received message leads to. */
export interface HandshakeStep {
  /** To be sent, also with a fault: then it is the version that we speak. */
  readonly reply?: Uint8Array
  /** The handshake has failed. */
  readonly fault?: Fault
  /** The handshake is finished. */
  readonly session?: { readonly peer: PublicKey; readonly transport: Transport }
}

const PROLOGUE_DOMAIN = 'offst/link'
/** The messages have fixed sizes, so that strangers' rubbish is refused before any arithmetic. */
const HELLO_BYTES = KEY_BYTES + VERSION_BYTES
const RESPONDER_BYTES = KEY_BYTES + KEY_BYTES + TAG_BYTES + INTRODUCTION_BYTES + TAG_BYTES
const INITIATOR_BYTES = KEY_BYTES + TAG_BYTES + INTRODUCTION_BYTES + TAG_BYTES

export class LinkHandshake {
  readonly #options: LinkHandshakeOptions
  readonly #noise: Handshake
  #awaitsHello: boolean

  constructor(options: LinkHandshakeOptions) {
    const { role, identity, ephemeral, expect } = options
    invariant(role === 'responder' || expect !== undefined, 'an initiator must name the peer it expects')
    this.#options = options
    this.#awaitsHello = role === 'responder'
    const prologue = tagged(PROLOGUE_DOMAIN, options.prologue ?? new Uint8Array(0))
    this.#noise = new Handshake(role, prologue, identity.staticKey, ephemeral, options.crypto)
  }

  /** The initiator's first message: its ephemeral key and, in the clear, its version. */
  hello(): Uint8Array {
    const written = this.#noise.write(encodeVersion(this.#options.identity.version))
    invariant(written.ok, 'the first message of a handshake mixes no key of the peer')
    return written.value
  }

  /** Reads the next message; after a fault the handshake must be dropped. */
  receive(frame: Uint8Array): HandshakeStep {
    return this.#awaitsHello ? this.#receiveHello(frame) : this.#receiveIntroduction(frame)
  }

  #receiveHello(frame: Uint8Array): HandshakeStep {
    if (frame.length < HELLO_BYTES) return malformed('the first message of a handshake is too short')
    const own = this.#options.identity.version
    const version = checkVersion(frame.subarray(KEY_BYTES, HELLO_BYTES), own)
    if (!version.ok) return { reply: encodeVersion(own), fault: version.error }
    if (frame.length > HELLO_BYTES) return malformed('the first message of a handshake is too long')
    this.#awaitsHello = false
    const read = this.#noise.read(frame)
    return read.ok ? this.#introduce() : { fault: read.error }
  }

  #receiveIntroduction(frame: Uint8Array): HandshakeStep {
    const isInitiator = this.#options.role === 'initiator'
    if (isInitiator && frame.length === VERSION_BYTES) return this.#refused(frame)
    if (frame.length !== (isInitiator ? RESPONDER_BYTES : INITIATOR_BYTES)) {
      return malformed(`a handshake message of ${frame.length} bytes: the other side speaks something else`)
    }
    const peer = this.#readIntroduction(frame)
    if (!peer.ok) return { fault: peer.error }
    const step = isInitiator ? this.#introduce() : {}
    if (step.fault !== undefined) return step
    return { ...step, session: { peer: peer.value, transport: this.#noise.split() } }
  }

  #readIntroduction(frame: Uint8Array): Result<PublicKey> {
    const { expect, crypto, identity } = this.#options
    const payload = this.#noise.read(frame)
    if (!payload.ok) return payload
    const remoteStatic = this.#noise.remoteStatic
    invariant(remoteStatic !== undefined, 'a message with an introduction carries a static key')
    return readIntroduction(payload.value, remoteStatic, { version: identity.version, expect }, crypto)
  }

  /** Our own introduction, as the next message. */
  #introduce(): HandshakeStep {
    const written = this.#noise.write(this.#options.identity.payload)
    return written.ok ? { reply: written.value } : { fault: written.error }
  }

  /** The responder answered with nothing but the version that it speaks. */
  #refused(frame: Uint8Array): HandshakeStep {
    const version = checkVersion(frame, this.#options.identity.version)
    if (!version.ok) return { fault: version.error }
    return malformed('the other side refused the very version that it speaks')
  }
}

function malformed(message: string): HandshakeStep {
  return { fault: fail('malformed', message).error }
}
