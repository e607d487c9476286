// Calls to the node and its events, over a line that may break: unanswered calls are repeated when it is back,
// which is safe because every call is idempotent by its ids or by nature.

import * as v from 'valibot'
import {
  methods,
  NodeMessage,
  type CallMessage,
  type MethodName,
  type PageMessage,
  type ParamsOf,
  type ResultOf,
} from '../../worker/api.ts'
import { openLine, type Line, type LineEvents } from './line.ts'
import type { Changes } from './views.ts'

/** `connecting` until the first welcome; `lost` after a connection ended, or when there can be none. */
export type ConnectionState = 'connecting' | 'ready' | 'lost'

export interface CallOptions {
  /** The card that is asked; host methods have none. */
  readonly card?: string
  /** False: a call that is unanswered when the connection ends fails with `lost`. */
  readonly repeat?: boolean
}

/** What the node answered when it did not do what it was asked: a stable code, and a sentence for people. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

interface OpenCall {
  readonly message: CallMessage
  readonly repeat: boolean
  readonly resolve: (result: unknown) => void
  readonly reject: (error: ApiError) => void
}

/** Connects to this browser's node, starting it if it does not run. */
export function connectNode(): NodeClient {
  return new NodeClient(openLine)
}

export class NodeClient {
  onState: (state: ConnectionState, fault?: { code: string; message: string }) => void = () => undefined
  onCards: () => void = () => undefined
  onChange: (card: string, changes: Changes) => void = () => undefined
  onSynced: (card: string) => void = () => undefined

  readonly #line: Line
  /** In the order of the calls. */
  readonly #open = new Map<number, OpenCall>()
  #nextId = 1
  /** `change` events since the last welcome. */
  #taken = 0
  #ready = false

  /** @param open opens the line; its events come later than this constructor returns. */
  constructor(open: (events: LineEvents) => Line) {
    this.#line = open({
      onWelcome: () => this.#welcomed(),
      onMessage: (message) => this.#received(message),
      onLost: (fault) => this.#lost(fault),
    })
  }

  /** @throws {ApiError} */
  async call<M extends MethodName>(
    method: M,
    params: ParamsOf<M>,
    options: CallOptions = {},
  ): Promise<ResultOf<M>> {
    const id = this.#nextId++
    const host = methods[method].needs === 'host'
    const card = host || options.card === undefined ? {} : { card: options.card }
    const message: CallMessage = { id, method, params, ...card }
    const result = await new Promise<unknown>((resolve, reject) => {
      this.#open.set(id, { message, repeat: options.repeat ?? true, resolve, reject })
      if (this.#ready) this.#line.send(message)
    })
    const parsed = v.safeParse(methods[method].result, result)
    if (parsed.success) return parsed.output
    throw new ApiError('badAnswer', 'This page and its node are of different versions. Reload the page.')
  }

  #welcomed(): void {
    this.#ready = true
    this.#taken = 0
    for (const { message } of this.#open.values()) this.#line.send(message)
    this.onState('ready')
  }

  #lost(fault?: { code: string; message: string }): void {
    this.#ready = false
    for (const [id, { repeat, reject }] of this.#open) {
      if (repeat) continue
      this.#open.delete(id)
      reject(new ApiError('lost', 'The connection to the node has ended.'))
    }
    this.onState('lost', fault)
  }

  #received(raw: unknown): void {
    const parsed = v.safeParse(NodeMessage, raw)
    if (!parsed.success) return
    const message = parsed.output
    if ('event' in message) {
      this.#happened(message)
      return
    }
    const call = this.#open.get(message.id)
    // A repeated call may be answered twice.
    if (call === undefined) return
    this.#open.delete(message.id)
    if ('error' in message) call.reject(new ApiError(message.error.code, message.error.message))
    else call.resolve(message.result)
  }

  #happened(message: Extract<NodeMessage, { event: string }>): void {
    switch (message.event) {
      case 'cards':
        this.onCards()
        break
      case 'change':
        this.onChange(message.card, message.changes)
        this.#take()
        break
      case 'synced':
        this.onSynced(message.card)
        break
    }
  }

  #take(): void {
    this.#taken += 1
    const message: PageMessage = { taken: this.#taken }
    this.#line.send(message)
  }
}
