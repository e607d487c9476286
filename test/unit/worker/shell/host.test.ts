// The host of a browser's cards: made once, started again after anything, never two at work on one database.

import { expect, it } from 'vitest'
import type { CardView } from '../../../../worker/api.ts'
import type { Host } from '../../../../worker/shell/host.ts'
import { lockOfCard } from '../../../../worker/shell/locks.ts'
import type { CardEntry } from '../../../../worker/shell/registry.ts'
import { MemoryBrowser, newKey } from './support.ts'

async function create(host: Host, name: string, key = newKey()): Promise<CardView> {
  const result = await host.call({
    method: 'cards.create',
    params: { key, name, relays: [], indexServers: [] },
  })
  if (!result.ok) throw new Error(result.error.message)
  return result.value as CardView
}

async function list(host: Host): Promise<CardView[]> {
  const result = await host.call({ method: 'cards.list', params: {} })
  if (!result.ok) throw new Error(result.error.message)
  return result.value as CardView[]
}

it('makes a card that runs, is listed, and is there again after a restart', async () => {
  const browser = new MemoryBrowser()
  const first = browser.host()
  const card = await create(first, 'Alice')
  expect(await list(first)).toEqual([{ id: card.id, name: 'Alice', created: 1_000, state: 'running' }])
  await first.stop()
  expect(await list(browser.host())).toEqual([card])
})

it('APP-3 makes one card for one key, however often and however concurrently it is asked', async () => {
  const browser = new MemoryBrowser()
  const host = browser.host()
  const key = newKey()
  const made = await Promise.all([create(host, 'Alice', key), create(host, 'Alice', key)])
  made.push(await create(host, 'Alice', key))
  await host.stop()
  made.push(await create(browser.host(), 'Alice', key))
  expect(new Set(made.map(({ id }) => id)).size).toBe(1)
  expect(browser.entries.size).toBe(1)
})

it('lists no card whose first records could not be stored, and makes the same one when asked again', async () => {
  const browser = new MemoryBrowser()
  const host = browser.host()
  const key = newKey()
  browser.isFull = true
  await expect(create(host, 'Alice', key)).rejects.toThrow('store does not work')
  expect(await list(host)).toEqual([])
  browser.isFull = false
  const card = await create(host, 'Alice', key)
  expect(await list(host)).toEqual([card])
  expect([...browser.entries.values()].map(({ publicKey, stage }) => ({ publicKey, stage }))).toEqual([
    { publicKey: card.id, stage: 'ready' },
  ])
})

it('APP-8 finishes a card at the next start when it was being made in a crash', async () => {
  const browser = new MemoryBrowser()
  const before = browser.host()
  const card = await create(before, 'Alice')
  await before.stop()
  const [entry] = browser.entries.values()
  browser.entries.set(entry!.publicKey, {
    ...entry!,
    stage: 'making',
    servers: { relays: [], indexServers: [] },
  })
  browser.disks.clear()
  expect(await list(browser.host())).toEqual([card])
  expect(browser.entries.get(entry!.publicKey)?.stage).toBe('ready')
})

it('refuses bad tickets and too many servers with a sentence, and makes nothing', async () => {
  const browser = new MemoryBrowser()
  const host = browser.host()
  const params = { key: newKey(), name: 'Alice', relays: ['offstrelay1x'], indexServers: [] }
  expect(await host.call({ method: 'cards.create', params })).toMatchObject({ ok: false })
  const many = { ...params, relays: Array.from({ length: 9 }, () => 'x') }
  expect(await host.call({ method: 'cards.create', params: many })).toMatchObject({
    error: { code: 'tooManyServers' },
  })
  expect(browser.entries.size).toBe(0)
})

it('removes a card only when its name is repeated, with its database', async () => {
  const browser = new MemoryBrowser()
  const host = browser.host()
  const card = await create(host, 'Alice')
  const wrong = { card: card.id, confirm: 'alice' }
  expect(await host.call({ method: 'cards.remove', params: wrong })).toMatchObject({
    error: { code: 'notConfirmed' },
  })
  const right = { card: card.id, confirm: 'Alice' }
  expect(await host.call({ method: 'cards.remove', params: right })).toEqual({ ok: true, value: {} })
  expect(await host.call({ method: 'cards.remove', params: right })).toEqual({ ok: true, value: {} })
  expect(await list(host)).toEqual([])
  expect(browser.disks.size).toBe(0)
  expect(browser.entries.size).toBe(0)
  expect(browser.nodes.map(({ isRunning }) => isRunning)).toEqual([false])
})

it('APP-8 finishes a removal at the next start when it was cut short by a crash', async () => {
  const browser = new MemoryBrowser()
  const before = browser.host()
  await create(before, 'Alice')
  await before.stop()
  const [entry] = browser.entries.values()
  browser.entries.set(entry!.publicKey, { ...entry!, stage: 'removing' })
  expect(await list(browser.host())).toEqual([])
  expect(browser.entries.size).toBe(0)
  expect(browser.disks.size).toBe(0)
})

it('APP-9 shows a card as elsewhere while another host holds it, and opens it when that one has gone', async () => {
  const browser = new MemoryBrowser()
  const first = browser.host()
  const card = await create(first, 'Alice')
  const second = browser.host()
  expect(await list(second)).toMatchObject([{ id: card.id, name: 'Alice', state: 'elsewhere' }])
  expect(await second.call({ card: card.id, method: 'card.ticket', params: {} })).toMatchObject({
    error: { code: 'elsewhere' },
  })
  const removal = { card: card.id, confirm: 'Alice' }
  expect(await second.call({ method: 'cards.remove', params: removal })).toMatchObject({
    error: { code: 'elsewhere' },
  })
  expect(browser.nodes).toHaveLength(1)
  const seen: string[] = []
  await second.subscribe(card.id, (changes) => {
    for (const { value } of changes) if (value !== null && 'state' in value) seen.push(value.state)
  })
  const changed = new Promise<void>((resolve) => second.onCards(resolve))
  await first.stop()
  await changed
  expect(await list(second)).toEqual([card])
  expect(seen).toEqual(['elsewhere', 'running'])
  expect(browser.nodes.map(({ isRunning }) => isRunning)).toEqual([false, true])
})

it('keeps the other cards running when one cannot be opened, and says what is wrong with it', async () => {
  const browser = new MemoryBrowser()
  const before = browser.host()
  const alice = await create(before, 'Alice')
  const bob = await create(before, 'Bob')
  await before.stop()
  browser.broken.add(alice.id)
  const host = browser.host()
  expect(await list(host)).toMatchObject([
    { id: alice.id, state: 'stopped', fault: { code: 'internal' } },
    { id: bob.id, state: 'running' },
  ])
  expect(await host.call({ card: bob.id, method: 'card.ticket', params: {} })).toMatchObject({ ok: true })
})

it('tries again to open a card that could not be opened, and reopens one that runs, when asked', async () => {
  const browser = new MemoryBrowser()
  const before = browser.host()
  const card = await create(before, 'Alice')
  await before.stop()
  browser.broken.add(card.id)
  const host = browser.host()
  await list(host)
  browser.broken.clear()
  const changed = new Promise<void>((resolve) => host.onCards(resolve))
  await host.call({ method: 'cards.reopen', params: { card: card.id } })
  await changed
  expect(await list(host)).toEqual([card])
  await host.call({ method: 'cards.reopen', params: { card: card.id } })
  expect(browser.nodes.at(-1)?.reopened).toBe(1)
})

it('remembers a new name for the time when the card does not run, and tells that the list has changed', async () => {
  const browser = new MemoryBrowser()
  const host = browser.host()
  await create(host, 'Alice')
  let told = 0
  host.onCards(() => {
    told += 1
  })
  browser.nodes[0]!.rename('Alice B.')
  expect(told).toBe(1)
  expect([...browser.entries.values()].map(({ name }) => name)).toEqual(['Alice B.'])
})

it('answers calls to a card that it does not hold', async () => {
  const host = new MemoryBrowser().host()
  expect(await host.call({ card: 'A'.repeat(43), method: 'card.ticket', params: {} })).toMatchObject({
    error: { code: 'unknownCard' },
  })
  expect(await host.subscribe('A'.repeat(43), () => undefined)).toMatchObject({
    error: { code: 'unknownCard' },
  })
})

it('APP-8 leaves nothing of a card that is removed while it is still being made', async () => {
  let open = (): void => undefined
  const gate = new Promise<void>((resolve) => (open = resolve))
  class SlowBrowser extends MemoryBrowser {
    override async put(entry: CardEntry): Promise<void> {
      if (entry.stage === 'ready') await gate
      await super.put(entry)
    }
  }
  const browser = new SlowBrowser()
  const host = browser.host()
  const making = create(host, 'Alice')
  await settle()
  const [card] = await list(host)
  const removing = host.call({ method: 'cards.remove', params: { card: card!.id, confirm: 'Alice' } })
  await settle()
  open()
  expect(await removing).toEqual({ ok: true, value: {} })
  await making
  await settle()
  expect([browser.entries.size, browser.disks.size, await list(host)]).toEqual([0, 0, []])
  expect(browser.nodes.some((node) => node.isRunning)).toBe(false)
  expect(await browser.locks.tryHold(lockOfCard(card!.id))).toBeDefined()
})

it('tells all cards that the network is back', async () => {
  const browser = new MemoryBrowser()
  const host = browser.host()
  await create(host, 'Alice')
  await create(host, 'Bob')
  host.wake()
  expect(browser.nodes.map(({ woken }) => woken)).toEqual([1, 1])
})

async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}
