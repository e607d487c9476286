// Real nodes, relays and index servers in one process, under virtual time: everything follows from one seed.

import { invariant } from '../../protocol/result.ts'
import type { ServerEnvironment } from '../../protocol/link-acceptor.ts'
import type { Socket } from '../../protocol/transport.ts'
import type { PublicKey } from '../../protocol/types.ts'
import { IndexServer } from '../../index-server/server.ts'
import { RelayServer } from '../../relay-server/server.ts'
import { newCard } from '../../worker/core/core.ts'
import { nodeProvider } from '../../worker/runtime/crypto/node.ts'
import { seededRandom } from './seeded-random.ts'
import { VirtualClock } from './virtual-clock.ts'
import { WorldCard } from './world-card.ts'
import { WorldNetwork } from './world-network.ts'

/** Any moment will do, as long as it is the same in every run. */
const START_MS = 1_700_000_000_000

/** The program of a server. */
interface Program {
  accept(socket: Socket): void
  close(): void
}

/** A relay or index server of the world. */
export class WorldServer<P extends Program = Program> {
  readonly name: string
  readonly publicKey: PublicKey
  readonly address: string
  readonly #network: WorldNetwork
  readonly #create: () => P
  #program: P | undefined
  #unlisten: () => void = () => undefined

  constructor(name: string, publicKey: PublicKey, network: WorldNetwork, create: () => P) {
    this.name = name
    this.publicKey = publicKey
    this.address = `${name}.example:443`
    this.#network = network
    this.#create = create
    this.start()
  }

  get url(): string {
    return `ws://${this.address}/`
  }

  /** The running process; missing while it is dead. */
  get program(): P | undefined {
    return this.#program
  }

  /** A new process with the same identity. */
  start(): void {
    if (this.#program !== undefined) return
    const program = this.#create()
    this.#program = program
    this.#unlisten = this.#network.listen(this.url, (socket) => program.accept(socket))
  }

  kill(): void {
    this.#unlisten()
    this.#program?.close()
    this.#program = undefined
  }
}

export interface Friendship {
  /** How far each lets the other go; 100 without. */
  readonly limits?: readonly [bigint, bigint]
  /** What the other owes at the start, as each sees it; nothing without. */
  readonly balances?: readonly [bigint, bigint]
  readonly currency?: string
}

export class World {
  readonly clock = new VirtualClock(START_MS)
  readonly network: WorldNetwork
  /** After each moment of the world, when all that could go on has done so. */
  onSettled: () => void = () => undefined
  readonly #seed: string
  readonly #cards = new Map<string, WorldCard>()

  constructor(seed: string) {
    this.#seed = seed
    this.network = new WorldNetwork(this.clock)
  }

  relay(name = 'relay'): WorldServer<RelayServer> {
    return this.server(name, (environment) => new RelayServer(environment))
  }

  index(name = 'index'): WorldServer<IndexServer> {
    return this.server(name, (environment) => new IndexServer(environment))
  }

  /** A server of any kind. */
  server<P extends Program>(name: string, create: (environment: ServerEnvironment) => P): WorldServer<P> {
    const random = seededRandom(`${this.#seed}/server/${name}`)
    const signer = nodeProvider.signer(random(32))
    const environment = { signer, crypto: nodeProvider, clock: this.clock, random }
    return new WorldServer(name, signer.publicKey, this.network, () => create(environment))
  }

  /** A card that listens on these relays and reports to these index servers; it is not started. */
  newCard(
    name: string,
    servers: { relays: readonly WorldServer[]; indexServers: readonly WorldServer[] },
  ): WorldCard {
    invariant(!this.#cards.has(name), `there is a card ${name} already`)
    const card = new WorldCard(name, this.#seed, this.clock, this.network)
    this.#cards.set(name, card)
    const { publicKey } = card
    const [relays = [], indexServers = []] = [servers.relays, servers.indexServers].map((list) =>
      list.map((server) => ({ publicKey: server.publicKey, address: server.address, name: server.name })),
    )
    card.write(newCard({ publicKey, name, now: this.clock.now(), relays, indexServers }))
    return card
  }

  /** The same, and it starts at once. */
  async card(...params: Parameters<World['newCard']>): Promise<WorldCard> {
    const card = this.newCard(...params)
    card.boot()
    await this.run(0)
    return card
  }

  /** The same card on another device, with a copy of its data. It starts at once. */
  twin(card: WorldCard, name: string): WorldCard {
    const twin = new WorldCard(name, this.#seed, this.clock, this.network, card)
    this.#cards.set(name, twin)
    twin.boot()
    return twin
  }

  /** Makes two cards friends, each with a limit for the other and open to requests. */
  async befriend(a: WorldCard, b: WorldCard, friendship: Friendship = {}): Promise<void> {
    const { limits = [100n, 100n], balances, currency = 'credit' } = friendship
    await this.#add(a, b, currency, limits[0], balances?.[0])
    await this.#add(b, a, currency, limits[1], balances?.[1])
  }

  /** Lets time pass. */
  async run(span_ms: number): Promise<void> {
    const end = this.clock.now() + span_ms
    await this.#drain()
    for (;;) {
      const due = this.clock.nextDue
      if (due === undefined || due > end) break
      this.clock.advance(due - this.clock.now())
      await this.#drain()
    }
    this.clock.advance(end - this.clock.now())
  }

  /** Lets time pass until something holds. @throws {Error} when it does not within `span_ms`. */
  async until(what: string, condition: () => boolean, span_ms = 30_000): Promise<void> {
    const end = this.clock.now() + span_ms
    await this.#drain()
    while (!condition()) {
      const due = this.clock.nextDue
      if (due === undefined || due > end) {
        throw new Error(`seed ${this.#seed}: not within ${span_ms} ms: ${what}`)
      }
      this.clock.advance(due - this.clock.now())
      await this.#drain()
    }
  }

  /** Lets time pass until a promise, such as a call, is settled. */
  async settled<T>(promise: Promise<T>, span_ms = 30_000): Promise<T> {
    let isSettled = false
    const done = (): void => {
      isSettled = true
    }
    promise.then(done, done)
    await this.until('a call is answered', () => isSettled, span_ms)
    return promise
  }

  /** All promises that can go on now do so before this one is resolved. */
  async #drain(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    this.onSettled()
  }

  async #add(
    card: WorldCard,
    other: WorldCard,
    currency: string,
    limit: bigint,
    balance: bigint | undefined,
  ): Promise<void> {
    const { text } = await this.settled(other.call('card.ticket', {}))
    const balances = balance === undefined ? {} : { balances: [{ currency, balance: String(balance) }] }
    const friend = other.publicKey
    await this.settled(card.call('friends.add', { ticket: text, name: other.name, ...balances }))
    await this.settled(card.call('friends.addCurrency', { friend, currency }))
    await this.settled(card.call('friends.setMaxDebt', { friend, currency, maxDebt: String(limit) }))
    await this.settled(card.call('friends.setOpen', { friend, currency, open: true }))
  }
}
