// The changes on their way to one app. A page that does not keep up gets, later, only the latest value of each
// entry: what waits for it is never more than what the node shows.

import type { NodeMessage } from '../api.ts'
import type { ViewChange } from '../runtime/node.ts'
import { EVENT_CHANGES_MAX } from './limits.ts'

interface Backlog {
  /** The latest change of each entry. */
  readonly changes: Map<string, ViewChange>
  /** The snapshot was complete with these changes. */
  synced: boolean
}

export class Feed {
  readonly #send: (message: NodeMessage) => void
  /** `change` events that may be sent and not yet taken in. */
  readonly #aheadMax: number
  readonly #backlogs = new Map<string, Backlog>()
  #sent = 0
  #taken = 0

  constructor(send: (message: NodeMessage) => void, aheadMax: number) {
    this.#send = send
    this.#aheadMax = aheadMax
  }

  push(card: string, changes: readonly ViewChange[]): void {
    const backlog = this.#backlogs.get(card)
    if (backlog === undefined && this.#hasRoom()) {
      this.#sendChanges(card, changes)
      return
    }
    const waiting = backlog ?? { changes: new Map<string, ViewChange>(), synced: false }
    this.#backlogs.set(card, waiting)
    for (const change of changes) {
      const entry = `${change.collection} ${change.key}`
      // Put last again, so that the order among entries stays that of the last changes.
      waiting.changes.delete(entry)
      waiting.changes.set(entry, change)
    }
  }

  /** All changes of the snapshot have been pushed. */
  synced(card: string): void {
    const backlog = this.#backlogs.get(card)
    if (backlog === undefined) this.#send({ event: 'synced', card })
    else backlog.synced = true
  }

  /** A new subscription or none: what waited for this card is void. */
  forget(card: string): void {
    this.#backlogs.delete(card)
  }

  /** @param count `change` events that the page has taken in; what cannot be is ignored. */
  taken(count: number): void {
    if (count <= this.#taken || count > this.#sent) return
    this.#taken = count
    for (const [card, backlog] of this.#backlogs) {
      if (!this.#hasRoom()) return
      this.#backlogs.delete(card)
      this.#sendChanges(card, [...backlog.changes.values()])
      if (backlog.synced) this.#send({ event: 'synced', card })
    }
  }

  #hasRoom(): boolean {
    return this.#sent - this.#taken < this.#aheadMax
  }

  /** In several events when there are many, so that each fits into a message of a link. */
  #sendChanges(card: string, changes: readonly ViewChange[]): void {
    for (let start = 0; start < changes.length; start += EVENT_CHANGES_MAX) {
      this.#sent += 1
      this.#send({ event: 'change', card, changes: changes.slice(start, start + EVENT_CHANGES_MAX) })
    }
  }
}
