// What a world of three does while the disk of one of them is full: it can be read, and nothing can be written.

import { expect, it } from 'vitest'
import { CallFailed, type WorldCard } from '../../support/world-card.ts'
import { books, createInvoice, createTrio, paidBooks, untilReady, type Trio } from './trio.ts'

const MINUTES_5 = 300_000

const untouched = (trio: Trio): Record<string, string> =>
  Object.fromEntries(Object.keys(books(trio)).map((side) => [side, '0 pending 0/0']))

/** The disk is full now, and the card has noticed. */
async function fillDisk({ world }: Trio, card: WorldCard): Promise<void> {
  card.store.fault = 'full'
  await expect(world.settled(card.call('card.rename', { name: 'new' }))).rejects.toThrow(CallFailed)
}

async function makeRoom({ world }: Trio, card: WorldCard): Promise<void> {
  card.store.fault = undefined
  await world.until('the card works again', () => card.node.card().state === 'running', 60_000)
}

async function pay({ world, alice }: Trio, invoice: string): Promise<string> {
  const id = alice.newId()
  await world.settled(alice.call('payments.pay', { id, invoice, maxFees: '1' }))
  return id
}

async function untilOver({ world, alice }: Trio, id: string): Promise<string | undefined> {
  await world.until('the payment is over', () => alice.payment(id)?.finished !== undefined, MINUTES_5)
  await world.run(5_000)
  return alice.payment(id)?.state
}

it('STO-3 stops while the disk is full, says so, does not come and go, and goes on by itself when there is room', async () => {
  const trio = await createTrio('full and stopped')
  const { world, alice, carol } = trio
  await fillDisk(trio, carol)
  const states = new Set<string>()
  carol.node.subscribe((changes) => {
    for (const { collection, value } of changes)
      if (collection === 'card' && value !== null) states.add(value.state)
  })
  const known: boolean[] = []
  for (const end = world.clock.now() + MINUTES_5; world.clock.now() < end;) {
    await world.run(500)
    known.push(alice.friend(carol)?.online === true)
    const refused = world.settled(carol.call('card.rename', { name: 'Carla' }))
    await expect(refused).rejects.toMatchObject({
      code: 'storageFull',
      message: expect.stringMatching(/\.$/),
    })
  }
  expect([...states]).toEqual(['stopped'])
  expect(known).not.toContain(true)

  await makeRoom(trio, carol)
  await untilReady(trio)
  expect(alice.friend(carol)?.online).toBe(true)
  await world.settled(carol.call('card.rename', { name: 'Carla' }))
  expect(await untilOver(trio, await pay(trio, (await createInvoice(trio, '60')).text))).toBe('paid')
  expect(books(trio)).toEqual(paidBooks(60n))
})

it('STO-3 shows to whoever looks what is stored, while nothing more can be', async () => {
  const trio = await createTrio('full and read')
  const { world, alice, bob, carol } = trio
  expect(await untilOver(trio, await pay(trio, (await createInvoice(trio, '60')).text))).toBe('paid')
  await fillDisk(trio, carol)
  await world.run(10_000)
  const shown = new Map<string, unknown>()
  carol.node.subscribe((changes) => {
    for (const { collection, key, value } of changes) shown.set(`${collection}/${key}`, value)
  })
  expect(shown.get(`card/${carol.publicKey}`)).toMatchObject({
    state: 'stopped',
    fault: { code: 'storageFull' },
  })
  for (const [friend, balance] of [
    [alice, '61'],
    [bob, '-60'],
  ] as const) {
    expect(shown.get(`friends/${friend.publicKey}`)).toMatchObject({
      online: false,
      currencies: [{ balance }],
    })
    expect(carol.friend(friend)?.online).toBe(false)
  }
})

it.each(['carol', 'bob'] as const)(
  'STO-3 lets a payment that meets the full disk of %s fail or wait, with nothing frozen for good',
  async (name) => {
    const trio = await createTrio(`payment to ${name}, who is full`)
    const { world } = trio
    const invoice = await createInvoice(trio, '60')
    await fillDisk(trio, trio[name])
    const id = await pay(trio, invoice.text)
    await world.run(MINUTES_5)
    await makeRoom(trio, trio[name])
    await untilReady(trio)
    const state = await untilOver(trio, id)
    expect(books(trio)).toEqual(state === 'paid' ? paidBooks(60n) : untouched(trio))
    if (state === 'paid') return
    expect(await untilOver(trio, await pay(trio, invoice.text))).toBe('paid')
    expect(books(trio)).toEqual(paidBooks(60n))
  },
)

// A payment takes about half a second of network here: these moments hit each of its stages.
it.each(
  (['alice', 'carol', 'bob'] as const).flatMap((name) =>
    [1, 60, 150, 200, 250, 300, 400].map((moment_ms) => [name, moment_ms] as const),
  ),
)(
  'STO-3 loses and freezes nothing of a payment although the disk of %s is full after %i ms',
  async (name, moment_ms) => {
    const trio = await createTrio(`${name} full after ${moment_ms}`)
    const { world } = trio
    const id = await pay(trio, (await createInvoice(trio, '60')).text)
    await world.run(moment_ms)
    trio[name].store.fault = 'full'
    await world.run(60_000)
    await makeRoom(trio, trio[name])
    await untilReady(trio)
    const state = await untilOver(trio, id)
    expect(books(trio)).toEqual(state === 'paid' ? paidBooks(60n) : untouched(trio))
  },
)
