// Random federations under random trouble: servers that join, break off, lie and replay, nodes that come, change, move
// and go. In the end all servers that are connected know the same, which is what the nodes said last; and at no time
// does a server know of an edge what its node has not said within the time that it is remembered.

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { FRESHNESS_EVERY_MS, FRESHNESS_KEPT_MAX } from '../../index-server/limits.ts'
import { federationMessage } from '../../protocol/federation-messages.ts'
import { INDEX_REFRESH_MS, INDEX_SILENT_MS_MAX } from '../../protocol/limits.ts'
import type { SignedUpdate } from '../../protocol/index-messages.ts'
import type { PublicKey } from '../../protocol/types.ts'
import { CREDIT, FederationWorld, type TestNode, type TestServer } from '../support/federation-world.ts'

const NODES = 4
const RUNS = 20
/**
 * How long a server may believe what its node does not say any more: until it has heard nothing for too long, after
 * the latest proof that was still on its way, and the signs of life by which it notices what it missed; and once more
 * for as long as it remembers what it believed before it was started anew.
 */
const BELIEVED_MS = 2 * INDEX_SILENT_MS_MAX + FRESHNESS_KEPT_MAX * FRESHNESS_EVERY_MS + 2 * INDEX_REFRESH_MS

type Step =
  | {
      readonly kind: 'link' | 'unlink' | 'restart' | 'save' | 'replay' | 'lie'
      readonly a: number
      readonly b: number
    }
  | { readonly kind: 'enter' | 'leave' | 'crash'; readonly a: number; readonly b: number }
  | { readonly kind: 'set'; readonly a: number; readonly b: number }
  | { readonly kind: 'wait'; readonly a: number; readonly b: number }

const KINDS: readonly Step['kind'][] = [
  ...(['link', 'unlink', 'restart', 'save', 'replay', 'lie'] as const),
  ...(['enter', 'leave', 'crash'] as const),
  ...(['set', 'set', 'set', 'wait', 'wait', 'wait'] as const),
]

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(...KINDS),
  a: fc.nat(1_000),
  b: fc.nat(1_000),
})

class Run {
  readonly world: FederationWorld
  readonly nodes: TestNode[]
  /** What each node said and when, of each friend: for as long as a server may believe it. */
  readonly #said: {
    readonly node: PublicKey
    readonly friend: PublicKey
    readonly capacity: bigint
    until: number
  }[] = []
  /** What nodes have told and has not arrived. */
  readonly #late = new Map<TestNode, { readonly server: TestServer; readonly signed: SignedUpdate }[]>()
  readonly #snapshots = new Map<TestServer, Uint8Array>()
  /** Messages that went between servers: a liar sends them again. */
  readonly #seen: Uint8Array[] = []

  constructor(seed: number, servers: number) {
    this.world = new FederationWorld(`federation ${seed}`)
    for (let i = 0; i < servers; i++) this.world.addServer()
    for (let i = 1; i < servers; i++) this.world.link(this.server(i - 1), this.server(i))
    this.nodes = Array.from({ length: NODES }, () => this.world.addNode())
    for (const node of this.nodes) {
      for (const friend of this.nodes) if (friend !== node) node.capacities.set(friend.key, 1n)
    }
    this.nodes.forEach((node, index) => this.enter(node, this.server(index)))
  }

  server(index: number): TestServer {
    return this.world.servers[index % this.world.servers.length]!
  }

  node(index: number): TestNode {
    return this.nodes[index % NODES]!
  }

  enter(node: TestNode, server: TestServer): void {
    if (node.connections.has(server)) return
    const late = this.#late.get(node) ?? []
    this.#late.set(
      node,
      late.filter((one) => one.server !== server),
    )
    this.world.enter(node, server)
    this.tellAll(node, server)
  }

  /** Everything; and again after a refusal, as a node does: in a session of its own when its old one has ended. */
  tellAll(node: TestNode, server: TestServer): void {
    this.#note(node)
    node.tellAll(server)
    if (node.refused === 'stale') {
      node.session = this.world.newSession()
      for (const other of node.connections.keys()) node.tellAll(other)
    }
  }

  refresh(): void {
    for (const node of this.nodes) {
      this.#note(node)
      for (const server of node.connections.keys()) {
        this.arrive(node, server)
        node.tell(server, node.sign(node.update(server, [])))
        if (node.refused !== undefined) this.tellAll(node, server)
      }
    }
  }

  set(node: TestNode, friend: TestNode, capacity: bigint): void {
    if (node === friend) return
    this.#note(node)
    node.capacities.set(friend.key, capacity)
    this.#note(node)
    for (const server of node.connections.keys()) {
      const update = { server, signed: node.sign(node.update(server, [friend.key])) }
      this.#late.set(node, [...(this.#late.get(node) ?? []), update])
      // The ways to two servers are not equally fast: what was said first may come last.
      const [luck = 0] = this.world.random(1)
      if (luck < 128) this.arrive(node, server)
    }
  }

  /** What a node has told a server comes there, in its order. */
  arrive(node: TestNode, server: TestServer): void {
    const late = this.#late.get(node) ?? []
    this.#late.set(
      node,
      late.filter((one) => one.server !== server),
    )
    for (const one of late) {
      if (one.server !== server || !node.connections.has(server)) continue
      node.tell(server, one.signed)
      if (node.refused !== undefined) this.tellAll(node, server)
    }
  }

  /** Seconds pass; messages are late, but their order is kept. */
  wait(seconds: number): void {
    for (let i = 0; i < seconds; i++) {
      this.world.now += 1_000
      for (const server of this.world.servers) this.world.tick(server)
      if (this.world.now % INDEX_REFRESH_MS === 0) this.refresh()
      this.deliverSome()
      this.check()
    }
  }

  /** Each link stalls now and then. */
  deliverSome(): void {
    for (const from of this.world.servers) {
      for (const [to, messages] of [...from.outgoing]) {
        const [luck = 0] = this.world.random(1)
        if (luck < 64) continue
        if (this.#seen.length < 500) this.#seen.push(...messages)
        while (this.world.deliver(from, to)) continue
      }
    }
  }

  do({ kind, a, b }: Step): void {
    const { world } = this
    const [one, other, node] = [this.server(a), this.server(b), this.node(a)]
    switch (kind) {
      case 'link':
        if (one !== other && !one.outgoing.has(other)) world.link(one, other)
        break
      case 'unlink':
        if (one.outgoing.has(other)) world.unlink(one, other)
        break
      case 'restart':
        this.restart(one)
        break
      case 'save':
        this.#snapshots.set(one, one.snapshot())
        break
      case 'replay':
        this.replay(one, b)
        break
      case 'lie':
        this.lie(one, this.node(b))
        break
      case 'enter':
        this.enter(node, other)
        break
      case 'leave':
        if (node.connections.size > 1) world.leave(node, other)
        break
      case 'crash':
        // It comes back at once, as another session, at one server.
        for (const server of [...node.connections.keys()]) world.leave(node, server)
        node.session = world.newSession()
        node.counter = 0
        this.enter(node, other)
        break
      case 'set':
        this.set(node, this.node(b), BigInt(b))
        break
      case 'wait':
        // Now and then for so long that whoever is silent is forgotten.
        this.wait(b % 10 === 0 ? BELIEVED_MS / 1_000 : 1 + (b % 25))
    }
  }

  /** A server that starts again knows nothing but what its last snapshot says, if it made one; its neighbours and nodes come back. */
  restart(server: TestServer): void {
    const { world } = this
    const neighbours = [...server.outgoing.keys()]
    const nodes = [...server.clients.values()]
    for (const other of neighbours) world.unlink(server, other)
    for (const node of nodes) world.leave(node, server)
    server.restart(world.random(32), this.#snapshots.get(server), world.now)
    for (const other of neighbours) world.link(server, other)
    for (const node of nodes) this.enter(node, server)
  }

  /** A hostile neighbour says again what once was said. */
  replay(to: TestServer, which: number): void {
    const bytes = this.#seen[which % Math.max(1, this.#seen.length)]
    if (bytes === undefined) return
    this.asStranger(to, (stranger) => this.world.say(to, stranger, federationMessage.decode(bytes)))
  }

  /** A hostile neighbour says what nobody said: with the signature of another, and of another's leaving. */
  lie(to: TestServer, node: TestNode): void {
    this.asStranger(to, (stranger) => {
      const { session, counter } = node
      this.world.say(to, stranger, { kind: 'gone', node: node.key, session, counter: counter + 100 })
      const [freshness] = node.freshness.values()
      const edges = [{ ...node.edge(this.nodes[0]!.key), capacity: 1n << 100n }]
      const forged = { ...node.update(to, []), freshness: freshness!, edges }
      const signed = node.sign(forged, this.node(this.nodes.indexOf(node) + 1).signer)
      this.world.say(to, stranger, { kind: 'known', ...signed })
    })
  }

  asStranger(to: TestServer, act: (key: PublicKey) => void): void {
    const stranger = this.world.newKey()
    to.federation.joined(stranger, this.world.now)
    act(stranger)
    to.federation.parted(stranger)
    to.federation.takeActions()
  }

  /** All that servers know was said by its node, not longer ago than it is remembered. */
  check(): void {
    const { now } = this.world
    for (const server of this.world.servers) {
      for (const node of this.nodes) {
        for (const friend of this.nodes) {
          const capacity = server.knows(node, friend)
          if (capacity === undefined) continue
          const isSaid = this.#said.some(
            (one) =>
              one.node === node.key &&
              one.friend === friend.key &&
              one.capacity === capacity &&
              one.until >= now,
          )
          expect(isSaid, `${capacity} was said by its node`).toBe(true)
        }
      }
    }
  }

  /** Everybody is connected, and time passes: what does each server know? */
  end(): void {
    const { servers } = this.world
    for (let i = 1; i < servers.length; i++) {
      if (!this.server(i - 1).outgoing.has(this.server(i)))
        this.world.link(this.server(i - 1), this.server(i))
    }
    for (let i = 0; i < 160; i++) {
      this.world.pass(1)
      if (this.world.now % INDEX_REFRESH_MS === 0) this.refresh()
    }
    this.world.settle()
    const truth = this.nodes.map((node) => [...node.capacities])
    for (const server of servers) {
      const known = this.nodes.map((node) =>
        [...node.capacities.keys()].map((friend) => [friend, server.core.capacity(CREDIT, node.key, friend)]),
      )
      expect(known).toEqual(truth)
    }
  }

  #note(node: TestNode): void {
    const until = this.world.now + BELIEVED_MS
    for (const [friend, capacity] of node.capacities) {
      const before = this.#said.find(
        (one) => one.node === node.key && one.friend === friend && one.capacity === capacity,
      )
      if (before === undefined) this.#said.push({ node: node.key, friend, capacity, until })
      else before.until = until
    }
  }
}

it('IDX-19 IDX-26 servers know what the nodes said last, whatever happens to them and to their links', () => {
  fc.assert(
    fc.property(
      fc.nat(),
      fc.integer({ min: 2, max: 6 }),
      fc.array(step, { minLength: 5, maxLength: 25 }),
      (seed, servers, steps) => {
        const run = new Run(seed, servers)
        for (const one of steps) {
          run.do(one)
          run.check()
        }
        run.end()
        // Honest servers are never cut off: only the strangers that lie.
        expect(run.world.cuts.filter(({ whom }) => whom !== undefined)).toEqual([])
      },
    ),
    { numRuns: RUNS },
  )
}, 300_000)
