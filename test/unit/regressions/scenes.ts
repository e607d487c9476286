// What the regression tests share: how friends in a World pay each other and fall out, and what must be true of
// them afterwards.

import { expect } from 'vitest'
import type { MemoryDisk } from '../../support/memory-store.ts'
import type { World } from '../../support/world.ts'
import type { WorldCard } from '../../support/world-card.ts'
import { createTrio, type Trio } from '../world/trio.ts'

type Friends = readonly [WorldCard, WorldCard]

/** Orders a payment without an invoice. @returns its id. */
export async function order(world: World, from: WorldCard, to: WorldCard, amount: bigint): Promise<string> {
  const id = from.newId()
  const target = { destination: to.publicKey, currency: 'credit', amount: String(amount) }
  await world.settled(from.call('payments.pay', { id, maxFees: '5', ...target }))
  return id
}

/** Orders a payment and waits for its end. @returns how it ended. */
export async function pay(world: World, from: WorldCard, to: WorldCard, amount: bigint): Promise<string> {
  const id = await order(world, from, to, amount)
  await untilOver(world, from, id)
  return from.payment(id)?.state ?? 'lost'
}

export async function untilOver(
  world: World,
  buyer: WorldCard,
  id: string,
  span_ms = 120_000,
): Promise<void> {
  await world.until('the payment is over', () => buyer.payment(id)?.finished !== undefined, span_ms)
}

/** No node has stopped, as it does when an invariant breaks. */
export function expectRunning(...cards: readonly WorldCard[]): void {
  expect(cards.map(({ node }) => node.card())).toMatchObject(cards.map(() => ({ state: 'running' })))
}

/** The friends are on line and agree on their balance, and nothing is frozen between them. */
export function expectAgreed(...friendships: readonly Friends[]): void {
  for (const [a, b] of friendships) {
    for (const [me, other] of [
      [a, b],
      [b, a],
    ] as const) {
      const { status, online, disagreement } = me.friend(other) ?? {}
      const { localPending, remotePending } = me.currency(other)
      expect({
        me: me.name,
        other: other.name,
        status,
        online,
        disagreement,
        localPending,
        remotePending,
      }).toEqual({
        me: me.name,
        other: other.name,
        status: 'ready',
        online: true,
        disagreement: undefined,
        localPending: '0',
        remotePending: '0',
      })
    }
    expect(BigInt(a.currency(b).balance)).toBe(-BigInt(b.currency(a).balance))
  }
}

/** The user accepts what the friend claims. */
export async function accept(world: World, card: WorldCard, friend: WorldCard): Promise<void> {
  const theirsId = card.friend(friend)?.disagreement?.theirsId ?? ''
  await world.settled(card.call('friends.acceptReset', { friend: friend.publicKey, theirsId }))
}

/** What is on the card's disk now. */
export function backupOf(card: WorldCard): MemoryDisk {
  return structuredClone(card.disk)
}

/** The device dies, and its owner goes on with an old backup. */
export function restore(card: WorldCard, backup: MemoryDisk): void {
  card.crash()
  card.disk = structuredClone(backup)
  card.boot()
}

/**
 * Alice's payment has reached Bob's friend Carol when Bob's device dies and comes back with an old backup: he is
 * stale, Carol finds the channel inconsistent, and what she has passed on is stuck there.
 */
export async function breakUnderPayment(seed: string): Promise<{ trio: Trio; id: string }> {
  const trio = await createTrio(seed)
  const { world, alice, bob, carol } = trio
  expect(await pay(world, alice, bob, 10n)).toBe('paid')
  await world.run(5_000)
  const backup = backupOf(bob)
  expect(await pay(world, alice, bob, 10n)).toBe('paid')
  await world.run(5_000)
  const id = await order(world, alice, bob, 30n)
  await world.until('Carol has passed it on', () => carol.currency(bob).localPending !== '0')
  restore(bob, backup)
  await world.until('they disagree', () => carol.friend(bob)?.disagreement?.theirs !== undefined)
  return { trio, id }
}
