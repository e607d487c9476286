// A remote card over connections that break and come back, against a real node with its real door for apps.

import { expect, it } from 'vitest'
import type { CardView, MethodName } from '../../../../worker/api.ts'
import type { ViewChange } from '../../../../worker/runtime/node.ts'
import { RemoteCard, tryRemote } from '../../../../worker/shell/remote-card.ts'
import { NodeWorld } from '../../client/node-world.ts'

/** Long enough for the first waits before a node is dialled again. */
const SOON_MS = 10_000
const CREATED = 5

/** What a page makes of the changes that it is told. */
class Page {
  readonly #entries = new Map<string, unknown>()
  readonly states: string[] = []

  constructor(card: RemoteCard) {
    card.subscribe((changes) => changes.forEach((change) => this.#apply(change)))
  }

  all(collection: string): unknown[] {
    return [...this.#entries].filter(([name]) => name.startsWith(`${collection} `)).map(([, value]) => value)
  }

  get card(): CardView {
    return this.all('card')[0] as CardView
  }

  #apply({ collection, key, value }: ViewChange): void {
    if (value === null) this.#entries.delete(`${collection} ${key}`)
    else this.#entries.set(`${collection} ${key}`, value)
    if (collection === 'card' && value !== null && this.states.at(-1) !== value.state) {
      this.states.push(value.state)
    }
  }
}

function hold(world: NodeWorld): { card: RemoteCard; page: Page } {
  const card = new RemoteCard({ ...world.way, name: 'mine', created: CREATED })
  const page = new Page(card)
  card.start()
  return { card, page }
}

async function ask(
  world: NodeWorld,
  card: RemoteCard,
  method: MethodName,
  params: unknown,
  span_ms?: number,
) {
  return world.after(card.call(method, params), span_ms)
}

it('APP-18 shows the state of a card that a node elsewhere keeps, and passes calls on', async () => {
  const world = await NodeWorld.start()
  const { card, page } = hold(world)
  expect(page.card).toEqual({
    id: world.remoteTicket.publicKey,
    name: 'mine',
    created: CREATED,
    state: 'reaching',
    remote: {},
  })
  await world.passes()
  expect(page.card).toMatchObject({ name: 'node', created: CREATED, state: 'running' })
  expect(page.card.remote?.heard).toBeGreaterThan(0)
  expect(page.all('settings')).toEqual([{ acceptUnknownPayments: true }])
  expect(await ask(world, card, 'card.rename', { name: 'renamed' })).toEqual({ ok: true, value: {} })
  expect(page.card.name).toBe('renamed')
  const invoice = { nonce: 'A'.repeat(22), currency: 'credit', amount: '7' }
  expect(await ask(world, card, 'invoices.create', invoice)).toMatchObject({ value: { state: 'open' } })
  expect(page.all('invoices')).toMatchObject([{ amount: '7' }])
  expect(new Page(card).all('invoices')).toEqual(page.all('invoices'))
})

it('APP-19 says that the node is not reached, keeps what it knew, and refuses calls at once', async () => {
  const world = await NodeWorld.start()
  const other = await world.card()
  await world.hasFriendAway(other)
  const { card, page } = hold(world)
  await world.passes()
  expect(page.all('friends')).toHaveLength(1)
  world.isUp = false
  world.cut()
  await world.passes(SOON_MS)
  expect(page.card).toMatchObject({ state: 'reaching', fault: { code: 'unreachable' } })
  expect(page.card.remote?.heard).toBeLessThan(world.clock.now())
  expect(page.all('friends')).toHaveLength(1)
  expect(await card.call('card.rename', { name: 'late' })).toMatchObject({
    ok: false,
    error: { code: 'unreachable', message: expect.stringMatching('nothing was done') as string },
  })
  await world.after(other.call('friends.remove', { friend: other.state.friends[0]?.publicKey ?? '' }))
  world.isUp = true
  // The next dial may be as far away as the card was.
  await world.passes(2 * SOON_MS)
  expect(page.states).toEqual(['reaching', 'running', 'reaching', 'running'])
  expect(page.card.fault).toBeUndefined()
  expect(page.all('friends')).toEqual([])
})

it('APP-3 APP-19 repeats a call whose answer was lost, and the node does it once', async () => {
  const world = await NodeWorld.start()
  const { card, page } = hold(world)
  await world.passes()
  const creating = card.call('invoices.create', {
    nonce: 'A'.repeat(22),
    currency: 'credit',
    amount: '60',
  })
  // The call is on its way, the answer will find nobody.
  world.clock.advance(1)
  world.cut()
  expect(await world.after(creating, SOON_MS)).toMatchObject({ ok: true, value: { amount: '60' } })
  await world.passes()
  expect(page.all('invoices')).toHaveLength(1)
})

it('APP-19 says that there is no answer to a call that was sent, when the node stays away', async () => {
  const world = await NodeWorld.start()
  const { card } = hold(world)
  await world.passes()
  const creating = card.call('invoices.create', { nonce: 'A'.repeat(22), currency: 'credit', amount: '60' })
  world.clock.advance(1)
  world.isUp = false
  world.cut()
  expect(await world.after(creating, 60_000)).toMatchObject({ ok: false, error: { code: 'noAnswer' } })
})

it('APP-19 is there when the node comes up later, at once when the network is back', async () => {
  const world = await NodeWorld.start()
  world.isUp = false
  const { card, page } = hold(world)
  await world.passes(300_000)
  expect(page.card).toMatchObject({ state: 'reaching', fault: { code: 'unreachable' }, remote: {} })
  world.isUp = true
  card.wake()
  await world.passes()
  expect(page.card.state).toBe('running')
})

it('APP-19 stops at once when its owner removes it, and can be tried again', async () => {
  const world = await NodeWorld.start()
  const { card, page } = hold(world)
  await world.passes()
  world.accept()
  await world.passes()
  expect(page.card).toMatchObject({ state: 'stopped', fault: { code: 'revoked' } })
  expect(await card.call('card.ticket', {})).toMatchObject({ error: { code: 'revoked' } })
  await world.passes(SOON_MS)
  const dials = world.sockets.length
  await world.passes(300_000)
  expect(world.sockets).toHaveLength(dials)
  world.accept('read')
  card.reopen()
  await world.passes()
  expect(page.card.state).toBe('running')
  expect(page.card.fault).toBeUndefined()
  expect(await ask(world, card, 'card.rename', { name: 'mine' })).toMatchObject({
    error: { code: 'forbidden' },
  })
})

it('APP-18 leaves the apps of the card to its owner', async () => {
  const world = await NodeWorld.start()
  const { card } = hold(world)
  await world.passes()
  for (const method of ['apps.accept', 'apps.revoke', 'apps.invite'] as const) {
    expect(await card.call(method, {})).toMatchObject({ error: { code: 'ownerOnly' } })
  }
})

it('ends its connection when it is stopped, and tells nobody any more', async () => {
  const world = await NodeWorld.start()
  const { card, page } = hold(world)
  await world.passes()
  await card.stop()
  await world.passes()
  expect(world.sockets.every(({ isClosed }) => isClosed)).toBe(true)
  expect(page.card.state).toBe('stopped')
  expect(await card.call('card.ticket', {})).toMatchObject({ error: { code: 'stopped' } })
})

it('APP-18 can be tried before it is held: what the card is called, or why it cannot be used', async () => {
  const world = await NodeWorld.start()
  expect(await world.after(tryRemote(world.way))).toEqual({ ok: true, value: 'node' })
  world.accept()
  expect(await world.after(tryRemote(world.way))).toMatchObject({ error: { code: 'revoked' } })
  const stranger = { ...world.way, place: { ...world.way.place, publicKey: world.way.signer.publicKey } }
  expect(await world.after(tryRemote(stranger))).toMatchObject({ error: { code: 'wrongPeer' } })
  world.isUp = false
  expect(await world.after(tryRemote(world.way))).toMatchObject({ error: { code: 'unreachable' } })
  expect(world.sockets.every(({ isClosed }) => isClosed)).toBe(true)
})
