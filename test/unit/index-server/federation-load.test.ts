// What an index server does not say to its neighbours, so that much work of one is not the end of their link.

import { describe, expect, it } from 'vitest'
import {
  NEIGHBOUR_BURST_MAX,
  NEIGHBOUR_SEND_BURST_MAX,
  SIGN_OF_LIFE_PAUSE_MS,
} from '../../../index-server/limits.ts'
import { INDEX_REFRESH_MS } from '../../../protocol/limits.ts'
import { CREDIT, FederationWorld, friends, line } from '../../support/federation-world.ts'

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

  it('IDX-19 updates of one counter come to the same on all servers, and no whole log is sent again for them', () => {
    const world = new FederationWorld('equal')
    const servers = [world.addServer(), world.addServer(), world.addServer()] as const
    const [a, b, c] = servers
    for (const [one, other] of [
      [a, b],
      [b, c],
      [a, c],
    ] as const)
      world.link(one, other)
    world.pass(3)
    const node = world.addNode(...servers)
    node.tellAll(a)
    world.settle()
    const keys = servers.map(() => world.newKey())
    const shared = world.newKey()
    const counter = node.counter + 1
    for (const [i, server] of servers.entries()) {
      node.capacities.set(shared, BigInt(i + 1))
      const edges = node.update(server, [keys[i]!, shared], { counter })
      node.tell(server, node.sign(edges))
    }
    world.settle()
    const known = servers.map(({ core }) =>
      [...keys, shared].map((key) => core.capacity(CREDIT, node.key, key)),
    )
    expect(known[0]!.slice(0, keys.length)).toEqual(keys.map(() => 0n))
    expect(known).toEqual([known[0], known[0], known[0]])
    world.pass(INDEX_REFRESH_MS / 1_000)
    const duplicates = servers.map(({ counts }) => counts.duplicates)
    node.counter = counter
    node.tell(a, node.sign(node.update(a, [])))
    world.settle()
    // B and C tell each other of the sign of life, and need nothing more.
    expect(servers.map(({ counts }, i) => counts.duplicates - duplicates[i]!)).toEqual([0, 1, 1])
  })
})
