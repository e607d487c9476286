// The page's mirror of its node: what the screens read, kept up to date by the node's events. It holds no truth.

import type { CallOptions } from '../../client/calls.ts'
import { applyChanges, NO_VIEWS, type Changes } from '../../client/views.ts'
import type {
  ActivityView,
  AppView,
  CardView,
  FriendView,
  InvoiceView,
  MethodName,
  ParamsOf,
  PaymentView,
  ResultOf,
  ServerView,
  SettingsView,
} from '../../worker/api.ts'
import { ApiError, connectNode, type ConnectionState, type NodeClient } from './client.ts'
import { NO_CARDS, withViews, type ViewsByCard } from './views.ts'

/** Where the page remembers which card it showed last. */
const SELECTED_KEY = 'offst.card'

/** Connects to the node, starting it if it does not run; never fails, see `state` and `fault`. */
export function createNode(): NodeMirror {
  return new NodeMirror(connectNode())
}

export class NodeMirror {
  readonly #client: NodeClient
  #state = $state.raw<ConnectionState>('connecting')
  #fault = $state.raw<{ readonly code: string; readonly message: string }>()
  #cards = $state.raw<readonly CardView[]>([])
  #listed = $state.raw(false)
  #selected = $state.raw<string | undefined>(readSelected())
  #views = $state.raw<ViewsByCard>(NO_CARDS)
  /** Snapshots on their way, shown when they are whole. */
  #arriving = NO_CARDS

  readonly #card = $derived(this.#cards.find(({ id }) => id === this.#selected) ?? this.#cards[0])
  readonly #shown = $derived(
    this.#card === undefined ? NO_VIEWS : (this.#views.get(this.#card.id) ?? NO_VIEWS),
  )
  readonly #friends = $derived(byName(this.#shown.friends))
  readonly #payments = $derived([...this.#shown.payments.values()].sort((a, b) => b.created - a.created))
  readonly #invoices = $derived([...this.#shown.invoices.values()].sort((a, b) => b.created - a.created))
  readonly #activity = $derived([...this.#shown.activity.values()].sort((a, b) => b.id - a.id))
  readonly #relays = $derived(byName(this.#shown.relays))
  readonly #indexServers = $derived(byName(this.#shown.indexServers))
  readonly #apps = $derived(byName(this.#shown.apps))

  constructor(client: NodeClient) {
    this.#client = client
    client.onState = (state, fault) => {
      this.#state = state
      this.#fault = fault
      if (state === 'ready') this.#reload()
    }
    client.onCards = () => void this.#listCards()
    client.onChange = (card, changes) => this.#apply(card, changes)
    client.onSynced = (card) => this.#show(card)
  }

  /** `connecting` at first, `ready` while the node answers, `lost` until it does again (see `fault`). */
  get state(): ConnectionState {
    return this.#state
  }
  /** Why there is no connection, or why what is shown may be wrong. */
  get fault(): { readonly code: string; readonly message: string } | undefined {
    return this.#fault
  }
  /** Whether `cards` is known: false until the node was asked once. */
  get listed(): boolean {
    return this.#listed
  }
  /** All cards of this browser, oldest first. */
  get cards(): readonly CardView[] {
    return this.#cards
  }
  /** The card that is shown: the selected one, else the first. */
  get card(): CardView | undefined {
    return this.#shown.card.values().next().value ?? this.#card
  }
  /** Whether the views of the shown card are complete. */
  get synced(): boolean {
    return this.#card !== undefined && this.#views.has(this.#card.id)
  }
  /** Sorted by name. */
  get friends(): readonly FriendView[] {
    return this.#friends
  }
  /** Newest first. */
  get payments(): readonly PaymentView[] {
    return this.#payments
  }
  /** Newest first. */
  get invoices(): readonly InvoiceView[] {
    return this.#invoices
  }
  /** Newest first; older ones by `call('activity.list', …)`. */
  get activity(): readonly ActivityView[] {
    return this.#activity
  }
  get relays(): readonly ServerView[] {
    return this.#relays
  }
  get indexServers(): readonly ServerView[] {
    return this.#indexServers
  }
  /** By name. */
  get apps(): readonly AppView[] {
    return this.#apps
  }
  get settings(): SettingsView | undefined {
    return this.#shown.settings.get('settings')
  }

  /** Shows another card; remembered by this browser. */
  selectCard(id: string): void {
    this.#selected = id
    try {
      localStorage.setItem(SELECTED_KEY, id)
    } catch {
      // Storage may be denied: then the choice lasts as long as the page.
    }
    this.#follow()
  }

  /**
   * Calls a method of the node; of the shown card unless `options` names another. Waits as long as the node is
   * away, and repeats the call when it is back.
   * @throws {ApiError} with the node's code and sentence.
   */
  async call<M extends MethodName>(
    method: M,
    params: ParamsOf<M>,
    options?: CallOptions,
  ): Promise<ResultOf<M>> {
    const card = options?.card ?? this.#card?.id
    return this.#client.call(method, params, card === undefined ? {} : { card })
  }

  /** After every (re)connection: the node has forgotten what this page had subscribed to. */
  #reload(): void {
    const followed = [...this.#views.keys()]
    for (const card of followed) this.#subscribe(card)
    void this.#listCards()
  }

  async #listCards(): Promise<void> {
    try {
      this.#cards = await this.#client.call('cards.list', {})
      this.#listed = true
      this.#follow()
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      this.#fault = { code: error.code, message: error.message }
    }
  }

  #follow(): void {
    const card = this.#card?.id
    if (card !== undefined && !this.#views.has(card) && !this.#arriving.has(card)) this.#subscribe(card)
  }

  #subscribe(card: string): void {
    this.#arriving = withViews(this.#arriving, card, NO_VIEWS)
    this.#client.call('state.subscribe', {}, { card, repeat: false }).catch(() => {
      // The connection ended (then `#reload` subscribes again) or the card was removed (`cards.list` tells).
      this.#arriving = withViews(this.#arriving, card, undefined)
    })
  }

  #apply(card: string, changes: Changes): void {
    const arriving = this.#arriving.get(card)
    const next = applyChanges(arriving ?? this.#views.get(card) ?? NO_VIEWS, changes)
    if (next === undefined) {
      this.#fault = {
        code: 'badView',
        message: 'This page and its node are of different versions. Reload the page.',
      }
    } else if (arriving === undefined) {
      this.#views = withViews(this.#views, card, next)
    } else {
      this.#arriving = withViews(this.#arriving, card, next)
    }
  }

  #show(card: string): void {
    const arrived = this.#arriving.get(card)
    if (arrived === undefined) return
    this.#arriving = withViews(this.#arriving, card, undefined)
    this.#views = withViews(this.#views, card, arrived)
  }
}

function byName<T extends { readonly name: string; readonly publicKey: string }>(
  entries: ReadonlyMap<string, T>,
): readonly T[] {
  return [...entries.values()].sort(
    (a, b) => a.name.localeCompare(b.name) || (a.publicKey < b.publicKey ? -1 : 1),
  )
}

function readSelected(): string | undefined {
  try {
    return localStorage.getItem(SELECTED_KEY) ?? undefined
  } catch {
    return undefined
  }
}
