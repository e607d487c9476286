import { describe, expect, it } from 'vitest'
import {
  DISCONNECT_GRACE_MS,
  FRESHNESS_KEPT_MAX,
  LEARNING_MS,
  NEIGHBOUR_BURST_MAX,
  NEIGHBOUR_HASHES_BURST_MAX,
  SIGN_OF_LIFE_PAUSE_MS,
} from '../../../index-server/limits.ts'
import {
  federationMessage,
  hashOfList,
  type FederationMessage,
} from '../../../protocol/federation-messages.ts'
import type { Query } from '../../../protocol/index-messages.ts'
import { FEDERATION_HOPS_MAX, INDEX_SILENT_MS_MAX } from '../../../protocol/limits.ts'
import type { Hash } from '../../../protocol/types.ts'
import {
  CREDIT,
  FederationWorld,
  friends,
  line,
  takeOff,
  type TestNode,
  type TestServer,
} from '../../support/federation-world.ts'

type Proven = Extract<FederationMessage, { kind: 'update' }>

function routes(world: FederationWorld, server: TestServer, from: TestNode, to: TestNode): unknown {
  const asker = world.addNode(server)
  const query: Query = {
    id: 1,
    currency: CREDIT,
    amount: 60n,
    source: from.key,
    destination: to.key,
    excludedNodes: [],
    excludedEdges: [],
    rooms: [],
    maxParts: 1,
  }
  const connection = asker.connections.get(server)!
  const [answer] = server.core.received(connection, { kind: 'query', ...query }, world.now)
  return answer?.message
}

describe('federation: what servers share', () => {
  it('IDX-11 a server that has just started does not say that there is no route, before it may have heard of all', () => {
    const [world, a, b] = line('learning', 2)
    const [alice, bob] = friends(world, a!, a!)
    const stranger = world.addNode(b!)
    world.unlink(a!, b!)
    b!.restart(world.random(32))
    world.link(a!, b!)
    world.pass(3)
    expect(routes(world, b!, alice, bob)).toMatchObject({ kind: 'noRoute', reason: 'learning' })
    alice.refresh()
    bob.refresh()
    world.settle()
    expect(routes(world, b!, alice, bob)).toMatchObject({ kind: 'routes' })
    expect(routes(world, b!, alice, stranger)).toMatchObject({ reason: 'learning' })
    world.pass(LEARNING_MS / 1_000 - 3)
    expect(routes(world, b!, alice, stranger)).toMatchObject({ reason: 'unknownDestination' })
  })

  it('IDX-19 every server of a line answers with a route over nodes of the others', () => {
    const [world, a, b, c] = line('line', 3)
    const [alice, bob] = friends(world, a!, c!)
    for (const server of [a!, b!, c!]) {
      expect(server.core.size).toBe(2)
      expect(routes(world, server, alice, bob)).toMatchObject({ kind: 'routes' })
    }
    expect(b!.counts).toMatchObject({ taken: 2, duplicates: 0 })
  })

  it('IDX-19 an edge that only one of its ends reports is none, on whichever server', () => {
    const [world, a, b] = line('one-sided', 2)
    const [liar, victim] = [world.addNode(a!), world.addNode(b!)]
    liar.capacities.set(victim.key, 1_000n)
    liar.tellAll(a!)
    victim.tellAll(b!)
    world.settle()
    expect(b!.knows(liar, victim)).toBe(1_000n)
    expect(routes(world, b!, victim, liar)).toMatchObject({ kind: 'noRoute' })
  })

  it('IDX-19 takes each update once, whatever the number of ways that it comes by', () => {
    const [world, a, b, c] = line('triangle', 3)
    world.link(c!, a!)
    world.pass(2)
    const [alice, bob] = friends(world, a!, a!)
    for (const server of [b!, c!]) {
      expect(server.knows(alice, bob)).toBe(100n)
      expect(server.counts).toMatchObject({ taken: 2, duplicates: 2 })
    }
    expect(a!.counts.taken).toBe(0)
    expect(world.cuts).toEqual([])
  })

  it('IDX-19 takes what was told before two servers met, at the next sign of life', () => {
    const world = new FederationWorld('late')
    const [a, b] = [world.addServer(), world.addServer()]
    const [alice, bob] = friends(world, a, a)
    alice.set(bob.key, 77n)
    world.link(a, b)
    world.pass(3)
    expect(b.core.size).toBe(0)
    alice.refresh()
    bob.refresh()
    world.settle()
    expect([b.knows(alice, bob), b.knows(bob, alice)]).toEqual([77n, 200n])
  })

  it('IDX-19 notices at the next sign of life what was told while the link was broken', () => {
    const [world, a, b, c] = line('missed', 3)
    const [alice, bob] = friends(world, a!, a!)
    world.unlink(a!, b!)
    alice.set(bob.key, 5n)
    world.link(a!, b!)
    world.pass(3)
    expect([b!.knows(alice, bob), c!.knows(alice, bob)]).toEqual([100n, 100n])
    alice.refresh()
    world.settle()
    expect([b!.knows(alice, bob), c!.knows(alice, bob)]).toEqual([5n, 5n])
  })

  it('IDX-19 sends the same missing updates once, and none when nothing is missing', () => {
    const [world, a, b] = line('once', 2)
    const [alice] = friends(world, a!, a!)
    for (let i = 0; i < 3; i++) {
      world.pass(SIGN_OF_LIFE_PAUSE_MS / 1_000)
      alice.refresh()
      expect(a!.outgoing.get(b!)!.length).toBe(1)
      world.settle()
    }
    expect(b!.counts).toMatchObject({ taken: 5, learned: 0, duplicates: 0 })
  })

  it('IDX-19 asks a neighbour that knows something else once within a refresh, whatever it says', () => {
    const [world, a, b] = line('ask-once', 2)
    const [alice] = friends(world, a!, a!)
    const needs = (digest: bigint): number => {
      world.pass(SIGN_OF_LIFE_PAUSE_MS / 1_000)
      alice.refresh()
      world.say(b!, a!.key, { ...(takeOff(a!, b!, 'update') as Proven), digest })
      return b!.outgoing
        .get(a!)!
        .splice(0)
        .filter((bytes) => federationMessage.decode(bytes).kind === 'need').length
    }
    expect([needs(1n), needs(2n), needs(1n), needs(2n), needs(1n)]).toEqual([1, 0, 1, 0, 1])
  })

  it('IDX-19 what a node tells two servers in different order comes to the same on both', () => {
    const [world, a, b] = line('two-servers', 2)
    const node = world.addNode(a!, b!)
    const [bob, carol] = [world.addNode(), world.addNode()]
    node.capacities.set(bob.key, 1n)
    node.tellAll(a!)
    node.tellAll(b!)
    node.capacities.set(carol.key, 2n)
    const first = node.sign(node.update(a!, [bob.key, carol.key]))
    node.capacities.set(bob.key, 3n)
    node.tell(b!, node.sign(node.update(b!, [bob.key])))
    world.settle()
    node.tell(a!, first)
    expect(node.refused).toBeUndefined()
    world.settle()
    for (const server of [a!, b!]) {
      expect([server.knows(node, bob), server.knows(node, carol)]).toEqual([3n, 2n])
    }
  })

  it('IDX-19 a full update that another server passes on late undoes nothing that was said after it', () => {
    const [world, a, b] = line('late-full', 2)
    const node = world.addNode(a!, b!)
    const [bob, carol, dave] = [world.addNode(), world.addNode(), world.addNode()]
    for (const friend of [bob, carol, dave]) node.capacities.set(friend.key, 1n)
    node.tellAll(a!)
    node.tell(a!, node.sign(node.update(a!, [dave.key])))
    world.settle()
    node.capacities.set(carol.key, 2n)
    const full = node.sign(node.update(b!, [bob.key, carol.key], { full: true }))
    node.capacities.set(bob.key, 3n)
    node.tell(a!, node.sign(node.update(a!, [bob.key])))
    world.settle()
    node.tell(b!, full)
    world.settle()
    for (const server of [a!, b!]) {
      expect([bob, carol, dave].map((friend) => server.knows(node, friend))).toEqual([3n, 2n, undefined])
      expect(server.core.reports).toBe(2)
    }
  })

  it('IDX-3 what another server was faster with is not refused to the node itself', () => {
    const [world, a, b] = line('faster', 2)
    const node = world.addNode(a!, b!)
    node.tellAll(b!)
    world.settle()
    const [slow, fast] = [node.sign(node.update(a!, [])), node.sign(node.update(b!, []))]
    node.tell(b!, fast)
    world.settle()
    node.tell(a!, slow)
    expect(node.refused).toBeUndefined()
  })
})

describe('federation: proofs', () => {
  it('IDX-17 an update is proved by all lists from the hash that it names to one of the receiver', () => {
    const [world, a, b, c] = line('proof', 3)
    const node = world.addNode(a!)
    node.tellAll(a!)
    expect(world.servers.length).toBe(3)
    world.deliver(a!, b!)
    const { chain } = takeOff(b!, c!, 'update') as Proven
    expect(chain.length).toBe(2)
    expect(hashOfList(chain[0]!)).toBe(node.freshness.get(a!))
    expect(chain[0]!.neighbours).toContain(hashOfList(chain[1]!))
  })

  it.each([
    ['no list of the hash that was signed', (chain: Proven['chain']) => chain.slice(1)],
    [
      'a list that was altered',
      (chain: Proven['chain']) => [{ ...chain[0]!, neighbours: [] }, ...chain.slice(1)],
    ],
    [
      'a hash of the receiver put in afterwards',
      (chain: Proven['chain'], latest: Hash) => [
        ...chain.slice(0, -1),
        { ...chain.at(-1)!, neighbours: [latest] },
      ],
    ],
  ])('IDX-21 cuts the link on which a proof has %s', (_, alter) => {
    const [world, a, b, c] = line('broken', 3)
    world.addNode(a!).tellAll(a!)
    world.deliver(a!, b!)
    const message = takeOff(b!, c!, 'update') as Proven
    const [latest] = b!.federation.hashes.slice(-1)
    world.say(c!, b!.key, { ...message, chain: alter(message.chain, latest!) })
    expect(world.cuts).toEqual([{ by: c, whom: b, reason: 'badProof' }])
    expect(c!.core.size).toBe(0)
    expect(c!.counts.badProof).toBe(1)
  })

  it('IDX-17 a proof that ends at a hash of too long ago brings no node back', () => {
    const [world, a, b] = line('old', 2)
    const node = world.addNode(a!)
    node.tellAll(a!)
    const message = takeOff(a!, b!, 'update')
    world.pass(FRESHNESS_KEPT_MAX + 1)
    world.say(b!, a!.key, message)
    expect(b!.core.size).toBe(0)
    expect(b!.counts).toMatchObject({ notFresh: 1, taken: 0 })
    expect(world.cuts).toEqual([])
  })

  it('IDX-17 an update that was replayed changes nothing and is counted', () => {
    const [world, a, b] = line('replay', 2)
    const [alice, bob] = friends(world, a!, a!)
    alice.set(bob.key, 50n)
    const old = takeOff(a!, b!, 'update')
    alice.set(bob.key, 10n)
    world.settle()
    world.say(b!, a!.key, old)
    world.say(b!, a!.key, old)
    expect(b!.knows(alice, bob)).toBe(10n)
    expect(b!.counts.duplicates).toBe(2)
  })

  it('IDX-3 a session that another one has followed does not come back from a neighbour either', () => {
    const [world, a, b] = line('sessions', 2)
    const [alice, bob] = friends(world, a!, a!)
    alice.set(bob.key, 50n)
    const old = takeOff(a!, b!, 'update')
    alice.session = world.newSession()
    alice.capacities.set(bob.key, 10n)
    alice.tellAll(a!)
    world.settle()
    world.say(b!, a!.key, old)
    expect(b!.counts.stale).toBe(1)
    expect(b!.knows(alice, bob)).toBe(10n)
  })

  it('IDX-17 goes on over at most so many servers, and then without proof', () => {
    const [world, ...servers] = line('long', FEDERATION_HOPS_MAX + 2)
    world.pass(FEDERATION_HOPS_MAX)
    world.addNode(servers[0]!).tellAll(servers[0]!)
    world.settle()
    expect(servers.map(({ core }) => core.size)).toEqual([
      ...new Array<number>(FEDERATION_HOPS_MAX + 1).fill(1),
      0,
    ])
    expect(world.cuts).toEqual([])
    expect(servers.at(-1)!.counts.unproven).toBe(1)
  })
})

describe('federation: without proof', () => {
  it('IDX-18 an update without proof begins nothing, and only completes what is known to be live', () => {
    const [world, a, b] = line('unproven', 2)
    const node = world.addNode(a!)
    const friend = world.addNode()
    node.capacities.set(friend.key, 9n)
    const full = node.tellAll(a!)
    takeOff(a!, b!, 'update')
    world.say(b!, a!.key, { kind: 'known', ...full })
    expect(b!.counts.unproven).toBe(1)
    expect(b!.knows(node, friend)).toBeUndefined()
    world.pass(SIGN_OF_LIFE_PAUSE_MS / 1_000)
    node.refresh()
    world.deliver(a!, b!)
    expect(b!.knows(node, friend)).toBeUndefined()
    world.say(b!, a!.key, { kind: 'known', ...full })
    expect(b!.knows(node, friend)).toBe(9n)
    expect(b!.counts).toMatchObject({ unproven: 1, taken: 1, learned: 1 })
  })

  it('IDX-18 it does not keep a silent node', () => {
    const [world, a, b] = line('silent', 2)
    const [alice, bob] = friends(world, a!, a!)
    const later = alice.sign(alice.update(a!, [bob.key]))
    world.unlink(a!, b!)
    world.pass(INDEX_SILENT_MS_MAX / 1_000 - 1)
    world.link(a!, b!)
    world.say(b!, a!.key, { kind: 'known', ...later })
    expect(b!.counts.learned).toBe(1)
    expect(b!.core.size).toBe(2)
    world.pass(1)
    expect(b!.core.size).toBe(0)
  })

  it('IDX-18 a neighbour that knows not all of a node sends it when it does', () => {
    const [world, a, b, c] = line('incomplete', 3)
    world.unlink(a!, b!)
    const [alice, bob] = friends(world, a!, a!)
    world.link(a!, b!)
    world.pass(3)
    alice.refresh()
    world.deliver(a!, b!)
    while (world.deliver(b!, c!)) continue
    while (world.deliver(c!, b!)) continue
    expect(b!.knows(alice, bob)).toBeUndefined()
    world.settle()
    expect(c!.knows(alice, bob)).toBe(100n)
  })
})

describe('federation: nodes that leave', () => {
  it('IDX-20 a node that its server saw leave goes everywhere', () => {
    const [world, a, b, c] = line('leave', 3)
    const [alice] = friends(world, a!, a!)
    world.leave(alice, a!)
    world.pass(DISCONNECT_GRACE_MS / 1_000)
    expect([a!, b!, c!].map(({ core }) => core.size)).toEqual([1, 1, 1])
  })

  it('IDX-20 is believed only of the neighbour that brought the newest update', () => {
    const [world, a, b, c] = line('false-gone', 3)
    const [alice] = friends(world, a!, a!)
    const { node, session, counter } = { node: alice.key, session: alice.session, counter: alice.counter }
    world.say(b!, c!.key, { kind: 'gone', node, session, counter })
    world.say(a!, b!.key, { kind: 'gone', node, session, counter })
    world.say(b!, a!.key, { kind: 'gone', node, session: world.newSession(), counter })
    world.say(b!, a!.key, { kind: 'gone', node, session, counter: counter - 1 })
    expect(b!.core.size).toBe(2)
    expect([a!.counts.falseGone, b!.counts.falseGone]).toEqual([1, 3])
    world.say(b!, a!.key, { kind: 'gone', node, session, counter })
    expect(b!.core.size).toBe(1)
  })

  it('IDX-20 nothing old brings a node back that has left', () => {
    const [world, a, b] = line('come-back', 2)
    const [alice, bob] = [world.addNode(a!), world.addNode()]
    alice.capacities.set(bob.key, 50n)
    alice.tellAll(a!)
    const full = takeOff(a!, b!, 'update') as Proven
    world.say(b!, a!.key, full)
    expect(b!.knows(alice, bob)).toBe(50n)
    const { key: node, session, counter } = alice
    world.say(b!, a!.key, { kind: 'gone', node, session, counter })
    world.say(b!, a!.key, full)
    expect(b!.core.size).toBe(0)
    world.say(b!, a!.key, { kind: 'known', body: full.body, signature: full.signature })
    expect(b!.core.size).toBe(0)
    world.pass(SIGN_OF_LIFE_PAUSE_MS / 1_000)
    alice.refresh()
    world.settle()
    expect(b!.knows(alice, bob)).toBe(50n)
  })

  it('IDX-20 a node that only one of its two servers lost is everywhere after its next sign of life', () => {
    const [world, a, b, c] = line('half-left', 3)
    const [alice, bob] = friends(world, a!, a!)
    world.enter(alice, c!)
    alice.tellAll(c!)
    world.settle()
    world.pass(SIGN_OF_LIFE_PAUSE_MS / 1_000)
    alice.tell(a!, alice.sign(alice.update(a!, [])))
    world.settle()
    world.leave(alice, a!)
    world.pass(DISCONNECT_GRACE_MS / 1_000)
    expect(c!.knows(alice, bob)).toBe(100n)
    alice.refresh()
    world.settle()
    for (const server of [a!, b!, c!]) expect(server.knows(alice, bob)).toBe(100n)
  })

  it('IDX-7 a node goes after the same silence on all servers, whatever became of the link', () => {
    const [world, a, b] = line('silence', 2)
    friends(world, a!, a!)
    world.unlink(a!, b!)
    world.pass(INDEX_SILENT_MS_MAX / 1_000 - 1)
    expect(b!.core.size).toBe(2)
    world.pass(1)
    expect(b!.core.size).toBe(0)
  })
})

describe('federation: neighbours that break the rules', () => {
  it('IDX-21 cuts the link of whoever forwards a wrong signature, and takes nothing of it', () => {
    const [world, a, b] = line('signature', 2)
    const [alice, bob] = friends(world, a!, a!)
    const forged = alice.sign({ ...alice.update(a!, [bob.key]), edges: [] }, bob.signer)
    alice.set(bob.key, 1n)
    const honest = takeOff(a!, b!, 'update') as Proven
    world.say(b!, a!.key, { ...honest, ...forged })
    expect(world.cuts).toEqual([{ by: b, whom: a, reason: 'badSignature' }])
    expect(b!.knows(alice, bob)).toBe(100n)
  })

  it('IDX-21 the same without proof, when it would have told something', () => {
    const [world, a, b] = line('unproven-signature', 2)
    const [alice, bob] = friends(world, a!, a!)
    alice.capacities.set(bob.key, 9n)
    const forged = alice.sign(alice.update(a!, [bob.key]), bob.signer)
    world.say(b!, a!.key, { kind: 'known', ...forged })
    expect(world.cuts).toEqual([{ by: b, whom: a, reason: 'badSignature' }])
    expect(b!.knows(alice, bob)).toBe(100n)
  })

  it('IDX-21 cuts the link of whoever forwards what is no update, or names its own node as friend', () => {
    for (const isFriend of [false, true]) {
      const [world, a, b] = line('malformed', 2)
      const node = world.addNode(a!)
      node.tellAll(a!)
      const honest = takeOff(a!, b!, 'update') as Proven
      const wrong = isFriend
        ? node.sign(node.update(a!, [node.key]))
        : { body: Uint8Array.of(1), signature: honest.signature }
      world.say(b!, a!.key, { ...honest, ...wrong })
      expect(world.cuts).toEqual([{ by: b, whom: a, reason: 'malformed' }])
      expect(b!.core.size).toBe(0)
    }
  })

  it('IDX-21 cuts the link of whoever floods', () => {
    const [world, a, b] = line('flood', 2)
    for (let i = 0; i <= NEIGHBOUR_BURST_MAX; i++) world.say(b!, a!.key, { kind: 'need', node: a!.key })
    expect(world.cuts).toEqual([{ by: b, whom: a, reason: 'tooFast' }])
    expect(b!.federation.size).toBe(0)
  })

  it('IDX-21 one hash a second is enough for everybody', () => {
    const [world, a, b] = line('hashes', 2)
    const [hash] = b!.federation.hashes
    for (let i = 1; i < NEIGHBOUR_HASHES_BURST_MAX; i++)
      world.say(b!, a!.key, { kind: 'freshness', hash: hash! })
    expect(world.cuts).toEqual([])
    world.pass(30)
    for (let i = 0; i <= NEIGHBOUR_HASHES_BURST_MAX; i++)
      world.say(b!, a!.key, { kind: 'freshness', hash: hash! })
    expect(world.cuts).toEqual([{ by: b, whom: a, reason: 'tooFast' }])
  })

  it('IDX-21 what was cut, or never was a neighbour, is not listened to', () => {
    const [world, a, b] = line('strangers', 2)
    const stranger = world.addServer()
    world.addNode(a!).tellAll(a!)
    const honest = takeOff(a!, b!, 'update')
    world.say(b!, stranger.key, honest)
    expect(b!.core.size).toBe(0)
  })
})
