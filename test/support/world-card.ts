// A card in a World: its node, what survives a crash of it, and its views as a page would mirror them.

import type { Signer } from '../../protocol/crypto.ts'
import { nobleProvider } from '../../protocol/ed25519.ts'
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
import { asyncVerifier } from '../../worker/runtime/crypto/verifier.ts'
import { CardNode, type ViewChange } from '../../worker/runtime/node.ts'
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

export class WorldCard {
  readonly name: string
  readonly signer: Signer
  readonly disk: MemoryDisk
  store: MemoryStore
  node: CardNode
  readonly #clock: VirtualClock
  readonly #network: WorldNetwork
  readonly #random: Random
  #views = new Map<CollectionName, Map<string, unknown>>()
  #boots = 0
  #die: () => void = () => undefined

  /** @param original the card of which this one is a copy on another device. */
  constructor(name: string, seed: string, clock: VirtualClock, network: WorldNetwork, original?: WorldCard) {
    this.name = name
    this.#clock = clock
    this.#network = network
    this.#random = seededRandom(`${seed}/${name}`)
    this.signer = original?.signer ?? nobleProvider.signer(this.#random(32))
    this.disk = structuredClone(original?.disk) ?? new MemoryDisk()
    this.store = new MemoryStore(this.disk)
    this.node = this.#createNode()
  }

  get publicKey(): PublicKey {
    return this.signer.publicKey
  }

  start(): void {
    this.node.start()
  }

  /** Ends the process in this instant: what is not on the disk is lost, and nobody hears a farewell. */
  crash(): void {
    this.#die()
    this.store.fault = 'closed'
    this.#network.cut(this.name)
  }

  /** Starts a new process on the same disk. */
  boot(): void {
    this.store = new MemoryStore(this.disk)
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

  #createNode(): CardNode {
    this.#boots += 1
    let isAlive = true
    this.#die = () => {
      isAlive = false
    }
    const clock: Clock = {
      now: () => this.#clock.now(),
      after: (delay_ms, callback) =>
        this.#clock.after(delay_ms, () => {
          if (isAlive) callback()
        }),
    }
    const node = new CardNode({
      store: this.store,
      signer: this.signer,
      verifier: nobleProvider,
      asyncVerifier: asyncVerifier(nobleProvider),
      clock,
      random: seededRandom(toBase64url(this.#random(16))),
      connect: this.#network.connectAs(this.name),
    })
    this.#views = new Map()
    const views = this.#views
    node.subscribe((changes) => {
      for (const change of changes) mirror(views, change)
    })
    return node
  }
}

function mirror(views: Map<CollectionName, Map<string, unknown>>, change: ViewChange): void {
  const entries = views.get(change.collection) ?? new Map<string, unknown>()
  views.set(change.collection, entries)
  if (change.value === null) entries.delete(change.key)
  else entries.set(change.key, change.value)
}
