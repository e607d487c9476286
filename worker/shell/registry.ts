// Which cards this browser holds, with their secrets: the one thing that is not in a card's own database.

import { Dexie, type Table } from 'dexie'
import type { PublicKey, Time } from '../../protocol/types.ts'
import type { RemotePlace } from './remote-card.ts'
import type { NamedServer } from '../core/records.ts'
import { storeErrorOf } from '../runtime/dexie-store.ts'

/**
 * One card. A card in the making or on its way out is finished at the next start, so a crash leaves nothing
 * half done: `making` until its first records are stored, `removing` from the decision on.
 */
export interface CardEntry {
  readonly publicKey: PublicKey
  readonly name: string
  /** Ed25519 seed, 32 bytes: the card's; of a remote card, that of this browser as its app. */
  readonly seed: Uint8Array
  /** Of a remote card: when it was added here. */
  readonly created: Time
  /** Idempotency key of the call that made or added it. */
  readonly key: string
  readonly stage: 'making' | 'ready' | 'removing'
  /** What its first records are made of; only while `making`. */
  readonly servers?: {
    readonly relays: readonly NamedServer[]
    readonly indexServers: readonly NamedServer[]
  }
  /** Of a remote card: where the node is that keeps it. There is no database of it here. */
  readonly remote?: Omit<RemotePlace, 'publicKey'>
}

/** Durable once a promise resolves; it rejects with a `StoreError`. */
export interface Registry {
  list(): Promise<CardEntry[]>
  get(card: PublicKey): Promise<CardEntry | undefined>
  put(entry: CardEntry): Promise<void>
  delete(card: PublicKey): Promise<void>
}

const DATABASE = 'offst-cards'
const TABLE = 'cards'

export class DexieRegistry implements Registry {
  readonly #database: Dexie
  readonly #cards: Table<CardEntry, string>

  constructor() {
    // Strict: a card that was shown to somebody must survive a power cut.
    this.#database = new Dexie(DATABASE, { chromeTransactionDurability: 'strict' })
    this.#database.version(1).stores({ [TABLE]: 'publicKey' })
    this.#cards = this.#database.table(TABLE)
  }

  list(): Promise<CardEntry[]> {
    return guard(this.#cards.toArray())
  }

  get(card: PublicKey): Promise<CardEntry | undefined> {
    return guard(this.#cards.get(card))
  }

  async put(entry: CardEntry): Promise<void> {
    await guard(this.#cards.put(entry))
  }

  async delete(card: PublicKey): Promise<void> {
    await guard(this.#cards.delete(card))
  }
}

async function guard<T>(work: PromiseLike<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw storeErrorOf(error)
  }
}
