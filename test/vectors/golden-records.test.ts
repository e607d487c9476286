// Databases of every version of the records so far: this program opens them, and their cards go on where they stopped.

import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { REQUEST_EXPIRES_MS } from '../../protocol/limits.ts'
import { Collections } from '../../worker/api.ts'
import { RECORDS_VERSION, TABLES, type TableName, type Tables } from '../../worker/core/records.ts'
import { allViewKeys, viewOf } from '../../worker/core/views.ts'
import type { CoreNet, TestNode } from '../support/core-net.ts'
import { accept } from '../support/hostile-net.ts'
import { keyOf, makeDatabase, openCard, restore, valuesOf, type GoldenDatabase } from './golden/database.ts'
import { CARD_ENTRIES, CARD_ENTRY_SHAPE } from './golden/card-entries.ts'
import { goldenEntries, goldenFile, goldenPaths, newestVersion, read } from './golden/files.ts'
import { SCENARIOS } from './golden/record-scenarios.ts'
import { RECORD_SHAPES } from './golden/record-shapes.ts'
import { gapsIn } from './golden/shape.ts'

const NEWEST = `records-v${RECORDS_VERSION}`
const PATHS = goldenPaths('records')

it('has a golden database of each scenario in the version that this program writes', async () => {
  for (const [name, play] of Object.entries(SCENARIOS)) {
    const { cards } = await goldenFile(`${NEWEST}/${name}.json`, () => makeDatabase(name, play()))
    expect(cards.length, name).toBeGreaterThan(0)
  }
  expect(newestVersion('records')).toBe(RECORDS_VERSION)
})

it.each(TABLES)(
  'has golden records of %s with all that they may hold, and without what may be missing',
  (table) => {
    expect(gapsOf(table)).toEqual([])
  },
)

it('APP-8 has golden entries of the list of cards, of every stage', () => {
  expect(goldenEntries('cards-v1/entries.json', CARD_ENTRIES)).toEqual(CARD_ENTRIES)
  expect(gapsIn('card', CARD_ENTRY_SHAPE, Object.values(CARD_ENTRIES))).toEqual([])
})

it.each(PATHS.filter((path) => path.startsWith(`${NEWEST}/`)))(
  'CLI-2 decodes the records of %s to what they mean, under the keys that it uses itself',
  async (path) => {
    for (const card of databaseOf(path).cards) {
      const snapshot = await openCard(card)
      for (const table of TABLES) {
        const records: readonly Tables[typeof table][] = snapshot[table]
        const found = new Map(records.map((record) => [keyOf(table, record), record]))
        expect(found, `${card.name} ${table}`).toEqual(valuesOf(card, table))
      }
    }
  },
)

describe.each(PATHS)('STO-6 the database %s', (path) => {
  it('opens, and shows what is in it', async () => {
    const net = await restore(databaseOf(path), openCard)
    for (const { name, core } of net.nodes) {
      for (const key of allViewKeys(core.state)) {
        const view = v.safeParse(Collections[key.collection], viewOf(core.state, key))
        expect(view.issues, `${name} ${key.collection} ${key.key}`).toBeUndefined()
      }
    }
  })

  it('goes on where it stopped: friends agree in the end, and nothing stays frozen', async () => {
    const net = await restore(databaseOf(path), openCard)
    removeOneSided(net)
    for (const [a, b] of friendsOf(net)) net.connect(a, b)
    net.advance(2 * REQUEST_EXPIRES_MS)
    for (const [a, b] of friendsOf(net)) if (a.status(b) !== 'ready') accept(a, b)
    net.advance(2 * REQUEST_EXPIRES_MS)
    for (const [a, b] of friendsOf(net)) {
      expect([a.status(b), b.status(a)], `${a.name} ${b.name}`).toEqual(['ready', 'ready'])
      expect(a.balance(b), `${a.name} ${b.name}`).toBe(-b.balance(a))
    }
    expect(unfinished(net)).toEqual([])
  })
})

function databaseOf(path: string): GoldenDatabase {
  return read(path) as GoldenDatabase
}

function gapsOf(table: TableName): string[] {
  // Listed anew: they may just have been written.
  const cards = goldenPaths('records')
    .filter((path) => path.startsWith(`${NEWEST}/`))
    .flatMap((path) => databaseOf(path).cards)
  const values = cards.flatMap((card) => [...valuesOf(card, table).values()])
  return gapsIn<Tables[TableName]>(table, RECORD_SHAPES[table], values)
}

/** Each pair of cards that have each other, once. */
function friendsOf(net: CoreNet): [TestNode, TestNode][] {
  return net.nodes.flatMap((a, index) =>
    net.nodes
      .slice(index + 1)
      .flatMap((b): [TestNode, TestNode][] => (has(a, b) && has(b, a) ? [[a, b]] : [])),
  )
}

function has(node: TestNode, other: TestNode): boolean {
  return node.core.state.friends.has(other.key)
}

/** Who was removed by a friend, or never added by him, gives him up too. */
function removeOneSided(net: CoreNet): void {
  for (const a of net.nodes)
    for (const b of net.nodes) if (has(a, b) && !has(b, a)) a.call('friends.remove', { friend: b.key })
}

/** What should have ended and has not. */
function unfinished(net: CoreNet): string[] {
  return net.nodes.flatMap((node) => [
    ...node.stored('pendingOut').map(({ request }) => `${node.name} waits for ${request.requestId}`),
    ...node.stored('pendingIn').map(({ request }) => `${node.name} owes an answer to ${request.requestId}`),
    ...node.stored('queue').map(({ operation }) => `${node.name} has not sent ${operation.kind}`),
    ...node
      .stored('payments')
      .filter(({ finished }) => finished === undefined)
      .map(({ id }) => `${node.name} still pays ${id}`),
    ...node
      .stored('income')
      .filter(({ state }) => state === 'collecting')
      .map(({ id }) => `${node.name} still collects ${id}`),
  ])
}
