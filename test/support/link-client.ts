// A client of a server, as a test sees it: speaks one codec, and keeps what it hears.

import type { CoderType } from 'micro-packed'
import type { Signer } from '../../protocol/crypto.ts'
import { nobleProvider } from '../../protocol/ed25519.ts'
import { linkIdentity } from '../../protocol/link.ts'
import { openLink, type LinkSocket } from '../../protocol/link-socket.ts'
import type { Clock, Random, Socket } from '../../protocol/transport.ts'
import type { PublicKey } from '../../protocol/types.ts'

export interface ClientOptions<In, Out> {
  readonly socket: Socket
  readonly clock: Clock
  readonly random: Random
  readonly signer: Signer
  /** The server's key. */
  readonly server: PublicKey
  readonly prologue: Uint8Array
  readonly says: CoderType<Out>
  readonly hears: CoderType<In>
}

export class LinkClient<In, Out> {
  readonly heard: In[] = []
  readonly key: PublicKey
  isOpen = false
  /** Code of the fault that ended the link. */
  ended: string | undefined
  readonly link: LinkSocket
  readonly #options: ClientOptions<In, Out>
  #wake: () => void = () => undefined

  constructor(options: ClientOptions<In, Out>) {
    const { socket, clock, random, signer, server, prologue, hears } = options
    this.#options = options
    this.key = signer.publicKey
    this.link = openLink({
      socket,
      clock,
      random,
      prologue,
      crypto: nobleProvider,
      identity: linkIdentity(signer, random(32), nobleProvider),
      role: 'initiator',
      expect: server,
      onOpen: () => {
        this.isOpen = true
        this.#wake()
      },
      onMessage: (message) => {
        this.heard.push(hears.decode(message))
        this.#wake()
      },
      onClose: (fault) => {
        this.ended = fault.code
        this.#wake()
      },
    })
  }

  say(message: Out): void {
    this.link.send(this.#options.says.encode(message))
  }

  /** Forgets and returns what was heard so far. */
  take(): In[] {
    return this.heard.splice(0)
  }

  /** Waits, in real time, until something holds. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => (this.#wake = resolve))
  }
}
