// What a node shows of its card, mirrored: whole when `follow` resolves, and kept up to date as long as the client
// is connected. After an interruption it changes at once from the old state to the whole new one.

import { fail, ok, type Fault, type Result } from '../protocol/result.ts'
import type { Clock } from '../protocol/transport.ts'
import type {
  ActivityView,
  AppView,
  CardView,
  FriendView,
  InvoiceView,
  PaymentView,
  ServerView,
  SettingsView,
} from '../worker/api.ts'
import type { NodeClient } from './client.ts'
import { applyChanges, NO_VIEWS, type Changes, type Views } from './views.ts'

export class CardState {
  readonly #client: NodeClient
  readonly #clock: Clock
  #views = NO_VIEWS
  /** A snapshot on its way, shown when it is whole. */
  #arriving: Views | undefined
  readonly #listeners = new Set<() => void>()
  /** Why nothing more is heard. */
  #fault: Fault | undefined

  private constructor(client: NodeClient, clock: Clock) {
    this.#client = client
    this.#clock = clock
    client.onChange = (changes) => this.#apply(changes)
    client.onSynced = () => this.#show()
    client.onRestored = () => void this.#subscribe()
    client.onLost = (fault) => this.#fail(fault)
  }

  /** Subscribes to the card's state, and waits for all of it. Takes over the events of `client`. */
  static async follow(client: NodeClient, clock: Clock): Promise<Result<CardState>> {
    const state = new CardState(client, clock)
    const whole = state.#whenShown()
    await state.#subscribe()
    await whole
    return state.#fault === undefined ? ok(state) : { ok: false, error: state.#fault }
  }

  get card(): CardView | undefined {
    return [...this.#views.card.values()][0]
  }
  /** By name. */
  get friends(): FriendView[] {
    return byName(this.#views.friends)
  }
  /** By name. */
  get relays(): ServerView[] {
    return byName(this.#views.relays)
  }
  /** By name. */
  get indexServers(): ServerView[] {
    return byName(this.#views.indexServers)
  }
  /** By name: the apps that the owner has accepted. */
  get apps(): AppView[] {
    return byName(this.#views.apps)
  }
  /** By id: those under way, and the last 100. */
  get payments(): ReadonlyMap<string, PaymentView> {
    return this.#views.payments
  }
  /** By id: the open ones, and the last 100. */
  get invoices(): ReadonlyMap<string, InvoiceView> {
    return this.#views.invoices
  }
  /** The last 100, newest first; older ones by `activity.list`. */
  get activity(): ActivityView[] {
    return [...this.#views.activity.values()].sort((a, b) => b.id - a.id)
  }
  get settings(): SettingsView | undefined {
    return this.#views.settings.get('settings')
  }

  /** Calls back after every change, and when nothing more will come. @returns what ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /**
   * Waits until `find` finds something in the state.
   * @returns undefined after `timeout_ms`; the fault if the connection ends before.
   */
  until<T>(find: () => T | undefined, timeout_ms: number): Promise<Result<T | undefined>> {
    return new Promise((resolve) => {
      const end = (result: Result<T | undefined>): void => {
        cancel()
        forget()
        resolve(result)
      }
      const look = (): void => {
        const found = find()
        if (found !== undefined) end(ok(found))
        else if (this.#fault !== undefined) end({ ok: false, error: this.#fault })
      }
      const cancel = this.#clock.after(timeout_ms, () => end(ok(undefined)))
      const forget = this.onChange(look)
      look()
    })
  }

  async #subscribe(): Promise<void> {
    this.#arriving = NO_VIEWS
    const subscribed = await this.#client.call('state.subscribe', {}, { repeat: false })
    // When the connection breaks meanwhile, `onRestored` or `onLost` follows.
    if (!subscribed.ok && subscribed.error.code !== 'lost') this.#fail(subscribed.error)
  }

  /** Resolves when there is a whole state, or will be none. */
  #whenShown(): Promise<void> {
    return new Promise((resolve) => {
      const forget = this.onChange(() => {
        forget()
        resolve()
      })
    })
  }

  #apply(changes: Changes): void {
    const next = applyChanges(this.#arriving ?? this.#views, changes)
    if (next === undefined) {
      const message = 'This program and the node are of different versions: update the older one.'
      this.#fail(fail('badAnswer', message).error)
    } else if (this.#arriving === undefined) {
      this.#views = next
      this.#tell()
    } else {
      this.#arriving = next
    }
  }

  #show(): void {
    if (this.#arriving === undefined) return
    this.#views = this.#arriving
    this.#arriving = undefined
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

function byName<T extends { readonly name: string }>(views: ReadonlyMap<string, T>): T[] {
  return [...views.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}
