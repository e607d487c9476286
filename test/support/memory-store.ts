// A store in memory, for tests and simulations: it copies like a real one, takes as long as it is told to, fails when
// it is told to, and ends with its process.

import { RECORDS_VERSION, TABLES } from '../../worker/core/records.ts'
import type { ActivityRecord, Change, Snapshot, TableName, Tables } from '../../worker/core/records.ts'
import { ACTIVITY_LOADED_MAX } from '../../worker/runtime/limits.ts'
import { StoreError, tooNew, type Store, type StoreErrorCode } from '../../worker/runtime/store.ts'

/** What survives the process: hand it to the next store. */
export class MemoryDisk {
  version = RECORDS_VERSION
  readonly tables: { readonly [T in TableName]: Map<string, Tables[T]> } = emptyTables()
}

export interface MemoryStoreOptions {
  readonly disk?: MemoryDisk
  /** Passes while a commit is on its way to the disk, and again on the way back; none without. */
  readonly pause?: () => Promise<void>
  /** Said to be on the disk before they are: what keeps them back meanwhile. For a broken program of the simulator. */
  readonly keepBack?: ((land: () => void) => void) | undefined
  /** After each commit, in the instant in which it is on the disk. */
  readonly onCommitted?: (changes: readonly Change[]) => void
}

export class MemoryStore implements Store {
  readonly #disk: MemoryDisk
  readonly #options: MemoryStoreOptions
  /** While set, every operation fails so; while `full`, only commits. */
  fault: StoreErrorCode | undefined
  /** Commits since this store was made. */
  commits = 0
  /** The commit that is on its way to the disk. */
  #underWay: readonly Change[] | undefined
  #isDead = false

  constructor(options: MemoryStoreOptions = {}) {
    this.#options = options
    this.#disk = options.disk ?? new MemoryDisk()
  }

  async load(): Promise<Snapshot> {
    this.#check('load')
    if (this.#disk.version > RECORDS_VERSION) throw tooNew(this.#disk.version)
    const { activity, ...tables } = this.#disk.tables
    const rest = Object.fromEntries(Object.entries(tables).map(([name, rows]) => [name, [...rows.values()]]))
    const recent = newestFirst(activity).slice(0, ACTIVITY_LOADED_MAX).reverse()
    return structuredClone({ ...rest, activity: recent }) as Snapshot
  }

  async commit(changes: readonly Change[]): Promise<void> {
    // Copied and checked before anything is applied: wholly or not at all.
    const copies = structuredClone<readonly Change[]>(changes)
    this.#underWay = copies
    await this.#options.pause?.()
    await this.#untilDeath()
    this.#underWay = undefined
    this.#check('commit')
    const { keepBack } = this.#options
    if (keepBack === undefined) this.#apply(copies)
    else keepBack(() => this.#isDead || this.#apply(copies))
    this.commits += 1
    await this.#options.pause?.()
    await this.#untilDeath()
  }

  async activity(before: number | undefined, limit: number): Promise<ActivityRecord[]> {
    this.#check('load')
    const older = newestFirst(this.#disk.tables.activity).filter(
      ({ id }) => before === undefined || id < before,
    )
    return structuredClone(older.slice(0, limit))
  }

  close(): void {
    this.fault = 'closed'
  }

  /** The process ends in this instant. @param lands whether the commit under way still reaches the disk. */
  kill(lands: boolean): void {
    if (lands && this.#underWay !== undefined && this.fault === undefined) this.#apply(this.#underWay)
    this.#underWay = undefined
    this.#isDead = true
    this.fault = 'closed'
  }

  #apply(changes: readonly Change[]): void {
    for (const { table, key, value } of changes) {
      const rows = this.#disk.tables[table] as Map<string, unknown>
      if (value === undefined) rows.delete(key)
      else rows.set(key, value)
    }
    this.#options.onCommitted?.(changes)
  }

  /** Nothing ever comes back to a process that has ended. */
  #untilDeath(): Promise<void> | undefined {
    return this.#isDead ? new Promise(() => undefined) : undefined
  }

  #check(operation: 'load' | 'commit'): void {
    if (this.fault === undefined || (this.fault === 'full' && operation === 'load')) return
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
