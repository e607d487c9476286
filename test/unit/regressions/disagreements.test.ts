// What disagreements between friends did to the original: payments frozen for ever, resets lost, friends that
// flickered, a node that fell over when the friend was removed.

import { describe, expect, it } from 'vitest'
import type { WorldCard } from '../../support/world-card.ts'
import { createTrio } from '../world/trio.ts'
import {
  accept,
  backupOf,
  breakUnderPayment,
  expectAgreed,
  expectRunning,
  order,
  pay,
  restore,
  untilOver,
} from './scenes.ts'

/** Long after every time-out of the protocol. */
const LATER_MS = 400_000

describe('requests that are pending in a channel that becomes inconsistent', () => {
  it('are given back upstream when it is settled much later, and the payment ends (CH-45, PAY-34)', async () => {
    const { trio, id } = await breakUnderPayment('settled late')
    const { world, alice, bob, carol } = trio
    await world.run(LATER_MS)
    expect(alice.payment(id)?.finished).toBeUndefined()
    expect([bob.friend(carol)?.status, carol.friend(bob)?.status]).toEqual(['stale', 'inconsistent'])
    await accept(world, bob, carol)
    await untilOver(world, alice, id)
    expect(alice.payment(id)).toMatchObject({ state: 'failed' })
    await world.run(5_000)
    expectAgreed([alice, carol], [carol, bob])
    expect([alice.currency(carol).balance, bob.currency(carol).balance]).toEqual(['-22', '20'])
    expect(await pay(world, alice, bob, 30n)).toBe('paid')
  })

  it('are given back upstream when the friend is removed instead, and the payment ends (PAY-43)', async () => {
    const { trio, id } = await breakUnderPayment('removed instead')
    const { world, alice, bob, carol } = trio
    await world.settled(carol.call('friends.remove', { friend: bob.publicKey }))
    await untilOver(world, alice, id)
    expect(alice.payment(id)).toMatchObject({ state: 'failed' })
    await world.run(5_000)
    expectRunning(alice, bob, carol)
    expectAgreed([alice, carol])
    expect(alice.currency(carol).balance).toBe('-22')
  })

  it('are given back after restarts of everybody between the disagreement and its end (CH-45)', async () => {
    const { trio, id } = await breakUnderPayment('restarts between')
    const { world, alice, bob, carol } = trio
    for (const card of [carol, alice, bob]) {
      card.crash()
      card.boot()
      await world.run(20_000)
    }
    await accept(world, carol, bob)
    await untilOver(world, alice, id)
    await world.run(5_000)
    expectAgreed([alice, carol], [carol, bob])
  })

  it('end on both sides of a mediator whose own device lost its memory (CH-45, CH-46)', async () => {
    const trio = await createTrio('mediator restored')
    const { world, alice, bob, carol } = trio
    expect(await pay(world, alice, bob, 10n)).toBe('paid')
    await world.run(5_000)
    const backup = backupOf(carol)
    expect(await pay(world, alice, bob, 10n)).toBe('paid')
    await world.run(5_000)
    const id = await order(world, alice, bob, 30n)
    await world.until('Carol has it', () => carol.currency(alice).remotePending !== '0')
    restore(carol, backup)
    await world.run(60_000)
    for (const friend of [alice, bob]) await accept(world, carol, friend)
    await untilOver(world, alice, id)
    await world.run(5_000)
    expectAgreed([alice, carol], [carol, bob])
    expect(await pay(world, alice, bob, 5n)).toBe('paid')
  })
})

describe('a reset', () => {
  it('that a user asks for while the friend is off line reaches him when he returns (CH-40)', async () => {
    const { world, alice, carol } = await createTrio('reset off line')
    expect(await pay(world, alice, carol, 10n)).toBe('paid')
    await world.run(5_000)
    carol.crash()
    await world.run(60_000)
    await world.settled(alice.call('friends.reset', { friend: carol.publicKey }))
    await world.run(60_000)
    expect(alice.friend(carol)).toMatchObject({ online: false, status: 'inconsistent' })
    alice.crash()
    await world.run(LATER_MS)
    alice.boot()
    carol.boot()
    await world.run(30_000)
    expectAgreed([alice, carol])
    expect(carol.all('activity').filter(({ kind }) => kind === 'disagreement')).toHaveLength(1)
    expect([alice.currency(carol).balance, carol.currency(alice).balance]).toEqual(['-10', '10'])
  })

  it('that a user accepts while the friend is off line holds when he returns (CH-41)', async () => {
    const { trio } = await breakUnderPayment('accept off line')
    const { world, bob, carol } = trio
    bob.crash()
    await world.run(60_000)
    await accept(world, carol, bob)
    await world.run(60_000)
    expect(carol.friend(bob)?.disagreement?.accepted).toBe(true)
    carol.crash()
    carol.boot()
    await world.run(LATER_MS)
    bob.boot()
    await world.run(30_000)
    expectAgreed([carol, bob])
    expect(carol.currency(bob).balance).toBe('-10')
  })

  it('that a user asks for before the friend was ever met does not keep them apart (CH-40, CH-42)', async () => {
    const { world, bob, carol, relay, index } = await createTrio('reset before meeting')
    const dan = await world.card('dan', { relays: [relay], indexServers: [index] })
    const { text } = await world.settled(dan.call('card.ticket', {}))
    await world.settled(bob.call('friends.add', { ticket: text, name: 'dan' }))
    await world.settled(bob.call('friends.reset', { friend: dan.publicKey }))
    await world.run(60_000)
    await world.settled(bob.call('friends.remove', { friend: dan.publicKey }))
    await world.befriend(bob, dan)
    await world.settled(bob.call('friends.reset', { friend: dan.publicKey }))
    await world.run(60_000)
    expectAgreed([bob, dan], [bob, carol])
    expect(await pay(world, dan, carol, 10n)).toBe('paid')
  })
})

describe('friends who disagree', () => {
  it('stay on line with each other without a flicker while a reset is open, whatever is tried meanwhile (CH-40)', async () => {
    const { trio } = await breakUnderPayment('flicker')
    const { world, alice, bob, carol } = trio
    await world.run(30_000)
    const seen = [whatIsSeen(bob, carol), whatIsSeen(carol, bob)]
    for (let minute = 0; minute < 6; minute++) {
      await order(world, alice, bob, 1n)
      const [me, other] = minute % 2 === 0 ? [bob, carol] : [carol, bob]
      await world.settled(me.call('friends.reset', { friend: other.publicKey }))
      await world.run(60_000)
    }
    expect(seen.map((states) => [...states])).toEqual([['true stale'], ['true inconsistent']])
    await accept(world, bob, carol)
    await world.run(5_000)
    expectAgreed([carol, bob])
  })
})

/** Collects what `me` shows of `other` from now on: whether on line, and the status. */
function whatIsSeen(me: WorldCard, other: WorldCard): Set<string> {
  const seen = new Set<string>()
  me.node.subscribe((changes) => {
    for (const { collection, key, value } of changes) {
      if (collection !== 'friends' || key !== other.publicKey || value === null) continue
      seen.add(`${value.online} ${value.status}`)
    }
  })
  return seen
}
