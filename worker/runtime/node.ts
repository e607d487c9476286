// One card at work: its core and store behind the driver, its links to relays, friends and index servers.

import { signedBytes, type FriendMessage, type SignedKind } from '../../protocol/channel-messages.ts'
import type { LinkCrypto, Signer } from '../../protocol/crypto.ts'
import { linkIdentity } from '../../protocol/link.ts'
import { ok, type Fault, type Result } from '../../protocol/result.ts'
import type { Clock, Connect, Random, Socket } from '../../protocol/transport.ts'
import type { PublicKey } from '../../protocol/types.ts'
import {
  methods,
  type CardView,
  type CollectionName,
  type MethodName,
  type ParamsOf,
  type Permission,
  type ViewOf,
} from '../api.ts'
import type { Action, OutgoingMessage, Step } from '../core/actions.ts'
import type { AppGrant } from '../core/apps.ts'
import { Core } from '../core/core.ts'
import type { Input } from '../core/inputs.ts'
import type { AppRecord, CardRecord, Snapshot } from '../core/records.ts'
import { activityView } from '../core/views.ts'
import { AppLines } from './app-lines.ts'
import type { AsyncVerifier } from './crypto/verifier.ts'
import { Driver, storeFault } from './driver.ts'
import { FriendSessions } from './friend-sessions.ts'
import { IndexLinks } from './index-links.ts'
import { Mirror } from './mirror.ts'
import { RelayLinks } from './relay-links.ts'
import type { LinkContext } from './server-link.ts'
import { cardView, type CardCondition } from './server-views.ts'
import { StoreError, type Store } from './store.ts'

/** What a card needs of the world. */
export interface CardNodeOptions {
  /** Holds the records of exactly this card (`newCard` of the core, committed before). The node closes it. */
  readonly store: Store
  readonly signer: Signer
  /** For the handshakes of links, which are synchronous. */
  readonly crypto: LinkCrypto
  /** For the core's inputs. */
  readonly asyncVerifier: AsyncVerifier
  readonly clock: Clock
  readonly random: Random
  readonly connect: Connect
  /** Another core than the real one: for the simulator, whose hostile cards break rules. */
  readonly createCore?: (snapshot: Snapshot) => Core
  /** Serves a connection of an app that came over a relay; nobody does if missing. */
  readonly acceptApp?: (socket: Socket) => void
  /** Who the accepted apps are, where a folder says so; missing: the card's records do. */
  readonly grants?: () => readonly AppGrant[]
  /** What `appPermissions` gives may be something else. */
  readonly onAppsChanged?: () => void
  /** Versions of links, where another program would speak another: for the simulator, too. */
  readonly linkVersions?: LinkVersions | undefined
}

/** This program's where missing. */
export interface LinkVersions {
  readonly servers?: number
  readonly friends?: number
}

/** The new value of one entry of what the node shows; null: it is gone. */
export type ViewChange = {
  [C in CollectionName]: {
    readonly collection: C
    readonly key: string
    readonly value: ViewOf<C> | null
  }
}[CollectionName]

export type ViewListener = (changes: readonly ViewChange[]) => void

const ELSEWHERE: Fault = {
  code: 'elsewhere',
  message: 'This card is open on another device. Use it there, or take it over here.',
}
const STOPPED: Fault = { code: 'stopped', message: 'This card was closed.' }

export class CardNode {
  readonly publicKey: PublicKey
  readonly #options: CardNodeOptions
  readonly #driver: Driver<Core>
  readonly #relays: RelayLinks
  readonly #sessions: FriendSessions
  readonly #indexLinks: IndexLinks
  readonly #appLines: AppLines
  readonly #mirror: Mirror
  #card: CardRecord | undefined
  /** What is stored, while nothing more can be: nothing happens in it. */
  #stored: Core | undefined
  /** Why the card does not work at all. */
  #fault: Fault | undefined
  #isElsewhere = false

  constructor(options: CardNodeOptions) {
    const { signer, crypto, asyncVerifier, clock, random, connect, store } = options
    const createCore = options.createCore ?? ((snapshot) => new Core(snapshot))
    this.#options = options
    this.publicKey = signer.publicKey
    const staticSecret = random(32)
    const { servers, friends } = options.linkVersions ?? {}
    const identity = linkIdentity(signer, staticSecret, crypto, servers)
    const context: LinkContext = { identity, crypto, clock, random, connect }
    this.#relays = this.#createRelays(context)
    this.#sessions = this.#createSessions({
      ...context,
      identity: linkIdentity(signer, staticSecret, crypto, friends),
    })
    this.#appLines = new AppLines({
      clock,
      send: (relay, app, packet) => this.#relays.send(relay, app, packet),
      bufferedBytes: (relay) => this.#relays.bufferedBytes(relay),
      accept: (socket) => options.acceptApp?.(socket),
    })
    this.#indexLinks = new IndexLinks({
      signer,
      context,
      onAnswer: (query, answer) => this.#driver.push({ type: 'routes', query, answer }),
      onChanged: () => this.#mirror.tellOwn(),
    })
    this.#driver = new Driver({
      store,
      signer,
      verifier: asyncVerifier,
      clock,
      random,
      createCore: (snapshot) => {
        this.#card = snapshot.card[0]
        return createCore(snapshot)
      },
      events: {
        loaded: (core) => this.#loaded(core),
        stepped: (core, step, inputs) => this.#stepped(core, step, inputs),
        failed: (fault, stored) => this.#failed(fault, stored),
        broken: (fault) => this.#broken(fault),
      },
    })
    this.#mirror = new Mirror({
      core: () => this.#driver.core ?? this.#stored,
      record: () => this.#card,
      cardView: () => this.card(),
      relays: this.#relays,
      indexLinks: this.#indexLinks,
    })
  }

  /** Loads the records and connects. A store that fails is tried again; meanwhile the card shows as `stopped`. */
  start(): void {
    this.#driver.start()
  }

  /** Ends all links, lets the running step finish, closes the store. The node cannot be started again. */
  async stop(): Promise<void> {
    this.#fault ??= STOPPED
    this.#disconnect()
    await this.#driver.stop(this.#fault)
    this.#options.store.close()
    this.#mirror.tellOwn()
  }

  /** Connects again a card that was `elsewhere`; the other device is told, and stops. */
  reopen(): void {
    if (!this.#isElsewhere) return
    this.#isElsewhere = false
    if (this.#driver.core !== undefined) this.#connect(this.#driver.core)
    this.#mirror.tellOwn()
  }

  /** The network is back, says the platform: servers that are not connected are dialled at once. */
  wake(): void {
    this.#relays.wake()
    this.#indexLinks.wake()
  }

  /** What `cards.list` shows of this card. */
  card(): CardView {
    return cardView(this.#card ?? { publicKey: this.publicKey, name: '', created: 0 }, this.#condition())
  }

  /**
   * Calls a method of one card (not `host` ones, not `state.subscribe`), its parameters checked with `parseParams`.
   * Never rejects: while the node cannot work, the fault says why.
   * @param app who calls, with the permission that the method needs; missing: the owner.
   */
  call(method: MethodName, params: unknown, app?: PublicKey): Promise<Result<unknown>> {
    if (method === 'activity.list') return this.#listActivity(params as ParamsOf<'activity.list'>)
    // Two devices that both change the same card would sign logs that contradict each other.
    if (this.#isElsewhere && methods[method].needs !== 'read') {
      return Promise.resolve({ ok: false, error: ELSEWHERE })
    }
    return this.#driver.call(method, params, app)
  }

  /** What the accepted apps may do; nothing while the card does not work. */
  appPermissions(): ReadonlyMap<PublicKey, ReadonlySet<Permission>> {
    const apps = this.#driver.core?.state.apps ?? new Map<PublicKey, AppRecord>()
    return new Map([...apps].map(([app, { permissions }]) => [app, new Set(permissions)]))
  }

  /** An accepted app has connected. */
  appSeen(app: PublicKey): void {
    this.#driver.push({ type: 'appSeen', app })
  }

  /** `grants` gives something else. */
  grantsChanged(): void {
    const grants = this.#options.grants?.()
    if (grants !== undefined) this.#driver.push({ type: 'apps', grants })
  }

  /**
   * Mirrors the state: calls `listener` with all of it as soon as it is loaded (before `subscribe` returns if it
   * is loaded already; at least once, with the card alone if loading fails), then with every change, after it was
   * committed. A reload after a failed commit sends all of it again.
   * @returns what ends the subscription.
   */
  subscribe(listener: ViewListener): () => void {
    return this.#mirror.subscribe(listener)
  }

  #createRelays(context: LinkContext): RelayLinks {
    return new RelayLinks(context, {
      relayConnected: (relay) => this.#sessions.relayConnected(relay),
      relayDisconnected: (relay) => {
        this.#sessions.relayDisconnected(relay)
        this.#appLines.relayDisconnected(relay)
      },
      packet: (relay, from, payload) => {
        if (!this.#appLines.packet(relay, from, payload)) this.#sessions.packet(relay, from, payload)
      },
      peerGone: (relay, peer) => {
        this.#sessions.peerGone(relay, peer)
        this.#appLines.peerGone(relay, peer)
      },
      replaced: () => this.#replaced(),
      relayChanged: () => this.#mirror.tellOwn(),
    })
  }

  #createSessions(context: LinkContext): FriendSessions {
    return new FriendSessions({
      self: this.publicKey,
      context,
      isConnected: (relay) => this.#relays.isConnected(relay),
      sendPacket: (relay, to, packet) => this.#relays.send(relay, to, packet),
      onOnline: (friend, session) => this.#driver.push({ type: 'friendOnline', friend, session }),
      onOffline: (friend, session) => this.#driver.push({ type: 'friendOffline', friend, session }),
      onMessage: (friend, session, message) =>
        this.#driver.push({ type: 'friendMessage', friend, session, message }),
    })
  }

  #condition(): CardCondition {
    if (this.#fault !== undefined) return { state: 'stopped', fault: this.#fault }
    if (this.#isElsewhere) return { state: 'elsewhere', fault: ELSEWHERE }
    return { state: 'running', fault: undefined }
  }

  #loaded(core: Core): void {
    this.#fault = undefined
    this.#stored = undefined
    this.#indexLinks.setEdges(core.edges())
    this.#connect(core)
    this.#mirror.tellAll()
    this.grantsChanged()
    this.#options.onAppsChanged?.()
  }

  #stepped(core: Core, step: Step, inputs: readonly Input[]): void {
    for (const change of step.changes) if (change.table === 'card') this.#card = change.value
    for (const action of step.actions) this.#perform(core, action)
    this.#mirror.tellStep(core, step, inputs)
    if (step.changes.some(({ table }) => table === 'apps')) this.#options.onAppsChanged?.()
  }

  #failed(fault: Fault, stored: Core | undefined): void {
    const isNews = stored !== undefined && this.#stored === undefined
    this.#fault = fault
    this.#stored = stored
    // Sessions that saw more than was stored would go on from the wrong place: resume repairs new ones.
    this.#sessions.close()
    this.#indexLinks.forgetQueries()
    // All friends are off line in it, which the views so far may not say.
    if (isNews) this.#mirror.tellAll()
    else this.#mirror.tellOwn()
  }

  #broken(fault: Fault): void {
    this.#fault = fault
    this.#disconnect()
    this.#mirror.tellOwn()
  }

  /** REL-5: the same card was opened on another device: this one keeps still until its user says otherwise. */
  #replaced(): void {
    this.#isElsewhere = true
    this.#disconnect()
    this.#mirror.tellOwn()
  }

  #perform(core: Core, action: Action): void {
    switch (action.type) {
      case 'sendFriend':
        this.#sessions.send(action.friend, action.session, this.#sign(action.friend, action.message))
        return
      case 'closeSession':
        this.#sessions.end(action.friend, action.session)
        return
      case 'queryRoutes':
        this.#indexLinks.query(action.query, action.request)
        return
      case 'connectionsChanged':
        this.#connect(core)
        return
      case 'edgesChanged':
        this.#indexLinks.setFriendEdges(action.friend, core.edges(action.friend))
        return
      case 'reply':
      // The driver's own.
    }
  }

  /** Ed25519 is deterministic: a batch that is sent again after a crash has the same signature. */
  #sign(friend: PublicKey, message: OutgoingMessage): FriendMessage {
    if (!isUnsigned(message)) return message
    const { kind, body } = message
    const bytes = signedBytes(kind, this.publicKey, friend, body)
    return { kind, body, signature: this.#options.signer.sign(bytes) }
  }

  #connect(core: Core): void {
    if (this.#isElsewhere || this.#fault !== undefined) return
    const connections = core.connections()
    this.#relays.update(connections)
    this.#sessions.update(connections.friends)
    this.#appLines.update(connections.apps)
    this.#indexLinks.update(connections)
    this.#mirror.tellOwn()
  }

  #disconnect(): void {
    this.#sessions.close()
    this.#appLines.close()
    this.#relays.close()
    this.#indexLinks.close()
  }

  async #listActivity({ before, limit }: ParamsOf<'activity.list'>): Promise<Result<unknown>> {
    try {
      const entries = await this.#options.store.activity(before, limit)
      return ok(entries.map(activityView))
    } catch (error) {
      if (error instanceof StoreError) return { ok: false, error: storeFault(error) }
      throw error
    }
  }
}

function isUnsigned(message: OutgoingMessage): message is Extract<OutgoingMessage, { kind: SignedKind }> {
  return message.kind === 'batch' || message.kind === 'note' || message.kind === 'reset'
}
