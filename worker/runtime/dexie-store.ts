// A card's records in IndexedDB: one database per card, one object store per table, values as they are.

import { Dexie, type Table } from 'dexie'
import type { PublicKey } from '../../protocol/types.ts'
import { RECORDS_VERSION, TABLES, type ActivityRecord, type Change, type Snapshot } from '../core/records.ts'
import { ACTIVITY_LOADED_MAX } from './limits.ts'
import { full, StoreError, tooNew, type Store } from './store.ts'

const META = 'meta'
const VERSION_KEY = 'recordsVersion'
/** Version of the object stores, not of what is in them (RECORDS_VERSION). */
const SCHEMA_VERSION = 1

export class DexieStore implements Store {
  readonly #database: Dexie
  #isClosed = false

  constructor(card: PublicKey) {
    // Strict: resolved means on the disk. The browser's default would let a message outlive its state (STO-2).
    this.#database = new Dexie(databaseName(card), { chromeTransactionDurability: 'strict' })
    // Keys are given with each put; no indexes.
    this.#database
      .version(SCHEMA_VERSION)
      .stores(Object.fromEntries([META, ...TABLES].map((table) => [table, ''])))
  }

  load(): Promise<Snapshot> {
    return this.#guard(() =>
      this.#database.transaction('r', [META, ...TABLES], async () => {
        const version: unknown = await this.#database.table(META).get(VERSION_KEY)
        if (typeof version === 'number' && version > RECORDS_VERSION) throw tooNew(version)
        const tables = TABLES.filter((table) => table !== 'activity')
        const rows = await Promise.all(tables.map((table) => this.#database.table(table).toArray()))
        const entries = tables.map((table, index) => [table, rows[index]] as const)
        const activity = await this.#newest(undefined, ACTIVITY_LOADED_MAX)
        return { ...Object.fromEntries(entries), activity: activity.reverse() } as unknown as Snapshot
      }),
    )
  }

  async commit(changes: readonly Change[]): Promise<void> {
    // IndexedDB clones a value when `put` is called, which may be after this function has returned.
    const copies = structuredClone<readonly Change[]>(changes)
    return this.#guard(() =>
      this.#database.transaction('rw', [META, ...new Set(copies.map(({ table }) => table))], async () => {
        // Written each time, so that no order of open, commit and crash leaves records without their version.
        await this.#database.table(META).put(RECORDS_VERSION, VERSION_KEY)
        await Promise.all(copies.map((change) => this.#apply(change)))
      }),
    )
  }

  activity(before: number | undefined, limit: number): Promise<ActivityRecord[]> {
    return this.#guard(() => this.#newest(before, limit))
  }

  close(): void {
    this.#isClosed = true
    this.#database.close()
  }

  #apply({ table, key, value }: Change): PromiseLike<unknown> {
    const rows: Table<unknown, string> = this.#database.table(table)
    return value === undefined ? rows.delete(key) : rows.put(value, key)
  }

  /** Keys are numbers of 12 digits, so their order is the order of time. */
  #newest(before: number | undefined, limit: number): PromiseLike<ActivityRecord[]> {
    const rows: Table<ActivityRecord, string> = this.#database.table('activity')
    const range = before === undefined ? rows.toCollection() : rows.where(':id').below(activityKey(before))
    return range.reverse().limit(limit).toArray()
  }

  async #guard<T>(work: () => PromiseLike<T>): Promise<T> {
    try {
      this.#checkOpen()
      return await work()
    } catch (error) {
      this.#checkOpen()
      throw storeErrorOf(error)
    }
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new StoreError('closed', 'This card was closed: open it again.')
  }
}

/** Deletes a card's database with all that is in it. The card must not be open. */
export async function deleteDatabase(card: PublicKey): Promise<void> {
  await Dexie.delete(databaseName(card))
}

function databaseName(card: PublicKey): string {
  return `offst-card-${card}`
}

function activityKey(id: number): string {
  return String(id).padStart(12, '0')
}

/** What Dexie threw, in the words of a store. */
export function storeErrorOf(error: unknown): StoreError {
  if (error instanceof StoreError) return error
  const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) }
  // Dexie wraps what aborted a transaction.
  const inner = error instanceof Dexie.DexieError ? (error.inner as Error | null)?.name : undefined
  if (name === 'QuotaExceededError' || inner === 'QuotaExceededError') return full()
  if (name === 'VersionError') return tooNew(SCHEMA_VERSION + 1)
  return new StoreError('unreadable', `The storage of this device does not work (${name}: ${message}).`)
}
