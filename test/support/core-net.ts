// Several cores in one room: real signatures, stored records, and a network whose order the test decides. Without
// links, servers or time of its own, so that a property can try thousands of schedules.

import { friendMessage, batch, signedBytes, type FriendMessage } from '../../protocol/channel-messages.ts'
import type { Signer } from '../../protocol/crypto.ts'
import { nobleProvider } from '../../protocol/ed25519.ts'
import { toText } from '../../protocol/forms.ts'
import type { Result } from '../../protocol/result.ts'
import type { Currency, PublicKey } from '../../protocol/types.ts'
import { decode } from '../../protocol/wire.ts'
import type { MethodName, ParamsOf } from '../../worker/api.ts'
import type { Action, OutgoingMessage } from '../../worker/core/actions.ts'
import { Core, newCard } from '../../worker/core/core.ts'
import { DEFAULT_CURRENCY } from '../../worker/core/friends.ts'
import type { DecodedMessage, Input, Stamp } from '../../worker/core/inputs.ts'
import {
  TABLES,
  type Change,
  type Ledger,
  type Snapshot,
  type TableName,
  type Tables,
} from '../../worker/core/records.ts'
import type { RouteQuery, RouteQueryAnswer } from '../../worker/core/routes.ts'
import { seededRandom } from './seeded-random.ts'

interface Packet {
  readonly from: TestNode
  readonly to: TestNode
  readonly session: number
  readonly bytes: Uint8Array
}

type Records = { readonly [T in TableName]: Map<string, unknown> }

/** One card: its core, and a store that keeps committed records only. */
export class TestNode {
  readonly name: string
  readonly signer: Signer
  core: Core
  readonly replies = new Map<number, Result<unknown>>()
  /** Answers route queries; the default knows no way. */
  findRoutes: (query: RouteQuery) => RouteQueryAnswer = () => ({
    ok: false,
    fault: { code: 'noRoute', message: 'none' },
  })
  readonly #net: CoreNet
  #records = Object.fromEntries(TABLES.map((table) => [table, new Map<string, unknown>()])) as Records
  #calls = 0

  constructor(net: CoreNet, name: string, secretKey: Uint8Array) {
    this.#net = net
    this.name = name
    this.signer = nobleProvider.signer(secretKey)
    const { publicKey } = this.signer
    this.#commit(newCard({ publicKey, name, now: net.now, relays: [], indexServers: [] }))
    this.core = new Core(this.#load())
    this.step([{ type: 'start' }])
  }

  get key(): PublicKey {
    return this.signer.publicKey
  }

  /** The committed records of one table; to be read only. */
  stored<T extends TableName>(table: T): Tables[T][] {
    return [...this.#records[table].values()] as Tables[T][]
  }

  /** A copy of what is stored, to restore it later as an old backup. */
  backup(): Records {
    return structuredClone(this.#records)
  }

  /** Stops without a word and starts from what is stored; or from an older copy. */
  restart(backup?: Records): void {
    this.#net.disconnect(this)
    if (backup !== undefined) this.#records = structuredClone(backup)
    this.core = new Core(this.#load())
    this.step([{ type: 'start' }])
  }

  /** Processes inputs as the driver does, in one step. */
  step(inputs: readonly Input[]): void {
    for (const input of inputs) this.#process(input)
    const { changes, actions } = this.core.finish(this.#net.stamp())
    this.#commit(changes)
    for (const action of actions) this.#perform(action)
    // Their answers are inputs of later steps.
    for (const action of actions) if (action.type === 'queryRoutes') this.#answer(action)
  }

  /**
   * @param app who calls; missing: the owner.
   * @throws {Error} with the fault's code when the call is refused.
   */
  call<M extends MethodName>(method: M, params: ParamsOf<M>, app?: PublicKey): unknown {
    const call = ++this.#calls
    this.step([{ type: 'call', call, method, params, app }])
    const result = this.replies.get(call)
    if (result === undefined) throw new Error(`${method} was not answered`)
    if (!result.ok) throw new Error(result.error.code)
    return result.value
  }

  friend(other: TestNode) {
    return this.core.state.friend(other.key)
  }

  ledger(other: TestNode, currency: Currency = DEFAULT_CURRENCY): Ledger {
    const ledger = this.friend(other).record.channel.ledgers.find((each) => each.currency === currency)
    if (ledger === undefined) throw new Error(`no books in ${currency}`)
    return ledger
  }

  balance(other: TestNode): bigint {
    return this.ledger(other).balance
  }

  status(other: TestNode): string {
    return this.friend(other).record.channel.status
  }

  ticket(): string {
    return toText({ kind: 'friend', ticket: { publicKey: this.key, relays: [], name: this.name } })
  }

  #process(input: Input): void {
    const checks = this.core.checks(input)
    const valid = checks.map((check) => nobleProvider.verify(check))
    this.core.process(input, this.#net.stamp(), valid)
    for (const { reference, message } of this.core.receiptsToSign()) {
      const signature = this.signer.sign(message)
      this.core.process({ type: 'receiptSigned', reference, signature }, this.#net.stamp(), [])
    }
  }

  #perform(action: Action): void {
    if (action.type === 'reply') this.replies.set(action.call, action.result)
    if (action.type === 'sendFriend') this.#net.send(this, action.friend, action.session, action.message)
    if (action.type === 'closeSession') this.#net.closeSession(action.session)
  }

  #answer({ query, request }: Extract<Action, { type: 'queryRoutes' }>): void {
    this.step([{ type: 'routes', query, answer: this.findRoutes(request) }])
  }

  #load(): Snapshot {
    const tables = TABLES.map((table) => [table, structuredClone([...this.#records[table].values()])])
    return Object.fromEntries(tables) as Snapshot
  }

  #commit(changes: readonly Change[]): void {
    for (const { table, key, value } of changes) {
      if (value === undefined) this.#records[table].delete(key)
      else this.#records[table].set(key, structuredClone(value))
    }
  }
}

export class CoreNet {
  now = 1_700_000_000_000
  readonly random: (size: number) => Uint8Array
  readonly nodes: TestNode[] = []
  readonly packets: Packet[] = []
  /** Lets a test change or drop what a node says; undefined drops it. */
  tamper: (message: FriendMessage, from: TestNode, to: TestNode) => FriendMessage | undefined = (m) => m
  readonly #sessions = new Map<number, readonly [TestNode, TestNode]>()
  #nextSession = 1

  constructor(seed = '1') {
    this.random = seededRandom(seed)
  }

  node(name: string, secretKey = this.random(32)): TestNode {
    const node = new TestNode(this, name, secretKey)
    this.nodes.push(node)
    return node
  }

  stamp(): Stamp {
    return { now: this.now, random: this.random(32) }
  }

  /** Opens a session between two friends. */
  connect(a: TestNode, b: TestNode): void {
    this.#closeBetween(a, b)
    const session = this.#nextSession++
    this.#sessions.set(session, [a, b])
    a.step([{ type: 'friendOnline', friend: b.key, session }])
    b.step([{ type: 'friendOnline', friend: a.key, session }])
  }

  /** Ends all sessions of a node; what was under way is lost. */
  disconnect(node: TestNode, other?: TestNode): void {
    for (const [session, pair] of this.#sessions) {
      if (pair.includes(node) && (other === undefined || pair.includes(other))) this.closeSession(session)
    }
  }

  closeSession(session: number): void {
    const pair = this.#sessions.get(session)
    if (pair === undefined) return
    this.#sessions.delete(session)
    for (let i = this.packets.length - 1; i >= 0; i--) {
      if (this.packets[i]!.session === session) this.packets.splice(i, 1)
    }
    const [a, b] = pair
    a.step([{ type: 'friendOffline', friend: b.key, session }])
    b.step([{ type: 'friendOffline', friend: a.key, session }])
  }

  send(from: TestNode, friend: PublicKey, session: number, message: OutgoingMessage): void {
    const to = this.nodes.find((node) => node.key === friend)
    if (to === undefined || !this.#sessions.has(session)) return
    const tampered = this.tamper(sign(from.signer, friend, message), from, to)
    if (tampered !== undefined) {
      this.packets.push({ from, to, session, bytes: friendMessage.encode(tampered) })
    }
  }

  /** Delivers the oldest packet of the pair that `pick` chooses among those with packets under way. */
  deliverOne(pick: (count: number) => number = () => 0): boolean {
    const heads = this.packets.filter(
      (packet, index) =>
        this.packets.findIndex((other) => other.from === packet.from && other.to === packet.to) === index,
    )
    const packet = heads[pick(heads.length) % heads.length]
    if (packet === undefined) return false
    this.packets.splice(this.packets.indexOf(packet), 1)
    packet.to.step([
      {
        type: 'friendMessage',
        friend: packet.from.key,
        session: packet.session,
        message: decodeMessage(packet.bytes),
      },
    ])
    return true
  }

  /** Delivers everything, in order, until nothing is said any more. */
  settle(): void {
    for (let steps = 0; this.deliverOne(); steps++)
      if (steps > 10_000) throw new Error('the net does not settle')
  }

  /** Lets time pass, with the nodes' timers, and settles. */
  advance(ms: number): void {
    const end = this.now + ms
    for (;;) {
      this.settle()
      const due = Math.min(...this.nodes.map((node) => node.core.nextDeadline() ?? Infinity))
      if (due > end) break
      this.now = Math.max(this.now, due)
      for (const node of this.nodes)
        if ((node.core.nextDeadline() ?? Infinity) <= this.now) node.step([{ type: 'tick' }])
    }
    this.now = end
  }

  /** Makes two nodes friends on line, each trusting the other up to `limit`. */
  befriend(a: TestNode, b: TestNode, limit = 1_000n, balance = 0n): void {
    for (const [me, other, mine] of [
      [a, b, balance],
      [b, a, -balance],
    ] as const) {
      const balances = mine === 0n ? [] : [{ currency: DEFAULT_CURRENCY, balance: String(mine) }]
      me.call('friends.add', { ticket: other.ticket(), name: other.name, balances })
      me.call('friends.setMaxDebt', { friend: other.key, currency: DEFAULT_CURRENCY, maxDebt: String(limit) })
      me.call('friends.setOpen', { friend: other.key, currency: DEFAULT_CURRENCY, open: true })
    }
    this.connect(a, b)
    this.settle()
  }

  #closeBetween(a: TestNode, b: TestNode): void {
    for (const [session, pair] of this.#sessions) {
      if (pair.includes(a) && pair.includes(b)) this.closeSession(session)
    }
  }
}

function sign(signer: Signer, friend: PublicKey, message: OutgoingMessage): FriendMessage {
  switch (message.kind) {
    case 'batch':
    case 'note':
    case 'reset': {
      const bytes = signedBytes(message.kind, signer.publicKey, friend, message.body)
      return { kind: message.kind, body: message.body, signature: signer.sign(bytes) }
    }
    default:
      return message
  }
}

function decodeMessage(bytes: Uint8Array): DecodedMessage {
  const message = friendMessage.decode(bytes)
  if (message.kind !== 'batch') return message
  const content = decode(batch, message.body)
  return { ...message, content: content.ok ? content.value : undefined }
}

/** A route finder that knows one way. */
export function onlyRoute(nodes: readonly TestNode[], fees: bigint) {
  return ({ amount = 0n, excludedEdges, rooms }: RouteQuery): RouteQueryAnswer => {
    const isExcluded = excludedEdges.some(({ from, to }) =>
      nodes.some((node, i) => node.key === from && nodes[i + 1]?.key === to),
    )
    const room = rooms.find(({ friend }) => friend === nodes[1]?.key)
    if (isExcluded || (room !== undefined && room.capacity < amount + fees))
      return { ok: false, fault: { code: 'noRoute', message: 'none' } }
    return { ok: true, routes: [{ nodes: nodes.map(({ key }) => key), amount, fees }] }
  }
}
