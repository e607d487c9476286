// A connection to one server (relay or index server) that is made again and again until it is closed.

import type { Verifier } from '../../protocol/crypto.ts'
import { addressToUrl } from '../../protocol/forms/address.ts'
import type { LinkIdentity } from '../../protocol/link.ts'
import { openLink, type LinkSocket } from '../../protocol/link-socket.ts'
import { fail, ok, type Fault, type Result } from '../../protocol/result.ts'
import type { Clock, Connect, Random, Socket } from '../../protocol/transport.ts'
import type { PublicKey } from '../../protocol/types.ts'
import { Backoff } from './backoff.ts'
import {
  DIAL_MS_MAX,
  DIAL_RETRY_MS_MAX,
  DIAL_RETRY_MS_MIN,
  DIAL_STEADY_MS,
  SEND_BUFFER_BYTES_MAX,
} from './limits.ts'

/** What all links of a card share. */
export interface LinkContext {
  readonly identity: LinkIdentity
  readonly verifier: Verifier
  readonly clock: Clock
  readonly random: Random
  readonly connect: Connect
}

export interface ServerLinkEvents {
  connected(): void
  message(message: Uint8Array): void
  disconnected(): void
  /** `state` or `fault` is another than before. */
  changed(): void
}

export type ServerState = 'connected' | 'connecting' | 'offline'

export class ServerLink {
  readonly publicKey: PublicKey
  readonly #prologue: Uint8Array
  readonly #context: LinkContext
  readonly #events: ServerLinkEvents
  readonly #backoff: Backoff
  /** Where to dial, in turn: tickets of several friends may give one server several addresses. */
  #addresses: readonly string[]
  /** Which address is next. */
  #turn = 0
  /** The address dialled last. */
  #address = ''
  #link: LinkSocket | undefined
  #state: ServerState = 'connecting'
  #fault: Fault | undefined
  #isClosed = false
  /** Grows with each dial, so that what comes of an older one is ignored. */
  #dial = 0
  #connectedAt = 0
  #cancelTimer: () => void = () => undefined

  constructor(
    publicKey: PublicKey,
    addresses: readonly string[],
    prologue: Uint8Array,
    context: LinkContext,
    events: ServerLinkEvents,
  ) {
    this.publicKey = publicKey
    this.#addresses = addresses
    this.#prologue = prologue
    this.#context = context
    this.#events = events
    this.#backoff = new Backoff(DIAL_RETRY_MS_MIN, DIAL_RETRY_MS_MAX, context.clock, context.random)
    this.#connect()
  }

  get state(): ServerState {
    return this.#state
  }

  /** Why the last dial or connection failed; until the next one succeeds. */
  get fault(): Fault | undefined {
    return this.#fault
  }

  /** Dials these from the next dial on; a connection to an address that is no longer among them is made anew. */
  setAddresses(addresses: readonly string[]): void {
    this.#addresses = addresses
    if (!this.#isClosed && !addresses.includes(this.#address)) this.#lost(undefined)
  }

  /** Leaves a server that does not keep to its protocol; it is tried again like one that fails. */
  reject(fault: Fault): void {
    if (!this.#isClosed) this.#lost(fault)
  }

  /** Sends when connected; a server that does not read is left (its buffers would grow without bound). */
  send(message: Uint8Array): void {
    const link = this.#link
    if (this.#state !== 'connected' || link === undefined) return
    link.send(message)
    if (link.bufferedBytes <= SEND_BUFFER_BYTES_MAX) return
    this.#lost({ code: 'tooSlow', message: 'The server does not take what it is sent: it is tried again.' })
  }

  /** For good; no event follows. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#dial += 1
    this.#cancelTimer()
    this.#link?.close()
    this.#link = undefined
  }

  #connect(): void {
    this.#dial += 1
    const dial = this.#dial
    const address = this.#addresses[this.#turn % this.#addresses.length] ?? ''
    this.#turn += 1
    this.#address = address
    this.#show(this.#state === 'offline' ? 'offline' : 'connecting', this.#fault)
    this.#cancelTimer = this.#context.clock.after(DIAL_MS_MAX, () => {
      this.#lost({ code: 'timedOut', message: `${address} does not answer.` })
    })
    void this.#openSocket(address).then((socket) => {
      if (dial !== this.#dial) {
        if (socket.ok) socket.value.close()
      } else if (socket.ok) this.#handshake(socket.value)
      else this.#lost(socket.error)
    })
  }

  async #openSocket(address: string): Promise<Result<Socket>> {
    const url = addressToUrl(address)
    if (!url.ok) return url
    try {
      return ok(await this.#context.connect(url.value))
    } catch (error) {
      return fail('unreachable', error instanceof Error ? error.message : String(error))
    }
  }

  #handshake(socket: Socket): void {
    const { identity, verifier, clock, random } = this.#context
    this.#link = openLink({
      socket,
      clock,
      random,
      verifier,
      identity,
      role: 'initiator',
      expect: this.publicKey,
      prologue: this.#prologue,
      onOpen: () => {
        this.#cancelTimer()
        this.#connectedAt = clock.now()
        this.#show('connected', undefined)
        this.#events.connected()
      },
      onMessage: (message) => this.#events.message(message),
      onClose: (fault) => this.#lost(fault),
      // The older connection ends first: a relay would take it for the same card on another device.
      onRekey: () => {
        this.#link?.close()
        this.#lost(undefined)
      },
    })
  }

  /** The connection or the attempt is over: the next one follows after a wait, at once to renew the keys. */
  #lost(fault: Fault | undefined): void {
    const wasConnected = this.#state === 'connected'
    this.#dial += 1
    this.#cancelTimer()
    this.#link?.close()
    this.#link = undefined
    if (wasConnected && this.#context.clock.now() - this.#connectedAt >= DIAL_STEADY_MS) this.#backoff.reset()
    this.#show(fault === undefined ? 'connecting' : 'offline', fault)
    if (wasConnected) this.#events.disconnected()
    if (this.#isClosed) return
    if (fault === undefined) this.#connect()
    else this.#cancelTimer = this.#backoff.wait(() => this.#connect())
  }

  #show(state: ServerState, fault: Fault | undefined): void {
    if (this.#state === state && this.#fault?.message === fault?.message) return
    this.#state = state
    this.#fault = fault
    this.#events.changed()
  }
}
