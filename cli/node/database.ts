// The database of a headless node: made once by `stmgr init-node-db`, opened by `stnode` for its identity alone.

import { lstat, mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fail, ok, type Result } from '../../protocol/result.ts'
import type { PublicKey } from '../../protocol/types.ts'
import { newCard } from '../../worker/core/core.ts'
import { isBlankName } from '../../worker/core/names.ts'
import { ClassicLevelStore } from '../../worker/runtime/classic-level-store.ts'
import { StoreError } from '../../worker/runtime/store.ts'

/** The file that every LevelDB folder holds. */
const MARK = 'CURRENT'
/** Balances are nobody else's business. */
const FOLDER_MODE = 0o700

export interface NewDatabase {
  readonly path: string
  readonly publicKey: PublicKey
  /** Of the card; 1..64 bytes. */
  readonly name: string
  /** Milliseconds since 1970. */
  readonly now: number
}

/**
 * Makes the database of a new card, wholly or not at all: it gets its name when its first records are on the disk.
 * Faults `badName`, `existingFile` (it is left as it is), `unwritableFile`.
 */
export async function createDatabase({ path, publicKey, name, now }: NewDatabase): Promise<Result<void>> {
  if (isBlankName(name)) return fail('badName', `The name "${name}" is empty, or longer than 64 bytes.`)
  if (await exists(path)) {
    return fail('existingFile', `${path} exists already and is left as it is: name another folder.`)
  }
  const unfinished = `${path}.unfinished-${process.pid}`
  try {
    await mkdir(unfinished, { mode: FOLDER_MODE })
    const store = new ClassicLevelStore({ path: unfinished, create: true })
    await store.commit(newCard({ publicKey, name, now, relays: [], indexServers: [] }))
    store.close()
    await store.whenClosed()
    await rename(unfinished, path)
    return ok(undefined)
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true })
    return fail('unwritableFile', `${path} cannot be made: ${reasonOf(error)}.`)
  }
}

/** Opens the database of the card `publicKey`; faults `missingFile`, `notDatabase`, `otherIdentity`, and the store's. */
export async function openDatabase(path: string, publicKey: PublicKey): Promise<Result<ClassicLevelStore>> {
  if (!(await exists(path))) {
    return fail('missingFile', `There is no database ${path}: make one with "stmgr init-node-db".`)
  }
  if (!(await exists(join(path, MARK)))) {
    return fail('notDatabase', `${path} is not the database of a node: make one with "stmgr init-node-db".`)
  }
  const store = new ClassicLevelStore({ path, create: false })
  const checked = await checkOwner(store, path, publicKey)
  if (checked.ok) return ok(store)
  store.close()
  await store.whenClosed()
  return checked
}

async function checkOwner(
  store: ClassicLevelStore,
  path: string,
  publicKey: PublicKey,
): Promise<Result<void>> {
  try {
    const { card } = await store.load()
    const owner = card[0]?.publicKey
    if (owner === publicKey) return ok(undefined)
    if (owner === undefined) return fail('notDatabase', `${path} holds no card.`)
    return fail(
      'otherIdentity',
      `${path} belongs to the identity ${owner}, and --idfile holds ${publicKey}: name the files that belong together.`,
    )
  } catch (error) {
    if (error instanceof StoreError) return fail(error.code, error.message)
    throw error
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path)
    return true
  } catch {
    return false
  }
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOENT') return 'its folder does not exist'
  if (code === 'EACCES' || code === 'EPERM') return 'permission is denied'
  return error instanceof Error ? error.message.replace(/\.$/, '') : String(error)
}
