// Golden databases: what the store of stnode has on its disk when cards stop in the middle of what they do.

import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import type { Time } from '../../../protocol/types.ts'
import { ClassicLevelStore } from '../../../worker/runtime/classic-level-store.ts'
import { decodeRecord } from '../../../worker/runtime/record-encoding.ts'
import { activityKey } from '../../../worker/core/state.ts'
import {
  TABLES,
  type Change,
  type Snapshot,
  type TableName,
  type Tables,
} from '../../../worker/core/records.ts'
import { CoreNet, type TestNode } from '../../support/core-net.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { secretOf } from './record-scenarios.ts'

/** The cards of one scenario at the same moment. */
export interface GoldenDatabase {
  readonly now: Time
  readonly cards: readonly GoldenCard[]
}

export interface GoldenCard {
  readonly name: string
  readonly secretKey: Uint8Array
  /** By the key in LevelDB, `table/key`: the bytes there, and what they mean. */
  readonly rows: Readonly<Record<string, { readonly bytes: Uint8Array; readonly value: unknown }>>
}

type Level = ClassicLevel<string, Uint8Array>

/** Stores all cards as stnode does, and reads what is on the disk then. */
export async function makeDatabase(scenario: string, net: CoreNet): Promise<GoldenDatabase> {
  const cards: GoldenCard[] = []
  for (const node of net.nodes) {
    const path = join(await temporaryFolder(), 'card')
    const store = new ClassicLevelStore({ path, create: true })
    await store.commit(changesOf(node))
    store.close()
    await store.whenClosed()
    cards.push({ name: node.name, secretKey: secretOf(scenario, node.name), rows: await readRows(path) })
  }
  return { now: net.now, cards }
}

/** A database as an older program left it, opened by this one. */
export async function openCard(card: GoldenCard): Promise<Snapshot> {
  const path = join(await temporaryFolder(), 'card')
  const level: Level = new ClassicLevel(path, { valueEncoding: 'view' })
  for (const [key, { bytes }] of Object.entries(card.rows)) await level.put(key, bytes)
  await level.close()
  const store = new ClassicLevelStore({ path, create: false })
  const snapshot = await store.load()
  store.close()
  await store.whenClosed()
  return snapshot
}

/** The described records of one table, by their keys. */
export function valuesOf<T extends TableName>(card: GoldenCard, table: T): Map<string, Tables[T]> {
  const rows = Object.entries(card.rows).filter(([key]) => key.startsWith(`${table}/`))
  return new Map(rows.map(([key, { value }]) => [key.slice(table.length + 1), value as Tables[T]]))
}

/** The cards of a database, each started from what `open` makes of it, all off line. */
export async function restore(
  { now, cards }: GoldenDatabase,
  open: (card: GoldenCard) => Promise<Snapshot>,
): Promise<CoreNet> {
  const net = new CoreNet('restored')
  net.now = now
  for (const card of cards) {
    const snapshot = await open(card)
    const tables = TABLES.map((table) => {
      const records: readonly Tables[typeof table][] = snapshot[table]
      return [table, new Map(records.map((record) => [keyOf(table, record), record]))]
    })
    const records = Object.fromEntries(tables) as Parameters<TestNode['restart']>[0]
    net.node(card.name, card.secretKey).restart(records)
  }
  return net
}

function changesOf(node: TestNode): Change[] {
  return TABLES.flatMap((table) =>
    node.stored(table).map((value) => ({ table, key: keyOf(table, value), value }) as Change),
  )
}

const KEYS: { readonly [T in TableName]: (record: Tables[T]) => string } = {
  card: () => 'card',
  friends: ({ publicKey }) => publicKey,
  pendingOut: ({ friend, request }) => `${friend}/${request.requestId}`,
  pendingIn: ({ friend, request }) => `${friend}/${request.requestId}`,
  queue: ({ friend, number }) => `${friend}/${number}`,
  batches: ({ friend, seq }) => `${friend}/${seq}`,
  payments: ({ id }) => id,
  apps: ({ publicKey }) => publicKey,
  invoices: ({ id }) => id,
  income: ({ id }) => id,
  activity: ({ id }) => activityKey(id),
}

/** The key of a record in its table. */
export function keyOf(table: TableName, record: Tables[TableName]): string {
  return (KEYS[table] as (record: Tables[TableName]) => string)(record)
}

async function readRows(path: string): Promise<GoldenCard['rows']> {
  const level: Level = new ClassicLevel(path, { valueEncoding: 'view' })
  const rows: [string, { bytes: Uint8Array; value: unknown }][] = []
  for await (const [key, read] of level.iterator()) {
    const bytes = Uint8Array.from(read)
    rows.push([key, { bytes, value: decodeRecord(bytes) }])
  }
  await level.close()
  return Object.fromEntries(rows)
}
