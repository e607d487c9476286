// One secure session over any transport that keeps message borders: handshake, identities, padding, pieces,
// keep-alives and limits (docs/PROTOCOL.md, NOI). No socket, clock or randomness: bytes and time go in,
// frames and events come out, and nothing that a peer sends makes it throw.

import { decodeFrame, encodeFrame, payloadBytesMax, type Frame, type FrameKind } from './frames.ts'
import {
  DEAD_AFTER_MS,
  FRAME_BYTES_MAX,
  HANDSHAKE_MS_MAX,
  MESSAGE_BYTES_MAX,
  PING_AFTER_MS,
  PINGS_BURST_MAX,
  PINGS_PER_SECOND_MAX,
  REKEY_AGE_MS_MAX,
  REKEY_GRACE_MESSAGES,
  REKEY_GRACE_MS,
  REKEY_MESSAGES_MAX,
} from './limits.ts'
import { LinkHandshake, type LinkHandshakeOptions } from './link-handshake.ts'
import type { CipherState, Transport } from './noise.ts'
import { Reassembly } from './reassembly.ts'
import { fail, invariant, type Fault } from './result.ts'
import { TokenBucket } from './token-bucket.ts'
import type { PublicKey } from './types.ts'

export { linkIdentity, type LinkIdentity } from './link-identity.ts'

export type LinkEvent =
  /** The handshake is finished and the peer's identity verified. */
  | { readonly kind: 'open'; readonly peer: PublicKey }
  /** One whole application message. */
  | { readonly kind: 'message'; readonly message: Uint8Array }
  /** The session is dead: send what `takeFrames` still gives, then close the socket. Nothing follows. */
  | { readonly kind: 'closed'; readonly fault: Fault }

export interface LinkOptions extends LinkHandshakeOptions {
  /** Milliseconds since 1970, here and below. */
  readonly now: number
  /** Bytes of the largest frame that the transport carries. Default: FRAME_BYTES_MAX. */
  readonly maxFrame?: number | undefined
  /** Bytes of the longest message accepted from the peer. Default: MESSAGE_BYTES_MAX. */
  readonly maxMessage?: number | undefined
  /** Frames in one direction after which a new handshake is wanted. Default: REKEY_MESSAGES_MAX. */
  readonly rekeyMessages?: number | undefined
}

const NO_BYTES = new Uint8Array(0)

export class Link {
  readonly #maxFrame: number
  readonly #maxPayload: number
  readonly #rekeyMessages: number
  readonly #messages: Reassembly
  /** Pings and pongs of the peer. */
  readonly #pings: TokenBucket
  #handshake: LinkHandshake | undefined
  #transport: Transport | undefined
  #peer: PublicKey | undefined
  #outgoing: Uint8Array[] = []
  /** A fault found while sending, until `receive` or `tick` can tell it. */
  #untold: Fault | undefined
  #startedAt: number
  #heardAt: number
  #pingedAt: number
  #isOld = false

  constructor(options: LinkOptions) {
    this.#maxFrame = options.maxFrame ?? FRAME_BYTES_MAX
    this.#maxPayload = payloadBytesMax(this.#maxFrame)
    this.#rekeyMessages = options.rekeyMessages ?? REKEY_MESSAGES_MAX
    this.#messages = new Reassembly(options.maxMessage ?? MESSAGE_BYTES_MAX)
    this.#pings = new TokenBucket(PINGS_BURST_MAX, PINGS_PER_SECOND_MAX, options.now)
    this.#startedAt = this.#heardAt = this.#pingedAt = options.now
    this.#handshake = new LinkHandshake(options)
    if (options.role === 'initiator') this.#outgoing.push(this.#handshake.hello())
  }

  /** The verified identity of the other side, once the link has been open. */
  get peer(): PublicKey | undefined {
    return this.#peer
  }

  get isOpen(): boolean {
    return this.#transport !== undefined
  }

  get isClosed(): boolean {
    return this.#transport === undefined && this.#handshake === undefined
  }

  /** Whether the owner should make a new link and move over to it (NOI-8). */
  get wantsRekey(): boolean {
    const { send, receive } = this.#transport ?? {}
    const count = Math.max(send?.count ?? 0, receive?.count ?? 0)
    return this.isOpen && (this.#isOld || count >= this.#rekeyMessages)
  }

  /** Takes the bytes of one transport message. Never throws; after `closed` it returns nothing. */
  receive(frame: Uint8Array, now: number): LinkEvent[] {
    this.#observe(now)
    if (this.isClosed) return this.#tell()
    if (frame.length > this.#maxFrame) {
      return this.#end(fail('malformed', `a frame of ${frame.length} bytes, allowed ${this.#maxFrame}`).error)
    }
    if (this.#handshake !== undefined) return this.#receiveHandshake(this.#handshake, frame, now)
    if (this.#transport !== undefined) return this.#receiveSealed(this.#transport, frame, now)
    return []
  }

  /** Queues a message of at most MESSAGE_BYTES_MAX bytes; the link must have been opened. Ignored once closed. */
  send(message: Uint8Array, now: number): void {
    invariant(message.length <= MESSAGE_BYTES_MAX, `a message of ${message.length} bytes is too long to send`)
    this.#observe(now)
    invariant(this.#handshake === undefined, 'a message was sent before the link was open')
    for (let start = 0; ; start += this.#maxPayload) {
      const isLast = message.length - start <= this.#maxPayload
      const payload = message.subarray(start, start + this.#maxPayload)
      this.#seal({ kind: isLast ? 'last' : 'more', payload })
      if (isLast) return
    }
  }

  /** Removes and returns the frames to put on the transport, in this order. */
  takeFrames(): Uint8Array[] {
    const frames = this.#outgoing
    this.#outgoing = []
    return frames
  }

  /** Does what time demands: keep-alives, death of a silent peer, time-out of a handshake, age. */
  tick(now: number): LinkEvent[] {
    this.#observe(now)
    if (this.#handshake !== undefined && now - this.#startedAt >= HANDSHAKE_MS_MAX) {
      return this.#end(fail('timedOut', 'the other side did not finish the handshake in time').error)
    }
    if (!this.isOpen) return this.#tell()
    if (now - this.#heardAt >= DEAD_AFTER_MS) {
      return this.#end(fail('timedOut', `nothing was heard for ${DEAD_AFTER_MS / 1_000} seconds`).error)
    }
    if (now - this.#startedAt >= REKEY_AGE_MS_MAX + REKEY_GRACE_MS) return this.#end(expired())
    this.#isOld = now - this.#startedAt >= REKEY_AGE_MS_MAX
    if (now - Math.max(this.#heardAt, this.#pingedAt) >= PING_AFTER_MS) {
      this.#pingedAt = now
      this.#seal({ kind: 'ping', payload: NO_BYTES })
    }
    return this.#tell()
  }

  /** When `tick` must be called, in milliseconds since 1970; Infinity when never again. */
  nextDeadline(): number {
    if (this.#untold !== undefined) return 0
    if (this.#handshake !== undefined) return this.#startedAt + HANDSHAKE_MS_MAX
    if (!this.isOpen) return Infinity
    return Math.min(
      this.#startedAt + REKEY_AGE_MS_MAX + (this.#isOld ? REKEY_GRACE_MS : 0),
      this.#heardAt + DEAD_AFTER_MS,
      Math.max(this.#heardAt, this.#pingedAt) + PING_AFTER_MS,
    )
  }

  /** Ends the session; a last sealed frame tells the peer at once. No event follows. Idempotent. */
  close(now: number): void {
    this.#observe(now)
    this.#shut(true)
    this.#untold = undefined
  }

  #receiveHandshake(handshake: LinkHandshake, frame: Uint8Array, now: number): LinkEvent[] {
    const { reply, fault, session } = handshake.receive(frame)
    if (reply !== undefined) this.#outgoing.push(reply)
    if (fault !== undefined) return this.#end(fault)
    if (session === undefined) return []
    this.#handshake = undefined
    this.#transport = session.transport
    this.#peer = session.peer
    this.#heardAt = now
    return [{ kind: 'open', peer: session.peer }]
  }

  #receiveSealed(transport: Transport, sealed: Uint8Array, now: number): LinkEvent[] {
    if (this.#isSpent(transport.receive)) return this.#end(expired())
    const plaintext = transport.receive.open(NO_BYTES, sealed)
    if (plaintext === undefined) {
      return this.#end(fail('decryptFailed', 'a frame was altered, lost or repeated on its way').error)
    }
    const frame = decodeFrame(plaintext)
    if (!frame.ok) return this.#end(frame.error)
    this.#heardAt = now
    return this.#handle(frame.value, now)
  }

  #handle({ kind, payload }: Frame, now: number): LinkEvent[] {
    switch (kind) {
      case 'last':
      case 'more': {
        const message = this.#messages.add(payload, kind === 'last')
        if (!message.ok) return this.#end(message.error)
        return message.value === undefined ? [] : [{ kind: 'message', message: message.value }]
      }
      case 'ping':
      case 'pong':
        // NOI-12: they are cheap to send, and cost as much as other frames.
        if (!this.#pings.take(1, now)) {
          return this.#end(fail('tooManyPings', 'the other side pings without end').error)
        }
        if (kind === 'ping') this.#seal({ kind: 'pong', payload: NO_BYTES })
        return this.#tell()
      case 'close':
        this.#shut(false)
        this.#fail(fail('closedByPeer', 'the other side ended the session').error)
        return this.#tell()
    }
  }

  /** Queues one sealed frame; past the limit of messages the link ends instead. */
  #seal(frame: Frame): void {
    if (this.#transport === undefined) return
    if (this.#isSpent(this.#transport.send)) this.#fail(expired())
    else this.#outgoing.push(this.#transport.send.seal(NO_BYTES, encodeFrame(frame)))
  }

  #isSpent(cipher: CipherState): boolean {
    return cipher.count >= this.#rekeyMessages + REKEY_GRACE_MESSAGES
  }

  #end(fault: Fault): LinkEvent[] {
    this.#fail(fault)
    return this.#tell()
  }

  #fail(fault: Fault): void {
    this.#shut(true)
    this.#untold = fault
  }

  #tell(): LinkEvent[] {
    const fault = this.#untold
    this.#untold = undefined
    return fault === undefined ? [] : [{ kind: 'closed', fault }]
  }

  /** Forgets the keys; the counter's limit leaves room for the farewell. */
  #shut(saysFarewell: boolean): void {
    if (saysFarewell && this.#transport !== undefined) {
      const kind: FrameKind = 'close'
      this.#outgoing.push(this.#transport.send.seal(NO_BYTES, encodeFrame({ kind, payload: NO_BYTES })))
    }
    this.#transport = undefined
    this.#handshake = undefined
    this.#messages.clear()
  }

  /** A clock that was set back must not make a peer look alive for hours. */
  #observe(now: number): void {
    this.#startedAt = Math.min(this.#startedAt, now)
    this.#heardAt = Math.min(this.#heardAt, now)
    this.#pingedAt = Math.min(this.#pingedAt, now)
  }
}

function expired(): Fault {
  return fail('expired', 'the session is too old to go on: connect again').error
}
