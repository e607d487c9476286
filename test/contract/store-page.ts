// The page in which the browser proves the store contract for Dexie; test/contract/store-dexie.test.ts drives it.

import { Dexie } from 'dexie'
import type { PublicKey } from '../../protocol/types.ts'
import { deleteDatabase, DexieStore } from '../../worker/runtime/dexie-store.ts'
import type { Change } from '../../worker/core/records.ts'
import { StoreError } from '../../worker/runtime/store.ts'
import { DexieRegistry } from '../../worker/shell/registry.ts'
import { fromJson, toJson } from '../vectors/golden/json.ts'
import { lastCommit, numberedCommit } from './numbered-commits.ts'
import { cardChange, STORE_CHECKS } from './store-suite.ts'

const NUMBERED_CARD = 'K'.repeat(43) as PublicKey

const page = {
  /** Runs one check on a database of its own. Rejects with what was wrong. */
  async check(name: string): Promise<void> {
    const check = STORE_CHECKS[name]
    if (check === undefined) throw new Error(`there is no check "${name}"`)
    const key = crypto.randomUUID().padEnd(43, 'A') as PublicKey
    const stores: DexieStore[] = []
    await check({
      open: () => {
        const store = new DexieStore(key)
        stores.push(store)
        return store
      },
      setVersion: (version) => setVersion(key, version),
    })
    for (const store of stores) store.close()
    await deleteDatabase(key)
  },

  /** A commit whose last key the database refuses: its code, and the name of the card afterwards. */
  async failHalfway(): Promise<{ code: string; name: string | undefined }> {
    const key = crypto.randomUUID().padEnd(43, 'A') as PublicKey
    const store = new DexieStore(key)
    await store.commit([cardChange('before')])
    const refused = { table: 'card', key: { no: 'key' }, value: {} } as unknown as Change
    const code = await store.commit([cardChange('after'), refused]).then(
      () => 'none',
      (error: unknown) => (error instanceof StoreError ? error.code : String(error)),
    )
    const { card } = await store.load()
    store.close()
    await deleteDatabase(key)
    return { code, name: card[0]?.name }
  },

  /**
   * A database as an older wallet left it: what is loaded of it, and what after all of it was committed again.
   * @param text JSON of the rows of each table, key and value.
   */
  async openGolden(text: string): Promise<{ loaded: string; again: string }> {
    const { meta, ...tables } = fromJson(text) as Record<string, [string, unknown][]>
    const key = crypto.randomUUID().padEnd(43, 'A') as PublicKey
    await writeRaw(key, { meta: meta ?? [], ...tables })
    const store = new DexieStore(key)
    const loaded = toJson(await store.load())
    const changes = Object.entries(tables).flatMap(([table, rows]) =>
      rows.map(([place, value]) => ({ table, key: place, value }) as Change),
    )
    await store.commit(changes)
    const again = toJson(await store.load())
    store.close()
    await deleteDatabase(key)
    return { loaded, again }
  },

  /** The list of cards as an older wallet left it, each as it is found by its key now. */
  async listGolden(text: string): Promise<string> {
    const database = new Dexie('offst-cards')
    database.version(1).stores({ cards: 'publicKey' })
    await database.table('cards').bulkPut(fromJson(text) as object[])
    database.close()
    const registry = new DexieRegistry()
    const listed = await registry.list()
    return toJson(await Promise.all(listed.map(({ publicKey }) => registry.get(publicKey))))
  },

  /** Writes numbered commits after those that are there, and tells of each when it is durable. Does not end. */
  async commitForever(): Promise<void> {
    const store = new DexieStore(NUMBERED_CARD)
    for (let number = (await lastCommit(store)) + 1; ; number++) {
      await store.commit(numberedCommit(number))
      await globalThis.acknowledge(number)
    }
  },

  /** The same until one is refused, or `enough` are written: the last that was not, and why the next one was. */
  async commitUntil(enough: number): Promise<{ stored: number; refusal?: string }> {
    const store = new DexieStore(NUMBERED_CARD)
    let stored = await lastCommit(store)
    try {
      for (; stored < enough; stored++) await store.commit(numberedCommit(stored + 1))
      return { stored }
    } catch (error) {
      return {
        stored,
        refusal: error instanceof StoreError ? `${error.code} ${error.message}` : String(error),
      }
    } finally {
      store.close()
    }
  },

  /** The last of the numbered commits. Rejects with what is wrong when one is missing or there in part. */
  async readBack(): Promise<number> {
    const store = new DexieStore(NUMBERED_CARD)
    const last = await lastCommit(store)
    store.close()
    return last
  },
}
type StorePage = typeof page

async function writeRaw(key: PublicKey, tables: Record<string, [string, unknown][]>): Promise<void> {
  const database = new Dexie(`offst-card-${key}`)
  database.version(1).stores(Object.fromEntries(Object.keys(tables).map((table) => [table, ''])))
  for (const [table, rows] of Object.entries(tables)) {
    for (const [place, value] of rows) await database.table(table).put(value, place)
  }
  database.close()
}

async function setVersion(key: PublicKey, version: number): Promise<void> {
  const database = new Dexie(`offst-card-${key}`)
  await database.open()
  await database.table('meta').put(version, 'recordsVersion')
  database.close()
}

declare global {
  var storePage: StorePage
  /** Given by the test. */
  function acknowledge(number: number): Promise<void>
}
globalThis.storePage = page
