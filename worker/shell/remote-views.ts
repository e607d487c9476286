// What a node elsewhere says that its card shows: checked on its way in, and bounded, for the node may be hostile.

import * as v from 'valibot'
import { applyChanges, NO_VIEWS, type Changes, type Views } from '../../client/views.ts'
import { fail, ok, type Result } from '../../protocol/result.ts'
import type { PublicKey } from '../../protocol/types.ts'
import { Collections, type CardView, type CollectionName, type ViewOf } from '../api.ts'
import type { ViewChange } from '../runtime/node.ts'
import { REMOTE_CHARACTERS_MAX, REMOTE_ENTRIES_MAX } from './limits.ts'

type Change = Changes[number]

/** What an entry is called, by its own fields. */
const KEY_OF: { readonly [C in CollectionName]: (value: ViewOf<C>) => string } = {
  card: ({ id }) => id,
  friends: ({ publicKey }) => publicKey,
  payments: ({ id }) => id,
  invoices: ({ id }) => id,
  activity: ({ id }) => String(id),
  relays: ({ publicKey }) => publicKey,
  indexServers: ({ publicKey }) => publicKey,
  apps: ({ publicKey }) => publicKey,
  settings: () => 'settings',
}
const NAMES = Object.keys(Collections) as CollectionName[]

export class RemoteViews {
  readonly #card: PublicKey
  #views = NO_VIEWS
  /** Characters of each entry. */
  readonly #sizes = new Map<string, number>()
  #characters = 0

  constructor(card: PublicKey) {
    this.#card = card
  }

  /** What the node says of the card itself. */
  get card(): CardView | undefined {
    return this.#views.card.get(this.#card)
  }

  /** All entries, but the card itself, as changes. */
  all(): ViewChange[] {
    return NAMES.filter((name) => name !== 'card').flatMap((name) =>
      [...this.#views[name].keys()].map((key) => this.#changeOf(name, key)),
    )
  }

  has({ collection, key }: { readonly collection: string; readonly key: string }): boolean {
    return this.#sizes.has(nameOf(collection, key))
  }

  /**
   * Takes changes in: all of them, or none.
   * @returns those that mean something here; fault `badAnswer` or `tooMuch`.
   */
  apply(changes: Changes): Result<ViewChange[]> {
    // What is not there cannot go: who says so nevertheless costs nothing.
    const known = changes.filter(
      (change) => isCollection(change.collection) && (change.value !== null || this.has(change)),
    )
    const next = applyChanges(this.#views, known)
    if (next === undefined || !known.every((change) => this.#isSound(next, change))) return badAnswer()
    for (const { collection, key } of known) {
      this.#count(nameOf(collection, key), next[collection as CollectionName].get(key))
    }
    if (this.#sizes.size > REMOTE_ENTRIES_MAX || this.#characters > REMOTE_CHARACTERS_MAX) return tooMuch()
    this.#views = next
    return ok(known.map(({ collection, key }) => this.#changeOf(collection as CollectionName, key)))
  }

  /** Whether the entry is called what it is, holds nothing twice, and belongs to this card. */
  #isSound(views: Views, { collection, key }: Change): boolean {
    const name = collection as CollectionName
    const value = views[name].get(key)
    if (value === undefined) return true
    const keyOf = KEY_OF[name] as (value: unknown) => string
    return keyOf(value) === key && (name !== 'card' || key === this.#card) && hasNoDoubles(value)
  }

  #count(name: string, value: unknown): void {
    this.#characters -= this.#sizes.get(name) ?? 0
    this.#sizes.delete(name)
    if (value === undefined) return
    const size = JSON.stringify(value).length
    this.#sizes.set(name, size)
    this.#characters += size
  }

  #changeOf(collection: CollectionName, key: string): ViewChange {
    return { collection, key, value: this.#views[collection].get(key) ?? null } as ViewChange
  }
}

/** The node broke the rules of the API. */
export function badAnswer(): Result<never> {
  return fail(
    'badAnswer',
    'This wallet and the node of the card are of different versions: update the older one.',
  )
}

export function tooMuch(): Result<never> {
  return fail(
    'tooMuch',
    'The node of this card says more than a card can have: it does not work as it should.',
  )
}

function nameOf(collection: string, key: string): string {
  return `${collection} ${key}`
}

function isCollection(name: string): name is CollectionName {
  return Object.hasOwn(Collections, name)
}

const Lists = v.object({
  relays: v.optional(v.array(v.object({ publicKey: v.string() }))),
  currencies: v.optional(v.array(v.object({ currency: v.string() }))),
  budgets: v.optional(v.array(v.object({ currency: v.string() }))),
  statement: v.optional(v.object({ balances: v.array(v.object({ currency: v.string() })) })),
  disagreement: v.optional(
    v.object({
      mine: v.array(v.object({ currency: v.string() })),
      theirs: v.optional(v.array(v.object({ currency: v.string() }))),
    }),
  ),
})

/** Lists within an entry are shown by these names, each of which can be there once. */
function hasNoDoubles(value: unknown): boolean {
  const lists = v.safeParse(Lists, value)
  if (!lists.success) return true
  const { relays, currencies, budgets, statement, disagreement } = lists.output
  const byCurrency = [currencies, budgets, statement?.balances, disagreement?.mine, disagreement?.theirs]
  return (
    isSet((relays ?? []).map(({ publicKey }) => publicKey)) &&
    byCurrency.every((list) => isSet((list ?? []).map(({ currency }) => currency)))
  )
}

function isSet(names: readonly string[]): boolean {
  return new Set(names).size === names.length
}
