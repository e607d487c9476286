// How much there is of the tables for whom: for all nodes together, and for those that come from one network. So
// nobody can take the room of all others with keys that cost him nothing.

import type { Currency } from '../protocol/types.ts'
import {
  CURRENCIES_KNOWN_MAX,
  LOGS_BYTES_MAX,
  NETWORK_CURRENCIES_MAX,
  NETWORK_LOGS_BYTES_MAX,
  NETWORK_REPORTS_MAX,
  REPORTS_MAX,
} from './limits.ts'

/** What a share has room for. */
interface Room {
  readonly reports: number
  readonly currencies: number
  readonly logBytes: number
}

const ROOM_OF_ALL: Room = {
  reports: REPORTS_MAX,
  currencies: CURRENCIES_KNOWN_MAX,
  logBytes: LOGS_BYTES_MAX,
}
const ROOM_OF_NETWORK: Room = {
  reports: NETWORK_REPORTS_MAX,
  currencies: NETWORK_CURRENCIES_MAX,
  logBytes: NETWORK_LOGS_BYTES_MAX,
}

/** What one node takes up. */
export class Holding {
  /** From where the node brought its newest update; undefined when that is not counted. */
  network: string | undefined
  reports = 0
  logBytes = 0
  /** Its reports in each currency. */
  readonly currencies = new Map<Currency, number>()
}

/** What several nodes take up together. */
class Share {
  readonly #room: Room
  #reports = 0
  #logBytes = 0
  /** How many of them report edges in a currency. */
  readonly #nodesIn = new Map<Currency, number>()

  constructor(room: Room) {
    this.#room = room
  }

  get reports(): number {
    return this.#reports
  }

  get isEmpty(): boolean {
    return this.#reports === 0 && this.#logBytes === 0
  }

  /** Whether there is room for so many more; who takes no more fits always. */
  fits(reports: number, logBytes: number): boolean {
    if (reports > 0 && this.#reports + reports > this.#room.reports) return false
    return logBytes <= 0 || this.#logBytes + logBytes <= this.#room.logBytes
  }

  fitsCurrencies(more: number): boolean {
    return more === 0 || this.#nodesIn.size + more <= this.#room.currencies
  }

  knows(currency: Currency): boolean {
    return this.#nodesIn.has(currency)
  }

  add(reports: number, logBytes: number): void {
    this.#reports += reports
    this.#logBytes += logBytes
  }

  /** One more node, or one less, reports edges in a currency. */
  addNode(currency: Currency, more: 1 | -1): void {
    const nodes = (this.#nodesIn.get(currency) ?? 0) + more
    if (nodes === 0) this.#nodesIn.delete(currency)
    else this.#nodesIn.set(currency, nodes)
  }
}

export class Shares {
  readonly #all = new Share(ROOM_OF_ALL)
  readonly #networks = new Map<string, Share>()

  /** Reports of all nodes. */
  get reports(): number {
    return this.#all.reports
  }

  /** Networks that have a share. */
  get networks(): number {
    return this.#networks.size
  }

  /**
   * Whether there is room for a node, whoever's share it comes out of.
   * @param reports how many the node would have then.
   * @param moreLogBytes how many more than now.
   */
  haveRoom(held: Holding, network: string | undefined, reports: number, moreLogBytes: number): boolean {
    if (!this.#all.fits(reports - held.reports, moreLogBytes)) return false
    const share = this.#of(network)
    if (held.network === network) return share?.fits(reports - held.reports, moreLogBytes) !== false
    return share?.fits(reports, held.logBytes + moreLogBytes) !== false
  }

  /**
   * Whether there is room for those of the currencies that are new.
   * @param currencies with repetitions; which of them are new is only looked up when it matters.
   */
  haveRoomForCurrencies(network: string | undefined, currencies: readonly Currency[]): boolean {
    return [this.#all, this.#of(network)].every((share) => {
      if (share === undefined || share.fitsCurrencies(currencies.length)) return true
      return share.fitsCurrencies(new Set(currencies.filter((one) => !share.knows(one))).size)
    })
  }

  /** A node has so many reports more in a currency, or less. */
  report(held: Holding, currency: Currency, more: number): void {
    if (more === 0) return
    const before = held.currencies.get(currency) ?? 0
    if (before + more === 0) held.currencies.delete(currency)
    else held.currencies.set(currency, before + more)
    held.reports += more
    this.#change(held.network, (share) => {
      share.add(more, 0)
      if (before === 0) share.addNode(currency, 1)
      if (before + more === 0) share.addNode(currency, -1)
    })
  }

  /** So many bytes more are kept of what a node said, or less. */
  log(held: Holding, more: number): void {
    held.logBytes += more
    this.#change(held.network, (share) => share.add(0, more))
  }

  /** A node comes from this network now: what it holds comes out of that one's share. */
  move(held: Holding, network: string | undefined): void {
    if (held.network === network) return
    this.#count(held, -1)
    held.network = network
    this.#count(held, 1)
  }

  #count(held: Holding, sign: 1 | -1): void {
    const share = this.#of(held.network)
    share?.add(sign * held.reports, sign * held.logBytes)
    for (const currency of held.currencies.keys()) share?.addNode(currency, sign)
    this.#keep(held.network, share)
  }

  #change(network: string | undefined, change: (share: Share) => void): void {
    change(this.#all)
    const share = this.#of(network)
    if (share !== undefined) change(share)
    this.#keep(network, share)
  }

  /** The share of a network; undefined when it is not counted. */
  #of(network: string | undefined): Share | undefined {
    return network === undefined ? undefined : (this.#networks.get(network) ?? new Share(ROOM_OF_NETWORK))
  }

  #keep(network: string | undefined, share: Share | undefined): void {
    if (network === undefined || share === undefined) return
    if (share.isEmpty) this.#networks.delete(network)
    else this.#networks.set(network, share)
  }
}
