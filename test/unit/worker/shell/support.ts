// Stand-ins for what only a browser has (locks, the registry's database), and a card that needs no network.

import type { Clock, Connect } from '../../../../protocol/transport.ts'
import type { PublicKey } from '../../../../protocol/types.ts'
import { ok } from '../../../../protocol/result.ts'
import { nobleProvider } from '../../../../protocol/ed25519.ts'
import { asyncVerifier } from '../../../../worker/runtime/crypto/verifier.ts'
import { MemoryDisk, MemoryStore } from '../../../support/memory-store.ts'
import type { CardNodeOptions, ViewChange, ViewListener } from '../../../../worker/runtime/node.ts'
import type { CardView, MethodName } from '../../../../worker/api.ts'
import { Host } from '../../../../worker/shell/host.ts'
import type { RunningCard } from '../../../../worker/shell/hosted-card.ts'
import type { Locks } from '../../../../worker/shell/locks.ts'
import type { CardEntry, Registry } from '../../../../worker/shell/registry.ts'

/** Web Locks within one process. */
export class MemoryLocks implements Locks {
  readonly #queues = new Map<string, (() => void)[]>()

  async tryHold(name: string): Promise<(() => void) | undefined> {
    return this.#queues.has(name) ? undefined : this.hold(name)
  }

  async hold(name: string, signal?: AbortSignal): Promise<(() => void) | undefined> {
    const queue = this.#queues.get(name)
    if (queue === undefined) this.#queues.set(name, [])
    else if (!(await this.#wait(queue, signal))) return undefined
    return () => {
      const next = this.#queues.get(name)?.shift()
      if (next === undefined) this.#queues.delete(name)
      else next()
    }
  }

  #wait(queue: (() => void)[], signal: AbortSignal | undefined): Promise<boolean> {
    return new Promise((resolve) => {
      const turn = (): void => resolve(true)
      queue.push(turn)
      signal?.addEventListener('abort', () => {
        queue.splice(queue.indexOf(turn), 1)
        resolve(false)
      })
    })
  }
}

/** What survives a host: hand it to the next one. */
export class MemoryBrowser implements Registry {
  readonly locks = new MemoryLocks()
  readonly entries = new Map<PublicKey, CardEntry>()
  readonly disks = new Map<PublicKey, MemoryDisk>()
  /** While set, stores fail. */
  isFull = false
  /** Cards whose node throws when it is made. */
  readonly broken = new Set<string>()
  readonly nodes: TestCard[] = []
  clock: Clock = { now: () => 1_000, after: () => () => undefined }
  connect: Connect = () => Promise.reject(new Error('no network here'))

  async list(): Promise<CardEntry[]> {
    return [...this.entries.values()]
  }

  async get(card: PublicKey): Promise<CardEntry | undefined> {
    return this.entries.get(card)
  }

  async put(entry: CardEntry): Promise<void> {
    this.entries.set(entry.publicKey, structuredClone(entry))
  }

  async delete(card: PublicKey): Promise<void> {
    this.entries.delete(card)
  }

  host(): Host {
    return new Host({
      registry: this,
      locks: this.locks,
      openStore: (card) => {
        const disk = this.disks.get(card) ?? new MemoryDisk()
        this.disks.set(card, disk)
        const store = new MemoryStore({ disk })
        if (this.isFull) store.fault = 'full'
        return store
      },
      deleteStore: async (card) => void this.disks.delete(card),
      createNode: (options) => {
        if (this.broken.has(options.signer.publicKey)) throw new Error('the records contradict each other')
        const node = new TestCard(options, this.disks.get(options.signer.publicKey)!)
        this.nodes.push(node)
        return node
      },
      crypto: nobleProvider,
      chooseVerifier: async () => asyncVerifier(nobleProvider),
      clock: this.clock,
      random: (size) => crypto.getRandomValues(new Uint8Array(size)),
      connect: this.connect,
    })
  }
}

/** A card without a core: it is called, renamed and mirrored, and that is all. */
export class TestCard implements RunningCard {
  readonly #id: string
  readonly #disk: MemoryDisk
  readonly #listeners = new Set<ViewListener>()
  readonly calls: { method: MethodName; params: unknown }[] = []
  isRunning = false
  reopened = 0
  woken = 0

  constructor(options: CardNodeOptions, disk: MemoryDisk) {
    this.#id = options.signer.publicKey
    this.#disk = disk
  }

  start(): void {
    this.isRunning = true
  }

  async stop(): Promise<void> {
    this.isRunning = false
  }

  reopen(): void {
    this.reopened += 1
  }

  wake(): void {
    this.woken += 1
  }

  card(): CardView {
    const { name, created } = this.#record()
    return { id: this.#id, name, created, state: 'running' }
  }

  async call(method: MethodName, params: unknown): Promise<ReturnType<typeof ok<unknown>>> {
    this.calls.push({ method, params })
    return ok({})
  }

  subscribe(listener: ViewListener): () => void {
    this.#listeners.add(listener)
    listener([this.#change()])
    return () => this.#listeners.delete(listener)
  }

  get followers(): number {
    return this.#listeners.size
  }

  rename(name: string): void {
    this.#record().name = name
    this.tell([this.#change()])
  }

  tell(changes: readonly ViewChange[]): void {
    for (const listener of this.#listeners) listener(changes)
  }

  #change(): ViewChange {
    return { collection: 'card', key: this.#id, value: this.card() }
  }

  #record(): { name: string; created: number } {
    return [...this.#disk.tables.card.values()][0]!
  }
}

export function newKey(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString('base64url')
}
