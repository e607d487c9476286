// The page in which the browser proves the store contract for Dexie; test/contract/store-dexie.test.ts drives it.

import { Dexie } from 'dexie'
import type { PublicKey } from '../../protocol/types.ts'
import { deleteDatabase, DexieStore } from '../../worker/runtime/dexie-store.ts'
import type { Change } from '../../worker/core/records.ts'
import { StoreError } from '../../worker/runtime/store.ts'
import { cardChange, STORE_CHECKS } from './store-suite.ts'

const KILLED_CARD = 'K'.repeat(43) as PublicKey

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

  /** Commits one card after the other, and tells of each when it is durable. Does not end. */
  async commitForever(): Promise<void> {
    const store = new DexieStore(KILLED_CARD)
    await store.load()
    for (let number = 1; ; number++) {
      await store.commit([cardChange(String(number)), activityChange(number)])
      await globalThis.acknowledge(number)
    }
  },

  /** What is left of `commitForever`: the number on the card, and the entries committed with it. */
  async readKilled(): Promise<{ card: number; entries: number }> {
    const store = new DexieStore(KILLED_CARD)
    const { card } = await store.load()
    const newest = (await store.activity(undefined, 1))[0]
    store.close()
    return { card: Number(card[0]?.name ?? 0), entries: newest?.id ?? 0 }
  },
}
type StorePage = typeof page

function activityChange(id: number) {
  return {
    table: 'activity',
    key: String(id).padStart(12, '0'),
    value: { id, time: id, kind: 'sent' },
  } as const
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
