// How much one address may take of a server, so that nobody can have all of its places. Generous: behind one address
// may be a village.

import { TokenBucket } from '../../protocol/token-bucket.ts'

/** Connections at once: a twentieth of the clients that a relay or an index server has places for. */
export const ADDRESS_CONNECTIONS_MAX = 1_000
/** WebSockets at once that have not proved a key yet: a tenth of a server's places for them. */
export const ADDRESS_HANDSHAKES_MAX = 100
/** WebSockets that may be begun at once, and per second in the long run. */
export const ADDRESS_BURST_MAX = 200
export const ADDRESS_PER_SECOND_MAX = 20
/** Addresses whose pace is remembered while they have no connection; beyond, those are forgotten that come first. */
export const IDLE_ADDRESSES_MAX = 50_000

export interface AddressLimits {
  readonly connections: number
  readonly handshakes: number
  readonly burst: number
  readonly perSecond: number
}

export const ADDRESS_LIMITS: AddressLimits = {
  connections: ADDRESS_CONNECTIONS_MAX,
  handshakes: ADDRESS_HANDSHAKES_MAX,
  burst: ADDRESS_BURST_MAX,
  perSecond: ADDRESS_PER_SECOND_MAX,
}

interface Guest {
  connections: number
  handshakes: number
  readonly pace: TokenBucket
}

export class AddressBook {
  readonly #limits: AddressLimits
  readonly #now: () => number
  readonly #guests = new Map<string, Guest>()
  /** Guests without a connection, the longest gone first. */
  readonly #idle = new Set<string>()

  constructor(limits: AddressLimits, now: () => number) {
    this.#limits = limits
    this.#now = now
  }

  /** One more connection; false when there are too many. Each true is followed by one `leave`. */
  enter(address: string): boolean {
    const guest = this.#guest(address)
    if (guest.connections >= this.#limits.connections) return false
    guest.connections++
    this.#idle.delete(address)
    return true
  }

  leave(address: string): void {
    const guest = this.#guest(address)
    guest.connections--
    if (guest.connections === 0) this.#forgetLater(address)
  }

  /** One more handshake, of an address that has entered; or why not. Each success is followed by one `settle`. */
  knock(address: string): 'ok' | 'addressHandshakes' | 'addressRate' {
    const guest = this.#guest(address)
    if (guest.handshakes >= this.#limits.handshakes) return 'addressHandshakes'
    if (!guest.pace.take(1, this.#now())) return 'addressRate'
    guest.handshakes++
    return 'ok'
  }

  settle(address: string): void {
    this.#guest(address).handshakes--
  }

  #guest(address: string): Guest {
    const { burst, perSecond } = this.#limits
    const guest = this.#guests.get(address) ?? {
      connections: 0,
      handshakes: 0,
      pace: new TokenBucket(burst, perSecond, this.#now()),
    }
    this.#guests.set(address, guest)
    return guest
  }

  #forgetLater(address: string): void {
    this.#idle.add(address)
    if (this.#idle.size <= IDLE_ADDRESSES_MAX) return
    for (const oldest of this.#idle) {
      this.#idle.delete(oldest)
      this.#guests.delete(oldest)
      return
    }
  }
}
