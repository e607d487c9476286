// A friend who moves to other relays: the original went on with the old ones until it was restarted.

import { expect, it } from 'vitest'
import { toText } from '../../../protocol/forms.ts'
import { World, type WorldServer } from '../../support/world.ts'
import type { WorldCard } from '../../support/world-card.ts'
import { expectAgreed, pay } from './scenes.ts'

interface Move {
  readonly world: World
  readonly alice: WorldCard
  readonly bob: WorldCard
  /** Where Alice listens, where Bob does, and where he will. */
  readonly home: WorldServer
  readonly old: WorldServer
  readonly next: WorldServer
}

async function friendsOnRelays(seed: string): Promise<Move> {
  const world = new World(seed)
  const [home, old, next] = [world.relay('home'), world.relay('old'), world.relay('next')]
  const indexServers = [world.index()]
  const alice = await world.card('alice', { relays: [home], indexServers })
  const bob = await world.card('bob', { relays: [old], indexServers })
  await world.befriend(alice, bob)
  await world.run(5_000)
  expectAgreed([alice, bob])
  return { world, alice, bob, home, old, next }
}

/** Bob takes the new relay instead of the old one. */
async function move({ world, bob, old, next }: Move): Promise<void> {
  const ticket = toText({ kind: 'relay', ticket: { publicKey: next.publicKey, address: next.address } })
  await world.settled(bob.call('servers.addRelay', { ticket, name: 'next' }))
  await world.settled(bob.call('servers.removeRelay', { publicKey: old.publicKey }))
}

/** Only the new relay is left: Alice finds Bob there, or nowhere. */
async function expectMoved({ world, alice, bob, home, old }: Move): Promise<void> {
  const { node } = alice
  home.kill()
  old.kill()
  await world.until('they meet at the new relay', () => alice.currency(bob).canSpend !== '0', 120_000)
  expect(await pay(world, alice, bob, 10n)).toBe('paid')
  await world.run(5_000)
  expectAgreed([alice, bob])
  expect(alice.node, 'without a restart').toBe(node)
}

it('uses the new relays of a friend at once (SES-1, SES-8)', async () => {
  const scene = await friendsOnRelays('moves')
  await move(scene)
  await scene.world.run(2_000)
  await expectMoved(scene)
})

it('uses the new relays of a friend who moved while it was off line (SES-8)', async () => {
  const scene = await friendsOnRelays('moves meanwhile')
  const { world, alice, bob, home, next } = scene
  world.network.disconnect('alice')
  await move(scene)
  await world.run(400_000)
  // Nobody finds Alice at her own relay: she has to look for Bob where he was.
  home.kill()
  world.network.reconnect('alice')
  const hasHeard = () => alice.friend(bob)?.relays[0]?.address === next.address
  await world.until('Alice hears of it', hasHeard, 120_000)
  await world.run(2_000)
  await expectMoved(scene)
})

it('uses the new relays of a friend that its user types in, when no old one works any more (SES-1)', async () => {
  const scene = await friendsOnRelays('moves out of sight')
  const { world, alice, bob, home, old, next } = scene
  home.kill()
  old.kill()
  await move(scene)
  await world.run(60_000)
  expect(alice.friend(bob)?.online).toBe(false)
  const relays = [{ publicKey: next.publicKey, address: next.address }]
  await world.settled(alice.call('friends.setRelays', { friend: bob.publicKey, relays }))
  await expectMoved(scene)
})

it('moves on with a friend who moves again before anybody has heard of the first move (SES-8)', async () => {
  const scene = await friendsOnRelays('moves twice')
  const { world, alice, bob, home } = scene
  world.network.disconnect('alice')
  const third = world.relay('third')
  await move({ ...scene, next: third })
  await world.run(60_000)
  await move({ ...scene, old: third })
  await world.run(60_000)
  // She cannot be found, and of the relays that she does not know of one is gone for good.
  home.kill()
  third.kill()
  world.network.reconnect('alice')
  await world.until('they meet', () => alice.friend(bob)?.online === true, 120_000)
  await world.run(5_000)
  expect(bob.all('relays').map(({ name }) => name)).toEqual(['next'])
  await expectMoved(scene)
})
