// A card's records in LevelDB, for Node.js: one folder per card, one key per record, a synced batch per commit.

import { ClassicLevel, type BatchOperation } from 'classic-level'
import {
  RECORDS_VERSION,
  TABLES,
  type ActivityRecord,
  type Change,
  type Snapshot,
  type TableName,
} from '../core/records.ts'
import { ACTIVITY_LOADED_MAX } from './limits.ts'
import { decodeRecord, encodeRecord } from './record-encoding.ts'
import { full, StoreError, tooNew, type Store } from './store.ts'

type Level = ClassicLevel<string, Uint8Array>
type Operation = BatchOperation<Level, string, Uint8Array>

const VERSION_KEY = 'meta/recordsVersion'
/** Ends every range: no key holds a character after it. */
const LAST = '\u{10ffff}'

/** How the systems' own sentences for ENOSPC, EFBIG, EDQUOT and ERROR_DISK_FULL end what LevelDB says of a file. */
const NO_ROOM =
  /: (no space left on device|file too large|disk quota exceeded|there is not enough space on the disk)\.?\s*$/i

/** Stores of this process that are letting go of their folder, which LevelDB does behind `close`: the next one waits. */
const releasing = new Map<string, Promise<void>>()

export interface ClassicLevelOptions {
  /** The folder of the database. */
  readonly path: string
  /** Whether a missing database is made; else it is `unreadable`. */
  readonly create: boolean
}

export class ClassicLevelStore implements Store {
  readonly #options: ClassicLevelOptions
  #level: Promise<Level> | undefined
  /**
   * A write has failed: the database is opened again before it is used. Else LevelDB may take further writes and put
   * them into its log behind the torn end of that one, where it does not find them after a crash.
   */
  #hasFailed = false
  #closed: Promise<void> | undefined

  /** Opens the database when it is used first. */
  constructor(options: ClassicLevelOptions) {
    this.#options = options
  }

  load(): Promise<Snapshot> {
    return this.#guard(async () => {
      const level = await this.#open()
      // All tables as they are at one moment.
      const snapshot = level.snapshot()
      try {
        const version = await level.get(VERSION_KEY, { snapshot })
        checkVersion(version === undefined ? RECORDS_VERSION : decodeRecord(version))
        const tables: [TableName, unknown[]][] = []
        for (const table of TABLES.filter((name) => name !== 'activity')) {
          const rows = await level.values({ gte: `${table}/`, lt: `${table}/${LAST}`, snapshot }).all()
          tables.push([table, rows.map(decodeRecord)])
        }
        const activity = await newest(level, undefined, ACTIVITY_LOADED_MAX)
        return { ...Object.fromEntries(tables), activity: activity.reverse() } as unknown as Snapshot
      } finally {
        await snapshot.close()
      }
    })
  }

  async commit(changes: readonly Change[]): Promise<void> {
    // Encoded, and so copied, before anything else happens.
    const operations = changes.map(toOperation)
    // Written each time, so that no order of open, commit and crash leaves records without their version.
    operations.push({ type: 'put', key: VERSION_KEY, value: encodeRecord(RECORDS_VERSION) })
    return this.#guard(async () => {
      const level = await this.#open()
      try {
        // Synced: resolved means on the disk (STO-2).
        await level.batch(operations, { sync: true })
      } catch (error) {
        this.#hasFailed = true
        throw error
      }
    })
  }

  activity(before: number | undefined, limit: number): Promise<ActivityRecord[]> {
    return this.#guard(async () => newest(await this.#open(), before, limit))
  }

  close(): void {
    if (this.#closed !== undefined) return
    const { path } = this.#options
    this.#closed = closeLevel(this.#level).finally(() => releasing.delete(path))
    releasing.set(path, this.#closed)
  }

  /** Resolves when a closed store has let go of its folder. */
  async whenClosed(): Promise<void> {
    await this.#closed
  }

  #open(): Promise<Level> {
    if (this.#level !== undefined && !this.#hasFailed) return this.#level
    const opened = closeLevel(this.#level).then(() => openLevel(this.#options))
    this.#level = opened
    this.#hasFailed = false
    opened.catch(() => {
      if (this.#level === opened) this.#level = undefined
    })
    return opened
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      this.#checkOpen()
      return await work()
    } catch (error) {
      this.#checkOpen()
      throw explain(error, this.#options.path)
    }
  }

  #checkOpen(): void {
    if (this.#closed !== undefined) throw new StoreError('closed', 'This card was closed: open it again.')
  }
}

async function openLevel({ path, create }: ClassicLevelOptions): Promise<Level> {
  await releasing.get(path)
  const level: Level = new ClassicLevel(path, { createIfMissing: create, valueEncoding: 'view' })
  await level.open()
  return level
}

async function closeLevel(opened: Promise<Level> | undefined): Promise<void> {
  const level = await opened?.catch(() => undefined)
  await level?.close()
}

function toOperation({ table, key, value }: Change): Operation {
  const place = `${table}/${key}`
  return value === undefined
    ? { type: 'del', key: place }
    : { type: 'put', key: place, value: encodeRecord(value) }
}

/** Keys are numbers of 12 digits, so their order is the order of time. */
async function newest(level: Level, before: number | undefined, limit: number): Promise<ActivityRecord[]> {
  const lt = `activity/${before === undefined ? LAST : String(before).padStart(12, '0')}`
  const rows = await level.values({ gte: 'activity/', lt, reverse: true, limit }).all()
  return rows.map(decodeRecord) as ActivityRecord[]
}

function checkVersion(version: unknown): void {
  if (typeof version !== 'number') throw new Error('its version is not a number')
  if (version > RECORDS_VERSION) throw tooNew(version)
}

function explain(error: unknown, path: string): StoreError {
  if (error instanceof StoreError) return error
  const messages = messagesOf(error)
  if (messages.includes('LEVEL_LOCKED')) {
    return new StoreError('inUse', `${path} is open in another program: stop that one first.`)
  }
  if (NO_ROOM.test(messages)) return full()
  return new StoreError('unreadable', `${path} cannot be read or written (${messages}).`)
}

/** What went wrong and why; LevelDB's own reason is the cause of what its wrapper throws. */
function messagesOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error && typeof error.code === 'string' ? `${error.code}: ` : ''
  const own = `${code}${error.message}`
  return error.cause === undefined ? own : `${own}; ${messagesOf(error.cause)}`
}
