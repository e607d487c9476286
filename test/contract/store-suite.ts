// What every store must do, written so that it runs in Node.js and in a browser's page alike: each check throws
// an Error that says what was wrong.

import type { Currency, PublicKey } from '../../protocol/types.ts'
import {
  RECORDS_VERSION,
  type ActivityRecord,
  type CardRecord,
  type Change,
  type SentBatch,
} from '../../worker/core/records.ts'
import { StoreError, type Store, type StoreErrorCode } from '../../worker/runtime/store.ts'

/** A place where stores of one card come and go. */
export interface StorePlace {
  /** Opens the card's store; an older one on the same place is closed before. */
  open(): Store
  /** Writes another version of the records than ours. */
  setVersion(version: number): Promise<void>
}

type Check = (place: StorePlace) => Promise<void>

/** By the statement that each one proves. */
export const STORE_CHECKS: Readonly<Record<string, Check>> = {
  'STO-2 gives back what was committed, to the next store as well': keepsValues,
  'STO-2 applies all changes of a commit in order, and deletes what has no value': appliesInOrder,
  'STO-2 applies nothing of a commit that it cannot write wholly': appliesWhollyOrNot,
  'STO-2 copies values when it is called': copiesValues,
  'STO-5 loads the last hundred entries of the activity, and gives older ones page by page': pagesActivity,
  'STO-6 refuses records of a later version': refusesLaterVersion,
  'STO-7 fails with `closed` once it was closed': failsWhenClosed,
}

const CARD = 'A'.repeat(43) as PublicKey
export const FRIEND = 'B'.repeat(43) as PublicKey
const AMOUNT_MAX = (1n << 128n) - 1n

export function card(name: string): CardRecord {
  return {
    publicKey: CARD,
    name,
    created: 1_000_000,
    relays: [{ publicKey: FRIEND, address: 'relay.example:443', name: 'relay' }],
    indexServers: [],
    retiringRelays: [],
    acceptUnknownPayments: true,
    nextActivity: 1,
  }
}

export function cardChange(name: string): Change {
  return { table: 'card', key: 'card', value: card(name) }
}

function batch(seq: number): SentBatch {
  return {
    friend: FRIEND,
    epoch: 1,
    seq,
    hash: FRIEND as string as SentBatch['hash'],
    body: Uint8Array.of(1, 2, 255),
    deltas: [{ currency: 'credit' as Currency, balance: -5n, localPending: AMOUNT_MAX, remotePending: 0n }],
    resolutions: 1,
  }
}

export function batchChange(place: number, changed: Partial<SentBatch> = {}): Change {
  return { table: 'batches', key: `${FRIEND}/${place}`, value: { ...batch(place), ...changed } }
}

export function activityKey(id: number): string {
  return String(id).padStart(12, '0')
}

export function entry(id: number): ActivityRecord {
  return { id, time: id, kind: 'sent', amount: -3n }
}

async function keepsValues(place: StorePlace): Promise<void> {
  const store = place.open()
  equal((await store.load()).card, [], 'the card of an empty store')
  await store.commit([cardChange('Alice'), batchChange(7)])
  store.close()
  const snapshot = await place.open().load()
  equal(snapshot.card, [card('Alice')], 'the card')
  equal(snapshot.batches, [batch(7)], 'the batch with its bytes and amounts')
  equal(snapshot.friends, [], 'a table without records')
}

async function appliesInOrder(place: StorePlace): Promise<void> {
  const store = place.open()
  await store.commit([cardChange('first'), cardChange('second'), batchChange(1), batchChange(2)])
  await store.commit([{ table: 'batches', key: `${FRIEND}/1` }, batchChange(3)])
  const snapshot = await store.load()
  equal(snapshot.card, [card('second')], 'the card')
  equal(snapshot.batches.map(({ seq }) => seq).sort(), [2, 3], 'the batches')
}

async function appliesWhollyOrNot(place: StorePlace): Promise<void> {
  const store = place.open()
  await store.commit([cardChange('before')])
  const unstorable = { table: 'payments', key: 'x', value: { run: () => 1 } } as unknown as Change
  let failed = false
  await store.commit([cardChange('after'), unstorable]).catch(() => (failed = true))
  equal(failed, true, 'whether the commit failed')
  equal((await store.load()).card, [card('before')], 'the card after a commit that failed')
}

async function copiesValues(place: StorePlace): Promise<void> {
  const store = place.open()
  const value = card('as committed')
  const commit = store.commit([{ table: 'card', key: 'card', value }])
  value.name = 'changed later'
  await commit
  const loaded = (await store.load()).card[0]
  equal(loaded?.name, 'as committed', 'the name')
  if (loaded !== undefined) loaded.name = 'changed after loading'
  equal((await store.load()).card[0]?.name, 'as committed', 'the name after the loaded value was changed')
}

async function pagesActivity(place: StorePlace): Promise<void> {
  const store = place.open()
  const ids = Array.from({ length: 130 }, (_, index) => index + 1)
  await store.commit(ids.map((id): Change => ({ table: 'activity', key: activityKey(id), value: entry(id) })))
  equal(
    (await store.load()).activity.map(({ id }) => id),
    ids.slice(30),
    'the entries that are loaded, oldest first',
  )
  equal(
    (await store.activity(undefined, 2)).map(({ id }) => id),
    [130, 129],
    'the newest entries',
  )
  equal(
    (await store.activity(31, 2)).map(({ id }) => id),
    [30, 29],
    'the entries before one',
  )
  equal(await store.activity(1, 2), [], 'the entries before the first')
}

async function refusesLaterVersion(place: StorePlace): Promise<void> {
  const store = place.open()
  await store.commit([cardChange('Alice')])
  store.close()
  await place.setVersion(RECORDS_VERSION + 1)
  await failsWith('tooNew', () => place.open().load())
}

async function failsWhenClosed(place: StorePlace): Promise<void> {
  const store = place.open()
  await store.commit([cardChange('Alice')])
  store.close()
  await failsWith('closed', () => store.load())
  await failsWith('closed', () => store.commit([cardChange('Bob')]))
  await failsWith('closed', () => store.activity(undefined, 1))
}

async function failsWith(code: StoreErrorCode, work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (error) {
    equal(error instanceof StoreError ? error.code : String(error), code, 'the error')
    return
  }
  throw new Error(`expected the error ${code}, but it worked`)
}

function equal(actual: unknown, expected: unknown, what: string): void {
  const [a, b] = [show(actual), show(expected)]
  if (a !== b) throw new Error(`${what}: expected ${b}, got ${a}`)
}

/** Text that tells bigints and bytes apart from what looks like them. */
function show(value: unknown): string {
  return JSON.stringify([value], (_, item: unknown) => {
    if (typeof item === 'bigint') return `${item}n`
    return item instanceof Uint8Array ? `bytes ${[...item].join(' ')}` : item
  })
}
