// A card of a browser, opened on another device by the ticket that it made: over the relay, as long as its owner lets it.

import { expect, it } from 'vitest'
import { nobleProvider } from '../../../protocol/ed25519.ts'
import { readAs, type RemoteTicket } from '../../../protocol/forms.ts'
import { fromBase64url } from '../../../protocol/wire.ts'
import type { ResultOf } from '../../../worker/api.ts'
import { RemoteCard } from '../../../worker/shell/remote-card.ts'
import { ServedCard } from '../../../worker/shell/served-card.ts'
import { seededRandom } from '../../support/seeded-random.ts'
import { createInvoice, createTrio, untilReady, type Trio } from './trio.ts'

/** The trio, in which apps can reach Alice's card. */
async function createServed(seed: string): Promise<Trio> {
  const trio = await createTrio(seed)
  trio.alice.crash()
  trio.alice.device.createNode = (options) => new ServedCard(options)
  trio.alice.boot()
  await untilReady(trio)
  return trio
}

async function invite({ world, alice }: Trio, key: string): Promise<ResultOf<'apps.invite'>> {
  return world.settled(alice.call('apps.invite', { key, name: 'phone', budgets: [] }))
}

function read(text: string): RemoteTicket {
  const form = readAs(text, 'remote')
  if (!form.ok) throw new Error(form.error.message)
  return form.value.ticket
}

function hold({ world }: Trio, ticket: RemoteTicket, device: string): RemoteCard {
  const card = new RemoteCard({
    place: ticket,
    signer: nobleProvider.signer(fromBase64url(ticket.secretKey)),
    crypto: nobleProvider,
    clock: world.clock,
    random: seededRandom(device),
    connect: world.network.connectAs(device),
    name: 'mine',
    created: 1,
  })
  card.start()
  return card
}

it('APP-17 makes the same ticket for the same call, and another for another, whose keys nobody keeps', async () => {
  const trio = await createServed('remote tickets')
  const [call, other] = [trio.alice.newId(), trio.alice.newId()]
  const [first, again, second] = [
    await invite(trio, call),
    await invite(trio, call),
    await invite(trio, other),
  ]
  expect(again).toEqual(first)
  const [ticket, its] = [read(first.text), read(second.text)]
  expect(ticket).toMatchObject({ publicKey: trio.alice.publicKey, name: 'alice', address: undefined })
  expect(ticket.relays).toMatchObject([{ publicKey: trio.relay.publicKey }])
  expect(its.secretKey).not.toBe(ticket.secretKey)
  expect(nobleProvider.signer(fromBase64url(ticket.secretKey)).publicKey).toBe(first.app)
  expect(trio.alice.all('apps').map(({ name, permissions }) => [name, permissions])).toEqual(
    Array(2).fill(['phone', ['read', 'config', 'routes', 'funds', 'sell']]),
  )
  expect(JSON.stringify([...trio.alice.disk.tables.apps.values()])).not.toContain(ticket.secretKey)
})

it('APP-17 APP-18 pays from the other device over the relay, and its owner sees whose payment it was', async () => {
  const trio = await createServed('remote pays')
  const { world, alice } = trio
  const { text, app } = await invite(trio, alice.newId())
  const card = hold(trio, read(text), 'phone')
  await world.run(2_000)
  expect(card.card()).toMatchObject({ id: alice.publicKey, name: 'alice', state: 'running' })
  const { text: invoice } = await createInvoice(trio, '20')
  const id = alice.newId()
  const paid = await world.settled(card.call('payments.pay', { id, maxFees: '5', invoice }))
  expect(paid).toMatchObject({ ok: true, value: { id } })
  await world.run(10_000)
  expect(alice.payment(id)).toMatchObject({ state: 'paid', app })
})

it('APP-19 is told at once over the relay that it is revoked, and stays out', async () => {
  const trio = await createServed('remote revoked')
  const { world, alice } = trio
  const { text, app } = await invite(trio, alice.newId())
  const card = hold(trio, read(text), 'phone')
  await world.run(2_000)
  await world.settled(alice.call('apps.revoke', { app }))
  await world.run(200)
  expect(card.card()).toMatchObject({ state: 'stopped', fault: { code: 'revoked' } })
  await world.run(60_000)
  expect(card.card()).toMatchObject({ state: 'stopped', fault: { code: 'revoked' } })
  expect(await world.settled(card.call('card.ticket', {}))).toMatchObject({ error: { code: 'revoked' } })
})

it('APP-19 gives way to another device with the same ticket, and takes the card back when its user says so', async () => {
  const trio = await createServed('remote twice')
  const { world, alice } = trio
  const ticket = read((await invite(trio, alice.newId())).text)
  const phone = hold(trio, ticket, 'phone')
  await world.run(2_000)
  const laptop = hold(trio, ticket, 'laptop')
  await world.run(60_000)
  expect([phone.card().state, laptop.card().state]).toEqual(['elsewhere', 'running'])
  expect(await phone.call('card.ticket', {})).toMatchObject({ error: { code: 'elsewhere' } })
  phone.reopen()
  await world.run(60_000)
  expect([phone.card().state, laptop.card().state]).toEqual(['running', 'elsewhere'])
})

it('APP-19 says when the card goes, and is there again when it comes back', async () => {
  const trio = await createServed('remote goes')
  const { world, alice } = trio
  const card = hold(trio, read((await invite(trio, alice.newId())).text), 'phone')
  await world.run(2_000)
  alice.crash()
  await world.run(5_000)
  expect(card.card()).toMatchObject({ state: 'reaching', fault: { code: 'offline' } })
  alice.boot()
  await world.run(60_000)
  expect(card.card()).toMatchObject({ name: 'alice', state: 'running' })
})
