// A store in memory, for tests and simulations: it copies like a real one, and fails when it is told to.

import { RECORDS_VERSION, TABLES } from '../../worker/core/records.ts'
import type { ActivityRecord, Change, Snapshot, TableName, Tables } from '../../worker/core/records.ts'
import { ACTIVITY_LOADED_MAX } from '../../worker/runtime/limits.ts'
import { StoreError, tooNew, type Store, type StoreErrorCode } from '../../worker/runtime/store.ts'

/** What survives the process: hand it to the next store. */
export class MemoryDisk {
  version = RECORDS_VERSION
  readonly tables: { readonly [T in TableName]: Map<string, Tables[T]> } = emptyTables()
}

export class MemoryStore implements Store {
  readonly #disk: MemoryDisk
  /** While set, every operation fails so. */
  fault: StoreErrorCode | undefined
  /** Commits since this store was made. */
  commits = 0

  constructor(disk: MemoryDisk = new MemoryDisk()) {
    this.#disk = disk
  }

  async load(): Promise<Snapshot> {
    this.#check()
    if (this.#disk.version > RECORDS_VERSION) throw tooNew(this.#disk.version)
    const { activity, ...tables } = this.#disk.tables
    const rest = Object.fromEntries(Object.entries(tables).map(([name, rows]) => [name, [...rows.values()]]))
    const recent = newestFirst(activity).slice(0, ACTIVITY_LOADED_MAX).reverse()
    return structuredClone({ ...rest, activity: recent }) as Snapshot
  }

  async commit(changes: readonly Change[]): Promise<void> {
    // Copied and checked before anything is applied: wholly or not at all.
    const copies = structuredClone<readonly Change[]>(changes)
    this.#check()
    for (const { table, key, value } of copies) {
      const rows = this.#disk.tables[table] as Map<string, unknown>
      if (value === undefined) rows.delete(key)
      else rows.set(key, value)
    }
    this.commits += 1
  }

  async activity(before: number | undefined, limit: number): Promise<ActivityRecord[]> {
    this.#check()
    const older = newestFirst(this.#disk.tables.activity).filter(
      ({ id }) => before === undefined || id < before,
    )
    return structuredClone(older.slice(0, limit))
  }

  close(): void {
    this.fault = 'closed'
  }

  #check(): void {
    if (this.fault === undefined) return
    const reason = this.fault === 'closed' ? 'it is closed' : `it was told to fail (${this.fault})`
    throw new StoreError(this.fault, `The store does not work: ${reason}.`)
  }
}

function newestFirst(activity: ReadonlyMap<string, ActivityRecord>): ActivityRecord[] {
  return [...activity.values()].sort((a, b) => b.id - a.id)
}

function emptyTables(): MemoryDisk['tables'] {
  return Object.fromEntries(TABLES.map((table) => [table, new Map()])) as unknown as MemoryDisk['tables']
}
