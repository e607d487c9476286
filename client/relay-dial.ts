// The way of an app to a card over a relay at which the card listens: a socket whose messages travel in packets.

import { appPacket } from '../protocol/app-packets.ts'
import type { LinkCrypto, Signer } from '../protocol/crypto.ts'
import { addressToUrl } from '../protocol/forms.ts'
import { SESSION_NAME_BYTES } from '../protocol/friend-packets.ts'
import { linkIdentity } from '../protocol/link.ts'
import { openLink, type LinkSocket } from '../protocol/link-socket.ts'
import {
  fromRelay,
  RELAY_PROLOGUE,
  toRelay,
  type FromRelay,
  type ToRelay,
} from '../protocol/relay-messages.ts'
import { fail, ok, type Fault, type Result } from '../protocol/result.ts'
import type { Clock, Connect, Random, Socket } from '../protocol/transport.ts'
import type { PublicKey, RelayAddress } from '../protocol/types.ts'
import * as wire from '../protocol/wire.ts'

export interface RelayDialOptions {
  readonly relay: RelayAddress
  /** The card to reach. */
  readonly card: PublicKey
  /** The app's identity. */
  readonly signer: Signer
  readonly crypto: LinkCrypto
  readonly connect: Connect
  readonly clock: Clock
  readonly random: Random
}

/** Connects to the relay. Whether the card is there shows when something is sent to it. */
export async function dialOverRelay(options: RelayDialOptions): Promise<Result<RelayedSocket>> {
  const { relay, connect } = options
  const url = addressToUrl(relay.address)
  if (!url.ok) return url
  let socket: Socket
  try {
    socket = await connect(url.value)
  } catch {
    return fail('unreachable', `The relay at ${relay.address} does not answer.`)
  }
  return new Promise((resolve) => {
    const relayed = new RelayedSocket(options, socket, (opened) => resolve(opened.ok ? ok(relayed) : opened))
  })
}

export class RelayedSocket implements Socket {
  onMessage: (message: Uint8Array) => void = () => undefined
  onClose: () => void = () => undefined
  /** Why it ended. */
  fault: Fault | undefined
  readonly #options: RelayDialOptions
  readonly #link: LinkSocket
  /** Names this connection in packets. */
  readonly #name: string
  #isClosed = false

  /** @param opened called once: the relay takes packets, or why not. */
  constructor(options: RelayDialOptions, socket: Socket, opened: (result: Result<void>) => void) {
    const { relay, card, signer, crypto, clock, random } = options
    this.#options = options
    this.#name = wire.toBase64url(random(SESSION_NAME_BYTES))
    this.#link = openLink({
      socket,
      clock,
      random,
      crypto,
      identity: linkIdentity(signer, random(32), crypto),
      role: 'initiator',
      expect: relay.publicKey,
      prologue: RELAY_PROLOGUE,
      onOpen: () => {
        this.#say({ kind: 'allow', keys: [card] })
        opened(ok(undefined))
      },
      onMessage: (message) => this.#hear(message),
      onClose: ({ code, message }) => {
        const fault = fail(code, `The relay at ${relay.address}: ${message}.`)
        opened(fault)
        this.#end(fault.error)
      },
    })
  }

  get bufferedBytes(): number {
    return this.#link.bufferedBytes
  }

  send(message: Uint8Array): void {
    if (this.#isClosed) return
    const payload = appPacket.encode({ kind: 'toNode', line: this.#name, frame: message })
    this.#say({ kind: 'send', to: this.#options.card, payload })
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#link.close()
  }

  #say(message: ToRelay): void {
    this.#link.send(toRelay.encode(message))
  }

  #hear(bytes: Uint8Array): void {
    const message = wire.decode(fromRelay, bytes)
    if (message.ok) this.#receive(message.value)
    else this.#fail('malformed', `speaks unclearly: ${message.error.message}`)
  }

  #receive(message: FromRelay): void {
    const { card } = this.#options
    switch (message.kind) {
      case 'received': {
        if (message.from !== card) return
        const packet = wire.decode(appPacket, message.payload)
        if (!packet.ok || packet.value.line !== this.#name) return
        if (packet.value.kind === 'toApp') this.onMessage(packet.value.frame)
        else if (packet.value.kind === 'ended') this.#fail('disconnected', 'lost the connection to the card')
        return
      }
      case 'peerGone':
        if (message.key === card) {
          // Strangers cannot tell which (REL-3).
          const sentence =
            'does not reach the card: it is not on line, or its owner has not accepted this app'
          this.#fail('offline', sentence)
        }
        return
      case 'replaced':
        this.#fail('replaced', 'has another connection of this app now: one at a time')
        return
      case 'limits':
      // A card needs to know them, a single app stays far below.
    }
  }

  #fail(code: string, what: string): void {
    const fault = fail(code, `The relay at ${this.#options.relay.address} ${what}.`).error
    this.#link.close()
    this.#end(fault)
  }

  #end(fault: Fault): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.fault = fault
    this.onClose()
  }
}
