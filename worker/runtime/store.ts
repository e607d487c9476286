// Where a card's records live. One contract for IndexedDB, for memory (tests) and for Node.js (test/contract).

import { RECORDS_VERSION, type ActivityRecord, type Change, type Snapshot } from '../core/records.ts'

/** Why a store could not do what it was asked; `code` is stable. */
export type StoreErrorCode =
  /** No room on the disk or over the browser's quota. */
  | 'full'
  /** Written by a later version of the program. */
  | 'tooNew'
  | 'closed'
  /** Another process has it open. */
  | 'inUse'
  | 'unreadable'

export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly code: StoreErrorCode
  constructor(code: StoreErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

export interface Store {
  /** All records; of `activity` only the last 100. @throws {StoreError} */
  load(): Promise<Snapshot>
  /**
   * Applies all changes in one transaction: wholly or not at all, in order, and durable once it resolves.
   * Values are copied before it returns its promise: the caller may change them afterwards.
   * Without any change it still writes, and so tells whether there is room.
   * @throws {StoreError}
   */
  commit(changes: readonly Change[]): Promise<void>
  /** Activity entries older than `before` (all, if missing), newest first. @throws {StoreError} */
  activity(before: number | undefined, limit: number): Promise<ActivityRecord[]>
  close(): void
}

/** The fault of a store that cannot grow. */
export function full(): StoreError {
  return new StoreError(
    'full',
    'There is no room left to store what happens: free some space on this device. Nothing is lost.',
  )
}

/** The fault of a store whose records are of a version after ours. */
export function tooNew(version: number): StoreError {
  return new StoreError(
    'tooNew',
    `This card was last used by a later version of this program (records ${version}, known ${RECORDS_VERSION}): update the program.`,
  )
}
