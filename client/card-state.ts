// What a node shows of its card, mirrored for a command: whole when `follow` resolves, and kept up to date.

import * as v from 'valibot'
import { fail, ok, type Fault, type Result } from '../protocol/result.ts'
import type { Clock } from '../protocol/transport.ts'
import {
  Collections,
  type CardView,
  type CollectionName,
  type FriendView,
  type PaymentView,
  type ServerView,
  type ViewOf,
} from '../worker/api.ts'
import type { NodeClient, StateChanges } from './client.ts'

type Views = { readonly [C in CollectionName]: Map<string, ViewOf<C>> }

export class CardState {
  readonly #clock: Clock
  readonly #views = emptyViews()
  readonly #listeners = new Set<() => void>()
  /** Why nothing more is heard. */
  #fault: Fault | undefined

  private constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Subscribes to the card's state, and waits for all of it. */
  static async follow(client: NodeClient, clock: Clock): Promise<Result<CardState>> {
    const state = new CardState(clock)
    const synced = new Promise<void>((resolve) => {
      client.onSynced = resolve
      client.onLost = (fault) => {
        state.#fail(fault)
        resolve()
      }
    })
    client.onChange = (changes) => state.#apply(changes)
    const subscribed = await client.call('state.subscribe', {})
    if (!subscribed.ok) return subscribed
    await synced
    return state.#fault === undefined ? ok(state) : { ok: false, error: state.#fault }
  }

  get card(): CardView | undefined {
    return [...this.#views.card.values()][0]
  }
  get friends(): FriendView[] {
    return byName(this.#views.friends)
  }
  get relays(): ServerView[] {
    return byName(this.#views.relays)
  }
  get indexServers(): ServerView[] {
    return byName(this.#views.indexServers)
  }
  get payments(): ReadonlyMap<string, PaymentView> {
    return this.#views.payments
  }

  /**
   * Waits until `find` finds something in the state.
   * @returns undefined after `timeout_ms`; the fault if the connection ends before.
   */
  until<T>(find: () => T | undefined, timeout_ms: number): Promise<Result<T | undefined>> {
    return new Promise((resolve) => {
      const end = (result: Result<T | undefined>): void => {
        cancel()
        this.#listeners.delete(look)
        resolve(result)
      }
      const look = (): void => {
        const found = find()
        if (found !== undefined) end(ok(found))
        else if (this.#fault !== undefined) end({ ok: false, error: this.#fault })
      }
      const cancel = this.#clock.after(timeout_ms, () => end(ok(undefined)))
      this.#listeners.add(look)
      look()
    })
  }

  #apply(changes: StateChanges): void {
    for (const { collection, key, value } of changes) {
      // A newer node may show more than this program knows.
      if (!isCollection(collection)) continue
      const entries: Map<string, unknown> = this.#views[collection]
      const view = value === null ? undefined : v.safeParse(Collections[collection], value)
      if (view === undefined) entries.delete(key)
      else if (view.success) entries.set(key, view.output)
      else {
        const message = 'This program and the node are of different versions: update the older one.'
        this.#fail(fail('badAnswer', message).error)
      }
    }
    this.#tell()
  }

  #fail(fault: Fault): void {
    this.#fault ??= fault
    this.#tell()
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener()
  }
}

function emptyViews(): Views {
  const entries = Object.keys(Collections).map((name) => [name, new Map()])
  return Object.fromEntries(entries) as Views
}

function isCollection(name: string): name is CollectionName {
  return Object.hasOwn(Collections, name)
}

function byName<T extends { readonly name: string }>(views: ReadonlyMap<string, T>): T[] {
  return [...views.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}
