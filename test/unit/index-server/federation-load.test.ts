// What an index server does not say to its neighbours, so that much work of one is not the end of their link.

import { describe, expect, it } from 'vitest'
import {
  NEIGHBOUR_BURST_MAX,
  NEIGHBOUR_SEND_BURST_MAX,
  SIGN_OF_LIFE_PAUSE_MS,
} from '../../../index-server/limits.ts'
import { INDEX_REFRESH_MS } from '../../../protocol/limits.ts'
import { friends, line } from '../../support/federation-world.ts'

describe('federation: much to say', () => {
  it('IDX-21 a server is not cut off for what its nodes say, and what it left out is repaired', () => {
    const [world, a, b] = line('burst', 2)
    const [alice, bob] = friends(world, a!, a!)
    world.pass(INDEX_REFRESH_MS / 1_000)
    const update = alice.update(a!, [bob.key])
    const signed = alice.tell(a!, alice.sign(update))
    for (let i = 0; i < NEIGHBOUR_BURST_MAX; i++) a!.federation.told(update, signed, world.now)
    world.collect(a!)
    expect(a!.counts.leftOut).toBe(NEIGHBOUR_BURST_MAX + 1 - NEIGHBOUR_SEND_BURST_MAX)
    alice.set(bob.key, 7n)
    world.settle()
    expect(world.cuts).toEqual([])
    expect(b!.knows(alice, bob)).toBe(100n)
    world.pass(1)
    alice.refresh()
    world.settle()
    expect(b!.knows(alice, bob)).toBe(7n)
  })

  it('IDX-19 a sign of life is passed on when nothing of its node was for some time', () => {
    const [world, a, b] = line('signs', 2)
    const [alice, bob] = friends(world, a!, a!)
    const passedOn = (): number => {
      alice.refresh()
      const count = a!.outgoing.get(b!)!.length
      world.settle()
      return count
    }
    expect(passedOn()).toBe(0)
    world.pass(SIGN_OF_LIFE_PAUSE_MS / 1_000)
    expect([passedOn(), passedOn()]).toEqual([1, 0])
    alice.set(bob.key, 5n)
    world.settle()
    expect(b!.knows(alice, bob)).toBe(5n)
    world.link(a!, world.addServer())
    expect(passedOn()).toBe(1)
  })
})
