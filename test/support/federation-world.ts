// Index servers that share what they know, and nodes that tell them, in one process: cores alone, no sockets. What
// servers say goes through the codec and waits until a test delivers it.

import { IndexCore } from '../../index-server/core.ts'
import type { CutReason, Federation, FederationCounts } from '../../index-server/federation.ts'
import type { Signer } from '../../protocol/crypto.ts'
import { federationMessage, type FederationMessage } from '../../protocol/federation-messages.ts'
import {
  update as updateCodec,
  updateBytes,
  type EdgeReport,
  type SignedUpdate,
  type Update,
} from '../../protocol/index-messages.ts'
import type { Currency, Hash, PublicKey, RequestId } from '../../protocol/types.ts'
import { toBase64url } from '../../protocol/wire.ts'
import { nodeProvider } from '../../worker/runtime/crypto/node.ts'
import { seededRandom } from './seeded-random.ts'
import { nodesOf } from './snapshot.ts'

export const CREDIT = 'credit' as Currency

export class TestServer {
  core: IndexCore
  readonly signer: Signer
  /** Messages to each neighbour that are on their way. */
  readonly outgoing = new Map<TestServer, Uint8Array[]>()
  /** Which nodes are connected, by connection. */
  readonly clients = new Map<number, TestNode>()

  constructor(signer: Signer, random: Uint8Array) {
    this.signer = signer
    this.core = new IndexCore(nodeProvider, random, { federates: true })
  }

  get key(): PublicKey {
    return this.signer.publicKey
  }

  /** It starts again, and knows nothing but what a snapshot of it says. */
  restart(random: Uint8Array, snapshot?: Uint8Array, now = 0): void {
    const nodes = snapshot === undefined ? undefined : nodesOf(snapshot, this.key, now)
    this.core = new IndexCore(nodeProvider, random, { federates: true, restored: nodes })
  }

  snapshot(): Uint8Array {
    return Buffer.concat([...this.core.snapshot(this.signer)])
  }

  get federation(): Federation {
    return this.core.federation!
  }

  get counts(): FederationCounts {
    return this.federation.counts
  }

  /** What `node` said last that it can receive from `friend`. */
  knows(node: TestNode, friend: TestNode): bigint | undefined {
    return this.core.capacity(CREDIT, node.key, friend.key)
  }
}

/** A node that tells each of its servers everything, as `worker/runtime/index-reporter.ts` does. */
export class TestNode {
  readonly signer: Signer
  readonly world: FederationWorld
  /** What it can receive, by friend: the truth. */
  readonly capacities = new Map<PublicKey, bigint>()
  readonly connections = new Map<TestServer, number>()
  readonly freshness = new Map<TestServer, Hash>()
  session: RequestId
  counter = 0
  /** The reason of the last refusal. */
  refused: string | undefined

  constructor(world: FederationWorld) {
    this.world = world
    this.signer = nodeProvider.signer(world.random(32))
    this.session = world.newSession()
  }

  get key(): PublicKey {
    return this.signer.publicKey
  }

  sign(update: Update, signer = this.signer): SignedUpdate {
    const body = updateCodec.encode(update)
    return { body, signature: signer.sign(updateBytes(body)) }
  }

  /** An update of now, for this server. */
  update(server: TestServer, friends: readonly PublicKey[], more: Partial<Update> = {}): Update {
    return {
      node: this.key,
      session: this.session,
      counter: ++this.counter,
      freshness: this.freshness.get(server) ?? ('' as Hash),
      full: false,
      edges: friends.map((friend) => this.edge(friend)),
      ...more,
    }
  }

  edge(friend: PublicKey): EdgeReport {
    return { friend, currency: CREDIT, capacity: this.capacities.get(friend) ?? 0n, rate: { mul: 0, add: 0 } }
  }

  /** Tells one server; @returns what was sent. */
  tell(server: TestServer, signed: SignedUpdate): SignedUpdate {
    const connection = this.connections.get(server)
    if (connection === undefined) throw new Error('this node is not connected there')
    this.refused = undefined
    for (const { message } of server.core.received(
      connection,
      { kind: 'update', ...signed },
      this.world.now,
    )) {
      if (message.kind === 'refused') this.refused = message.reason
    }
    this.world.collect(server)
    return signed
  }

  tellAll(server: TestServer): SignedUpdate {
    return this.tell(server, this.sign(this.update(server, [...this.capacities.keys()], { full: true })))
  }

  /** What it can receive from a friend has changed. */
  set(friend: PublicKey, capacity: bigint): void {
    this.capacities.set(friend, capacity)
    for (const server of this.connections.keys()) this.tell(server, this.sign(this.update(server, [friend])))
  }

  /** A sign of life. */
  refresh(): void {
    for (const server of this.connections.keys()) this.tell(server, this.sign(this.update(server, [])))
  }
}

export class FederationWorld {
  now = 1_000_000
  readonly random: ReturnType<typeof seededRandom>
  readonly servers: TestServer[] = []
  readonly cuts: {
    readonly by: TestServer
    readonly whom: TestServer | undefined
    readonly reason: CutReason
  }[] = []
  #nextConnection = 1

  constructor(seed: string) {
    this.random = seededRandom(seed)
  }

  newSession(): RequestId {
    return toBase64url(this.random(16)) as RequestId
  }

  newKey(): PublicKey {
    return nodeProvider.signer(this.random(32)).publicKey
  }

  addServer(): TestServer {
    const server = new TestServer(nodeProvider.signer(this.random(32)), this.random(32))
    this.servers.push(server)
    return server
  }

  addNode(...servers: readonly TestServer[]): TestNode {
    const node = new TestNode(this)
    for (const server of servers) this.enter(node, server)
    return node
  }

  /** A node connects to a server; it has told nothing yet. */
  enter(node: TestNode, server: TestServer): void {
    const connection = this.#nextConnection++
    node.connections.set(server, connection)
    server.clients.set(connection, node)
    for (const { message } of server.core.opened(connection, node.key, this.now)) {
      if (message.kind === 'freshness') node.freshness.set(server, message.hash)
    }
  }

  leave(node: TestNode, server: TestServer): void {
    const connection = node.connections.get(server)
    if (connection === undefined) return
    node.connections.delete(server)
    server.clients.delete(connection)
    server.core.closed(connection, this.now)
  }

  link(a: TestServer, b: TestServer): void {
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      from.outgoing.set(to, [])
      from.federation.joined(to.key, this.now)
    }
    this.collect(a)
    this.collect(b)
  }

  unlink(a: TestServer, b: TestServer): void {
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      from.outgoing.delete(to)
      from.federation.parted(to.key)
    }
  }

  /** Puts what a server wants to say on its way. */
  collect(server: TestServer): void {
    for (const action of server.federation.takeActions()) {
      const to = this.servers.find(({ key }) => key === action.neighbour)
      if (action.kind === 'cut') {
        this.cuts.push({ by: server, whom: to, reason: action.reason })
        if (to !== undefined) this.unlink(server, to)
      } else if (to !== undefined) {
        server.outgoing.get(to)?.push(federationMessage.encode(action.message))
      }
    }
    for (const [to, messages] of server.outgoing) {
      for (;;) {
        const message = server.federation.next(to.key, this.now)
        if (message === undefined) break
        messages.push(federationMessage.encode(message))
      }
    }
  }

  /** Says something to a server in the name of a neighbour. */
  say(to: TestServer, from: PublicKey, message: FederationMessage): void {
    to.federation.received(from, federationMessage.decode(federationMessage.encode(message)), this.now)
    this.collect(to)
  }

  /** Delivers the next message from one server to another; false when there is none. */
  deliver(from: TestServer, to: TestServer): boolean {
    const bytes = from.outgoing.get(to)?.shift()
    if (bytes === undefined) return false
    this.say(to, from.key, federationMessage.decode(bytes))
    return true
  }

  /** Delivers everything. */
  settle(): void {
    for (let isQuiet = false; !isQuiet;) {
      isQuiet = true
      for (const from of this.servers) {
        for (const to of [...from.outgoing.keys()]) while (this.deliver(from, to)) isQuiet = false
      }
    }
  }

  tick(server: TestServer): void {
    for (const { connection, message } of server.core.tick(this.now, this.random(32))) {
      const node = server.clients.get(connection)
      if (message.kind === 'freshness') node?.freshness.set(server, message.hash)
    }
    this.collect(server)
  }

  /** Lets seconds pass, one by one, everything being delivered. */
  pass(seconds: number): void {
    for (let i = 0; i < seconds; i++) {
      this.now += 1_000
      for (const server of this.servers) this.tick(server)
      this.settle()
    }
  }
}

/** Servers in a line, each a neighbour of the next, that have heard each other's hashes. */
export function line(seed: string, count: number): [FederationWorld, ...TestServer[]] {
  const world = new FederationWorld(seed)
  const servers = Array.from({ length: count }, () => world.addServer())
  for (let i = 1; i < count; i++) world.link(servers[i - 1]!, servers[i]!)
  world.pass(3)
  return [world, ...servers]
}

/** Two nodes that are friends, each at a server of its own, which has heard of them. */
export function friends(world: FederationWorld, one: TestServer, other: TestServer): [TestNode, TestNode] {
  const [a, b] = [world.addNode(one), world.addNode(other)]
  a.capacities.set(b.key, 100n)
  b.capacities.set(a.key, 200n)
  a.tellAll(one)
  b.tellAll(other)
  world.settle()
  return [a, b]
}

/** The message that waits on the way from one server to another, taken off it. */
export function takeOff(
  from: TestServer,
  to: TestServer,
  kind: FederationMessage['kind'],
): FederationMessage {
  const messages = from.outgoing.get(to)!.map((bytes) => federationMessage.decode(bytes))
  const at = messages.findIndex((message) => message.kind === kind)
  if (at === -1) throw new Error(`no ${kind} is on its way`)
  from.outgoing.get(to)!.splice(at, 1)
  return messages[at]!
}
