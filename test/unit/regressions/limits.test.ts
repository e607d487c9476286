// Limits and amounts at the edges of 128 bits, which made the original's channels inconsistent.

import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import * as messages from '../../../protocol/channel-messages.ts'
import { CAPACITY_RESERVE_DIVISOR } from '../../../protocol/limits.ts'
import type { Currency } from '../../../protocol/types.ts'
import { Collections, methods, type CollectionName } from '../../../worker/api.ts'
import { expectAccounted, expectStored, wealthOf } from '../../support/books.ts'
import { onlyRoute } from '../../support/core-net.ts'
import { asks, HostileNet, stateOf } from '../../support/hostile-net.ts'
import type { World } from '../../support/world.ts'
import type { WorldCard } from '../../support/world-card.ts'
import { createTrio, type Trio } from '../world/trio.ts'
import { expectAgreed, expectRunning, pay } from './scenes.ts'

/** The highest limit and balance; amounts go to twice as much and one. */
const MOST = (1n << 127n) - 1n
const AMOUNT_MAX = (1n << 128n) - 1n

/** Everybody trusts everybody without bound, as far as there is no bound. */
async function boundless(seed: string): Promise<Trio> {
  const trio = await createTrio(seed)
  const { world, alice, bob, carol } = trio
  for (const [me, friend] of [
    [alice, carol],
    [carol, alice],
    [carol, bob],
    [bob, carol],
  ] as const) {
    await limit(world, me, friend, MOST)
  }
  await world.run(5_000)
  return trio
}

function limit(world: World, me: WorldCard, friend: WorldCard, maxDebt: bigint): Promise<object> {
  const call = { friend: friend.publicKey, currency: 'credit', maxDebt: String(maxDebt) }
  return world.settled(me.call('friends.setMaxDebt', call))
}

/** Everything that the card shows fits the schema of the app API: apps drop or refuse what does not (APP-1). */
async function expectShowable(world: World, card: WorldCard): Promise<void> {
  for (const name of Object.keys(Collections) as CollectionName[]) {
    for (const view of card.all(name)) v.parse(Collections[name], view)
  }
  const listed = await world.settled(card.call('activity.list', { limit: 500 }))
  v.parse(methods['activity.list'].result, listed)
}

describe('the highest limits', () => {
  it('are 2^127-1: higher ones are refused, and change nothing (APP-2)', async () => {
    const { world, alice, carol } = await createTrio('too high')
    for (const maxDebt of [MOST + 1n, AMOUNT_MAX, AMOUNT_MAX + 1n, -1n]) {
      await expect(limit(world, carol, alice, maxDebt)).rejects.toMatchObject({ code: 'badParams' })
    }
    expect(carol.currency(alice).remoteMaxDebt).toBe('100')
    await limit(world, carol, alice, MOST)
    await world.run(5_000)
    expect(alice.currency(carol).localMaxDebt).toBe(String(MOST))
    expectAgreed([alice, carol])
  })

  it('can be used to the last credit, both ways, and everything is shown (APP-1, CH-1, PAY-11)', async () => {
    const { world, alice, bob, carol } = await boundless('to the last credit')
    const [from, to] = [alice, carol]
    expect(await pay(world, from, to, MOST + 1n)).toBe('failed')
    expect(await pay(world, from, to, MOST)).toBe('paid')
    expect(await pay(world, from, to, 1n)).toBe('failed')
    expect(to.currency(from).balance).toBe(String(MOST))
    expect(await pay(world, to, from, AMOUNT_MAX)).toBe('failed')
    expect(await pay(world, to, from, AMOUNT_MAX - 1n)).toBe('paid')
    expect(to.currency(from).balance).toBe(String(-MOST))
    await world.run(5_000)
    for (const card of [alice, carol]) {
      card.crash()
      card.boot()
    }
    await world.run(10_000)
    expectAgreed([alice, carol])
    for (const card of [alice, bob, carol]) await expectShowable(world, card)
  })

  it('carry as much through a mediator, less his reserve and fee (PAY-10, PAY-16)', async () => {
    const { world, alice, bob, carol } = await boundless('mediated')
    const most = MOST - MOST / CAPACITY_RESERVE_DIVISOR
    expect(await pay(world, alice, bob, most + 1n)).toBe('failed')
    expect(await pay(world, alice, bob, most)).toBe('paid')
    expect(await pay(world, bob, alice, AMOUNT_MAX)).toBe('failed')
    await world.run(5_000)
    expectRunning(alice, bob, carol)
    expectAgreed([alice, carol], [carol, bob])
    const balances = [alice, bob].map((friend) => carol.currency(friend).balance)
    expect(balances).toEqual([String(most + 1n), String(-most)])
  })

  it('let friends agree anew from one end to the other (CH-41)', async () => {
    const { world, alice, carol, relay, index } = await createTrio('from end to end')
    const dan = await world.card('dan', { relays: [relay], indexServers: [index] })
    await world.befriend(carol, dan, { balances: [MOST, MOST] })
    await world.until('they disagree', () => carol.friend(dan)?.disagreement?.theirs !== undefined)
    const theirsId = carol.friend(dan)?.disagreement?.theirsId ?? ''
    await world.settled(carol.call('friends.acceptReset', { friend: dan.publicKey, theirsId }))
    await world.run(5_000)
    expectAgreed([carol, dan], [carol, alice])
    expect(carol.currency(dan).balance).toBe(String(-MOST))
    for (const card of [carol, dan]) await expectShowable(world, card)
  })
})

describe('a friend who sends amounts at the edges', () => {
  const EDGES = [MOST, MOST + 1n, AMOUNT_MAX]
  const credit = 'credit' as Currency

  it('may break her own channel, and costs nobody anything (CH-22, CH-23)', () => {
    const cases = EDGES.flatMap((amount) =>
      [0n, ...EDGES].flatMap((fees) => ['here', 'on', 'both'].map((where) => ({ amount, fees, where }))),
    )
    for (const each of cases) {
      const { amount, fees, where } = each
      const hostile = new HostileNet()
      const { net, alice, carol, mallory } = hostile
      carol.call('friends.setMaxDebt', { friend: mallory.key, currency: 'credit', maxDebt: String(MOST) })
      hostile.takeOver()
      const before = wealthOf(carol)
      const sums = { destPayment: amount, totalDestPayment: amount, leftFees: fees }
      const on = { ...sums, route: [alice.key], receiptKey: alice.key }
      const requests = { here: [sums], on: [on], both: [on, sums] }[where] ?? []
      hostile.sendBatch(
        carol,
        requests.map((request) => asks(hostile.request(carol, request))),
      )
      net.settle()
      const payment = hostile.pay(alice, carol, '10')
      net.advance(5_000)
      expect([each, stateOf(alice, payment).state]).toEqual([each, 'paid'])
      expect(wealthOf(carol) >= before + 10n).toBe(true)
      for (const node of [alice, carol]) {
        expectStored(node)
        expectAccounted(node)
      }
    }
  })

  it('cannot grant a limit that nobody could use up, nor lower one below what is owed to any harm (CH-20)', () => {
    const hostile = new HostileNet()
    const { net, alice, carol, mallory } = hostile
    alice.findRoutes = onlyRoute([alice, carol, mallory], 1n)
    for (const [me, friend] of [
      [mallory, carol],
      [carol, mallory],
      [carol, alice],
    ] as const) {
      me.call('friends.setMaxDebt', { friend: friend.key, currency: 'credit', maxDebt: String(MOST) })
    }
    net.advance(5_000)
    const paid = hostile.pay(alice, mallory, String(MOST - MOST / CAPACITY_RESERVE_DIVISOR))
    net.advance(5_000)
    expect(stateOf(alice, paid).state).toBe('paid')
    mallory.call('friends.setMaxDebt', { friend: carol.key, currency: 'credit', maxDebt: '0' })
    net.advance(5_000)
    expect(carol.core.edges().map(({ capacity }) => capacity >= 0n)).toEqual([true, true])
    expect([carol.status(mallory), mallory.status(carol)]).toEqual(['ready', 'ready'])
    hostile.takeOver()
    const rate = { mul: 0, add: 1 }
    const terms = { currency: credit, remoteMaxDebt: MOST, open: true, rate }
    const over = hostile.nextBatch(carol, [{ kind: 'terms', terms }])
    if (over.kind !== 'batch') throw new Error('not a batch')
    const body = over.body.slice()
    const at = body.findIndex(
      (byte, i) => byte === 0x7f && body.slice(i + 1, i + 16).every((b) => b === 0xff),
    )
    body[at] = 0x80
    expect(() => messages.batch.decode(body)).toThrow()
    hostile.say(carol, { kind: 'batch', ...hostile.sign('batch', carol, body), content: undefined })
    expect([carol.status(mallory), carol.status(alice)]).toEqual(['inconsistent', 'ready'])
    expect(wealthOf(carol)).toBe(1n)
  })
})
