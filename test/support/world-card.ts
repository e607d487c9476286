// A card in a World: its node, what survives a crash of it, and its views as a page would mirror them.

import type { Signer } from '../../protocol/crypto.ts'
import type { Clock, Random } from '../../protocol/transport.ts'
import type { PublicKey } from '../../protocol/types.ts'
import { toBase64url } from '../../protocol/wire.ts'
import type {
  CollectionName,
  CurrencyView,
  FriendView,
  InvoiceView,
  MethodName,
  ParamsOf,
  PaymentView,
  ResultOf,
  ViewOf,
} from '../../worker/api.ts'
import { parseParams } from '../../worker/api.ts'
import { Core } from '../../worker/core/core.ts'
import type { Change, Snapshot } from '../../worker/core/records.ts'
import { nodeProvider } from '../../worker/runtime/crypto/node.ts'
import { asyncVerifier, type AsyncVerifier } from '../../worker/runtime/crypto/verifier.ts'
import {
  CardNode,
  type CardNodeOptions,
  type LinkVersions,
  type ViewChange,
} from '../../worker/runtime/node.ts'
import { MemoryDisk, MemoryStore } from './memory-store.ts'
import { seededRandom } from './seeded-random.ts'
import type { VirtualClock } from './virtual-clock.ts'
import type { WorldNetwork } from './world-network.ts'

/** What a method gave instead of its result. */
export class CallFailed extends Error {
  readonly code: string
  constructor(code: string, message: string) {
    super(`${code}: ${message}`)
    this.code = code
  }
}

/** The device on which a card runs, and what is odd about it. */
export interface Device {
  /** How far its clock is off, in ms. */
  skew_ms: number
  /** How long its disk, or its processor, takes for the next thing, in ms; 0: no time at all. */
  pause: () => number
  /** How long before it has written a commit the disk says that it has, in ms. */
  lies_ms: number
  /** After each commit, in the instant in which it is on the disk. */
  onCommitted: (changes: readonly Change[]) => void
  /** The program: the real core, or one that breaks rules. */
  createCore: (snapshot: Snapshot) => Core
  /** The node, with or without a door for apps. */
  createNode: (options: CardNodeOptions) => CardNode
  /** Another version of the program, from the next start on. */
  linkVersions: LinkVersions | undefined
}

export class WorldCard {
  readonly name: string
  readonly signer: Signer
  readonly device: Device = {
    skew_ms: 0,
    pause: () => 0,
    lies_ms: 0,
    onCommitted: () => undefined,
    createCore: (snapshot) => new Core(snapshot),
    createNode: (options) => new CardNode(options),
    linkVersions: undefined,
  }
  /** What survives a crash; a backup can be put in its place while the card is dead. */
  disk: MemoryDisk
  store: MemoryStore
  node: CardNode
  /** The core made last; out of date while the node does not run. */
  core: Core | undefined
  readonly #clock: VirtualClock
  readonly #network: WorldNetwork
  readonly #random: Random
  #views = new Map<CollectionName, Map<string, unknown>>()
  #die: () => void = () => undefined

  /** @param original the card of which this one is a copy on another device. */
  constructor(name: string, seed: string, clock: VirtualClock, network: WorldNetwork, original?: WorldCard) {
    this.name = name
    this.#clock = clock
    this.#network = network
    this.#random = seededRandom(`${seed}/${name}`)
    this.signer = original?.signer ?? nodeProvider.signer(this.#random(32))
    this.disk = structuredClone(original?.disk) ?? new MemoryDisk()
    this.store = this.#createStore()
    this.node = this.#createNode()
  }

  get publicKey(): PublicKey {
    return this.signer.publicKey
  }

  /** Puts records on the disk, as if they had been there before. */
  write(changes: readonly Change[]): void {
    for (const { table, key, value } of changes) {
      const rows = this.disk.tables[table] as Map<string, unknown>
      rows.set(key, value)
    }
  }

  /**
   * Ends the process in this instant: what is not on the disk is lost, and nobody hears a farewell.
   * @param lands whether a commit that is under way still reaches the disk.
   */
  crash(lands = false): void {
    this.#die()
    this.store.kill(lands)
    this.core = undefined
    this.#network.cut(this.name)
  }

  /** Starts a new process on the same disk. */
  boot(): void {
    this.store = this.#createStore()
    this.node = this.#createNode()
    this.node.start()
  }

  /** @throws {CallFailed} */
  async call<M extends MethodName>(method: M, params: ParamsOf<M>): Promise<ResultOf<M>> {
    const checked = parseParams(method, params)
    if (!checked.ok) throw new CallFailed('badParams', checked.message)
    const result = await this.node.call(method, checked.value)
    if (!result.ok) throw new CallFailed(result.error.code, result.error.message)
    return result.value as ResultOf<M>
  }

  /** 16 random bytes, as apps choose them. */
  newId(): string {
    return toBase64url(this.#random(16))
  }

  /** What a page shows of a collection. */
  all<C extends CollectionName>(collection: C): ViewOf<C>[] {
    return [...(this.#views.get(collection)?.values() ?? [])] as ViewOf<C>[]
  }

  view<C extends CollectionName>(collection: C, key: string): ViewOf<C> | undefined {
    return this.#views.get(collection)?.get(key) as ViewOf<C> | undefined
  }

  friend(card: WorldCard): FriendView | undefined {
    return this.view('friends', card.publicKey)
  }

  /** @throws {Error} when there are no accounts in it. */
  currency(card: WorldCard, currency = 'credit'): CurrencyView {
    const found = this.friend(card)?.currencies.find((view) => view.currency === currency)
    if (found === undefined)
      throw new Error(`${this.name} keeps no accounts in ${currency} with ${card.name}`)
    return found
  }

  payment(id: string): PaymentView | undefined {
    return this.view('payments', id)
  }

  invoice(id: string): InvoiceView | undefined {
    return this.view('invoices', id)
  }

  #createStore(): MemoryStore {
    const { lies_ms } = this.device
    return new MemoryStore({
      disk: this.disk,
      pause: () => this.#pause(),
      keepBack: lies_ms > 0 ? (land) => void this.#clock.after(lies_ms, land) : undefined,
      onCommitted: (changes) => this.device.onCommitted(changes),
    })
  }

  #createNode(): CardNode {
    let isAlive = true
    this.#die = () => {
      isAlive = false
    }
    const clock: Clock = {
      now: () => this.#clock.now() + this.device.skew_ms,
      after: (delay_ms, callback) =>
        this.#clock.after(delay_ms, () => {
          if (isAlive) callback()
        }),
    }
    const dial = this.#network.connectAs(this.name)
    const node = this.device.createNode({
      store: this.store,
      signer: this.signer,
      crypto: nodeProvider,
      asyncVerifier: this.#createVerifier(),
      clock,
      random: seededRandom(toBase64url(this.#random(16))),
      connect: async (url) => {
        const socket = await dial(url)
        // A process that has ended meanwhile does nothing with it.
        if (isAlive) return socket
        socket.close()
        return new Promise(() => undefined)
      },
      createCore: (snapshot) => (this.core = this.device.createCore(snapshot)),
      linkVersions: this.device.linkVersions,
    })
    this.#views = new Map()
    const views = this.#views
    node.subscribe((changes) => {
      for (const change of changes) mirror(views, change)
    })
    return node
  }

  #createVerifier(): AsyncVerifier {
    const verifier = asyncVerifier(nodeProvider)
    return {
      name: verifier.name,
      verifyMany: async (checks) => {
        await this.#pause()
        return verifier.verifyMany(checks)
      },
    }
  }

  async #pause(): Promise<void> {
    const pause_ms = this.device.pause()
    if (pause_ms > 0) await new Promise<void>((resolve) => this.#clock.after(pause_ms, resolve))
  }
}

function mirror(views: Map<CollectionName, Map<string, unknown>>, change: ViewChange): void {
  const entries = views.get(change.collection) ?? new Map<string, unknown>()
  views.set(change.collection, entries)
  if (change.value === null) entries.delete(change.key)
  else entries.set(change.key, change.value)
}
