// The pages' calls to the node of this browser and its events, over a line to a worker that may be replaced.

import { Calls, type CallOptions } from '../../client/calls.ts'
import type { Changes } from '../../client/views.ts'
import type { MethodName, ParamsOf, ResultOf } from '../../worker/api.ts'
import { openLine, type Line, type LineEvents } from './line.ts'

/** `connecting` until the first welcome; `lost` after a connection ended, or when there can be none. */
export type ConnectionState = 'connecting' | 'ready' | 'lost'

const OTHER_VERSION = 'This page and its node are of different versions. Reload the page.'

/** What the node answered when it did not do what it was asked: a stable code, and a sentence for people. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
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
  readonly #calls = new Calls((message) => this.#line.send(message))

  /** @param open opens the line; its events come later than this constructor returns. */
  constructor(open: (events: LineEvents) => Line) {
    this.#calls.onCards = () => this.onCards()
    this.#calls.onChange = (card, changes) => this.onChange(card, changes)
    this.#calls.onSynced = (card) => this.onSynced(card)
    this.#line = open({
      onWelcome: () => {
        this.#calls.up()
        this.onState('ready')
      },
      onMessage: (message) => this.#calls.receive(message),
      onLost: (fault) => {
        this.#calls.down()
        this.onState('lost', fault)
      },
    })
  }

  /**
   * Waits as long as the node is away, and repeats the call when it is back, unless `options` says otherwise.
   * @throws {ApiError}
   */
  async call<M extends MethodName>(
    method: M,
    params: ParamsOf<M>,
    options: CallOptions = {},
  ): Promise<ResultOf<M>> {
    const result = await this.#calls.call(method, params, options)
    if (result.ok) return result.value
    const { code, message } = result.error
    throw new ApiError(code, code === 'badAnswer' ? OTHER_VERSION : message)
  }
}
