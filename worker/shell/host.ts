// All cards of this browser, its own and remote ones: makes, starts, lists and removes them. What goes wrong with one
// never stops the others.

import type { CryptoProvider } from '../../protocol/crypto.ts'
import { readAs, type RemoteTicket } from '../../protocol/forms.ts'
import { fail, ok, type Result } from '../../protocol/result.ts'
import type { Clock, Connect, Random } from '../../protocol/transport.ts'
import type { PublicKey } from '../../protocol/types.ts'
import { fromBase64url } from '../../protocol/wire.ts'
import type { CardView, MethodName, ParamsOf } from '../api.ts'
import { newCard } from '../core/core.ts'
import type { AsyncVerifier } from '../runtime/crypto/verifier.ts'
import type { CardNodeOptions, ViewListener } from '../runtime/node.ts'
import type { Store } from '../runtime/store.ts'
import { inspect, readServers, verifyReceipt } from './documents.ts'
import { faultOf } from './faults.ts'
import { HostedCard, type RunningCard } from './hosted-card.ts'
import { CARDS_MAX } from './limits.ts'
import { lockOfCard, type Locks } from './locks.ts'
import type { CardEntry, Registry } from './registry.ts'
import { RemoteCard, tryRemote, type RemoteWay } from './remote-card.ts'

export interface HostOptions {
  readonly registry: Registry
  readonly locks: Locks
  readonly openStore: (card: PublicKey) => Store
  /** The store is closed when this is called. */
  readonly deleteStore: (card: PublicKey) => Promise<void>
  readonly createNode: (options: CardNodeOptions) => RunningCard
  readonly crypto: CryptoProvider
  readonly chooseVerifier: () => Promise<AsyncVerifier>
  readonly clock: Clock
  readonly random: Random
  readonly connect: Connect
}

/** A call whose method is known and whose parameters fit it. */
export interface CheckedCall {
  readonly method: MethodName
  readonly params: unknown
  /** Missing for host methods. */
  readonly card?: string
  /** Whose call it is; missing: the owner's. */
  readonly app?: PublicKey | undefined
}

export class Host {
  readonly #options: HostOptions
  readonly #cards = new Map<string, HostedCard>()
  readonly #entries = new Map<string, CardEntry>()
  /** Calls of `cards.create` and `cards.addRemote` under way, by their key. */
  readonly #creating = new Map<string, Promise<Result<CardView>>>()
  readonly #listeners = new Set<() => void>()
  readonly #verifier: Promise<AsyncVerifier>
  #booted: Promise<void> | undefined

  constructor(options: HostOptions) {
    this.#options = options
    this.#verifier = options.chooseVerifier()
  }

  /** Starts every card. A registry that cannot be read is tried again at the next call. @throws {Error} */
  start(): Promise<void> {
    this.#booted ??= this.#boot().catch((error: unknown) => {
      this.#booted = undefined
      throw error
    })
    return this.#booted
  }

  /** Ends all cards and lets go of their locks. */
  async stop(): Promise<void> {
    await this.#booted?.catch(() => undefined)
    await Promise.all([...this.#cards.values()].map((card) => card.stop()))
  }

  /** The network is back, says the platform: nothing waits longer to connect again. */
  wake(): void {
    for (const card of this.#cards.values()) card.wake()
  }

  /** Calls back whenever `cards.list` would answer something else. @returns what ends that. */
  onCards(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Answers any call but `state.subscribe`. Never rejects. */
  async call({ card, method, params }: CheckedCall): Promise<Result<unknown>> {
    try {
      await this.start()
      if (card === undefined) return await this.#callHost(method, params)
      return (await this.#cards.get(card)?.call(method, params)) ?? unknownCard()
    } catch (error) {
      return { ok: false, error: faultOf(error) }
    }
  }

  /** Mirrors one card, see `CardNode.subscribe`. Never rejects. @returns what ends the subscription. */
  async subscribe(card: string, listener: ViewListener): Promise<Result<() => void>> {
    try {
      await this.start()
      const hosted = this.#cards.get(card)
      return hosted === undefined ? unknownCard() : ok(hosted.subscribe(listener))
    } catch (error) {
      return { ok: false, error: faultOf(error) }
    }
  }

  async #boot(): Promise<void> {
    const entries = await this.#options.registry.list()
    await Promise.all(
      entries.map(async (entry) => {
        if (entry.stage === 'removing') await this.#finishRemoval(entry)
        else await this.#add(entry)
      }),
    )
  }

  async #callHost(method: MethodName, params: unknown): Promise<Result<unknown>> {
    switch (method) {
      case 'cards.list':
        return ok(this.#list())
      case 'cards.create':
        return this.#addOnce(params as ParamsOf<'cards.create'>, (asked) => this.#register(asked))
      case 'cards.addRemote':
        return this.#addOnce(params as ParamsOf<'cards.addRemote'>, (asked) => this.#registerRemote(asked))
      case 'cards.reopen':
        return this.#reopen(params as ParamsOf<'cards.reopen'>)
      case 'cards.remove':
        return this.#remove(params as ParamsOf<'cards.remove'>)
      case 'text.inspect':
        return inspect((params as ParamsOf<'text.inspect'>).input)
      case 'receipt.verify':
        return ok(verifyReceipt(params as ParamsOf<'receipt.verify'>, this.#options.crypto))
      default:
        return fail('badCall', `${method} is asked of a card: say of which.`)
    }
  }

  #list(): CardView[] {
    return [...this.#cards.values()].map((card) => card.view()).sort((a, b) => a.created - b.created)
  }

  /** The same key always gives the same card, also when calls cross or the first was cut short. */
  #addOnce<P extends { readonly key: string }>(
    params: P,
    register: (params: P) => Promise<Result<CardEntry>>,
  ): Promise<Result<CardView>> {
    const running = this.#creating.get(params.key)
    if (running !== undefined) return running
    const creating = this.#addNew(params, register).finally(() => this.#creating.delete(params.key))
    this.#creating.set(params.key, creating)
    return creating
  }

  async #addNew<P extends { readonly key: string }>(
    params: P,
    register: (params: P) => Promise<Result<CardEntry>>,
  ): Promise<Result<CardView>> {
    const known = [...this.#entries.values()].find(({ key }) => key === params.key)
    const existing = known === undefined ? undefined : this.#cards.get(known.publicKey)
    if (existing !== undefined) return ok(existing.view())
    const entry = known === undefined ? await register(params) : ok(known)
    if (!entry.ok) return entry
    const card = await this.#add(entry.value)
    const view = card.view()
    if (this.#entries.get(view.id)?.stage === 'making' && view.fault !== undefined) {
      // Not listed before its first records are stored; the same call, repeated, tries again.
      this.#cards.delete(view.id)
      await card.stop()
      return { ok: false, error: view.fault }
    }
    this.#tellCards()
    return ok(view)
  }

  /** Makes the identity and stores it, as a card in the making. */
  async #register(params: ParamsOf<'cards.create'>): Promise<Result<CardEntry>> {
    const { registry, random, crypto, clock } = this.#options
    if (this.#entries.size >= CARDS_MAX) return tooManyCards()
    const relays = readServers(params.relays, 'relay')
    if (!relays.ok) return relays
    const indexServers = readServers(params.indexServers, 'index')
    if (!indexServers.ok) return indexServers
    const seed = random(32)
    const entry: CardEntry = {
      publicKey: crypto.signer(seed).publicKey,
      name: params.name,
      seed,
      created: clock.now(),
      key: params.key,
      stage: 'making',
      servers: { relays: relays.value, indexServers: indexServers.value },
    }
    await registry.put(entry)
    return ok(entry)
  }

  /** Stores where a remote card is, and the key to it; unless told otherwise, not before it was reached once. */
  async #registerRemote({ key, ticket, unreached }: ParamsOf<'cards.addRemote'>): Promise<Result<CardEntry>> {
    const form = readAs(ticket, 'remote')
    if (!form.ok) return form
    const { publicKey, secretKey, name, address, relays } = form.value.ticket
    const refused = this.#refusalOf(publicKey)
    if (refused !== undefined) return refused
    const way = this.#wayTo(form.value.ticket, fromBase64url(secretKey))
    const tried = unreached === true ? ok(undefined) : await tryRemote(way)
    if (!tried.ok) return tried
    const entry: CardEntry = {
      publicKey,
      name: tried.value ?? name ?? `${publicKey.slice(0, 6)}…`,
      seed: fromBase64url(secretKey),
      created: this.#options.clock.now(),
      key,
      stage: 'ready',
      remote: { relays, ...(address === undefined ? {} : { address }) },
    }
    // Another call may have added it meanwhile.
    const late = this.#refusalOf(publicKey)
    if (late !== undefined) return late
    this.#entries.set(publicKey, entry)
    try {
      await this.#options.registry.put(entry)
    } catch (error) {
      this.#entries.delete(publicKey)
      throw error
    }
    return ok(entry)
  }

  /** Why this card cannot be added, if so. */
  #refusalOf(card: PublicKey): Result<never> | undefined {
    const held = this.#entries.get(card)
    if (held === undefined) return this.#entries.size >= CARDS_MAX ? tooManyCards() : undefined
    const name = this.#cards.get(card)?.view().name ?? held.name
    return fail('cardExists', `This browser holds this card already, as “${name}”: switch to it.`)
  }

  #wayTo({ publicKey, address, relays }: Omit<RemoteTicket, 'secretKey'>, seed: Uint8Array): RemoteWay {
    const { crypto, clock, random, connect } = this.#options
    return {
      place: { publicKey, address, relays },
      signer: crypto.signer(seed),
      crypto,
      clock,
      random,
      connect,
    }
  }

  /** Starts a card of the registry; one in the making gets its first records before. */
  async #add(entry: CardEntry): Promise<HostedCard> {
    const card = new HostedCard({
      entry,
      locks: this.#options.locks,
      createNode: () => this.#open(entry.publicKey),
      onChanged: (view) => this.#changed(view),
    })
    this.#entries.set(entry.publicKey, entry)
    this.#cards.set(entry.publicKey, card)
    await card.start()
    return card
  }

  /** Called with the card's lock held; whoever held it before may have changed the entry. */
  async #open(publicKey: PublicKey): Promise<RunningCard> {
    const { registry, openStore, createNode, crypto, clock, random, connect } = this.#options
    const entry = await registry.get(publicKey)
    if (entry === undefined || entry.stage === 'removing') throw new Error('the card was removed')
    this.#entries.set(publicKey, entry)
    if (entry.remote !== undefined) {
      const { name, created, seed, remote } = entry
      return new RemoteCard({ ...this.#wayTo({ publicKey, ...remote }, seed), name, created })
    }
    const store = openStore(publicKey)
    try {
      if (entry.stage === 'making') await this.#writeFirst(entry, store)
    } catch (error) {
      store.close()
      throw error
    }
    return createNode({
      store,
      signer: crypto.signer(entry.seed),
      crypto,
      asyncVerifier: await this.#verifier,
      clock,
      random,
      connect,
    })
  }

  /** Repeated after a crash it writes the same records again: the entry is `making` until they are stored. */
  async #writeFirst(entry: CardEntry, store: Store): Promise<void> {
    const { publicKey, name, created, servers, seed, key } = entry
    const { relays, indexServers } = servers ?? { relays: [], indexServers: [] }
    await store.commit(newCard({ publicKey, name, now: created, relays, indexServers }))
    await this.#save({ publicKey, name, created, seed, key, stage: 'ready' })
  }

  #changed(view: CardView): void {
    const entry = this.#entries.get(view.id)
    // The registry's copy is what a card that does not run is called.
    if (entry?.stage === 'ready' && entry.name !== view.name) {
      this.#save({ ...entry, name: view.name }).catch(() => undefined)
    }
    this.#tellCards()
  }

  #reopen({ card }: ParamsOf<'cards.reopen'>): Result<unknown> {
    const hosted = this.#cards.get(card)
    if (hosted === undefined) return unknownCard()
    hosted.reopen()
    return ok({})
  }

  async #remove({ card, confirm }: ParamsOf<'cards.remove'>): Promise<Result<unknown>> {
    const hosted = this.#cards.get(card)
    const entry = this.#entries.get(card)
    // Removed before, or never there: what was asked for is so.
    if (hosted === undefined || entry === undefined) return ok({})
    const { name } = hosted.view()
    if (confirm !== name) return fail('notConfirmed', `To remove this card, type its name: ${name}`)
    if (!hosted.isHeld)
      return fail('elsewhere', 'This card is in use by another window: close that one first.')
    await this.#save({ ...entry, stage: 'removing' })
    this.#cards.delete(card)
    this.#entries.delete(card)
    await hosted.stop()
    this.#tellCards()
    await this.#finishRemoval(entry)
    return ok({})
  }

  /** The entry goes last, so that a removal that was cut short is finished at the next start. */
  async #finishRemoval({ publicKey: card, remote }: CardEntry): Promise<void> {
    const { locks, deleteStore, registry } = this.#options
    const release = await locks.tryHold(lockOfCard(card))
    // Another window is at it.
    if (release === undefined) return
    try {
      if (remote === undefined) await deleteStore(card)
      await registry.delete(card)
    } catch {
      // Storage that fails now is tried again at the next start; the card is gone from the list either way.
    } finally {
      release()
    }
  }

  async #save(entry: CardEntry): Promise<void> {
    await this.#options.registry.put(entry)
    this.#entries.set(entry.publicKey, entry)
  }

  #tellCards(): void {
    for (const listener of this.#listeners) listener()
  }
}

function unknownCard(): Result<never> {
  return fail('unknownCard', 'This browser holds no such card: it may have been removed in another tab.')
}

function tooManyCards(): Result<never> {
  return fail('tooManyCards', `A browser holds at most ${CARDS_MAX} cards: remove one first.`)
}
