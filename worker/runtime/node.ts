// One card at work: its core and store behind the driver, its links to relays, friends and index servers.

import type { Signer, Verifier } from '../../protocol/crypto.ts'
import type { Result } from '../../protocol/result.ts'
import type { Clock, Connect, Random } from '../../protocol/transport.ts'
import type { PublicKey } from '../../protocol/types.ts'
import type { CardView, CollectionName, MethodName, ViewOf } from '../api.ts'
import type { AsyncVerifier } from './crypto/verifier.ts'
import type { Store } from './store.ts'

/** What a card needs of the world. */
export interface CardNodeOptions {
  /** Holds the records of exactly this card (`newCard` of the core, committed before). The node closes it. */
  readonly store: Store
  readonly signer: Signer
  /** For the handshakes of links, which are synchronous. */
  readonly verifier: Verifier
  /** For the core's inputs. */
  readonly asyncVerifier: AsyncVerifier
  readonly clock: Clock
  readonly random: Random
  readonly connect: Connect
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

export declare class CardNode {
  constructor(options: CardNodeOptions)
  readonly publicKey: PublicKey
  /** Loads the records and connects. A store that fails is tried again; meanwhile the card shows as `stopped`. */
  start(): void
  /** Ends all links, lets the running step finish, closes the store. The node cannot be started again. */
  stop(): Promise<void>
  /** Connects again a card that was `elsewhere`; the other device is told, and stops. */
  reopen(): void
  /** What `cards.list` shows of this card. */
  card(): CardView
  /**
   * Calls a method of one card (not `host` ones, not `state.subscribe`), its parameters checked with `parseParams`.
   * Never rejects: while the node cannot work, the fault says why.
   */
  call(method: MethodName, params: unknown): Promise<Result<unknown>>
  /**
   * Mirrors the state: calls `listener` with all of it as soon as it is loaded (before `subscribe` returns if it
   * is loaded already; at least once, with the card alone if loading fails), then with every change, after it was
   * committed. A reload after a failed commit sends all of it again.
   * @returns what ends the subscription.
   */
  subscribe(listener: ViewListener): () => void
}
