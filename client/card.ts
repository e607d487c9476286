// A card on a node, as an app uses it: what it shows, and what a shop and its customers do most.

import { nobleProvider } from '../protocol/ed25519.ts'
import { readAs, toText } from '../protocol/forms.ts'
import { parseIdentityFile } from '../protocol/identity.ts'
import { ROUTE_NODES_MAX } from '../protocol/limits.ts'
import { fail, ok, type Result } from '../protocol/result.ts'
import type { Clock, Connect, Random } from '../protocol/transport.ts'
import { toBase64url } from '../protocol/wire.ts'
import type { InvoiceView, MethodName, ParamsOf, PaymentView, ResultOf } from '../worker/api.ts'
import { CardState } from './card-state.ts'
import { NodeClient } from './client.ts'
import { readNodeTicket } from './documents.ts'
import { outcomeOf } from './outcome.ts'

/** How long an app waits for the end of a payment unless it says otherwise. */
const PATIENCE_MS = 60_000
const ID_BYTES = 16

export interface OpenCardOptions {
  /**
   * The node's ticket, or the card's friend ticket, whose relays lead to it: the text (`offstnode1…`,
   * `offstfriend1…`), or the content of the file.
   */
  readonly ticket: string
  /** The app's identity: the content of its file (see `createIdentity`). */
  readonly identity: string
  /** False: a connection that breaks is not made again, and everything fails from then on. Default: true. */
  readonly reconnect?: boolean
  /** Dials a WebSocket. Default: the browser's own, and the package `ws` under Node.js. */
  readonly connect?: Connect
}

/** What this platform gives the library. */
export interface Platform {
  readonly connect: Connect
  readonly clock: Clock
  readonly random: Random
}

export interface InvoiceOptions {
  /** 1..2^128-1 credits. */
  readonly amount: bigint
  /** 1..16 bytes. Default: `credit`. */
  readonly currency?: string
  /** What it is for, 1..256 bytes; the payer reads it. */
  readonly description?: string
  /** Milliseconds since 1970, in the future. Default: never. */
  readonly expires?: number
}

export interface PayOptions {
  /** Credits that the fees may be, 0..2^128-1. Default: 1 % of the amount + 32. */
  readonly maxFees?: bigint
  /** After so many milliseconds, 1..2^31-1, the payment is cancelled if it still can be. Default: a minute. */
  readonly timeout_ms?: number
}

export class Card {
  /** For every method of the API, and for the events of the connection that `state` does not use. */
  readonly client: NodeClient
  readonly state: CardState
  readonly #random: Random

  private constructor(client: NodeClient, state: CardState, random: Random) {
    this.client = client
    this.state = state
    this.#random = random
  }

  /** Faults: those of the ticket and the identity, `unreachable`, `wrongPeer`, `unknownApp`, `forbidden`. */
  static async open(options: OpenCardOptions, platform: Platform): Promise<Result<Card>> {
    const ticket = readNodeTicket(options.ticket)
    if (!ticket.ok) return ticket
    const secret = parseIdentityFile(options.identity)
    if (!secret.ok) return secret
    const { reconnect = true, connect = platform.connect } = options
    const client = await NodeClient.connect({
      ...platform,
      ticket: ticket.value,
      signer: nobleProvider.signer(secret.value),
      crypto: nobleProvider,
      connect,
      reconnect,
    })
    if (!client.ok) return client
    const state = await CardState.follow(client.value, platform.clock)
    if (state.ok) return ok(new Card(client.value, state.value, platform.random))
    client.value.close()
    return state
  }

  /** Any method of the API (worker/api.ts); see `NodeClient.call` for the faults. */
  call<M extends MethodName>(method: M, params: ParamsOf<M>): Promise<Result<ResultOf<M>>> {
    return this.client.call(method, params)
  }

  /** Ends the connection, for good. */
  close(): void {
    this.client.close()
  }

  /** Makes an invoice; its `text` is what the payer needs. Needs the permission `sell`. */
  createInvoice(options: InvoiceOptions): Promise<Result<InvoiceView>> {
    const { amount, currency = 'credit', ...rest } = options
    return this.call('invoices.create', { ...rest, nonce: this.#newId(), currency, amount: String(amount) })
  }

  /**
   * Waits until an invoice of this card is paid, for at most `timeout_ms` (1..2^31-1).
   * Faults: `invoiceCancelled`, `invoiceExpired`, `timedOut` (it may still be paid), or why nothing more is heard.
   */
  async untilPaid(invoice: string, timeout_ms: number): Promise<Result<InvoiceView>> {
    const closed = (): InvoiceView | undefined => {
      const view = this.state.invoices.get(invoice)
      return view === undefined || view.state === 'open' ? undefined : view
    }
    const found = await this.state.until(closed, timeout_ms)
    if (!found.ok) return found
    switch (found.value?.state) {
      case 'paid':
        return ok(found.value)
      case 'cancelled':
        return fail('invoiceCancelled', 'The invoice was cancelled.')
      case 'expired':
        return fail('invoiceExpired', 'The invoice has expired.')
      case 'open':
      case undefined:
        return fail('timedOut', `The invoice is not paid after ${timeout_ms / 1_000} s.`)
    }
  }

  /**
   * Pays an invoice and waits for the end; resolves to the payment with its `receipt`. An invoice whose payment was
   * begun is not paid again: that payment is waited for. Needs `funds`.
   * Faults: those of `payments.pay`, why the payment failed, `timedOut` (nothing was paid), `noOutcome` (it may still
   * succeed: call again to wait on).
   */
  async payInvoice(text: string, options: PayOptions = {}): Promise<Result<PaymentView>> {
    const read = readAs(text, 'invoice')
    if (!read.ok) return read
    const { maxFees = read.value.invoice.amount / 100n + BigInt(ROUTE_NODES_MAX) } = options
    const { timeout_ms = PATIENCE_MS } = options
    const invoice = toText(read.value)
    const begun = [...this.state.payments.values()].find(
      (payment) => payment.invoice === invoice && payment.state !== 'failed',
    )
    if (begun !== undefined) return outcomeOf(this, begun.id, timeout_ms)
    const id = this.#newId()
    const ordered = await this.call('payments.pay', { id, invoice, maxFees: String(maxFees) })
    return ordered.ok ? outcomeOf(this, id, timeout_ms) : ordered
  }

  #newId(): string {
    return toBase64url(this.#random(ID_BYTES))
  }
}
