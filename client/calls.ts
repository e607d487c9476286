// The calls of an app and what it hears of its node, over any line that may break: answers are checked against
// worker/api.ts, and unanswered calls repeated when the line is back, which is safe because every call is idempotent
// by its ids or by nature. The wallet's pages use it over message ports, the client library over links.

import * as v from 'valibot'
import { fail, ok, type Fault, type Result } from '../protocol/result.ts'
import type { Clock } from '../protocol/transport.ts'
import {
  methods,
  NodeMessage,
  type CallMessage,
  type MethodName,
  type ParamsOf,
  type ResultOf,
  type TakenMessage,
} from '../worker/api.ts'
import type { Changes } from './views.ts'

/** Whoever gives a clock waits this long for an answer; a quote of a route takes the longest. */
const ANSWER_MS_MAX = 30_000

export interface CallOptions {
  /** The card that is asked; host methods have none. */
  readonly card?: string
  /** False: a call that is unanswered when the line breaks fails with `lost`. */
  readonly repeat?: boolean
}

interface OpenCall {
  readonly message: CallMessage
  readonly repeat: boolean
  readonly settle: (result: Result<unknown>) => void
}

export class Calls {
  /** The node's list of cards is another. */
  onCards: () => void = () => undefined
  /** These follow `state.subscribe`: changes, and that all of the state has been told. */
  onChange: (card: string, changes: Changes) => void = () => undefined
  onSynced: (card: string) => void = () => undefined
  /** An answer to no call: the node says why it ends the connection. */
  onRefusal: (fault: Fault) => void = () => undefined

  readonly #send: (message: CallMessage | TakenMessage) => void
  readonly #clock: Clock | undefined
  /** In the order of the calls. */
  readonly #open = new Map<number, OpenCall>()
  #nextId = 1
  /** `change` events since the line is up. */
  #taken = 0
  #isUp = false
  #ended: Fault | undefined

  /**
   * @param send puts a message on the line; called only while it is up.
   * @param clock ends calls that have no answer after 30 s; without, they wait as long as the node is away.
   */
  constructor(send: (message: CallMessage | TakenMessage) => void, clock?: Clock) {
    this.#send = send
    this.#clock = clock
  }

  /** Resolves to the node's answer or its fault, to `noAnswer`, `badAnswer`, `lost`, or why `end` was called. */
  async call<M extends MethodName>(
    method: M,
    params: ParamsOf<M>,
    options: CallOptions = {},
  ): Promise<Result<ResultOf<M>>> {
    if (this.#ended !== undefined) return { ok: false, error: this.#ended }
    const isHost = methods[method].needs === 'host'
    const card = isHost || options.card === undefined ? {} : { card: options.card }
    const message: CallMessage = { id: this.#nextId++, method, params, ...card }
    const answer = await this.#ask(message, options.repeat ?? true)
    if (!answer.ok) return answer
    const parsed = v.safeParse(methods[method].result, answer.value)
    if (parsed.success) return ok(parsed.output as ResultOf<M>)
    return fail('badAnswer', 'This program and the node are of different versions: update the older one.')
  }

  /** The line is there, to a node that has heard nothing of us: unanswered calls are sent again. */
  up(): void {
    this.#isUp = true
    this.#taken = 0
    for (const { message } of this.#open.values()) this.#send(message)
  }

  /** The line is broken: calls that are not to be repeated fail. */
  down(): void {
    this.#isUp = false
    for (const [id, { repeat }] of [...this.#open]) {
      if (!repeat) this.#settle(id, fail('lost', 'The connection to the node has ended.'))
    }
  }

  /** Nothing more will come: every call fails so, from now on too. */
  end(fault: Fault): void {
    this.#isUp = false
    this.#ended ??= fault
    for (const id of [...this.#open.keys()]) this.#settle(id, { ok: false, error: this.#ended })
  }

  /** Takes whatever came over the line; what is no message of a node is ignored. */
  receive(raw: unknown): void {
    const parsed = v.safeParse(NodeMessage, raw)
    if (!parsed.success) return
    const message = parsed.output
    if ('event' in message) {
      this.#happened(message)
    } else if (message.id >= 0) {
      // A repeated call may be answered twice.
      this.#settle(message.id, 'error' in message ? { ok: false, error: message.error } : ok(message.result))
    } else if ('error' in message) {
      this.onRefusal(message.error)
    }
  }

  #ask(message: CallMessage, repeat: boolean): Promise<Result<unknown>> {
    return new Promise((resolve) => {
      const cancel = this.#clock?.after(ANSWER_MS_MAX, () => {
        const sentence = `The node did not answer ${message.method} in ${ANSWER_MS_MAX / 1_000} s.`
        this.#settle(message.id, fail('noAnswer', sentence))
      })
      const settle = (result: Result<unknown>): void => {
        cancel?.()
        resolve(result)
      }
      this.#open.set(message.id, { message, repeat, settle })
      if (this.#isUp) this.#send(message)
    })
  }

  #settle(id: number, result: Result<unknown>): void {
    const call = this.#open.get(id)
    this.#open.delete(id)
    call?.settle(result)
  }

  #happened(message: Extract<NodeMessage, { event: string }>): void {
    switch (message.event) {
      case 'cards':
        this.onCards()
        break
      case 'change':
        this.onChange(message.card, message.changes)
        this.#taken += 1
        if (this.#isUp) this.#send({ taken: this.#taken })
        break
      case 'synced':
        this.onSynced(message.card)
        break
    }
  }
}
