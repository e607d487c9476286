// What the original did with its database: it lost requests that were sent but not acknowledged when it was closed,
// and wrote its whole state before each message.

import { serialize } from 'node:v8'
import { describe, expect, it } from 'vitest'
import { batch, type Operation } from '../../../protocol/channel-messages.ts'
import { BATCHES_IN_FLIGHT_MAX } from '../../../protocol/limits.ts'
import type { Change } from '../../../worker/core/records.ts'
import type { World } from '../../support/world.ts'
import type { WorldCard } from '../../support/world-card.ts'
import { books, createTrio, paidBooks, type Trio } from '../world/trio.ts'
import { expectAgreed, order, pay, untilOver } from './scenes.ts'

/** Operations in batches that the card has sent and that were not acknowledged. */
function unacknowledged(card: WorldCard): Operation['kind'][] {
  const { friends, batches } = card.disk.tables
  return [...batches.values()]
    .filter(({ friend, seq }) => seq > (friends.get(friend)?.channel.ackedSeq ?? 0))
    .flatMap(({ body }) => batch.decode(body).operations.map(({ kind }) => kind))
}

describe('what is sent and not acknowledged', () => {
  const deaths: readonly (readonly [string, (world: World, card: WorldCard) => Promise<void>])[] = [
    ['is killed', async (_, card) => card.crash()],
    [
      'is closed',
      async (world, card) => {
        await world.settled(card.node.stop())
      },
    ],
  ]
  const senders = [
    ['the buyer', 'alice', 'request'],
    ['the mediator', 'carol', 'request'],
    ['the seller', 'bob', 'response'],
  ] as const

  for (const [how, end] of deaths) {
    it.each(senders)(
      `is sent again when %s ${how} in that moment, and the payment ends (CH-10, CH-33, PAY-34)`,
      async (_, name, kind) => {
        const trio = await createTrio(`${name} ${how}`)
        const { world, alice, bob, carol } = trio
        const card = trio[name]
        const id = await order(world, alice, bob, 60n)
        await world.until('it is on its way', () => unacknowledged(card).includes(kind))
        await end(world, card)
        await world.run(10_000)
        expect(unacknowledged(card)).toContain(kind)
        card.boot()
        await untilOver(world, alice, id)
        expect(alice.payment(id)).toMatchObject({ state: 'paid', fees: '1' })
        await world.run(5_000)
        expect(books(trio)).toEqual(paidBooks(60n))
        expectAgreed([alice, carol], [carol, bob])
      },
    )
  }

  it('is sent again with what waited behind a full window, and every payment ends (CH-10, CH-11, PAY-34)', async () => {
    const trio = await createTrio('full window')
    const { world, alice, bob, carol } = trio
    const ids: string[] = []
    // No time passes between the orders, but each is stored in a commit of its own.
    for (let i = 0; i < BATCHES_IN_FLIGHT_MAX + 4; i++) ids.push(await order(world, alice, carol, 1n))
    expect(unacknowledged(alice)).toHaveLength(BATCHES_IN_FLIGHT_MAX)
    expect(alice.disk.tables.queue.size).toBe(4)
    alice.crash()
    await world.run(10_000)
    expect(carol.currency(alice).balance).toBe('0')
    alice.boot()
    for (const id of ids) await untilOver(world, alice, id)
    expect(ids.map((id) => alice.payment(id)?.state)).toEqual(ids.map(() => 'paid'))
    await world.run(5_000)
    expectAgreed([alice, carol], [carol, bob])
    expect(carol.currency(alice).balance).toBe(String(ids.length))
  })
})

/** What the store of a card is given to write from now on, commit by commit. */
function watchCommits({ store }: WorldCard): (readonly Change[])[] {
  const commits: (readonly Change[])[] = []
  const commit = store.commit.bind(store)
  store.commit = (changes) => {
    commits.push(structuredClone(changes))
    return commit(changes)
  }
  return commits
}

/** The tables that each commit of one payment writes to, at all three, and how many bytes. */
async function writesOfOnePayment({
  world,
  alice,
  bob,
  carol,
}: Trio): Promise<{ tables: string[][][]; bytes: number }> {
  await world.run(5_000)
  const written = [alice, bob, carol].map(watchCommits)
  expect(await pay(world, alice, bob, 1n)).toBe('paid')
  await world.run(5_000)
  const tables = written.map((commits) => commits.map((changes) => changes.map(({ table }) => table).sort()))
  return { tables, bytes: serialize(written).length }
}

describe('one payment', () => {
  /** Both channels of a mediator, the request in both, and his history: everything that can change at once. */
  const RECORDS_MAX = 10

  it('writes as few and as small records with many friends and a long history as with none (CH-10, STO-1)', async () => {
    const young = await createTrio('young')
    expect(await pay(young.world, young.alice, young.bob, 2n)).toBe('paid')
    const first = await writesOfOnePayment(young)
    const old = await createTrio('old')
    await growOld(old)
    const later = await writesOfOnePayment(old)
    expect(later.tables).toEqual(first.tables)
    expect(Math.max(...later.tables.flat().map((records) => records.length))).toBeLessThanOrEqual(RECORDS_MAX)
    // Only numbers are longer, by some digits.
    expect(later.bytes).toBeLessThan(first.bytes + 100)
  })
})

/** Carol gets many friends, and everybody a history. */
async function growOld({ world, alice, bob, carol, relay, index }: Trio): Promise<void> {
  for (let i = 0; i < 8; i++) {
    const friend = await world.card(`friend ${i}`, { relays: [relay], indexServers: [index] })
    await world.befriend(carol, friend)
    await world.run(1_000)
    expect(await pay(world, friend, carol, 5n)).toBe('paid')
    expect(await pay(world, alice, bob, 2n)).toBe('paid')
    const invoice = { nonce: bob.newId(), currency: 'credit', amount: '1' }
    await world.settled(bob.call('invoices.create', invoice))
  }
}
