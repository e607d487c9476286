// Joins a socket, a link and a clock: frames go out, messages come in, deadlines are kept. All that a server or
// a node needs to talk to one peer; without timers, sockets or randomness of its own.

import type { LinkCrypto } from './crypto.ts'
import { Link, type LinkIdentity } from './link.ts'
import type { Role } from './noise.ts'
import type { Fault } from './result.ts'
import type { Clock, Random, Socket } from './transport.ts'
import type { PublicKey } from './types.ts'

export interface LinkSocketOptions {
  /** Belongs to the link from now on. */
  readonly socket: Socket
  readonly clock: Clock
  readonly random: Random
  readonly crypto: LinkCrypto
  readonly identity: LinkIdentity
  readonly role: Role
  /** The only peer to talk to; an initiator must name it. */
  readonly expect?: PublicKey | undefined
  /** What the link is for; both sides must give the same bytes. */
  readonly prologue?: Uint8Array | undefined
  readonly maxFrame?: number | undefined
  readonly maxMessage?: number | undefined
  /** Bytes that may wait for a peer that does not read; past it the link ends. Default: no limit. */
  readonly queueBytesMax?: number | undefined
  /** Called once, when the peer has proved who it is; from then on `send` is allowed. */
  readonly onOpen: (peer: PublicKey) => void
  readonly onMessage: (message: Uint8Array) => void
  /** Called once, with the reason, when the link ends otherwise than by `close()`. */
  readonly onClose: (fault: Fault) => void
  /** Called once, when the session is so old that its owner should connect again (NOI-8). */
  readonly onRekey?: (() => void) | undefined
}

/** Starts the handshake. No callback comes before this function has returned. */
export function openLink(options: LinkSocketOptions): LinkSocket {
  return new LinkSocket(options)
}

export class LinkSocket {
  readonly #options: LinkSocketOptions
  readonly #link: Link
  #isEnded = false
  #hasAskedForRekey = false
  #armedFor = Infinity
  #disarm: () => void = () => undefined

  constructor(options: LinkSocketOptions) {
    const { socket, clock, random } = options
    this.#options = options
    this.#link = new Link({ ...options, ephemeral: random(32), now: clock.now() })
    socket.onMessage = (frame) => this.#receive(frame)
    socket.onClose = () => this.#end({ code: 'disconnected', message: 'the connection was lost' })
    this.#flush()
  }

  /** The verified identity of the other side, once the link has been open. */
  get peer(): PublicKey | undefined {
    return this.#link.peer
  }

  get isOpen(): boolean {
    return this.#link.isOpen
  }

  /** Bytes queued and not yet handed to the network. */
  get bufferedBytes(): number {
    return this.#options.socket.bufferedBytes
  }

  /** Sends one message; allowed from `onOpen` on, ignored once the link has ended. */
  send(message: Uint8Array): void {
    if (this.#isEnded) return
    this.#link.send(message, this.#options.clock.now())
    this.#flush()
  }

  /** Says farewell and closes the socket; no callback follows. Idempotent. */
  close(): void {
    if (this.#isEnded) return
    this.#link.close(this.#options.clock.now())
    this.#shut()
  }

  #receive(frame: Uint8Array): void {
    if (this.#isEnded) return
    const { clock, queueBytesMax = Infinity } = this.#options
    this.#handle(this.#link.receive(frame, clock.now()))
    if (this.bufferedBytes <= queueBytesMax) return
    // NOI-11: whoever asks without reading the answers, be it by pings, would fill the memory.
    this.#link.close(clock.now())
    this.#end({ code: 'tooSlow', message: 'The other side does not take what it is sent.' })
  }

  #tick(): void {
    this.#armedFor = Infinity
    if (this.#isEnded) return
    this.#handle(this.#link.tick(this.#options.clock.now()))
    if (!this.#link.wantsRekey || this.#hasAskedForRekey) return
    this.#hasAskedForRekey = true
    this.#options.onRekey?.()
  }

  #handle(events: ReturnType<Link['receive']>): void {
    this.#flush()
    for (const event of events) {
      // A callback may have closed the link.
      if (this.#isEnded) return
      switch (event.kind) {
        case 'open':
          this.#options.onOpen(event.peer)
          break
        case 'message':
          this.#options.onMessage(event.message)
          break
        case 'closed':
          this.#end(event.fault)
      }
    }
  }

  #flush(): void {
    for (const frame of this.#link.takeFrames()) this.#options.socket.send(frame)
    this.#arm()
  }

  /** Deadlines mostly move away, so the timer is only set again when one comes nearer. */
  #arm(): void {
    const deadline = this.#link.nextDeadline()
    if (this.#isEnded || deadline >= this.#armedFor) return
    this.#disarm()
    this.#armedFor = deadline
    const { clock } = this.#options
    this.#disarm = clock.after(Math.max(0, deadline - clock.now()), () => this.#tick())
  }

  #end(fault: Fault): void {
    if (this.#isEnded) return
    this.#shut()
    this.#options.onClose(fault)
  }

  #shut(): void {
    this.#isEnded = true
    for (const frame of this.#link.takeFrames()) this.#options.socket.send(frame)
    this.#disarm()
    this.#options.socket.close()
  }
}
