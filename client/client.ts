// A node's app API over a link: dials the node by its ticket, calls methods and hears of changes; dials again when
// the connection breaks, if it is asked to.

import { APP_FRAME_BYTES_MAX } from '../protocol/app-packets.ts'
import { APP_PROLOGUE } from '../protocol/app-link.ts'
import { addressToUrl } from '../protocol/forms.ts'
import type { LinkCrypto, Signer } from '../protocol/crypto.ts'
import { linkIdentity, type LinkIdentity } from '../protocol/link.ts'
import { openLink, type LinkSocket } from '../protocol/link-socket.ts'
import { fail, ok, type Fault, type Result } from '../protocol/result.ts'
import type { Clock, Connect, Random, Socket } from '../protocol/transport.ts'
import type { PublicKey, RelayAddress } from '../protocol/types.ts'
import { parseParams, type MethodName, type ParamsOf, type ResultOf } from '../worker/api.ts'
import { Backoff } from '../worker/runtime/backoff.ts'
import { Calls, type CallOptions } from './calls.ts'
import { dialOverRelay } from './relay-dial.ts'
import type { Changes } from './views.ts'

/** Middle of the first wait before a node is dialled again, and of the longest. */
const REDIAL_MS_MIN = 500
const REDIAL_MS_MAX = 30_000
/** A connection that lasted this long was a success: the next wait is the shortest again. */
const STEADY_MS = 10_000

/** Why dialling again would be of no use before somebody does something. */
const FINAL: ReadonlySet<string> = new Set(['wrongPeer', 'badSignature', 'versionUnsupported', 'unknownApp'])

/** Where a card is: its node's ticket, or its friend ticket, whose relays lead to it. An address is tried first. */
export interface NodeTicket {
  readonly publicKey: PublicKey
  readonly address?: string | undefined
  readonly relays?: readonly RelayAddress[]
}

export interface NodeClientOptions {
  readonly ticket: NodeTicket
  /** The app's identity, whose ticket the node's owner has accepted. */
  readonly signer: Signer
  readonly crypto: LinkCrypto
  readonly connect: Connect
  readonly clock: Clock
  readonly random: Random
  /** Whether a connection that was there and breaks is made again, until `close`. Default: no. */
  readonly reconnect?: boolean
}

/** A connection to the node. */
interface Dialled {
  readonly socket: Socket
  /** For sentences. */
  readonly name: string
  readonly maxFrame?: number
  /** Why it ended, if that is known. */
  readonly fault: () => Fault | undefined
}

/** The events follow `state.subscribe`. */
export class NodeClient {
  /** The card that the node keeps. */
  readonly card: PublicKey
  onChange: (changes: Changes) => void = () => undefined
  /** All of the state has been told. */
  onSynced: () => void = () => undefined
  /** Nobody was reached, and it is tried again later. */
  onUnreached: (fault: Fault) => void = () => undefined
  /** The connection broke, and is being made again. Meanwhile calls wait. */
  onInterrupted: (fault: Fault) => void = () => undefined
  /** It is there again, calls without an answer have been repeated; the node has forgotten the subscription. */
  onRestored: () => void = () => undefined
  /** Nothing more comes, and every call fails so: it was closed, or there is no connection and will be none. */
  onLost: (fault: Fault) => void = () => undefined

  readonly #options: NodeClientOptions
  readonly #identity: LinkIdentity
  readonly #calls: Calls
  readonly #backoff: Backoff
  #link: LinkSocket | undefined
  #openedAt = 0
  /** What the node said before it ended the connection. */
  #refusal: Fault | undefined
  #isEnded = false
  /** Of the wait before the next dial; undefined while there is none. */
  #cancelDial: (() => void) | undefined

  private constructor(options: NodeClientOptions) {
    const { ticket, signer, crypto, clock, random } = options
    this.card = ticket.publicKey
    this.#options = options
    this.#identity = linkIdentity(signer, random(32), crypto)
    this.#backoff = new Backoff(REDIAL_MS_MIN, REDIAL_MS_MAX, clock, random)
    this.#calls = new Calls((message) => {
      this.#link?.send(new TextEncoder().encode(JSON.stringify(message)))
    }, clock)
    this.#calls.onChange = (_, changes) => this.onChange(changes)
    this.#calls.onSynced = () => this.onSynced()
    this.#calls.onRefusal = (fault) => (this.#refusal = fault)
  }

  /** Connects to a node; the fault says whether nobody answers (`unreachable`), or somebody else (`wrongPeer`). */
  static async connect(options: NodeClientOptions): Promise<Result<NodeClient>> {
    const client = new NodeClient(options)
    const dialled = await client.#dial()
    return dialled.ok ? ok(client) : dialled
  }

  /** Like `connect` with `reconnect`, but goes on until somebody answers; `onRestored` tells of every connection. */
  static keep(options: Omit<NodeClientOptions, 'reconnect'>): NodeClient {
    const client = new NodeClient({ ...options, reconnect: true })
    void client.#redial()
    return client
  }

  /** The network is back, says the platform: a client that waits before it dials again does so at once. */
  wake(): void {
    if (this.#cancelDial === undefined) return
    this.#cancelDial()
    this.#cancelDial = undefined
    this.#backoff.reset()
    void this.#redial()
  }

  /**
   * Calls a method of the card. `repeat: false` if it must not be sent twice, to a node that came back.
   * @returns the answer, or the node's fault, `badParams` (nothing was sent), `badAnswer`, `noAnswer` after 30 s,
   * `lost`, or why there is no connection any more.
   */
  async call<M extends MethodName>(
    method: M,
    params: ParamsOf<M>,
    options: Pick<CallOptions, 'repeat'> = {},
  ): Promise<Result<ResultOf<M>>> {
    const checked = parseParams(method, params)
    if (!checked.ok) return fail('badParams', `${method}: ${checked.message}`)
    return this.#calls.call(method, params, { ...options, card: this.card })
  }

  /** Ends the connection, for good. Idempotent. */
  close(): void {
    this.#end(fail('closed', 'The connection to the node is closed.').error)
  }

  async #dial(): Promise<Result<void>> {
    const { ticket, connect } = this.#options
    const { address, relays = [] } = ticket
    let outcome: Result<void> = fail(
      'unreachable',
      'This ticket names no relay over which to reach the card.',
    )
    if (address !== undefined) outcome = await this.#shakeHands(await dialNode(address, connect))
    for (const relay of relays) {
      if (outcome.ok) return outcome
      outcome = await this.#shakeHands(await this.#dialRelay(relay))
    }
    return outcome
  }

  async #dialRelay(relay: RelayAddress): Promise<Result<Dialled>> {
    const dialled = await dialOverRelay({ ...this.#options, relay, card: this.card })
    if (!dialled.ok) return dialled
    const { value: socket } = dialled
    return ok({ socket, name: relay.address, maxFrame: APP_FRAME_BYTES_MAX, fault: () => socket.fault })
  }

  #shakeHands(dialled: Result<Dialled>): Promise<Result<void>> {
    if (!dialled.ok) return Promise.resolve(dialled)
    return new Promise((resolve) => this.#openLink(dialled.value, resolve))
  }

  /** @param tell is called once, when it is known how the handshake ended. */
  #openLink({ socket, name, maxFrame, fault: known }: Dialled, tell: (result: Result<void>) => void): void {
    const { ticket, crypto, clock, random, reconnect = false } = this.#options
    const link = openLink({
      socket,
      clock,
      random,
      crypto,
      identity: this.#identity,
      role: 'initiator',
      expect: ticket.publicKey,
      prologue: APP_PROLOGUE,
      maxFrame,
      onOpen: () => {
        this.#open(link)
        tell(ok(undefined))
      },
      onMessage: (message) => this.#calls.receive(parseJson(message)),
      onClose: ({ code, message }) => {
        const fault = this.#refusal ?? known() ?? fail(code, `The node at ${name}: ${message}.`).error
        if (link === this.#link) this.#broken(fault)
        else tell({ ok: false, error: fault })
      },
      onRekey: () => {
        if (!reconnect) return
        link.close()
        this.#broken(fail('expired', 'The session is too old to go on: a new one is made.').error)
      },
    })
  }

  #open(link: LinkSocket): void {
    // Closed while it was dialled.
    if (this.#isEnded) {
      link.close()
      return
    }
    this.#link = link
    this.#openedAt = this.#options.clock.now()
    this.#refusal = undefined
    this.#calls.up()
  }

  #broken(fault: Fault): void {
    this.#link = undefined
    if (this.#options.reconnect !== true || FINAL.has(fault.code)) {
      this.#end(fault)
      return
    }
    if (this.#options.clock.now() - this.#openedAt >= STEADY_MS) this.#backoff.reset()
    this.#calls.down()
    this.onInterrupted(fault)
    this.#dialLater()
  }

  #dialLater(): void {
    if (this.#isEnded) return
    this.#cancelDial = this.#backoff.wait(() => {
      this.#cancelDial = undefined
      void this.#redial()
    })
  }

  async #redial(): Promise<void> {
    const dialled = await this.#dial()
    if (this.#isEnded) return
    if (dialled.ok) this.onRestored()
    else if (FINAL.has(dialled.error.code)) this.#end(dialled.error)
    else {
      this.onUnreached(dialled.error)
      this.#dialLater()
    }
  }

  #end(fault: Fault): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#cancelDial?.()
    this.#link?.close()
    this.#link = undefined
    this.#calls.end(fault)
    this.onLost(fault)
  }
}

async function dialNode(address: string, connect: Connect): Promise<Result<Dialled>> {
  const url = addressToUrl(address)
  if (!url.ok) return url
  try {
    return ok({ socket: await connect(url.value), name: address, fault: () => undefined })
  } catch {
    return fail(
      'unreachable',
      `No node answers at ${address}: it does not run, or its ticket names another address.`,
    )
  }
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return undefined
  }
}
