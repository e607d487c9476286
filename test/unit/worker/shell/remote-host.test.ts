// Remote cards among the cards of a browser: added by their tickets, kept, and forgotten.

import { beforeEach, expect, it } from 'vitest'
import { toText, type RemoteTicket } from '../../../../protocol/forms.ts'
import type { Result } from '../../../../protocol/result.ts'
import type { CardView, MethodName } from '../../../../worker/api.ts'
import type { Host } from '../../../../worker/shell/host.ts'
import { NodeWorld } from '../../client/node-world.ts'
import { MemoryBrowser, newKey } from './support.ts'

let world: NodeWorld
let browser: MemoryBrowser
let host: Host

beforeEach(async () => {
  world = await NodeWorld.start()
  browser = new MemoryBrowser()
  browser.clock = world.clock
  browser.connect = world.way.connect
  host = browser.host()
})

function call(method: MethodName, params: unknown, card?: string): Promise<Result<unknown>> {
  return world.after(host.call({ method, params, ...(card === undefined ? {} : { card }) }))
}

function add(ticket: RemoteTicket, more: object = {}): Promise<Result<unknown>> {
  return call('cards.addRemote', { key: newKey(), ticket: toText({ kind: 'remote', ticket }), ...more })
}

async function list(): Promise<CardView[]> {
  const listed = await call('cards.list', {})
  if (!listed.ok) throw new Error(listed.error.message)
  return listed.value as CardView[]
}

it('APP-18 holds a card by its ticket, and has it again after a restart, without a database', async () => {
  const { publicKey } = world.remoteTicket
  expect(await add(world.remoteTicket)).toMatchObject({ ok: true, value: { id: publicKey, name: 'node' } })
  await world.passes()
  expect(await list()).toMatchObject([{ id: publicKey, name: 'node', state: 'running' }])
  expect(await call('card.rename', { name: 'ours' }, publicKey)).toMatchObject({ ok: true })
  await host.stop()
  world.isUp = false
  host = browser.host()
  expect(await list()).toMatchObject([{ id: publicKey, name: 'ours', state: 'reaching', remote: {} }])
  world.isUp = true
  host.wake()
  await world.passes(10_000)
  expect(await list()).toMatchObject([{ id: publicKey, name: 'ours', state: 'running' }])
  expect(browser.disks.size).toBe(0)
})

it('APP-3 APP-18 adds it once, however often the call is made, and refuses it by another call', async () => {
  const ticket = toText({ kind: 'remote', ticket: world.remoteTicket })
  const once = { key: newKey(), ticket }
  const both = await Promise.all([call('cards.addRemote', once), call('cards.addRemote', once)])
  expect(both.map(({ ok }) => ok)).toEqual([true, true])
  expect(await call('cards.addRemote', once)).toMatchObject({ ok: true })
  expect(await list()).toHaveLength(1)
  expect(await add(world.remoteTicket)).toMatchObject({
    error: { code: 'cardExists', message: expect.stringMatching('as “node”') as string },
  })
  const crossing = [add(world.remoteTicket), add(world.remoteTicket)]
  expect((await Promise.all(crossing)).map(({ ok }) => ok)).toEqual([false, false])
})

it('APP-18 does not add a card twice when two calls cross', async () => {
  const [one, other] = await Promise.all([add(world.remoteTicket), add(world.remoteTicket)])
  expect([one.ok, other.ok].sort()).toEqual([false, true])
  expect(await list()).toHaveLength(1)
})

it('APP-18 refuses the ticket of a card that is here itself', async () => {
  const made = await call('cards.create', { key: newKey(), name: 'Alice', relays: [], indexServers: [] })
  const { id } = (made.ok ? made.value : {}) as CardView
  const ticket = { ...world.remoteTicket, publicKey: id as RemoteTicket['publicKey'] }
  expect(await add(ticket)).toMatchObject({ error: { code: 'cardExists' } })
})

it('APP-18 adds nothing that was not reached, unless it is told to', async () => {
  world.isUp = false
  expect(await add(world.remoteTicket)).toMatchObject({ error: { code: 'unreachable' } })
  expect(await list()).toEqual([])
  expect(browser.entries.size).toBe(0)
  const added = await add(world.remoteTicket, { unreached: true })
  expect(added).toMatchObject({ ok: true, value: { name: 'mine', state: 'reaching' } })
  world.isUp = true
  await world.passes(10_000)
  expect(await list()).toMatchObject([{ name: 'node', state: 'running' }])
})

it('APP-18 adds nothing for a ticket that was revoked, damaged, or of another kind', async () => {
  world.accept()
  expect(await add(world.remoteTicket)).toMatchObject({ error: { code: 'revoked' } })
  const text = toText({ kind: 'remote', ticket: world.remoteTicket })
  const key = newKey()
  const damaged = text.replace(/.$/, (last) => (last === 'q' ? 'p' : 'q'))
  expect(await call('cards.addRemote', { key, ticket: damaged })).toMatchObject({
    error: { code: 'damaged' },
  })
  const [node] = [
    toText({ kind: 'node', ticket: { publicKey: world.remoteTicket.publicKey, address: 'x:1' } }),
  ]
  expect(await call('cards.addRemote', { key, ticket: node })).toMatchObject({ error: { code: 'wrongKind' } })
  expect(await list()).toEqual([])
})

it('APP-18 forgets a remote card that is removed, and asks nothing of its node', async () => {
  const { publicKey } = world.remoteTicket
  await add(world.remoteTicket)
  await world.passes()
  expect(await call('cards.remove', { card: publicKey, confirm: 'node' })).toEqual({ ok: true, value: {} })
  await world.passes()
  expect(await list()).toEqual([])
  expect(browser.entries.size).toBe(0)
  expect(world.sockets.every(({ isClosed }) => isClosed)).toBe(true)
  expect(await add(world.remoteTicket)).toMatchObject({ ok: true, value: { name: 'node' } })
})
