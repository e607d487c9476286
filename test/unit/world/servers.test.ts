// What nodes and servers do for one another while nothing is paid.

import { expect, it } from 'vitest'
import { World } from '../../support/world.ts'
import { createTrio } from './trio.ts'

it('IDX-14 keeps being found for an hour in which nothing happens', async () => {
  const trio = await createTrio('quiet hour')
  const { world, alice, bob } = trio
  await world.run(3_600_000)
  const { publicKey: destination } = bob
  const quote = alice.call('payments.quote', { destination, currency: 'credit', amount: '10' })
  expect((await world.settled(quote)).fees).toBe('1')
}, 60_000)

it('IDX-14 tells the index servers at once that a limit was raised', async () => {
  const trio = await createTrio('raised')
  const { world, alice, bob, carol } = trio
  const { publicKey: destination } = bob
  const ask = () => alice.call('payments.quote', { destination, currency: 'credit', amount: '150' })
  await expect(world.settled(ask())).rejects.toMatchObject({ code: expect.any(String) as string })
  for (const [card, friend] of [
    [carol, alice],
    [bob, carol],
  ] as const) {
    const call = { friend: friend.publicKey, currency: 'credit', maxDebt: '1000' }
    await world.settled(card.call('friends.setMaxDebt', call))
  }
  await world.run(2_000)
  expect((await world.settled(ask())).fees).toBe('1')
})

it('IDX-4 IDX-14 is found as a way to a friend who may owe nothing, also after a restart', async () => {
  const world = new World('one way')
  const servers = { relays: [world.relay()], indexServers: [world.index()] }
  const alice = await world.card('alice', servers)
  const carol = await world.card('carol', servers)
  const bob = await world.card('bob', servers)
  await world.befriend(alice, carol)
  await world.befriend(carol, bob, { limits: [0n, 100n] })
  await world.run(5_000)
  const { publicKey: destination } = bob
  const fee = async (): Promise<string> => {
    const quote = alice.call('payments.quote', { destination, currency: 'credit', amount: '10' })
    return (await world.settled(quote)).fees
  }
  expect(await fee()).toBe('1')
  carol.crash()
  carol.boot()
  await world.run(60_000)
  expect(await fee()).toBe('1')
})

it('uses another index server when one is down', async () => {
  const world = new World('two index servers')
  const relay = world.relay()
  const indexServers = [world.index('first'), world.index('second')]
  const alice = await world.card('alice', { relays: [relay], indexServers })
  const carol = await world.card('carol', { relays: [relay], indexServers })
  const bob = await world.card('bob', { relays: [relay], indexServers })
  await world.befriend(alice, carol)
  await world.befriend(carol, bob)
  await world.run(5_000)
  indexServers[0]?.kill()
  await world.run(60_000)
  const { publicKey: destination } = bob
  const quote = alice.call('payments.quote', { destination, currency: 'credit', amount: '10' })
  expect((await world.settled(quote)).fees).toBe('1')
})

it('IDX-13 fails over at once: what one index server has found counts in the moment in which the other one dies', async () => {
  const world = new World('dies while asked')
  const relay = world.relay()
  const [first, second] = [world.index('first'), world.index('second')]
  const servers = { relays: [relay], indexServers: [first, second] }
  const alice = await world.card('alice', servers)
  const carol = await world.card('carol', servers)
  const bob = await world.card('bob', servers)
  await world.befriend(alice, carol)
  await world.befriend(carol, bob)
  await world.run(5_000)
  world.network.delay = (_, url) => (url === second.url ? 60_000 : 20)
  let fees: string | undefined
  const { publicKey: destination } = bob
  const quote = alice.call('payments.quote', { destination, currency: 'credit', amount: '10' })
  const answered = quote.then((answer) => {
    fees = answer.fees
  })
  await world.run(500)
  expect(fees).toBeUndefined()
  second.kill()
  await world.run(0)
  expect(fees).toBe('1')
  await answered
})

it('SES-1 meets friends who listen at different relays', async () => {
  const world = new World('two relays')
  const index = world.index()
  const alice = await world.card('alice', { relays: [world.relay('north')], indexServers: [index] })
  const bob = await world.card('bob', { relays: [world.relay('south')], indexServers: [index] })
  await world.befriend(alice, bob, { limits: [10n, 20n] })
  await world.until('both can spend', () =>
    [alice.currency(bob), bob.currency(alice)].every(({ canSpend }) => canSpend !== '0'),
  )
  expect([alice.currency(bob).canSpend, bob.currency(alice).canSpend]).toEqual(['20', '10'])
})

it('shows the state of its servers, and why one fails', async () => {
  const trio = await createTrio('views')
  const { world, alice, relay, index } = trio
  expect(alice.all('relays')).toMatchObject([{ name: 'relay', state: 'connected' }])
  expect(alice.all('indexServers')).toMatchObject([{ name: 'index', state: 'connected' }])
  relay.kill()
  index.kill()
  await world.run(5_000)
  expect(alice.all('relays')).toMatchObject([{ state: 'offline', fault: { code: 'unreachable' } }])
  await world.settled(alice.call('servers.removeRelay', { publicKey: relay.publicKey }))
  await world.run(1_000)
  expect(alice.all('relays')).toEqual([])
})

it('tells a second listener the same state as the first', async () => {
  const { alice } = await createTrio('two listeners')
  const seen = new Map<string, unknown>()
  const unsubscribe = alice.node.subscribe((changes) => {
    for (const { collection, key, value } of changes) seen.set(`${collection}/${key}`, value)
  })
  const shown = ['card', 'friends', 'payments', 'invoices', 'activity', 'relays', 'indexServers'] as const
  const first = shown.flatMap((collection) => alice.all(collection))
  expect([...seen].filter(([name]) => !name.startsWith('settings/')).map(([, value]) => value)).toEqual(
    expect.arrayContaining(first),
  )
  unsubscribe()
})

it('lists the activity from the store, newest first', async () => {
  const { world, carol } = await createTrio('activity')
  const entries = await world.settled(carol.call('activity.list', { limit: 2 }))
  const older = await world.settled(carol.call('activity.list', { limit: 2, before: entries[1]!.id }))
  const ids = [...entries, ...older].map(({ id }) => id)
  expect(ids).toEqual([...ids].sort((a, b) => b - a))
  expect(ids).toHaveLength(4)
})
