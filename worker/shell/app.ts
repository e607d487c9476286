// One connected app: checks every call before it reaches a card, answers it, and feeds it what it subscribed to.
// Whatever the app sends, it gets an answer that says what is wrong, and stays connected.

import * as v from 'valibot'
import type { Fault } from '../../protocol/result.ts'
import type { PublicKey } from '../../protocol/types.ts'
import { CallMessage, isMethodName, methods, parseParams, type NodeMessage, type Permission } from '../api.ts'
import { Feed } from './feed.ts'
import type { CheckedCall, Host } from './host.ts'
import { APP_CALLS_MAX, CHANGES_AHEAD_MAX } from './limits.ts'

/** `host`: may call host methods, i.e. make, list and remove cards; `owner`: decides about apps. */
export type AppPermission = Permission | 'host' | 'owner'

/** What the wallet's own pages may do: everything. */
export const ALL_PERMISSIONS: ReadonlySet<AppPermission> = new Set([
  'host',
  'owner',
  'read',
  'config',
  'routes',
  'funds',
  'sell',
])

/** Id of the answer to a message that has none itself. */
const NO_ID = -1

export interface AppOptions {
  readonly host: Pick<Host, 'call' | 'subscribe' | 'onCards'>
  readonly permissions: ReadonlySet<AppPermission>
  /** Whose calls these are; missing: the owner's. */
  readonly app?: PublicKey
  readonly send: (message: NodeMessage) => void
}

export class App {
  readonly #options: AppOptions
  readonly #feed: Feed
  /** What ends the subscription of each card. */
  readonly #subscriptions = new Map<string, () => void>()
  readonly #stopCards: () => void
  #calls = 0
  #isClosed = false

  constructor(options: AppOptions) {
    this.#options = options
    this.#feed = new Feed((message) => this.#send(message), CHANGES_AHEAD_MAX)
    this.#stopCards = options.permissions.has('host')
      ? options.host.onCards(() => this.#send({ event: 'cards' }))
      : () => undefined
  }

  /** Handles one message of the app, whatever it is. */
  receive(raw: unknown): void {
    const id = idOf(raw)
    const checked = this.#check(raw)
    if ('code' in checked) {
      this.#send({ id, error: checked })
      return
    }
    this.#calls += 1
    void this.#answer(id, checked).finally(() => {
      this.#calls -= 1
    })
  }

  /** See `Feed.taken`. */
  taken(count: number): void {
    this.#feed.taken(count)
  }

  /** Ends all subscriptions; answers that are still to come go nowhere. */
  close(): void {
    this.#isClosed = true
    this.#stopCards()
    for (const unsubscribe of this.#subscriptions.values()) unsubscribe()
    this.#subscriptions.clear()
  }

  #check(raw: unknown): CheckedCall | Fault {
    const message = v.safeParse(CallMessage, raw)
    if (!message.success) {
      return { code: 'badCall', message: 'A call is an object with id, method, params and, for most, card.' }
    }
    const { method, params, card } = message.output
    if (!isMethodName(method)) {
      return { code: 'unknownMethod', message: `There is no method ${method.slice(0, 40)}.` }
    }
    const needs = methods[method].needs
    if (!this.#options.permissions.has(needs)) {
      return {
        code: 'forbidden',
        message: `This app may not call ${method}: it lacks the permission ${needs}.`,
      }
    }
    if (this.#calls >= APP_CALLS_MAX) {
      return {
        code: 'busy',
        message: `${APP_CALLS_MAX} calls wait for their answers: wait for some of them.`,
      }
    }
    const parsed = parseParams(method, params)
    if (!parsed.ok) return { code: 'badParams', message: `${method}: ${parsed.message}` }
    if (needs === 'host') return { method, params: parsed.value }
    if (card === undefined) return { code: 'badCall', message: `${method} is asked of a card: say of which.` }
    return { method, params: parsed.value, card, app: this.#options.app }
  }

  async #answer(id: number, call: CheckedCall): Promise<void> {
    if (call.method === 'state.subscribe' && call.card !== undefined) {
      await this.#subscribe(id, call.card)
      return
    }
    const result = await this.#options.host.call(call)
    this.#send(result.ok ? { id, result: result.value } : { id, error: result.error })
  }

  /** A second subscription to a card takes the place of the first. */
  async #subscribe(id: number, card: string): Promise<void> {
    this.#unsubscribe(card)
    let isSynced = false
    const subscribed = await this.#options.host.subscribe(card, (changes) => {
      this.#feed.push(card, changes)
      if (isSynced) return
      isSynced = true
      this.#feed.synced(card)
    })
    if (!subscribed.ok) {
      this.#send({ id, error: subscribed.error })
      return
    }
    // Another subscription to the same card may have crossed this one.
    this.#unsubscribe(card)
    this.#subscriptions.set(card, subscribed.value)
    if (this.#isClosed) this.close()
    this.#send({ id, result: {} })
  }

  #unsubscribe(card: string): void {
    this.#subscriptions.get(card)?.()
    this.#subscriptions.delete(card)
    this.#feed.forget(card)
  }

  #send(message: NodeMessage): void {
    if (!this.#isClosed) this.#options.send(message)
  }
}

function idOf(raw: unknown): number {
  if (typeof raw !== 'object' || raw === null || !('id' in raw)) return NO_ID
  return Number.isSafeInteger(raw.id) ? Number(raw.id) : NO_ID
}
