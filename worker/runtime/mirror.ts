// What the listeners of a card mirror: computes which views a step has changed, and tells each change once.

import type { CardView, CollectionName } from '../api.ts'
import type { Step } from '../core/actions.ts'
import type { Core } from '../core/core.ts'
import type { Input } from '../core/inputs.ts'
import type { CardRecord } from '../core/records.ts'
import { allViewKeys, changedViewKeys, viewOf, type ViewKey } from '../core/views.ts'
import type { IndexLinks } from './index-links.ts'
import type { ViewChange, ViewListener } from './node.ts'
import type { RelayLinks } from './relay-links.ts'
import { serverView } from './server-views.ts'

/** What the views are made from. */
export interface MirrorSource {
  readonly core: () => Core | undefined
  /** As stored last; missing until the card was loaded. */
  readonly record: () => CardRecord | undefined
  readonly cardView: () => CardView
  readonly relays: RelayLinks
  readonly indexLinks: IndexLinks
}

export class Mirror {
  readonly #source: MirrorSource
  readonly #listeners = new Set<ViewListener>()
  /** The card's and its servers' views as told last, so that only what differs is told. */
  #told = new Map<string, string>()

  constructor(source: MirrorSource) {
    this.#source = source
  }

  /** See `CardNode.subscribe`. */
  subscribe(listener: ViewListener): () => void {
    // A function of its own, so that subscribing one function twice makes two subscriptions.
    const own: ViewListener = (changes) => listener(changes)
    this.#listeners.add(own)
    if (this.#source.record() !== undefined) own(this.#everything())
    return () => this.#listeners.delete(own)
  }

  /** The whole state, after it was loaded. */
  tellAll(): void {
    this.#tell(this.#everything())
  }

  /** What a committed step has changed. */
  tellStep(core: Core, step: Step, inputs: readonly Input[]): void {
    const touched = new Map<string, ViewKey>()
    for (const key of [...changedViewKeys(step.changes), ...inputs.flatMap(touchedByInput)]) {
      touched.set(`${key.collection}/${key.key}`, key)
    }
    const changes = [...touched.values()].map((key) => changeOf(core, key))
    const cardHasChanged = step.changes.some(({ table }) => table === 'card')
    this.#tell(cardHasChanged ? [...changes, ...this.#ownChanges()] : changes)
  }

  /** The state of the card, or of its connections, may be another. */
  tellOwn(): void {
    this.#tell(this.#ownChanges())
  }

  #tell(changes: readonly ViewChange[]): void {
    if (changes.length === 0) return
    for (const listener of [...this.#listeners]) listener(changes)
  }

  #everything(): ViewChange[] {
    const core = this.#source.core()
    const own = this.#own()
    this.#told = new Map(own.map((change) => [nameOf(change), JSON.stringify(change.value)]))
    return [...own, ...(core === undefined ? [] : allViewKeys(core.state).map((key) => changeOf(core, key)))]
  }

  /** What differs from what was told of the card and its servers. */
  #ownChanges(): ViewChange[] {
    const now = this.#own()
    const before = this.#told
    this.#told = new Map(now.map((change) => [nameOf(change), JSON.stringify(change.value)]))
    const gone = [...before.keys()].filter((name) => !this.#told.has(name)).map(goneOf)
    return [...now.filter((change) => before.get(nameOf(change)) !== this.#told.get(nameOf(change))), ...gone]
  }

  #own(): ViewChange[] {
    const { relays, indexLinks } = this.#source
    const card = this.#source.cardView()
    const record = this.#source.record()
    return [
      { collection: 'card', key: card.id, value: card },
      ...(record?.relays ?? []).map((relay): ViewChange => ({
        collection: 'relays',
        key: relay.publicKey,
        value: serverView(relay, relays.get(relay.publicKey)),
      })),
      ...(record?.indexServers ?? []).map((server): ViewChange => {
        const { link, fault } = indexLinks.get(server.publicKey) ?? {}
        return { collection: 'indexServers', key: server.publicKey, value: serverView(server, link, fault) }
      }),
    ]
  }
}

function changeOf(core: Core, key: ViewKey): ViewChange {
  return { ...key, value: viewOf(core.state, key) } as ViewChange
}

/** Being on line is not stored. */
function touchedByInput(input: Input): ViewKey[] {
  switch (input.type) {
    case 'friendOnline':
    case 'friendOffline':
    case 'friendMessage':
      return [{ collection: 'friends', key: input.friend }]
    case 'start':
    case 'appSeen':
    case 'apps':
    case 'call':
    case 'routes':
    case 'receiptSigned':
    case 'tick':
      return []
  }
}

function nameOf({ collection, key }: ViewChange): string {
  return `${collection}/${key}`
}

function goneOf(name: string): ViewChange {
  const [collection, key] = name.split('/') as [CollectionName, string]
  return { collection, key, value: null }
}
