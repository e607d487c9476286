// One connected app: every call is checked, answered, and kept within the app's permissions.

import { expect, it } from 'vitest'
import type { CardView, NodeMessage } from '../../../../worker/api.ts'
import { ALL_PERMISSIONS, App, type AppPermission } from '../../../../worker/shell/app.ts'
import { MemoryBrowser, newKey } from './support.ts'

async function connect(permissions: Iterable<AppPermission> = ALL_PERMISSIONS) {
  const browser = new MemoryBrowser()
  const host = browser.host()
  const params = { key: newKey(), name: 'Alice', relays: [], indexServers: [] }
  const created = await host.call({ method: 'cards.create', params })
  if (!created.ok) throw new Error(created.error.message)
  const sent: NodeMessage[] = []
  const app = new App({ host, permissions: new Set(permissions), send: (message) => sent.push(message) })
  return { app, sent, browser, card: created.value as CardView }
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5))

it.each([
  ['nothing', undefined, -1],
  ['a text', 'hello', -1],
  ['no id', { method: 'cards.list', params: {} }, -1],
  ['an id that is no whole number', { id: 1.5, method: 'cards.list', params: {} }, -1],
  ['no method', { id: 4, params: {} }, 4],
  ['a card that is no key', { id: 5, card: 'x', method: 'card.ticket', params: {} }, 5],
  ['a method of a card without the card', { id: 6, method: 'card.ticket', params: {} }, 6],
])('APP-2 answers %s with badCall', async (_, message, id) => {
  const { app, sent } = await connect()
  app.receive(message)
  expect(sent).toMatchObject([{ id, error: { code: 'badCall' } }])
})

it.each(['cards.destroy', '__proto__', 'constructor', 'toString', ''])(
  'APP-2 answers the method "%s" with unknownMethod',
  async (method) => {
    const { app, sent } = await connect()
    app.receive({ id: 1, method, params: {} })
    expect(sent).toMatchObject([{ id: 1, error: { code: 'unknownMethod' } }])
  },
)

it('APP-2 answers parameters that do not fit with badParams, says which, and goes on serving', async () => {
  const { app, sent, card, browser } = await connect()
  app.receive({ id: 1, card: card.id, method: 'friends.setOpen', params: { friend: 'x' } })
  app.receive({ id: 2, card: card.id, method: 'card.rename', params: { name: 'B' } })
  await settled()
  expect(sent).toMatchObject([
    { id: 1, error: { code: 'badParams', message: /friend/ } },
    { id: 2, result: {} },
  ])
  expect(browser.nodes[0]?.calls).toEqual([{ method: 'card.rename', params: { name: 'B' } }])
})

it('APP-4 refuses a call without its permission with forbidden, and the app stays connected', async () => {
  const { app, sent, card, browser } = await connect(['read'])
  app.receive({ id: 1, method: 'cards.list', params: {} })
  app.receive({ id: 2, card: card.id, method: 'card.rename', params: { name: 'B' } })
  app.receive({ id: 3, card: card.id, method: 'card.ticket', params: {} })
  await settled()
  expect(sent).toMatchObject([
    { id: 1, error: { code: 'forbidden' } },
    { id: 2, error: { code: 'forbidden' } },
    { id: 3, result: {} },
  ])
  expect(browser.nodes[0]?.calls).toHaveLength(1)
})

it('APP-5 sends a subscriber the whole state, then synced, then every change', async () => {
  const { app, sent, card, browser } = await connect()
  app.receive({ id: 1, card: card.id, method: 'state.subscribe', params: {} })
  await settled()
  browser.nodes[0]?.rename('Bob')
  const change = (name: string) => ({
    event: 'change',
    card: card.id,
    changes: [{ collection: 'card', key: card.id, value: { ...card, name } }],
  })
  expect(sent.filter((message) => 'event' in message && message.event !== 'cards')).toEqual([
    change('Alice'),
    { event: 'synced', card: card.id },
    change('Bob'),
  ])
  expect(sent).toContainEqual({ id: 1, result: {} })
})

it('keeps one subscription a card, whatever the app asks, and none after it has gone', async () => {
  const { app, card, browser } = await connect()
  const watchers = browser.nodes[0]!.followers
  for (const id of [1, 2, 3]) app.receive({ id, card: card.id, method: 'state.subscribe', params: {} })
  await settled()
  app.receive({ id: 4, card: card.id, method: 'state.subscribe', params: {} })
  await settled()
  expect(browser.nodes[0]?.followers).toBe(watchers + 1)
  app.close()
  expect(browser.nodes[0]?.followers).toBe(watchers)
})

it('ends a subscription that was under way when the app went', async () => {
  const { app, card, browser, sent } = await connect()
  const watchers = browser.nodes[0]!.followers
  app.receive({ id: 1, card: card.id, method: 'state.subscribe', params: {} })
  app.close()
  await settled()
  expect(browser.nodes[0]?.followers).toBe(watchers)
  expect(sent).toEqual([])
})

it('APP-6 refuses calls over the limit as busy, and takes them again when others were answered', async () => {
  const { app, sent, card } = await connect()
  for (let id = 0; id <= 1_000; id += 1) app.receive({ id, card: card.id, method: 'card.ticket', params: {} })
  expect(sent).toMatchObject([{ id: 1_000, error: { code: 'busy' } }])
  await settled()
  app.receive({ id: 2_000, card: card.id, method: 'card.ticket', params: {} })
  await settled()
  expect(sent.at(-1)).toEqual({ id: 2_000, result: {} })
  expect(sent).toHaveLength(1_002)
})

it('tells an app with host permission that the list of cards has changed, and no other', async () => {
  const all = await connect()
  all.browser.nodes[0]?.rename('Bob')
  expect(all.sent).toEqual([{ event: 'cards' }])
  const reader = await connect(['read'])
  reader.browser.nodes[0]?.rename('Bob')
  expect(reader.sent).toEqual([])
})
