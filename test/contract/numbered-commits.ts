// Commits that are numbered and so many-sided that what is left of them tells which ones arrived, and whether wholly:
// written by a process or page that is going to be killed, checked by whoever finds the store. Runs in a browser too.

import { TABLES, type Change, type Snapshot, type TableName } from '../../worker/core/records.ts'
import type { Store } from '../../worker/runtime/store.ts'
import { activityKey, batchChange, cardChange, entry, FRIEND } from './store-suite.ts'

/** Records that each commit writes or deletes, besides the card and one entry of the activity. */
const SLOTS = 8
/** Bytes of the longest of them: a commit takes several pages of the disk, and a few hundred fill LevelDB's buffer. */
const BODY_BYTES_MAX = 6_000
const PAGE = 500

/** What commit `number` (1, 2, …) changes: every record is another after it, some are gone, others back. */
export function numberedCommit(number: number): Change[] {
  const slots = Array.from({ length: SLOTS }, (_, slot): Change => {
    if ((number + slot) % 3 === 0) return { table: 'batches', key: `${FRIEND}/${slot}` }
    const length = (number * 7_919 + slot * 104_729) % BODY_BYTES_MAX
    return batchChange(slot, { seq: number, body: new Uint8Array(length).fill(number) })
  })
  return [
    cardChange(String(number)),
    ...slots,
    { table: 'activity', key: activityKey(number), value: entry(number) },
  ]
}

/**
 * The number of the last commit in a store that holds nothing but numbered ones, 0 without any.
 * @throws {Error} when a commit is there in part, or one before the last is missing.
 */
export async function lastCommit(store: Store): Promise<number> {
  const snapshot = await store.load()
  const last = Number(snapshot.card[0]?.name ?? 0)
  const expected = last === 0 ? [] : numberedCommit(last)
  for (const table of TABLES.filter((name) => name !== 'activity')) {
    const [found, wanted] = [valuesOf(snapshot, table), valuesIn(expected, table)]
    if (found !== wanted) throw new Error(`after commit ${last}, ${table} holds ${found} and not ${wanted}`)
  }
  let next = last
  for (;;) {
    const page = await store.activity(next + 1, PAGE)
    for (const { id } of page) {
      if (id !== next) throw new Error(`of ${last} commits, ${next} is missing: it is followed by ${id}`)
      next -= 1
    }
    if (page.length < PAGE) break
  }
  const newer = (await store.activity(undefined, 1))[0]?.id ?? 0
  if (next !== 0 || newer !== last)
    throw new Error(`the activity goes from ${next + 1} to ${newer}, not to ${last}`)
  return last
}

/**
 * What is known of the commits of one database, from one writer to the next. Holds what is found against the promise
 * of a store: what was acknowledged stays, and nothing else appears but the one commit that was under way.
 */
export class Ledger {
  /** The last commit that is known to be durable. */
  last = 0

  /** Somebody found `number` to be the last commit. @throws {Error} when that breaks the promise. */
  found(number: number): void {
    if (number !== this.last && number !== this.last + 1) {
      throw new Error(`commit ${this.last} was acknowledged last, and ${number} is what is there`)
    }
    this.last = number
  }

  /** A commit was acknowledged. */
  stored(number: number): void {
    if (number !== this.last + 1) throw new Error(`commit ${number} was acknowledged after ${this.last}`)
    this.last = number
  }
}

/** The records of a table as one text, whatever order they come in. */
function valuesOf(snapshot: Snapshot, table: TableName): string {
  return snapshot[table].map(shorten).sort().join()
}

function valuesIn(changes: readonly Change[], table: TableName): string {
  const values = changes.flatMap((change) => (change.table === table ? [change.value] : []))
  return values
    .filter((value) => value !== undefined)
    .map(shorten)
    .sort()
    .join()
}

/** Bytes by their number and their sum, so that thousands of them are compared and told in a few characters. */
function shorten(record: unknown): string {
  return JSON.stringify(record, (_, item: unknown) => {
    if (typeof item === 'bigint') return `${item}n`
    if (!(item instanceof Uint8Array)) return item
    return `${item.length} bytes, sum ${item.reduce((sum, byte) => sum + byte, 0)}`
  })
}
