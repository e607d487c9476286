// Alice and Bob, who both are friends of Carol: the smallest world in which a payment has a mediator.

import { World, type WorldServer } from '../../support/world.ts'
import type { WorldCard } from '../../support/world-card.ts'

export interface Trio {
  readonly world: World
  readonly relay: WorldServer
  readonly index: WorldServer
  readonly alice: WorldCard
  readonly bob: WorldCard
  readonly carol: WorldCard
}

/** Everybody on line, limits 100 everywhere, and known to the index server. */
export async function createTrio(seed: string): Promise<Trio> {
  const world = new World(seed)
  const relay = world.relay()
  const index = world.index()
  const servers = { relays: [relay], indexServers: [index] }
  const alice = await world.card('alice', servers)
  const bob = await world.card('bob', servers)
  const carol = await world.card('carol', servers)
  await world.befriend(alice, carol)
  await world.befriend(carol, bob)
  const trio = { world, relay, index, alice, bob, carol }
  await untilReady(trio)
  return trio
}

/** Until both friendships carry payments in both directions, and the index server has heard of it. */
export async function untilReady({ world, alice, bob, carol }: Trio): Promise<void> {
  await world.until('the friendships carry payments', () =>
    [
      [alice, carol],
      [carol, bob],
    ].every(([a, b]) => [a!.currency(b!), b!.currency(a!)].every(({ canSpend }) => BigInt(canSpend) > 0n)),
  )
  await world.run(2_000)
}

/** Bob asks for an amount; the invoice's text and id. */
export async function createInvoice(
  { world, bob }: Trio,
  amount: string,
): Promise<{ readonly id: string; readonly text: string }> {
  return world.settled(
    bob.call('invoices.create', { nonce: bob.newId(), currency: 'credit', amount, description: 'bread' }),
  )
}

/** The six sides of a world of three: what each says that the other owes, and what is pending. */
export function books({ alice, bob, carol }: Trio): Record<string, string> {
  const pairs = {
    alice: [alice, carol],
    'carol-alice': [carol, alice],
    'carol-bob': [carol, bob],
    bob: [bob, carol],
  }
  return Object.fromEntries(
    Object.entries(pairs).map(([name, [card, friend]]) => {
      const { balance, localPending, remotePending } = card!.currency(friend!)
      return [name, `${balance} pending ${localPending}/${remotePending}`]
    }),
  )
}

/** The books after Bob has got `amount` of Alice through Carol, who took one credit. */
export function paidBooks(amount: bigint): Record<string, string> {
  return {
    alice: `${-amount - 1n} pending 0/0`,
    'carol-alice': `${amount + 1n} pending 0/0`,
    'carol-bob': `${-amount} pending 0/0`,
    bob: `${amount} pending 0/0`,
  }
}
