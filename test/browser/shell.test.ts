// The shell in a real Chromium: tabs, workers and locks that come and go, under the headers of `offst up`.

import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import type { CardView } from '../../worker/api.ts'
import { newId16 } from '../../web/node/ids.ts'
import { Complaints, hideSharedWorker, launchChromium, launchProfile } from './support/chromium.ts'
import { call, startShellSite, type ShellSite } from './support/shell-site.ts'

/** A busy machine may take long; a test that fails for it says nothing. */
const SOON = { timeout: 20_000, interval: 50 }

let browser: Browser
let site: ShellSite
let context: BrowserContext
let complaints: Complaints

beforeAll(async () => {
  site = await startShellSite(1)
  browser = await launchChromium()
})

afterAll(async () => {
  await browser.close()
  await site.stop()
})

beforeEach(async () => {
  context = await browser.newContext()
  complaints = new Complaints(context)
})

afterEach(async () => {
  complaints.check()
  await context.close()
})

async function openTab(where: BrowserContext = context): Promise<Page> {
  const page = await where.newPage()
  await page.goto(site.url)
  await page.waitForFunction(() => globalThis.shell.states.includes('ready'))
  return page
}

async function createCard(page: Page, name: string, key = newId16()): Promise<CardView> {
  return call(page, 'cards.create', { key, name, relays: [], indexServers: [] })
}

/** Whether a lock whose name begins so is held by anybody in the page's browser. */
async function countLocks(page: Page, prefix: string): Promise<number> {
  return page.evaluate(async (start) => {
    const { held = [] } = await navigator.locks.query()
    return held.filter(({ name }) => name?.startsWith(start) === true).length
  }, prefix)
}

async function states(page: Page): Promise<string[]> {
  return page.evaluate(() => [...globalThis.shell.states])
}

it('is built with a stable name for each worker, so that a deploy starts no second one', async () => {
  const files = await readdir(join(site.folder, 'assets'))
  expect(files).toEqual(expect.arrayContaining(['node.worker.js', 'fallback.worker.js']))
})

it('serves two tabs from one node, and tells each what the other did', async () => {
  const first = await openTab()
  const second = await openTab()
  const card = await createCard(first, 'Alice')
  await second.waitForFunction(() => globalThis.shell.events.includes('cards'))
  expect(await call(second, 'cards.list', {})).toEqual([card])
  await call(second, 'state.subscribe', {}, card.id)
  await second.waitForFunction(() => globalThis.shell.events.includes('synced'))
  await call(first, 'card.rename', { name: 'Alicia' }, card.id)
  await second.waitForFunction(() => {
    const { events } = globalThis.shell
    return events.slice(events.indexOf('synced')).includes('card')
  })
  expect(await call(second, 'cards.list', {})).toEqual([{ ...card, name: 'Alicia' }])
  expect(await countLocks(first, `offst-card-${card.id}`)).toBe(1)
})

it('keeps the cards when all tabs are closed and one is opened again', async () => {
  const first = await openTab()
  const card = await createCard(first, 'Alice')
  await call(first, 'card.rename', { name: 'Alicia' }, card.id)
  await first.close()
  const again = await openTab()
  expect(await call(again, 'cards.list', {})).toEqual([{ ...card, name: 'Alicia' }])
})

it('APP-3 keeps a card that was acknowledged when the whole browser is killed at once', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'offst-profile-'))
  const before = await launchProfile(folder)
  const key = newId16()
  const card = await createCard(await openTab(before), 'Alice', key)
  const session = await before.newCDPSession(before.pages().at(-1)!)
  await session.send('Browser.crash').catch(() => undefined)
  await before.close()
  const after = await launchProfile(folder)
  const page = await openTab(after)
  expect(await call(page, 'cards.list', {})).toEqual([card])
  expect(await createCard(page, 'Alice', key)).toEqual(card)
  await after.close()
  await rm(folder, { recursive: true, force: true })
})

it('APP-10 forgets a tab that was closed', async () => {
  const first = await openTab()
  const second = await openTab()
  expect(await countLocks(first, 'offst-tab-')).toBe(2)
  await second.close()
  await expect.poll(() => countLocks(first, 'offst-tab-'), SOON).toBe(1)
  expect(await call(first, 'cards.list', {})).toEqual([])
})

it('APP-11 starts the worker again when it dies, and loses no call', async () => {
  const tabs = [await openTab(), await openTab()]
  const card = await createCard(tabs[0]!, 'Alice')
  const { targetInfo } = await (await context.newCDPSession(tabs[0]!)).send('Target.getTargetInfo')
  const session = await browser.newBrowserCDPSession()
  const { targetInfos } = await session.send('Target.getTargets')
  const workers = targetInfos.filter(
    ({ type, browserContextId }) =>
      type === 'shared_worker' && browserContextId === targetInfo.browserContextId,
  )
  expect(workers).toHaveLength(1)
  const calls = tabs.map((tab) => call(tab, 'cards.list', {}))
  await session.send('Target.closeTarget', { targetId: workers[0]!.targetId })
  for (const tab of tabs) {
    await expect.poll(() => states(tab), SOON).toEqual(['ready', 'lost', 'ready'])
    expect(await call(tab, 'cards.list', {})).toEqual([card])
  }
  expect(await Promise.all(calls)).toEqual([[card], [card]])
  expect(await countLocks(tabs[0]!, 'offst-card-')).toBe(1)
})

it('APP-2 answers malformed messages, and goes on serving', async () => {
  const page = await openTab()
  const answers = await page.evaluate(() =>
    globalThis.shell.sendRaw([
      null,
      'hello',
      { id: 1 },
      { id: 2, method: 'nothing', params: {} },
      { id: 3, method: 'cards.create', params: { name: 7 } },
      { id: 4, method: 'card.ticket', params: {} },
      { id: 5, method: 'text.inspect', params: { input: 'x'.repeat(100_000) } },
      { id: 6, method: 'cards.list', params: {}, card: 'x' },
    ]),
  )
  expect(answers).toMatchObject([
    { id: -1, error: { code: 'badCall' } },
    { id: -1, error: { code: 'badCall' } },
    { id: 1, error: { code: 'badCall' } },
    { id: 2, error: { code: 'unknownMethod' } },
    { id: 3, error: { code: 'badParams' } },
    { id: 4, error: { code: 'badCall' } },
    { id: 5, error: { code: 'badParams' } },
    { id: 6, error: { code: 'badCall' } },
  ])
  expect(await call(page, 'cards.list', {})).toEqual([])
})

it('APP-12 elects one tab where there is no SharedWorker, and another one when that is closed', async () => {
  await hideSharedWorker(context)
  const first = await openTab()
  const second = await openTab()
  expect(await second.evaluate(() => 'SharedWorker' in globalThis)).toBe(false)
  expect(await countLocks(first, 'offst-node-')).toBe(1)
  const card = await createCard(second, 'Alice')
  await first.waitForFunction(() => globalThis.shell.events.includes('cards'))
  expect(await call(first, 'cards.list', {})).toEqual([card])
  await first.close()
  expect(await call(second, 'cards.list', {})).toEqual([card])
  await expect.poll(() => states(second), SOON).toEqual(['ready', 'lost', 'ready'])
  const third = await openTab()
  await call(third, 'card.rename', { name: 'Alicia' }, card.id)
  expect(await call(second, 'cards.list', {})).toEqual([{ ...card, name: 'Alicia' }])
})

it('APP-9 never works twice on one card, though a SharedWorker and an elected worker run side by side', async () => {
  const shared = await openTab()
  const card = await createCard(shared, 'Alice')
  await hideSharedWorker(context)
  const elected = await openTab()
  expect(await call(elected, 'cards.list', {})).toMatchObject([{ id: card.id, state: 'elsewhere' }])
  await expect(call(elected, 'card.ticket', {}, card.id)).rejects.toThrow('elsewhere:')
  expect(await countLocks(shared, 'offst-card-')).toBe(1)
  await shared.close()
  await expect.poll(() => call(elected, 'cards.list', {}), SOON).toEqual([card])
})

it('APP-13 replaces an older worker when a page of a newer build comes, for the older pages too', async () => {
  const old = await openTab()
  const card = await createCard(old, 'Alice')
  await site.deploy(2)
  const fresh = await openTab()
  await expect.poll(() => states(old), SOON).toEqual(['ready', 'lost', 'ready'])
  expect(await states(fresh)).toEqual(['ready'])
  expect(await call(old, 'cards.list', {})).toEqual([card])
  expect(await call(fresh, 'cards.list', {})).toEqual([card])
  expect(await countLocks(fresh, 'offst-node-')).toBe(1)
})

it('lets one card of this browser pay another one through real servers', async () => {
  const page = await openTab()
  const servers = (await (await fetch(`${site.url}/.well-known/offst.json`)).json()) as {
    relays: string[]
    indexServers: string[]
  }
  const create = (name: string): Promise<CardView> =>
    call(page, 'cards.create', { key: newId16(), name, ...servers })
  const [alice, bob] = [await create('Alice'), await create('Bob')]
  await befriend(page, alice, bob, '0')
  await befriend(page, bob, alice, '100')
  const invoice = { nonce: newId16(), currency: 'credit', amount: '60' }
  const { text } = await call(page, 'invoices.create', invoice, bob.id)
  await expect
    .poll(() => call(page, 'payments.quote', { invoice: text }, alice.id).catch(String), SOON)
    .toMatchObject({ fees: '0' })
  const payment = { id: newId16(), maxFees: '0', invoice: text }
  await call(page, 'payments.pay', payment, alice.id)
  const receiptOf = (): Promise<{ receipt: { text: string } }> =>
    call(page, 'payments.receipt', { id: payment.id }, alice.id)
  await expect.poll(() => receiptOf().catch(String), SOON).toHaveProperty('receipt')
  const { receipt } = await receiptOf()
  const verified = await call(page, 'receipt.verify', { invoice: text, receipt: receipt.text })
  expect(verified).toMatchObject({ valid: true, amount: '60', destination: bob.id })
})

/** `owner` adds `friend` and lets him owe `maxDebt`. */
async function befriend(page: Page, owner: CardView, friend: CardView, maxDebt: string): Promise<void> {
  const { text } = await call(page, 'card.ticket', {}, friend.id)
  await call(page, 'friends.add', { ticket: text, name: friend.name }, owner.id)
  const currency = { friend: friend.id, currency: 'credit' }
  await call(page, 'friends.addCurrency', currency, owner.id)
  await call(page, 'friends.setMaxDebt', { ...currency, maxDebt }, owner.id)
  await call(page, 'friends.setOpen', { ...currency, open: true }, owner.id)
}
