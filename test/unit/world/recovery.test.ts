// What a world of three survives: processes that die, servers that come back, cables that are pulled.

import { expect, it } from 'vitest'
import { OUTAGE_PATIENCE_MS, SETTLING_MS } from '../../../protocol/limits.ts'
import { books, createInvoice, createTrio, paidBooks, untilReady, type Trio } from './trio.ts'

async function startPayment(trio: Trio, amount: string): Promise<{ id: string; invoice: string }> {
  const { world, alice } = trio
  const invoice = await createInvoice(trio, amount)
  const id = alice.newId()
  await world.settled(alice.call('payments.pay', { id, invoice: invoice.text, maxFees: '1' }))
  return { id, invoice: invoice.id }
}

async function untilPaid({ world, alice }: Trio, id: string): Promise<void> {
  await world.until('the payment is over', () => alice.payment(id)?.finished !== undefined, 300_000)
  expect(alice.payment(id)).toMatchObject({ state: 'paid', fees: '1' })
}

/** Whatever happened: the books agree, nothing is frozen, and the buyer's view says the truth. */
async function expectWhollyOrNotAtAll(trio: Trio, id: string, amount: bigint): Promise<void> {
  const { world, alice } = trio
  await world.until('the payment is over', () => alice.payment(id)?.finished !== undefined, 300_000)
  await world.run(5_000)
  const untouched = Object.fromEntries(Object.keys(books(trio)).map((side) => [side, '0 pending 0/0']))
  expect(books(trio)).toEqual(alice.payment(id)?.state === 'paid' ? paidBooks(amount) : untouched)
}

// A payment takes about half a second of network here: these moments hit each of its stages.
it.each([0, 20, 60, 100, 150, 200, 250, 300, 400])(
  'STO-1 ends a payment wholly or not at all although all three nodes die %i ms after it began',
  async (moment_ms) => {
    const trio = await createTrio(`all die after ${moment_ms}`)
    const { world, alice, bob, carol } = trio
    const { id } = await startPayment(trio, '60')
    await world.run(moment_ms)
    for (const card of [alice, bob, carol]) card.crash()
    await world.run(3_000)
    for (const card of [alice, bob, carol]) card.boot()
    await expectWhollyOrNotAtAll(trio, id, 60n)
  },
)

it.each(['alice', 'bob', 'carol'] as const)('STO-1 pays although %s alone dies on the way', async (name) => {
  const trio = await createTrio(`${name} dies`)
  const { world } = trio
  const { id } = await startPayment(trio, '60')
  await world.run(150)
  trio[name].crash()
  await world.run(1_000)
  trio[name].boot()
  await untilPaid(trio, id)
  await world.run(5_000)
  expect(books(trio)).toEqual(paidBooks(60n))
})

it.each([{ friends: 0 }, { friends: 2 }, { friends: 0, servers: 0 }])(
  'NOI-2 pays although the mediator comes back with a program that speaks %o, and is updated later',
  async (linkVersions) => {
    const trio = await createTrio(`speaks ${JSON.stringify(linkVersions)}`)
    const { world, alice, bob, carol } = trio
    const { id } = await startPayment(trio, '60')
    await world.run(150)
    carol.crash()
    carol.device.linkVersions = linkVersions
    carol.boot()
    await world.run(20_000)
    expect([alice.friend(carol)?.online, bob.friend(carol)?.online, carol.friend(bob)?.online]).toEqual([
      false,
      false,
      false,
    ])
    carol.crash()
    carol.device.linkVersions = undefined
    carol.boot()
    await untilPaid(trio, id)
    await world.run(5_000)
    expect(books(trio)).toEqual(paidBooks(60n))
  },
)

it('SES-1 pays although the relay dies on the way and comes back', async () => {
  const trio = await createTrio('relay dies')
  const { world, relay } = trio
  const { id } = await startPayment(trio, '60')
  await world.run(150)
  relay.kill()
  await world.run(10_000)
  relay.start()
  await untilPaid(trio, id)
  await world.run(5_000)
  expect(books(trio)).toEqual(paidBooks(60n))
})

it('finds routes again after the index server died and came back', async () => {
  const trio = await createTrio('index dies')
  const { world, index } = trio
  index.kill()
  await world.run(10_000)
  index.start()
  await world.run(60_000)
  const { id } = await startPayment(trio, '60')
  await untilPaid(trio, id)
})

it('does not take it for an answer that the index server dies while it is asked', async () => {
  const trio = await createTrio('dies while asked')
  const { world, alice, index } = trio
  await world.run(SETTLING_MS)
  world.network.delay = (_, url) => (url === index.url ? 1_000 : 20)
  const { id } = await startPayment(trio, '60')
  await world.run(500)
  index.kill()
  await world.run(2_000)
  expect(alice.payment(id)).toMatchObject({ state: 'searching' })
  await world.run(OUTAGE_PATIENCE_MS)
  expect(alice.payment(id)).toMatchObject({ state: 'failed', fault: { code: 'noIndexServer' } })
})

it('dials an index server soon again for a payment that waits for it', async () => {
  const trio = await createTrio('index is back')
  const { world, alice, index } = trio
  index.kill()
  // By now it waits long between two dials.
  await world.run(20_000)
  await startPayment(trio, '60')
  index.start()
  await world.run(2_000)
  expect(alice.all('indexServers')).toMatchObject([{ state: 'connected' }])
})

/** Alice's clock was a day ahead; it is right again when she is restarted. */
async function setBack({ world, alice }: Trio, died_ms: number): Promise<void> {
  await world.run(died_ms)
  alice.crash()
  alice.device.skew_ms = 0
  alice.boot()
}

it('STO-8 gives up a payment that searches although it was ordered by a clock that was set back since', async () => {
  const trio = await createTrio('searching ahead')
  const { world, alice, index } = trio
  alice.device.skew_ms = 86_400_000
  index.kill()
  const { id } = await startPayment(trio, '60')
  await setBack(trio, 1_000)
  await world.until('it is over', () => alice.payment(id)?.finished !== undefined, 60_000)
  expect(alice.payment(id)).toMatchObject({ state: 'failed' })
})

it('STO-8 calls back a payment without an answer although it was sent by a clock that was set back since', async () => {
  const trio = await createTrio('sending ahead')
  const { world, alice, carol } = trio
  alice.device.skew_ms = 86_400_000
  carol.device.pause = () => 3_600_000
  const { id } = await startPayment(trio, '60')
  await setBack(trio, 1_000)
  const stored = () => alice.disk.tables.payments.get(id)
  expect(stored()?.state).toBe('sending')
  await world.until('it is called back', () => stored()?.lastFault?.code === 'timedOut', 60_000)
})

it('SES-1 comes back after the cable was pulled for a minute', async () => {
  const trio = await createTrio('cable')
  const { world, carol } = trio
  world.network.disconnect('carol')
  await world.run(60_000)
  expect(carol.all('relays')[0]?.state).toBe('offline')
  expect(trio.alice.friend(carol)?.online).toBe(false)
  world.network.reconnect('carol')
  await world.run(60_000)
  await untilReady(trio)
  const { id } = await startPayment(trio, '60')
  await untilPaid(trio, id)
})

it('STO-3 answers with the fault while storage fails, and goes on when it works again', async () => {
  const trio = await createTrio('disk full')
  const { world, carol, bob } = trio
  carol.store.fault = 'full'
  await expect(world.settled(carol.call('card.rename', { name: 'Carla' }))).rejects.toMatchObject({
    code: 'storageFull',
  })
  expect(carol.view('card', carol.publicKey)).toMatchObject({
    state: 'stopped',
    fault: { code: 'storageFull' },
  })
  const { id } = await startPayment(trio, '60')
  await world.run(5_000)
  expect(bob.currency(carol).balance).toBe('0')
  carol.store.fault = undefined
  await world.until('the card works again', () => carol.node.card().state === 'running', 60_000)
  await expectWhollyOrNotAtAll(trio, id, 60n)
})

it('SES-7 keeps still when the same card is opened elsewhere, until its user takes it back', async () => {
  const trio = await createTrio('elsewhere')
  const { world, carol } = trio
  const twin = world.twin(carol, 'carol on her phone')
  await world.run(0)
  await world.until('the older one knows', () => carol.node.card().state === 'elsewhere')
  await world.run(60_000)
  expect(twin.node.card().state).toBe('running')
  expect(carol.all('relays')[0]?.state).toBe('offline')
  await expect(world.settled(carol.call('card.rename', { name: 'Carla' }))).rejects.toMatchObject({
    code: 'elsewhere',
  })
  carol.node.reopen()
  await world.until('the newer one knows', () => twin.node.card().state === 'elsewhere')
  expect(carol.node.card().state).toBe('running')
})
