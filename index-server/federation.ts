// What this index server and its neighbours tell each other of their nodes, without sockets, clock or randomness of
// its own. Rules: docs/PROTOCOL.md, section 8 (IDX-16 and on).

import type { Verifier } from '../protocol/crypto.ts'
import type { FederationMessage, Gone, HashList, ProvenUpdate } from '../protocol/federation-messages.ts'
import { updateCheck, type SignedUpdate, type Update } from '../protocol/index-messages.ts'
import { FEDERATION_HOPS_MAX } from '../protocol/limits.ts'
import { readUpdate } from '../protocol/read-update.ts'
import { invariant } from '../protocol/result.ts'
import type { Hash, PublicKey, Time } from '../protocol/types.ts'
import type { Freshness } from './freshness.ts'
import { FRESHNESS_KEPT_MAX, SIGN_OF_LIFE_PAUSE_MS } from './limits.ts'
import { Neighbour } from './neighbour.ts'
import type { Nodes } from './nodes.ts'

/** Why a link to a neighbour is cut: no honest server does this. */
export const CUT_REASONS = ['malformed', 'badSignature', 'badProof', 'tooFast'] as const
export type CutReason = (typeof CUT_REASONS)[number]

/** What happened to the messages of all neighbours since the start. */
export interface FederationCounts extends Readonly<Record<CutReason, number>> {
  /** Proved to be fresh, and new. */
  readonly taken: number
  /** Without proof, of a session that is known to be live. */
  readonly learned: number
  readonly duplicates: number
  /** Of a session that another one has followed. */
  readonly stale: number
  /** Proved to be signed after something that is too long ago. */
  readonly notFresh: number
  /** Without proof, of a session that is not known to be live. */
  readonly unproven: number
  /** More nodes or edges than there is room for. */
  readonly overloaded: number
  /** Farewells of nodes that were not for this neighbour to say. */
  readonly falseGone: number
  /** Not said to a neighbour, who would have cut the link for so much. */
  readonly leftOut: number
}

export type FederationAction =
  | { readonly kind: 'say'; readonly neighbour: PublicKey; readonly message: FederationMessage }
  | { readonly kind: 'cut'; readonly neighbour: PublicKey; readonly reason: CutReason }

export interface FederationOptions {
  readonly verifier: Verifier
  readonly nodes: Nodes
  readonly freshness: Freshness
  /** Whether the node is connected to this server. */
  readonly isClient: (node: PublicKey) => boolean
}

export class Federation {
  readonly #options: FederationOptions
  readonly #neighbours = new Map<PublicKey, Neighbour>()
  #actions: FederationAction[] = []
  /** When a neighbour was the last one to come: it has heard nothing that was passed on before. */
  #lastJoined: Time = 0
  readonly #counts = {
    taken: 0,
    learned: 0,
    duplicates: 0,
    stale: 0,
    notFresh: 0,
    unproven: 0,
    overloaded: 0,
    falseGone: 0,
    leftOut: 0,
    malformed: 0,
    badSignature: 0,
    badProof: 0,
    tooFast: 0,
  }

  constructor(options: FederationOptions) {
    this.#options = options
  }

  get counts(): FederationCounts {
    return { ...this.#counts }
  }

  /** Neighbours connected now. */
  get size(): number {
    return this.#neighbours.size
  }

  /** The latest hash of each neighbour: what the next own one is made of. */
  get hashes(): Hash[] {
    return [...this.#neighbours.values()].flatMap(({ hashes }) => hashes.slice(-1))
  }

  /** Removes and returns what is to be done, in this order. */
  takeActions(): FederationAction[] {
    const actions = this.#actions
    this.#actions = []
    return actions
  }

  /** A trusted server has proved its key. */
  joined(key: PublicKey, now: Time): void {
    invariant(!this.#neighbours.has(key), 'there is one link to a neighbour')
    const neighbour = new Neighbour(key, now)
    this.#neighbours.set(key, neighbour)
    this.#lastJoined = now
    this.#say(neighbour, { kind: 'freshness', hash: this.#options.freshness.latest })
  }

  /** The link to a neighbour has ended. Its nodes stay until they are silent for too long (IDX-7). */
  parted(key: PublicKey): void {
    this.#neighbours.delete(key)
  }

  /** Every second, after a new hash was published. */
  published(): void {
    this.#sayAll({ kind: 'freshness', hash: this.#options.freshness.latest })
  }

  /** A node of this server has told something new. */
  told(update: Update, signed: SignedUpdate, now: Time): void {
    const list = this.#options.freshness.listOf(update.freshness)
    invariant(list !== undefined, 'an update that was taken names a hash of this server')
    this.#forward(update, signed, [list], now)
    this.#serveWaiting(update.node)
  }

  /** Nodes of this server have left. */
  left(gone: readonly Gone[], now: Time): void {
    for (const one of gone) {
      for (const neighbour of this.#neighbours.values())
        this.#sayOfNode(neighbour, { kind: 'gone', ...one }, now)
    }
  }

  /** A neighbour has said something. */
  received(key: PublicKey, message: FederationMessage, now: Time): void {
    const neighbour = this.#neighbours.get(key)
    if (neighbour === undefined) return
    if (!neighbour.mayBring(message, now)) {
      this.cut(key, 'tooFast')
      return
    }
    switch (message.kind) {
      case 'freshness':
        neighbour.hashes.push(message.hash)
        if (neighbour.hashes.length > FRESHNESS_KEPT_MAX) neighbour.hashes.shift()
        break
      case 'update':
        this.#take(neighbour, message, now)
        break
      case 'known':
        this.#learn(neighbour, message, this.#decode(neighbour, message), now)
        break
      case 'need':
        if (this.#options.nodes.isKnown(message.node)) neighbour.needs(message.node)
        break
      case 'gone':
        this.#drop(neighbour, message, now)
        break
      case 'parting':
    }
  }

  /** The next of the updates that a neighbour needs, when it is time for one. */
  next(key: PublicKey, now: Time): FederationMessage | undefined {
    const signed = this.#neighbours.get(key)?.next((node) => this.#options.nodes.updates(node), now)
    return signed === undefined ? undefined : { kind: 'known', ...signed }
  }

  /** Ends the link to a neighbour that broke the rules (IDX-21). */
  cut(key: PublicKey, reason: CutReason): void {
    this.#counts[reason]++
    this.#neighbours.delete(key)
    this.#actions.push({ kind: 'cut', neighbour: key, reason })
  }

  #take(neighbour: Neighbour, message: ProvenUpdate, now: Time): void {
    const { nodes, freshness, verifier } = this.#options
    const update = this.#decode(neighbour, message)
    if (update === undefined) return
    if (nodes.hasEnded(update)) {
      this.#counts.stale++
      return
    }
    if (nodes.knows(update, message, true)) {
      this.#counts.duplicates++
      this.#askForMore(neighbour, update, message.digest, now)
      return
    }
    const proof = freshness.prove(update.freshness, message.chain)
    if (proof.kind === 'broken') {
      this.cut(neighbour.key, 'badProof')
      return
    }
    if (proof.kind === 'old') {
      this.#counts.notFresh++
      if (nodes.isLive(update)) this.#learn(neighbour, message, update, now)
      return
    }
    if (nodes.isTooMuch(update)) {
      this.#counts.overloaded++
      return
    }
    if (!verifier.verify(updateCheck(update.node, message))) {
      this.cut(neighbour.key, 'badSignature')
      return
    }
    nodes.take(update, { source: neighbour.key }, now, message)
    this.#counts.taken++
    this.#forward(update, message, [...message.chain, proof.list], now, neighbour)
    this.#serveWaiting(update.node)
    this.#askForMore(neighbour, update, message.digest, now)
  }

  /** Takes what only completes a session that is known to be live (IDX-18). */
  #learn(neighbour: Neighbour, signed: SignedUpdate, update: Update | undefined, now: Time): void {
    const { nodes, verifier } = this.#options
    if (update === undefined) return
    if (!nodes.isLive(update)) this.#counts.unproven++
    else if (nodes.knows(update, signed, false)) this.#counts.duplicates++
    else if (nodes.isTooMuch(update)) this.#counts.overloaded++
    else if (!verifier.verify(updateCheck(update.node, signed))) this.cut(neighbour.key, 'badSignature')
    else {
      const wasWhole = nodes.digest(update.node) !== undefined
      nodes.learn(update, signed)
      this.#counts.learned++
      // What this server lacked, those behind it lack, too; of a node that is new here they ask.
      if (wasWhole) this.#forward(update, signed, [], now, neighbour)
      else this.#serveWaiting(update.node)
    }
  }

  /** No honest server forwards what it would not take itself (IDX-12). */
  #decode(neighbour: Neighbour, { body }: SignedUpdate): Update | undefined {
    const decoded = readUpdate(body)
    if (decoded.ok && decoded.value.edges.every((edge) => edge.friend !== decoded.value.node)) {
      return decoded.value
    }
    this.cut(neighbour.key, 'malformed')
    return undefined
  }

  #askForMore(neighbour: Neighbour, update: Update, digest: bigint | undefined, now: Time): void {
    if (!this.#options.nodes.lacks(update, digest) || !neighbour.mayBeAsked(update.node, now)) return
    this.#sayOfNode(neighbour, { kind: 'need', node: update.node }, now)
  }

  /** To all but whom it came from; without proof to those who could not check it. */
  #forward(
    update: Update,
    { body, signature }: SignedUpdate,
    chain: readonly HashList[],
    now: Time,
    from?: Neighbour,
  ): void {
    const { nodes } = this.#options
    const isSignOfLife = !update.full && update.edges.length === 0
    const passedBefore = Math.max(this.#lastJoined, now - SIGN_OF_LIFE_PAUSE_MS)
    if (isSignOfLife && nodes.passed(update.node) > passedBefore) return
    const digest = nodes.digest(update.node)
    const proven: FederationMessage = { kind: 'update', body, signature, chain, digest }
    const known: FederationMessage = { kind: 'known', body, signature }
    const named = chain.length > FEDERATION_HOPS_MAX ? [] : (chain.at(-1)?.neighbours ?? [])
    let isWhole = true
    for (const neighbour of this.#neighbours.values()) {
      if (neighbour === from) continue
      const isProof = named.some((hash) => neighbour.hashes.includes(hash))
      if (!this.#sayOfNode(neighbour, isProof ? proven : known, now)) isWhole = false
    }
    nodes.pass(update.node, isWhole ? now : 0)
  }

  /** Neighbours that asked before all was here get it now. */
  #serveWaiting(node: PublicKey): void {
    if (this.#options.nodes.digest(node) === undefined) return
    for (const neighbour of this.#neighbours.values()) neighbour.isThere(node)
  }

  #drop(neighbour: Neighbour, { node, session, counter }: Gone, now: Time): void {
    const gone: Gone = { node, session, counter }
    const { nodes, isClient } = this.#options
    if (isClient(node) || !nodes.left(gone, neighbour.key)) {
      this.#counts.falseGone++
      // Others may have believed it.
      if (isClient(node)) nodes.pass(node, 0)
      return
    }
    for (const other of this.#neighbours.values()) {
      if (other !== neighbour) this.#sayOfNode(other, { kind: 'gone', ...gone }, now)
    }
  }

  #sayAll(message: FederationMessage): void {
    for (const neighbour of this.#neighbours.values()) this.#say(neighbour, message)
  }

  /** What is too much for the neighbour is left out: it notices at the next sign of life (IDX-19). */
  #sayOfNode(neighbour: Neighbour, message: FederationMessage, now: Time): boolean {
    const isHeard = neighbour.mayHear(now)
    if (isHeard) this.#say(neighbour, message)
    else this.#counts.leftOut++
    return isHeard
  }

  #say({ key }: Neighbour, message: FederationMessage): void {
    this.#actions.push({ kind: 'say', neighbour: key, message })
  }
}
