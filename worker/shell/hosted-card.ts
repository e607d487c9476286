// One card of the host: waits for the card's lock, runs its node while it has it, and answers for it meanwhile.

import { fail, type Fault, type Result } from '../../protocol/result.ts'
import type { CardView, MethodName } from '../api.ts'
import type { CardNode, ViewChange, ViewListener } from '../runtime/node.ts'
import { faultOf } from './faults.ts'
import { lockOfCard, type Locks } from './locks.ts'
import type { CardEntry } from './registry.ts'

/** A running card, as the host sees it. */
export type RunningCard = Pick<CardNode, 'start' | 'stop' | 'reopen' | 'wake' | 'card' | 'call' | 'subscribe'>

export interface HostedCardOptions {
  readonly entry: CardEntry
  readonly locks: Locks
  /** Makes the node; called with the card's lock held. */
  readonly createNode: () => Promise<RunningCard>
  /** What `cards.list` shows of this card has changed. */
  readonly onChanged: (view: CardView) => void
}

const ELSEWHERE: Fault = {
  code: 'elsewhere',
  message: 'This card is in use by another window of this browser. Close that one, and it opens here.',
}

interface Follower {
  readonly listener: ViewListener
  /** Missing while there is no node. */
  unsubscribe?: () => void
}

export class HostedCard {
  readonly #options: HostedCardOptions
  readonly #waiting = new AbortController()
  readonly #followers = new Set<Follower>()
  #node: RunningCard | undefined
  #fault: Fault | undefined
  #release: () => void = () => undefined
  /** Resolves when the node that is being made runs, or could not. */
  #opening: Promise<void> = Promise.resolve()

  constructor(options: HostedCardOptions) {
    this.#options = options
  }

  /** Resolves when the node runs or it is known why not; goes on waiting for a lock that somebody else holds. */
  async start(): Promise<void> {
    const { locks, entry } = this.#options
    const name = lockOfCard(entry.publicKey)
    const release = await locks.tryHold(name)
    if (release !== undefined) {
      await this.#run(release)
      return
    }
    this.#fault = ELSEWHERE
    void locks.hold(name, this.#waiting.signal).then(async (later) => {
      if (later !== undefined) await this.#run(later)
    })
  }

  /** Ends the node, then lets others have the card. */
  async stop(): Promise<void> {
    this.#waiting.abort()
    // What is still being made writes: the card's database is nobody else's before that has ended.
    await this.#opening
    for (const { unsubscribe } of this.#followers) unsubscribe?.()
    this.#followers.clear()
    await this.#node?.stop()
    this.#node = undefined
    this.#release()
  }

  /** Whether this host holds the card's lock, so that its database may be deleted. */
  get isHeld(): boolean {
    return this.#fault?.code !== ELSEWHERE.code
  }

  view(): CardView {
    const { publicKey, name, created } = this.#options.entry
    const shown = { id: publicKey, name, created }
    const card = this.#node?.card()
    // A node that could not read its records does not know its name.
    if (card !== undefined) return card.name === '' ? { ...card, name, created } : card
    if (this.#fault === undefined) return { ...shown, state: 'stopped' }
    const state = this.#fault.code === ELSEWHERE.code ? 'elsewhere' : 'stopped'
    return { ...shown, state, fault: this.#fault }
  }

  async call(method: MethodName, params: unknown): Promise<Result<unknown>> {
    if (this.#node !== undefined) return this.#node.call(method, params)
    const { code, message } = this.#fault ?? { code: 'stopped', message: 'This card is being closed.' }
    return fail(code, message)
  }

  /** Takes the card back from another device; tries again to open one that could not be opened. */
  reopen(): void {
    if (this.#node !== undefined) this.#node.reopen()
    else if (this.isHeld && this.#fault !== undefined) void this.#run(this.#release)
  }

  wake(): void {
    this.#node?.wake()
  }

  /** Like `CardNode.subscribe`; while there is no node, all that is shown is the card itself. */
  subscribe(listener: ViewListener): () => void {
    const follower: Follower = { listener }
    this.#followers.add(follower)
    if (this.#node === undefined) listener([this.#cardChange()])
    else follower.unsubscribe = this.#node.subscribe(listener)
    return () => {
      this.#followers.delete(follower)
      follower.unsubscribe?.()
    }
  }

  #run(release: () => void): Promise<void> {
    // Stopped while it waited for the lock.
    if (this.#waiting.signal.aborted) {
      release()
      return Promise.resolve()
    }
    this.#release = release
    this.#fault = undefined
    this.#opening = this.#open()
    return this.#opening
  }

  /** Whatever goes wrong here is this card's fault alone, and shown. */
  async #open(): Promise<void> {
    try {
      const node = await this.#options.createNode()
      if (this.#waiting.signal.aborted) {
        await node.stop()
        return
      }
      node.start()
      this.#node = node
      await this.#firstViews(node)
      for (const follower of this.#followers) follower.unsubscribe ??= node.subscribe(follower.listener)
    } catch (error) {
      this.#fault = faultOf(error)
      for (const { listener } of this.#followers) listener([this.#cardChange()])
    }
    this.#options.onChanged(this.view())
  }

  /** Follows what the node says of the card; resolves when it has read its records, or could not. */
  #firstViews(node: RunningCard): Promise<void> {
    return new Promise((resolve) => {
      node.subscribe((changes) => {
        resolve()
        if (changes.some(({ collection }) => collection === 'card')) this.#options.onChanged(this.view())
      })
    })
  }

  #cardChange(): ViewChange {
    return { collection: 'card', key: this.#options.entry.publicKey, value: this.view() }
  }
}
