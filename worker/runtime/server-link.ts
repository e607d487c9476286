// A connection to one server (relay or index server) that is made again and again until it is closed.

import type { LinkCrypto } from '../../protocol/crypto.ts'
import { addressToUrl } from '../../protocol/forms/address.ts'
import type { LinkIdentity } from '../../protocol/link.ts'
import { openLink, type LinkSocket } from '../../protocol/link-socket.ts'
import { fail, ok, type Fault, type Result } from '../../protocol/result.ts'
import type { Clock, Connect, Random, Socket } from '../../protocol/transport.ts'
import type { PublicKey } from '../../protocol/types.ts'
import { Backoff } from './backoff.ts'
import {
  DIAL_HURRIED_MS,
  DIAL_MS_MAX,
  DIAL_RETRY_MS_MAX,
  DIAL_RETRY_MS_MIN,
  DIAL_STEADY_MS,
  SEND_BUFFER_BYTES_MAX,
} from './limits.ts'

/** What all links of a card share. */
export interface LinkContext {
  readonly identity: LinkIdentity
  readonly crypto: LinkCrypto
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
  /** Where to dial: tickets of several friends may give one server several addresses. */
  #addresses: readonly string[]
  /** Dials since the connection that was steady last. */
  #turn = 0
  /** The address at which the server was found last. */
  #found: string | undefined
  /** The address dialled last, or to be dialled first. */
  #address: string
  #link: LinkSocket | undefined
  #state: ServerState = 'connecting'
  #fault: Fault | undefined
  #isClosed = false
  /** Grows with each dial, so that what comes of an older one is ignored. */
  #dial = 0
  #connectedAt = 0
  /** When the last dial or connection failed, while the next dial is waited for. */
  #waitingSince: number | undefined
  /** Whether `wake` may cut the present wait short. */
  #mayHurry = true
  #cancelTimer: () => void = () => undefined

  constructor(
    publicKey: PublicKey,
    addresses: readonly string[],
    prologue: Uint8Array,
    context: LinkContext,
    events: ServerLinkEvents,
    /** Before the first dial. */
    delay_ms = 0,
  ) {
    this.publicKey = publicKey
    this.#addresses = addresses
    this.#address = addresses[0] ?? ''
    this.#prologue = prologue
    this.#context = context
    this.#events = events
    this.#backoff = new Backoff(DIAL_RETRY_MS_MIN, DIAL_RETRY_MS_MAX, context.clock, context.random)
    this.#connectAfter(delay_ms)
  }

  get state(): ServerState {
    return this.#state
  }

  /** Why the last dial or connection failed; until the next one succeeds. */
  get fault(): Fault | undefined {
    return this.#fault
  }

  /** Whether the server is dialled, or was reached, at an address that is not among these. */
  isAstray(addresses: readonly string[]): boolean {
    return !addresses.includes(this.#address)
  }

  /**
   * Dials these from the next dial on; a connection to an address that is no longer among them is made anew.
   * @param delay_ms before that.
   */
  setAddresses(addresses: readonly string[], delay_ms = 0): void {
    this.#addresses = addresses
    if (!this.#isClosed && this.isAstray(addresses)) this.#lost(undefined, delay_ms)
  }

  /**
   * Leaves a server that does not keep to its protocol; it is tried again like one that fails.
   * @param delay_ms until then; without, it grows with each failure.
   */
  reject(fault: Fault, delay_ms?: number): void {
    if (!this.#isClosed) this.#lost(fault, delay_ms)
  }

  /** The network is back: whatever waits for the next dial need not wait longer. */
  wake(): void {
    if (this.#isClosed || this.#state === 'connected' || !this.#mayHurry) return
    this.#backoff.reset()
    this.#abandon()
    this.#connect()
  }

  /** Somebody waits for this server: a pause that has grown long since it failed last is cut short. */
  hurry(): void {
    const since = this.#waitingSince
    if (this.#isClosed || since === undefined || !this.#mayHurry) return
    if (this.#context.clock.now() - since < DIAL_HURRIED_MS) return
    this.#cancelTimer()
    this.#connect()
  }

  /** Sends when connected; a server that does not read is left (its buffers would grow without bound). */
  send(message: Uint8Array): void {
    const link = this.#link
    if (this.#state !== 'connected' || link === undefined) return
    link.send(message)
    if (link.bufferedBytes <= SEND_BUFFER_BYTES_MAX) return
    this.#lost({ code: 'tooSlow', message: 'The server does not take what it is sent: it is tried again.' })
  }

  /** Bytes that wait to be sent. */
  get bufferedBytes(): number {
    return this.#link?.bufferedBytes ?? 0
  }

  /** For good; no event follows. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#abandon()
  }

  /** First where the server was found last, then the first address, the card's own, in turn with all others. */
  #nextAddress(): string {
    const turn = this.#turn
    this.#turn += 1
    const [first = '', ...others] = this.#addresses
    if (turn === 0 && this.#found !== undefined && this.#addresses.includes(this.#found)) return this.#found
    return (turn % 2 === 0 ? undefined : others[((turn - 1) / 2) % others.length]) ?? first
  }

  #connect(): void {
    this.#dial += 1
    const dial = this.#dial
    const address = this.#nextAddress()
    this.#address = address
    this.#mayHurry = true
    this.#waitingSince = undefined
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
    const { identity, crypto, clock, random } = this.#context
    this.#link = openLink({
      socket,
      clock,
      random,
      crypto,
      identity,
      role: 'initiator',
      expect: this.publicKey,
      prologue: this.#prologue,
      queueBytesMax: SEND_BUFFER_BYTES_MAX,
      onOpen: () => {
        this.#cancelTimer()
        this.#connectedAt = clock.now()
        this.#found = this.#address
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

  /**
   * The connection or the attempt is over.
   * @param delay_ms until the next one: by default growing waits, and none to renew the keys.
   */
  #lost(fault: Fault | undefined, delay_ms = fault === undefined ? 0 : undefined): void {
    const wasConnected = this.#state === 'connected'
    this.#abandon()
    if (wasConnected && this.#context.clock.now() - this.#connectedAt >= DIAL_STEADY_MS) {
      this.#backoff.reset()
      this.#turn = 0
    }
    this.#show(fault === undefined ? 'connecting' : 'offline', fault)
    if (wasConnected) this.#events.disconnected()
    if (this.#isClosed) return
    if (delay_ms !== undefined) this.#connectAfter(delay_ms)
    else {
      this.#waitingSince = this.#context.clock.now()
      this.#cancelTimer = this.#backoff.wait(() => this.#connect())
    }
  }

  #connectAfter(delay_ms: number): void {
    if (delay_ms === 0) {
      this.#connect()
      return
    }
    this.#mayHurry = false
    this.#cancelTimer = this.#context.clock.after(delay_ms, () => this.#connect())
  }

  /** Ignores whatever comes of the dial or the connection. */
  #abandon(): void {
    this.#dial += 1
    this.#cancelTimer()
    this.#link?.close()
    this.#link = undefined
  }

  #show(state: ServerState, fault: Fault | undefined): void {
    if (this.#state === state && this.#fault?.message === fault?.message) return
    this.#state = state
    this.#fault = fault
    this.#events.changed()
  }
}
