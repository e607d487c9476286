// The links to trusted servers: who dials whom, who is let in, and what becomes of those that break the rules.

import {
  FEDERATION_PROLOGUE,
  federationMessage,
  type FederationMessage,
  type PartingReason,
} from '../protocol/federation-messages.ts'
import type { ServerTicket } from '../protocol/forms.ts'
import { FEDERATION_MESSAGE_BYTES_MAX, NEIGHBOURS_MAX } from '../protocol/limits.ts'
import { LinkAcceptor, type ServerEnvironment } from '../protocol/link-acceptor.ts'
import { linkIdentity, type LinkIdentity } from '../protocol/link.ts'
import type { Connect, Socket } from '../protocol/transport.ts'
import type { PublicKey, Time } from '../protocol/types.ts'
import { decode, publicKey as publicKeyCodec } from '../protocol/wire.ts'
import { ServerLink } from '../worker/runtime/server-link.ts'
import type { CutReason, Federation } from './federation.ts'
import {
  LOG_BUFFER_BYTES_MAX,
  NOT_LISTED_RETRY_MS,
  PENALTY_MS,
  NEIGHBOUR_QUEUE_BYTES_MAX,
  SERVER_HANDSHAKES_MAX,
  SERVER_LINKS_MAX,
} from './limits.ts'

export interface FederationPlace {
  readonly connect: Connect
  /** Whether other servers can dial this one; else it dials all of them. */
  readonly isDialled: boolean
  /** What has become of a trusted server; each state is told once. */
  readonly onState: (server: PublicKey, state: NeighbourState) => void
}

export type NeighbourState =
  /** It has to dial this server. */
  | { readonly kind: 'awaited' }
  | { readonly kind: 'connected' }
  /** `reason` is a sentence. */
  | { readonly kind: 'offline'; readonly reason: string }
  /** It has no ticket of this server. */
  | { readonly kind: 'notListed' }
  /** It says that this server broke the rules. */
  | { readonly kind: 'dismissed' }
  /** It broke the rules, and is left for some time. */
  | { readonly kind: 'cut'; readonly reason: CutReason }
  /** It is no longer listed. */
  | { readonly kind: 'removed' }

interface Trusted {
  readonly key: PublicKey
  addresses: readonly string[]
  readonly dialler: ServerLink | undefined
  /** Number of the connection that it dialled. */
  accepted: number | undefined
  /** When it is served again. */
  excludedUntil: Time
  state: NeighbourState | undefined
}

export class FederationLinks {
  readonly #environment: ServerEnvironment
  readonly #place: FederationPlace
  readonly #core: Federation
  readonly #identity: LinkIdentity
  readonly #door: LinkAcceptor
  readonly #trusted = new Map<PublicKey, Trusted>()
  /** Who is behind a connection of the door. */
  readonly #keys = new Map<number, PublicKey>()
  #unlisted = 0

  constructor(environment: ServerEnvironment, place: FederationPlace, core: Federation) {
    this.#environment = environment
    this.#place = place
    this.#core = core
    this.#identity = linkIdentity(environment.signer, environment.random(32), environment.crypto)
    this.#door = new LinkAcceptor({
      ...environment,
      // It counts clients, which other servers are not.
      observer: undefined,
      prologue: FEDERATION_PROLOGUE,
      maxMessage: FEDERATION_MESSAGE_BYTES_MAX,
      clientsMax: SERVER_LINKS_MAX,
      handshakesMax: SERVER_HANDSHAKES_MAX,
      queueBytesMax: NEIGHBOUR_QUEUE_BYTES_MAX,
      onOpen: (connection, peer) => this.#welcome(connection, peer),
      onMessage: (connection, message) => this.#receive(this.#keys.get(connection), message),
      onClose: (connection) => this.#closed(connection),
    })
  }

  /** Servers that came without being listed, since the start. */
  get unlisted(): number {
    return this.#unlisted
  }

  /** Servers that are listed. */
  get size(): number {
    return this.#trusted.size
  }

  /** Serves one more connection of another server. */
  accept(socket: Socket): void {
    this.#door.accept(socket)
  }

  /** The servers to share with, from now on; several tickets of one give it several addresses. */
  trust(tickets: readonly ServerTicket[]): void {
    const addresses = new Map<PublicKey, string[]>()
    for (const { publicKey, address } of tickets) {
      if (publicKey === this.#environment.signer.publicKey) continue
      if (!addresses.has(publicKey) && addresses.size === NEIGHBOURS_MAX) continue
      addresses.set(publicKey, [...(addresses.get(publicKey) ?? []), address])
    }
    for (const trusted of [...this.#trusted.values()]) {
      if (!addresses.has(trusted.key)) this.#distrust(trusted)
    }
    for (const [key, list] of addresses) {
      const trusted = this.#trusted.get(key)
      if (trusted === undefined) this.#add(key, list)
      else if (trusted.addresses.join(' ') !== list.join(' ')) {
        trusted.addresses = list
        trusted.dialler?.setAddresses(list)
      }
    }
  }

  /** Does what the core wants done: to be called after whatever the core was told. */
  flush(): void {
    let last: FederationMessage | undefined
    let bytes = new Uint8Array(0)
    for (const action of this.#core.takeActions()) {
      const trusted = this.#trusted.get(action.neighbour)
      if (trusted === undefined) continue
      if (action.kind === 'cut') {
        this.#cut(trusted, action.reason)
        continue
      }
      if (action.message !== last) bytes = federationMessage.encode(action.message).slice()
      last = action.message
      this.#send(trusted, bytes)
    }
    for (const trusted of this.#trusted.values()) this.#sendNeeded(trusted)
  }

  close(): void {
    for (const { dialler } of this.#trusted.values()) dialler?.close()
    this.#door.closeAll()
  }

  #add(key: PublicKey, addresses: readonly string[]): void {
    const dials = !this.#place.isDialled || isBefore(this.#environment.signer.publicKey, key)
    const dialler = dials ? this.#dial(key, addresses) : undefined
    const trusted: Trusted = {
      key,
      addresses,
      dialler,
      accepted: undefined,
      excludedUntil: 0,
      state: undefined,
    }
    this.#trusted.set(key, trusted)
    if (dialler === undefined) this.#show(trusted, { kind: 'awaited' })
  }

  #dial(key: PublicKey, addresses: readonly string[]): ServerLink {
    const { clock, random, crypto } = this.#environment
    const context = { identity: this.#identity, crypto, clock, random, connect: this.#place.connect }
    return new ServerLink(key, addresses, FEDERATION_PROLOGUE, context, {
      connected: () => {
        // It was let in before it could be dialled.
        const trusted = this.#trusted.get(key)
        if (trusted?.accepted !== undefined) this.#leave(trusted, trusted.accepted)
        this.#join(key)
      },
      message: (message) => this.#receive(key, message),
      disconnected: () => this.#core.parted(key),
      changed: () => this.#showDial(key),
    })
  }

  #distrust(trusted: Trusted): void {
    this.#trusted.delete(trusted.key)
    this.#core.parted(trusted.key)
    trusted.dialler?.close()
    this.#dismiss(trusted.accepted, 'notListed')
    this.#show(trusted, { kind: 'removed' })
  }

  /** Lets a server in that has dialled this one, if it is listed. */
  #welcome(connection: number, peer: PublicKey): void {
    const trusted = this.#trusted.get(peer)
    if (trusted === undefined) {
      this.#unlisted++
      this.#dismiss(connection, 'notListed')
    } else if (trusted.excludedUntil > this.#environment.clock.now()) {
      this.#dismiss(connection, 'misbehaved')
    } else if (trusted.dialler?.state === 'connected') {
      // It would not have dialled if it knew its place.
      this.#door.close(connection)
    } else {
      // The older one is a connection that it has lost.
      if (trusted.accepted !== undefined) this.#leave(trusted, trusted.accepted)
      trusted.accepted = connection
      this.#keys.set(connection, peer)
      this.#join(peer)
    }
  }

  #join(key: PublicKey): void {
    this.#core.joined(key, this.#environment.clock.now())
    this.flush()
  }

  #closed(connection: number): void {
    const key = this.#keys.get(connection)
    const trusted = key === undefined ? undefined : this.#trusted.get(key)
    this.#keys.delete(connection)
    if (trusted?.accepted !== connection) return
    trusted.accepted = undefined
    this.#core.parted(trusted.key)
    this.#show(trusted, { kind: 'awaited' })
  }

  #receive(key: PublicKey | undefined, bytes: Uint8Array): void {
    const trusted = key === undefined ? undefined : this.#trusted.get(key)
    if (trusted === undefined) return
    const message = decode(federationMessage, bytes)
    if (!message.ok) this.#core.cut(trusted.key, 'malformed')
    else if (message.value.kind === 'parting') this.#sentAway(trusted, message.value.reason)
    else {
      // Only now it is known that it lists this server.
      if (message.value.kind === 'freshness') this.#show(trusted, { kind: 'connected' })
      this.#core.received(trusted.key, message.value, this.#environment.clock.now())
    }
    this.flush()
  }

  #sentAway(trusted: Trusted, reason: PartingReason): void {
    const isListed = reason !== 'notListed'
    this.#show(trusted, isListed ? { kind: 'dismissed' } : { kind: 'notListed' })
    const fault = { code: 'refused', message: 'It does not want to share.' }
    trusted.dialler?.reject(fault, isListed ? PENALTY_MS : NOT_LISTED_RETRY_MS)
    if (trusted.accepted !== undefined) this.#leave(trusted, trusted.accepted)
  }

  #cut(trusted: Trusted, reason: CutReason): void {
    trusted.excludedUntil = this.#environment.clock.now() + PENALTY_MS
    this.#show(trusted, { kind: 'cut', reason })
    if (trusted.dialler?.state === 'connected') {
      trusted.dialler.send(federationMessage.encode({ kind: 'parting', reason: 'misbehaved' }))
      trusted.dialler.reject({ code: 'refused', message: 'It broke the rules.' }, PENALTY_MS)
    }
    const { accepted } = trusted
    trusted.accepted = undefined
    this.#dismiss(accepted, 'misbehaved')
  }

  /** Ends a connection of the door, and says why. */
  #dismiss(connection: number | undefined, reason: PartingReason): void {
    if (connection === undefined) return
    this.#keys.delete(connection)
    this.#door.send(connection, federationMessage.encode({ kind: 'parting', reason }))
    this.#door.close(connection)
  }

  #leave(trusted: Trusted, connection: number): void {
    trusted.accepted = undefined
    this.#keys.delete(connection)
    this.#core.parted(trusted.key)
    this.#door.close(connection)
  }

  #send({ dialler, accepted }: Trusted, bytes: Uint8Array): void {
    if (accepted === undefined) dialler?.send(bytes)
    else this.#door.send(accepted, bytes)
  }

  #sendNeeded(trusted: Trusted): void {
    const { dialler, accepted } = trusted
    const buffered = (): number =>
      accepted === undefined ? (dialler?.bufferedBytes ?? 0) : this.#door.bufferedBytes(accepted)
    while (buffered() < LOG_BUFFER_BYTES_MAX) {
      const message = this.#core.next(trusted.key, this.#environment.clock.now())
      if (message === undefined) return
      this.#send(trusted, federationMessage.encode(message))
    }
  }

  #showDial(key: PublicKey): void {
    const trusted = this.#trusted.get(key)
    const fault = trusted?.dialler?.fault
    if (trusted === undefined || fault === undefined || trusted.accepted !== undefined) return
    // What it was sent away for says more.
    if (fault.code !== 'refused') this.#show(trusted, { kind: 'offline', reason: fault.message })
  }

  #show(trusted: Trusted, state: NeighbourState): void {
    const before = trusted.state
    trusted.state = state
    if (JSON.stringify(before) !== JSON.stringify(state)) this.#place.onState(trusted.key, state)
  }
}

/** Whether the first key is the lower one, as bytes: of two servers, that one dials. */
function isBefore(a: PublicKey, b: PublicKey): boolean {
  const [first, second] = [publicKeyCodec.encode(a), publicKeyCodec.encode(b)]
  const at = first.findIndex((byte, index) => byte !== second[index])
  return (first[at] ?? 0) < (second[at] ?? 0)
}
