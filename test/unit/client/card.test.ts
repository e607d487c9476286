// A card as an app uses it, over connections that break and come back, against a real node.

import { expect, it } from 'vitest'
import { nobleProvider } from '../../../protocol/ed25519.ts'
import { toText } from '../../../protocol/forms.ts'
import type { Currency, RequestId } from '../../../protocol/types.ts'
import { toBase64url } from '../../../protocol/wire.ts'
import { NodeWorld } from './node-world.ts'

/** Long enough for the first waits before a node is dialled again. */
const SOON_MS = 10_000
const HOUR_MS = 3_600_000

it('APP-3 goes on after its connection broke: the state changes to the new one in one step, calls have waited', async () => {
  const world = await NodeWorld.start()
  const [card, other] = [await world.card(), await world.card()]
  await world.hasFriendAway(other)
  const [friend] = card.state.friends
  const told: string[] = []
  card.client.onInterrupted = ({ code }) => told.push(code)
  card.client.onLost = ({ code }) => told.push(`lost ${code}`)
  const names = new Set<string | undefined>()
  card.state.onChange(() => names.add(card.state.card?.name))
  world.isUp = false
  world.sockets[0]?.close()
  await world.passes()
  expect(told).toEqual(['disconnected'])
  const form = card.call('card.ticket', {})
  expect(await world.after(other.call('card.rename', { name: 'renamed' }))).toMatchObject({ ok: true })
  await world.after(other.call('friends.remove', { friend: friend?.publicKey ?? '' }))
  expect(card.state).toMatchObject({ card: { name: 'node' }, friends: [{ name: 'friend' }] })
  world.isUp = true
  expect(await world.after(form, SOON_MS)).toMatchObject({ ok: true })
  await world.passes()
  expect(card.state).toMatchObject({ card: { name: 'renamed' }, friends: [] })
  expect([...names]).toEqual(['renamed'])
  expect(told).toEqual(['disconnected'])
  expect(await world.after(card.call('card.rename', { name: 'again' }))).toMatchObject({ ok: true })
  expect(card.state.card?.name).toBe('again')
})

it('APP-3 repeats a call whose answer was lost, and the node does it once', async () => {
  const world = await NodeWorld.start()
  const card = await world.card()
  const creating = card.createInvoice({ amount: 60n, description: 'bananas' })
  // The call is on its way, the answer will find nobody.
  world.clock.advance(1)
  world.cut()
  const created = await world.after(creating, SOON_MS)
  expect(created).toMatchObject({ ok: true, value: { state: 'open', amount: '60' } })
  await world.passes()
  expect([...card.state.invoices.values()]).toEqual([created.ok && created.value])
})

it('CLI-5 goes on with other permissions, and ends when the owner lets the app in no more', async () => {
  const world = await NodeWorld.start()
  const card = await world.card()
  const told: string[] = []
  card.client.onInterrupted = ({ code }) => told.push(code)
  world.accept('read')
  await world.passes(SOON_MS)
  expect(told).toEqual(['revoked'])
  const refused = await world.after(card.createInvoice({ amount: 1n }))
  expect(refused).toMatchObject({ ok: false, error: { code: 'forbidden' } })
  const waiting = card.state.until(() => undefined, HOUR_MS)
  world.accept()
  await world.passes(SOON_MS)
  expect(await waiting).toMatchObject({ ok: false, error: { code: 'unknownApp' } })
  expect(await card.call('card.ticket', {})).toMatchObject({ ok: false, error: { code: 'unknownApp' } })
  const dials = world.sockets.length
  await world.passes(HOUR_MS)
  expect(world.sockets).toHaveLength(dials)
})

it('ends with the first connection when it is asked to', async () => {
  const world = await NodeWorld.start()
  const card = await world.card({ reconnect: false })
  world.cut()
  await world.passes(SOON_MS)
  expect(await card.call('card.ticket', {})).toMatchObject({ ok: false, error: { code: 'disconnected' } })
  expect(world.sockets).toHaveLength(1)
})

it('NOI-8 makes a new connection when the old one has become old', async () => {
  const world = await NodeWorld.start()
  const card = await world.card()
  await world.passes(HOUR_MS - 20_000)
  expect(world.sockets).toHaveLength(1)
  await world.passes(SOON_MS * 3)
  expect(world.sockets).toHaveLength(2)
  expect(await world.after(card.call('card.rename', { name: 'old' }))).toMatchObject({ ok: true })
  expect(card.state.card?.name).toBe('old')
})

it('dials no more once it is closed', async () => {
  const world = await NodeWorld.start()
  const card = await world.card()
  world.isUp = false
  world.cut()
  await world.passes(SOON_MS)
  card.close()
  card.close()
  world.isUp = true
  await world.passes(HOUR_MS)
  expect(world.sockets).toHaveLength(1)
  expect(await card.call('card.ticket', {})).toMatchObject({ ok: false, error: { code: 'closed' } })
})

it('says why a card cannot be opened', async () => {
  const world = await NodeWorld.start()
  const code = async (options: Parameters<NodeWorld['open']>[0]) => {
    const opened = await world.open(options)
    return opened.ok ? 'ok' : opened.error.code
  }
  expect(await code({ ticket: 'bananas' })).toBe('unknownForm')
  expect(await code({ identity: 'bananas' })).toBe('malformed')
  world.accept('config')
  expect(await code({})).toBe('forbidden')
  world.accept()
  expect(await code({})).toBe('unknownApp')
  world.isUp = false
  expect(await code({})).toBe('unreachable')
})

it('waits for an invoice until it is cancelled, expired, or its patience ends', async () => {
  const world = await NodeWorld.start()
  const card = await world.card()
  const expires = world.clock.now() + HOUR_MS
  const made = await world.after(card.createInvoice({ amount: 60n, currency: 'EUR', expires }))
  const other = await world.after(card.createInvoice({ amount: 7n }))
  if (!made.ok || !other.ok) throw new Error('there is no invoice')
  expect(made.value).toMatchObject({ amount: '60', currency: 'EUR', expires })
  expect(await world.after(card.untilPaid(made.value.id, 50))).toMatchObject({ error: { code: 'timedOut' } })
  const cancelled = card.untilPaid(other.value.id, 10 * HOUR_MS)
  await world.after(card.call('invoices.cancel', { id: other.value.id }))
  expect(await cancelled).toMatchObject({ error: { code: 'invoiceCancelled' } })
  const expired = card.untilPaid(made.value.id, 10 * HOUR_MS)
  await world.passes(2 * HOUR_MS)
  expect(await expired).toMatchObject({ error: { code: 'invoiceExpired' } })
})

it('sends nothing that does not fit, and says so', async () => {
  const world = await NodeWorld.start()
  const card = await world.card()
  expect(await card.createInvoice({ amount: 0n })).toMatchObject({
    error: { code: 'badParams', message: expect.stringContaining('amount') },
  })
  expect(await card.payInvoice('bananas')).toMatchObject({ error: { code: 'unknownForm' } })
})

/** An invoice of somebody whom the card cannot reach. */
const INVOICE = toText({
  kind: 'invoice',
  invoice: {
    destination: nobleProvider.signer(new Uint8Array(32).fill(7)).publicKey,
    currency: 'credit' as Currency,
    amount: 60n,
    created: 1,
    nonce: toBase64url(new Uint8Array(16)) as RequestId,
  },
})

it('says why a payment failed', async () => {
  const world = await NodeWorld.start()
  const card = await world.card()
  const own = await world.after(card.createInvoice({ amount: 5n }))
  if (!own.ok) throw new Error('there is no invoice')
  const toItself = await world.after(card.payInvoice(own.value.text))
  expect(toItself).toMatchObject({ error: { code: 'ownInvoice' } })
  expect(await world.after(card.payInvoice(INVOICE))).toMatchObject({ error: { code: 'noFriends' } })
})

it('cancels a payment that takes too long, and says that nothing was paid', async () => {
  const world = await NodeWorld.start()
  const card = await world.card()
  await world.hasFriendAway(card)
  const paying = card.payInvoice(INVOICE, { timeout_ms: 200 })
  await world.passes()
  const waitsOn = card.payInvoice(INVOICE, { timeout_ms: 400 })
  await world.passes(500)
  expect(await waitsOn).toMatchObject({ error: { code: 'cancelled' } })
  expect(await paying).toMatchObject({ error: { code: 'timedOut' } })
  expect(card.state.payments.size).toBe(1)
})

it('does not know the outcome of a payment when the connection ends, and says so', async () => {
  const world = await NodeWorld.start()
  const card = await world.card({ reconnect: false })
  await world.hasFriendAway(card)
  const paying = card.payInvoice(INVOICE)
  await world.passes()
  world.cut()
  expect(await world.after(paying)).toMatchObject({
    error: { code: 'noOutcome', message: expect.stringContaining('do not pay it twice') },
  })
})
