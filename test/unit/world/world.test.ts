// The World itself: the same seed gives the same story, and friends begin where they say that they stand.

import { expect, it } from 'vitest'
import { World } from '../../support/world.ts'
import type { WorldCard } from '../../support/world-card.ts'
import { books, createInvoice, createTrio } from './trio.ts'

async function story(seed: string): Promise<string> {
  const trio = await createTrio(seed)
  const { world, alice, bob, carol } = trio
  const invoice = await createInvoice(trio, '60')
  await world.settled(alice.call('payments.pay', { id: alice.newId(), invoice: invoice.text, maxFees: '1' }))
  await world.run(5_000)
  const cards = [alice, bob, carol]
  return JSON.stringify([books(trio), cards.map((card) => [card.all('payments'), card.all('activity')])])
}

it('tells the same story for the same seed, to the millisecond and the last random byte', async () => {
  const [first, second] = [await story('seed'), await story('seed')]
  expect(second).toBe(first)
  expect(await story('another seed')).not.toBe(first)
})

async function pairWith(balances: readonly [bigint, bigint]): Promise<[World, WorldCard, WorldCard]> {
  const world = new World(`balances ${balances.join(' ')}`)
  const servers = { relays: [world.relay()], indexServers: [world.index()] }
  const alice = await world.card('alice', servers)
  const bob = await world.card('bob', servers)
  await world.befriend(alice, bob, { balances })
  await world.run(5_000)
  return [world, alice, bob]
}

it('begins at the start balances that both friends give', async () => {
  const [, alice, bob] = await pairWith([100n, -100n])
  expect([alice.friend(bob)?.status, bob.friend(alice)?.status]).toEqual(['ready', 'ready'])
  expect([alice.currency(bob).balance, bob.currency(alice).balance]).toEqual(['100', '-100'])
})

it('shows both claims when the start balances do not match, and goes on when one is accepted', async () => {
  const [world, alice, bob] = await pairWith([100n, -90n])
  expect([alice.friend(bob)?.status, bob.friend(alice)?.status]).toEqual(['inconsistent', 'inconsistent'])
  const { mine, theirs, theirsId } = alice.friend(bob)?.disagreement ?? {}
  expect([mine, theirs]).toEqual([
    [{ currency: 'credit', balance: '100' }],
    [{ currency: 'credit', balance: '90' }],
  ])
  await world.settled(alice.call('friends.acceptReset', { friend: bob.publicKey, theirsId: theirsId ?? '' }))
  await world.run(5_000)
  expect([alice.friend(bob)?.status, bob.friend(alice)?.status]).toEqual(['ready', 'ready'])
  expect([alice.currency(bob).balance, bob.currency(alice).balance]).toEqual(['90', '-90'])
})
