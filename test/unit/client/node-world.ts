// A real card with its door for apps, in memory under virtual time, and connections to it that can be cut.

import { oneCard } from '../../../worker/shell/one-card.ts'
import { nobleProvider } from '../../../protocol/ed25519.ts'
import { PERMISSIONS, toText, type RemoteTicket } from '../../../protocol/forms.ts'
import { formatIdentityFile } from '../../../protocol/identity.ts'
import type { Result } from '../../../protocol/result.ts'
import type { Socket } from '../../../protocol/transport.ts'
import type { PublicKey, SecretKey } from '../../../protocol/types.ts'
import { toBase64url } from '../../../protocol/wire.ts'
import { Card, type OpenCardOptions } from '../../../client/card.ts'
import { newCard } from '../../../worker/core/core.ts'
import { asyncVerifier } from '../../../worker/runtime/crypto/verifier.ts'
import { CardNode } from '../../../worker/runtime/node.ts'
import { AppLinks, type AppPermissions } from '../../../worker/shell/app-links.ts'
import type { RemoteWay } from '../../../worker/shell/remote-card.ts'
import { MemorySocket } from '../../support/memory-socket.ts'
import { MemoryStore } from '../../support/memory-store.ts'
import { seededRandom } from '../../support/seeded-random.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const random = seededRandom('client')
const nodeSigner = nobleProvider.signer(random(32))
const appSecret = random(32)
const app = nobleProvider.signer(appSecret).publicKey

export class NodeWorld {
  readonly clock = new VirtualClock()
  readonly #accepted = new Map<PublicKey, AppPermissions>()
  readonly #store = new MemoryStore()
  readonly #world = { signer: nodeSigner, crypto: nobleProvider, clock: this.clock, random }
  readonly #node = new CardNode({
    ...this.#world,
    store: this.#store,
    asyncVerifier: asyncVerifier(nobleProvider),
    connect: () => Promise.reject(new Error('there is no network')),
    grants: () =>
      [...this.#accepted].map(([publicKey, permissions]) => ({
        publicKey,
        name: 'app',
        permissions: PERMISSIONS.filter((each) => permissions.has(each)),
        budgets: [],
      })),
  })
  readonly #links = new AppLinks({
    ...this.#world,
    host: oneCard(this.#node),
    permissionsOf: async (key) => this.#accepted.get(key),
    onSeen: () => undefined,
  })
  /** While false, nobody answers. */
  isUp = true
  /** The app's ends of its connections so far. */
  readonly sockets: MemorySocket[] = []

  private constructor() {
    this.accept('read', 'config', 'sell', 'funds')
  }

  static async start(): Promise<NodeWorld> {
    const world = new NodeWorld()
    const { publicKey } = nodeSigner
    await world.#store.commit(newCard({ publicKey, name: 'node', now: 1, relays: [], indexServers: [] }))
    world.#node.start()
    await world.passes()
    return world
  }

  /** What the owner lets the app do from now on; without permissions it is a stranger. */
  accept(...permissions: ('read' | 'config' | 'sell' | 'funds')[]): void {
    if (permissions.length === 0) this.#accepted.delete(app)
    else this.#accepted.set(app, new Set(permissions))
    this.#links.recheck(this.#accepted)
    this.#node.grantsChanged()
  }

  /** Lets time pass in steps that are shorter than all time-outs, and everything happen that they bring about. */
  async passes(span_ms = 100): Promise<void> {
    const steps = Math.max(20, span_ms / 5_000)
    for (let step = 0; step < steps; step++) {
      this.clock.advance(span_ms / steps)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  /** The result of something that needs time to pass. */
  async after<T>(work: Promise<T>, span_ms?: number): Promise<T> {
    await this.passes(span_ms)
    return work
  }

  /** The outcome of opening the card as the app. */
  open(options: Partial<OpenCardOptions> = {}): Promise<Result<Card>> {
    const ticket = toText({ kind: 'node', ticket: { publicKey: nodeSigner.publicKey, address: 'node:9500' } })
    const platform = { connect: async () => this.#connect(), clock: this.clock, random }
    return this.after(Card.open({ ticket, identity: formatIdentityFile(appSecret), ...options }, platform))
  }

  async card(options: Partial<OpenCardOptions> = {}): Promise<Card> {
    const opened = await this.open(options)
    if (!opened.ok) throw new Error(opened.error.message)
    return opened.value
  }

  /** The app's remote card ticket: an address and no relays. */
  get remoteTicket(): RemoteTicket {
    const secretKey = toBase64url(appSecret) as SecretKey
    return { publicKey: nodeSigner.publicKey, secretKey, name: 'mine', address: 'node:9500', relays: [] }
  }

  /** The way of the app to the card, as a wallet has it that holds the card by its ticket. */
  get way(): RemoteWay {
    const { clock } = this
    const signer = nobleProvider.signer(appSecret)
    const connect = async (): Promise<Socket> => this.#connect()
    return { place: this.remoteTicket, signer, crypto: nobleProvider, clock, random, connect }
  }

  /** With a friend who is away, and an index server that does not answer, payments take long. */
  async hasFriendAway(card: Card): Promise<void> {
    const { publicKey } = nobleProvider.signer(random(32))
    const friend = toText({ kind: 'friend', ticket: { publicKey, relays: [] } })
    const index = toText({ kind: 'index', ticket: { publicKey, address: 'index:1' } })
    await this.after(card.call('friends.add', { ticket: friend, name: 'friend' }))
    await this.after(card.call('servers.addIndex', { ticket: index, name: 'index' }))
  }

  /** Breaks the connection that was made last, at both ends. */
  cut(): void {
    this.sockets.at(-1)?.close()
  }

  #connect(): MemorySocket {
    if (!this.isUp) throw new Error('Nobody answers.')
    const [mine, theirs] = MemorySocket.pair(this.clock)
    this.#links.accept(theirs)
    this.sockets.push(mine)
    return mine
  }
}
