// What one card shows, as keyed maps: a pure fold of the node's `change` events, each value checked on its way in.

import * as v from 'valibot'
import { Collections, type CollectionName, type NodeMessage, type ViewOf } from '../worker/api.ts'

/** Each collection by its key; see `Collections` for which that is. */
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
  apps: new Map(),
  settings: new Map(),
}

/**
 * The views after `changes`; `views` itself is not touched, and unchanged collections stay the same objects.
 * Collections that a newer node may have are ignored.
 * @returns undefined when a value is not what our schema says: app and node are of different versions.
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
