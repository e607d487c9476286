// Who may come in at a public port, and what comes and goes there: limits for each address, and numbers of it all.

import type { IncomingMessage } from 'node:http'
import type { Socket as Stream } from 'node:net'
import { AddressBook, ADDRESS_LIMITS, type AddressLimits } from './address-limits.ts'
import { clientAddress, isLoopbackAddress, networkOf, peerAddress } from './client-address.ts'
import { Counts } from './counts.ts'
import type { Metric } from './metrics.ts'

/** Why somebody was not let in. */
export type RefusalReason =
  | 'addressConnections'
  | 'addressHandshakes'
  | 'addressRate'
  | 'serverFull'
  | 'acceptFailed'
  | 'badRequest'
  | 'badTls'
  | 'unknownPath'

const REASONS: readonly RefusalReason[] = [
  'addressConnections',
  'addressHandshakes',
  'addressRate',
  'serverFull',
  'acceptFailed',
  'badRequest',
  'badTls',
  'unknownPath',
]

export interface DoorOptions {
  readonly trustsProxy: boolean
  readonly now: () => number
  readonly onRefused?: (reason: RefusalReason, address: string | undefined) => void
  readonly limits?: AddressLimits
  /** Whose places are not counted. Default: this machine's own programs, among them a proxy that is not trusted. */
  readonly isExempt?: (address: string) => boolean
}

/** A WebSocket that was let in. */
export interface Visit {
  /** By which the visitor is counted; undefined when he is not. */
  readonly network: string | undefined
  /** The client has proved a key. */
  proved(): void
  ended(): void
}

const UNCOUNTED: Visit = { network: undefined, proved: () => undefined, ended: () => undefined }

export class Door {
  readonly #options: DoorOptions
  readonly #isExempt: (address: string) => boolean
  readonly #book: AddressBook
  readonly #refusals = new Counts(REASONS)
  readonly #messages = new Counts(['in', 'out'])
  readonly #bytes = new Counts(['in', 'out'])
  #open = 0
  #total = 0

  constructor(options: DoorOptions) {
    this.#options = options
    this.#isExempt = options.isExempt ?? isLoopbackAddress
    this.#book = new AddressBook(options.limits ?? ADDRESS_LIMITS, options.now)
  }

  /** A connection has come; false: it goes at once. Behind a trusted proxy all have its address: they are counted later. */
  connected(stream: Stream): boolean {
    const address = peerAddress(stream)
    const network = this.#options.trustsProxy ? undefined : this.#counted(address)
    if (network !== undefined && !this.#book.enter(network)) {
      this.refused('addressConnections', address)
      return false
    }
    this.#open++
    this.#total++
    stream.once('close', () => {
      this.#open--
      if (network !== undefined) this.#book.leave(network)
    })
    return true
  }

  /** A WebSocket is asked for; undefined: it is refused. */
  visit(request: IncomingMessage): Visit | undefined {
    const { trustsProxy } = this.#options
    const address = clientAddress(request, trustsProxy)
    const network = this.#counted(address)
    if (network === undefined) return UNCOUNTED
    if (trustsProxy && !this.#book.enter(network)) {
      this.refused('addressConnections', address)
      return undefined
    }
    const leave = trustsProxy ? (): void => this.#book.leave(network) : (): void => undefined
    const answer = this.#book.knock(network)
    if (answer !== 'ok') {
      leave()
      this.refused(answer, address)
      return undefined
    }
    let isSettled = false
    const settle = (): void => {
      if (!isSettled) this.#book.settle(network)
      isSettled = true
    }
    return {
      network,
      proved: settle,
      ended: () => {
        settle()
        leave()
      },
    }
  }

  refused(reason: RefusalReason, address: string | undefined): void {
    this.#refusals.add(reason)
    this.#options.onRefused?.(reason, address)
  }

  /** A message has come in or gone out. */
  passed(direction: 'in' | 'out', bytes: number): void {
    this.#messages.add(direction)
    this.#bytes.add(direction, bytes)
  }

  metrics(): Metric[] {
    return [
      {
        name: 'offst_connections',
        help: 'Connections to the public port now, of all kinds',
        kind: 'gauge',
        read: () => this.#open,
      },
      {
        name: 'offst_connections_total',
        help: 'Connections that were let in',
        kind: 'counter',
        read: () => this.#total,
      },
      {
        name: 'offst_refusals_total',
        help: 'Connections and requests that were refused, by reason',
        kind: 'counter',
        labels: ['reason'],
        read: () => this.#refusals.samples('reason'),
      },
      {
        name: 'offst_websocket_messages_total',
        help: 'Messages of WebSockets, keep-alive included',
        kind: 'counter',
        labels: ['direction'],
        read: () => this.#messages.samples('direction'),
      },
      {
        name: 'offst_websocket_bytes_total',
        help: 'Bytes of the messages of WebSockets',
        kind: 'counter',
        labels: ['direction'],
        read: () => this.#bytes.samples('direction'),
      },
    ]
  }

  /** What its places are counted by; undefined when they are not. */
  #counted(address: string | undefined): string | undefined {
    return address === undefined || this.#isExempt(address) ? undefined : networkOf(address)
  }
}
