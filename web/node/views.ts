// What one card shows, as keyed maps: a pure fold of the node's `change` events, each value checked on its way in.

import * as v from 'valibot'
import { Collections, type CollectionName, type NodeMessage, type ViewOf } from '../../worker/api.ts'

export type Views = { readonly [C in CollectionName]: ReadonlyMap<string, ViewOf<C>> }
export type Changes = Extract<NodeMessage, { event: 'change' }>['changes']

export const NO_VIEWS: Views = {
  card: new Map(),
  friends: new Map(),
  payments: new Map(),
  invoices: new Map(),
  activity: new Map(),
  relays: new Map(),
  indexServers: new Map(),
  settings: new Map(),
}

/** The views of several cards, by the card's public key. */
export type ViewsByCard = ReadonlyMap<string, Views>

export const NO_CARDS: ViewsByCard = new Map()

/** `all` with the views of one card set, or taken away. */
export function withViews(all: ViewsByCard, card: string, views: Views | undefined): ViewsByCard {
  const next = new Map(all)
  if (views === undefined) next.delete(card)
  else next.set(card, views)
  return next
}

/**
 * The views after `changes`; `views` itself is not touched, and unchanged collections stay the same objects.
 * Collections that a newer node may have are ignored.
 * @returns undefined when a value is not what this page's schema says: page and node are of different builds.
 */
export function applyChanges(views: Views, changes: Changes): Views | undefined {
  const touched = new Set<string>(changes.map(({ collection }) => collection))
  let next: Views | undefined = views
  for (const name of collectionNames) {
    if (touched.has(name) && next !== undefined) next = applyTo(name, next, changes)
  }
  return next
}

const collectionNames = Object.keys(Collections) as CollectionName[]

function applyTo(name: CollectionName, views: Views, changes: Changes): Views | undefined {
  const entries = new Map<string, unknown>(views[name])
  for (const { collection, key, value } of changes) {
    if (collection !== name) continue
    if (value === null) {
      entries.delete(key)
      continue
    }
    const parsed = v.safeParse(Collections[name], value)
    if (!parsed.success) return undefined
    entries.set(key, parsed.output)
  }
  return { ...views, [name]: entries }
}
