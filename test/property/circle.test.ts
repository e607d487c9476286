// Four cards, three of them in a circle, and everything that their users, their devices and their network may do:
// whatever the schedule, no invariant breaks, no credit appears or gets lost, and in the end nothing is stuck.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { feeFor } from '../../protocol/fees.ts'
import { toBase64url } from '../../protocol/wire.ts'
import type { InvoiceView } from '../../worker/api.ts'
import type { Route, RouteQuery, RouteQueryAnswer } from '../../worker/core/routes.ts'
import { friendView } from '../../worker/core/views.ts'
import { expectAccounted, expectStored } from '../support/books.ts'
import { CoreNet, type TestNode } from '../support/core-net.ts'

const NAMES = ['Ada', 'Bob', 'Cleo', 'Dan'] as const
/** Ada, Bob and Cleo know each other; Dan knows Cleo. */
const EDGES = [
  [0, 1],
  [1, 2],
  [2, 0],
  [2, 3],
] as const
/** The highest limit that anybody ever grants before the end. */
const LIMIT_MAX = 200

const node = fc.nat(NAMES.length - 1)
const edge = fc.nat(EDGES.length - 1)
const back = fc.boolean()
const pick = fc.nat(11)
const kind = <K extends string>(name: K) => fc.constant(name)

const calm = [
  {
    weight: 9,
    arbitrary: fc.record({
      kind: kind('pay'),
      from: node,
      to: node,
      amount: fc.integer({ min: 1, max: 60 }),
      pick,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: kind('bill'),
      from: node,
      to: node,
      amount: fc.integer({ min: 1, max: 60 }),
      pick,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: kind('rebalance'),
      node: fc.nat(2),
      back,
      amount: fc.integer({ min: 1, max: 60 }),
      pick,
    }),
  },
  {
    weight: 12,
    arbitrary: fc.record({ kind: kind('deliver'), count: fc.integer({ min: 1, max: 6 }), pick }),
  },
  { weight: 2, arbitrary: fc.record({ kind: kind('limit'), edge, back, limit: fc.nat(LIMIT_MAX) }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('open'), edge, back, open: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: kind('rate'), edge, back, mul: fc.nat(1 << 30), add: fc.nat(3) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: kind('cancel'), node }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('cancelInvoice'), node }) },
  { weight: 3, arbitrary: fc.record({ kind: kind('connect'), edge }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('disconnect'), edge }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('restart'), node }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('wait'), ms: fc.integer({ min: 1, max: 40_000 }) }) },
] as const
const rough = [
  { weight: 2, arbitrary: fc.record({ kind: kind('enable'), edge, back, enabled: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('reset'), edge, back }) },
  { weight: 3, arbitrary: fc.record({ kind: kind('accept'), edge, back }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('remove'), edge, back }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('add'), edge, back }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('backup'), node }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('restore'), node }) },
] as const

const calmEvent = fc.oneof(...calm)
const roughEvent = fc.oneof(...calm, ...rough)
type Event = typeof roughEvent extends fc.Arbitrary<infer E> ? E : never

class Circle {
  readonly net = new CoreNet('circle')
  readonly nodes = NAMES.map((name) => this.net.node(name))
  readonly #backups = new Map<TestNode, ReturnType<TestNode['backup']>>()
  #pick = 0

  constructor() {
    for (const [a, b] of EDGES) this.net.befriend(this.#at(a), this.#at(b), BigInt(LIMIT_MAX))
    for (const each of this.nodes) each.findRoutes = (query) => this.#route(query)
  }

  run(event: Event): void {
    const { net } = this
    switch (event.kind) {
      case 'pay':
      case 'bill':
        this.#pick = event.pick
        return this.#pay(
          event.kind === 'bill',
          this.#at(event.from),
          this.#at(event.to),
          String(event.amount),
        )
      case 'rebalance': {
        this.#pick = event.pick
        return this.#rebalance(event.node, event.back, String(event.amount))
      }
      case 'deliver':
        for (let i = 0; i < event.count; i++) net.deliverOne((heads) => event.pick % heads)
        return
      case 'cancel': {
        const me = this.#at(event.node)
        const open = [...me.core.state.payments.values()].find(
          ({ finished, refundOf }) => finished === undefined && refundOf === undefined,
        )
        if (open !== undefined) me.call('payments.cancel', { id: open.id })
        return
      }
      case 'cancelInvoice': {
        const me = this.#at(event.node)
        const open = [...me.core.state.invoices.values()].find(({ state }) => state === 'open')
        if (open !== undefined) me.call('invoices.cancel', { id: open.id })
        return
      }
      case 'restart':
        return this.#at(event.node).restart()
      case 'wait':
        return net.advance(event.ms)
      case 'backup':
        this.#backups.set(this.#at(event.node), this.#at(event.node).backup())
        return
      case 'restore': {
        const backup = this.#backups.get(this.#at(event.node))
        if (backup !== undefined) this.#at(event.node).restart(backup)
        return
      }
      default:
        return this.#runOnEdge(event)
    }
  }

  /** The faults stop: all are friends again and on line, users accept what they must, and time passes. */
  heal(): void {
    for (const [a, b] of this.edges()) {
      for (const [me, other] of [
        [a, b],
        [b, a],
      ] as const) {
        this.#befriend(me, other)
        me.call('friends.setEnabled', { friend: other.key, enabled: true })
        me.call('friends.setMaxDebt', { friend: other.key, currency: 'credit', maxDebt: '100000' })
        me.call('friends.setOpen', { friend: other.key, currency: 'credit', open: true })
      }
    }
    for (let round = 0; round < 8; round++) {
      for (const [a, b] of this.edges()) this.net.connect(a, b)
      this.net.advance(5_000)
      for (const [a, b] of this.edges()) if (!accept(a, b)) accept(b, a)
      this.net.advance(5_000)
    }
    this.net.advance(400_000)
  }

  edges(): [TestNode, TestNode][] {
    return EDGES.map(([a, b]) => [this.#at(a), this.#at(b)])
  }

  #runOnEdge(event: Extract<Event, { edge: number }>): void {
    const [a, b] = this.edges()[event.edge]!
    if (event.kind === 'connect') return this.net.connect(a, b)
    if (event.kind === 'disconnect') return this.net.disconnect(a, b)
    const [me, other] = event.back ? [b, a] : [a, b]
    if (event.kind === 'add') return this.#befriend(me, other)
    if (!me.core.state.friends.has(other.key)) return
    const target = { friend: other.key, currency: 'credit' }
    switch (event.kind) {
      case 'limit':
        me.call('friends.setMaxDebt', { ...target, maxDebt: String(event.limit) })
        return
      case 'open':
        me.call('friends.setOpen', { ...target, open: event.open })
        return
      case 'rate':
        me.call('friends.setRate', { ...target, rate: { mul: event.mul, add: event.add } })
        return
      case 'enable':
        me.call('friends.setEnabled', { friend: other.key, enabled: event.enabled })
        return
      case 'reset':
        me.call('friends.reset', { friend: other.key })
        return
      case 'accept':
        accept(me, other)
        return
      case 'remove':
        me.call('friends.remove', { friend: other.key })
        return
    }
  }

  #befriend(me: TestNode, other: TestNode): void {
    if (me.core.state.friends.has(other.key)) return
    me.call('friends.add', { ticket: other.ticket(), name: other.name, enabled: true })
    const target = { friend: other.key, currency: 'credit' }
    me.call('friends.setMaxDebt', { ...target, maxDebt: String(LIMIT_MAX) })
    me.call('friends.setOpen', { ...target, open: true })
  }

  #pay(withInvoice: boolean, from: TestNode, to: TestNode, amount: string): void {
    if (from === to) return
    const id = toBase64url(this.net.random(16))
    const order = { id, maxFees: '1000' }
    if (withInvoice) {
      const nonce = toBase64url(this.net.random(16))
      const invoice = to.call('invoices.create', { nonce, currency: 'credit', amount }) as InvoiceView
      from.call('payments.pay', { ...order, invoice: invoice.text })
    } else {
      from.call('payments.pay', { ...order, destination: to.key, currency: 'credit', amount })
    }
  }

  /** Around the circle, this way or the other. */
  #rebalance(index: number, isBackward: boolean, amount: string): void {
    const others = [(index + 1) % 3, (index + 2) % 3].map((other) => this.#at(other).key)
    const [over, back] = isBackward ? others.reverse() : others
    const me = this.#at(index)
    if (over === undefined || back === undefined) return
    if (!me.core.state.friends.has(over) || !me.core.state.friends.has(back)) return
    const id = toBase64url(this.net.random(16))
    me.call('payments.rebalance', { id, over, back, currency: 'credit', amount, maxFees: '1000' })
  }

  /** One or two simple paths, by edges that may be gone or full, with the fees of the moment. */
  #route(query: RouteQuery): RouteQueryAnswer {
    const { amount = 0n, cycle } = query
    const paths = cycle === undefined ? this.#paths(query) : this.#around(query)
    const [first, second] = [this.#pick, this.#pick + 1].map(
      (pick) => paths[pick % Math.max(1, paths.length)],
    )
    if (first === undefined) return { ok: false, fault: { code: 'noRoute', message: 'none' } }
    if (second === undefined || cycle !== undefined || this.#pick % 3 !== 0 || amount < 2n)
      return { ok: true, routes: [routeOver(first, amount)] }
    const half = amount / 2n
    return { ok: true, routes: [routeOver(first, half), routeOver(second, amount - half)] }
  }

  #around({ source, cycle }: RouteQuery): TestNode[][] {
    const [me, first, last] = [source, cycle?.first, cycle?.last].map((key) =>
      this.nodes.find((each) => each.key === key),
    )
    return me === undefined || first === undefined || last === undefined ? [] : [[me, first, last, me]]
  }

  #paths({ source, destination, excludedEdges, excludedNodes }: RouteQuery): TestNode[][] {
    const isExcluded = (a: TestNode, b: TestNode) =>
      excludedNodes.includes(a.key) || excludedEdges.some(({ from, to }) => from === a.key && to === b.key)
    const paths: TestNode[][] = []
    const walk = (path: TestNode[]): void => {
      const last = path.at(-1)!
      if (last.key === destination) {
        paths.push(path)
        return
      }
      for (const [a, b] of this.edges()) {
        const next = a === last ? b : b === last ? a : undefined
        if (next !== undefined && !path.includes(next) && !isExcluded(last, next)) walk([...path, next])
      }
    }
    walk(this.nodes.filter(({ key }) => key === source))
    return paths
  }

  #at(index: number): TestNode {
    return this.nodes[index]!
  }
}

function routeOver(path: readonly TestNode[], amount: bigint): Route {
  let total = amount
  for (let i = path.length - 2; i > 0; i--) {
    const before = path[i]!.core.state.friends.get(path[i - 1]!.key)
    const rate = before?.record.currencies.find(({ currency }) => currency === 'credit')?.rate
    total += feeFor(rate ?? { mul: 0, add: 1 }, total)
  }
  return { nodes: path.map(({ key }) => key), amount, fees: total - amount }
}

/** True when there was something to accept. */
function accept(me: TestNode, other: TestNode): boolean {
  const friend = me.core.state.friends.get(other.key)
  const theirsId = friend && friendView(me.core.state, friend).disagreement?.theirsId
  if (theirsId === undefined) return false
  me.call('friends.acceptReset', { friend: other.key, theirsId })
  return true
}

/** CH-23: no debt is higher than anybody ever allowed. */
function expectWithinLimits(node: TestNode): void {
  for (const { record } of node.core.state.friends.values()) {
    for (const { balance } of record.channel.ledgers) {
      expect(balance <= BigInt(LIMIT_MAX) && balance >= -BigInt(LIMIT_MAX), node.name).toBe(true)
    }
  }
}

function expectSettled(circle: Circle): void {
  for (const [a, b] of circle.edges()) {
    const names = `${a.name} and ${b.name}`
    expect([a.status(b), b.status(a)], names).toEqual(['ready', 'ready'])
    expect(a.balance(b), names).toBe(-b.balance(a))
    expect(a.friend(b).record.channel.sentHash).toBe(b.friend(a).record.channel.receivedHash)
    expect(b.friend(a).record.channel.sentHash).toBe(a.friend(b).record.channel.receivedHash)
  }
  for (const node of circle.nodes) {
    for (const { pendingIn, pendingOut, queue, record } of node.core.state.friends.values()) {
      expect([pendingIn.size, pendingOut.size, queue.size], node.name).toEqual([0, 0, 0])
      for (const { localPending, remotePending } of record.channel.ledgers) {
        expect([localPending, remotePending]).toEqual([0n, 0n])
      }
    }
    for (const payment of node.core.state.payments.values()) {
      expect(payment.finished, `${node.name}: ${payment.state}`).toBeDefined()
    }
    for (const income of node.core.state.income.values()) expect(income.state).toBe('answered')
  }
}

/** Paid here means received there, and failed here means not received. */
function expectSameOutcome(circle: Circle): void {
  for (const buyer of circle.nodes) {
    for (const payment of buyer.core.state.payments.values()) {
      const seller = circle.nodes.find(({ key }) => key === payment.destination)
      const received = seller?.core.state.income.get(payment.invoiceId)?.state === 'answered'
      expect(received, `${buyer.name}: ${payment.fault?.code ?? 'paid'}`).toBe(payment.state === 'paid')
    }
  }
}

function runSchedule(events: readonly Event[]): Circle {
  const circle = new Circle()
  for (const event of events) {
    circle.run(event)
    for (const each of circle.nodes) {
      expectStored(each)
      expectAccounted(each)
      expectWithinLimits(each)
    }
  }
  circle.heal()
  expectSettled(circle)
  for (const each of circle.nodes) expectStored(each)
  return circle
}

/** Dan has an answer to one of two parts when the next thing happens. */
const BETWEEN_TWO_ANSWERS: Event[] = [
  { kind: 'pay', from: 3, to: 0, amount: 2, pick: 0 },
  { kind: 'deliver', count: 3, pick: 0 },
  { kind: 'deliver', count: 3, pick: 0 },
  { kind: 'deliver', count: 3, pick: 11 },
]

const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 40)

describe('four cards with a circle among them', () => {
  it('pay or do not pay, at both ends alike, through any restarts and changes of terms (CH-4, PAY-34)', () => {
    fc.assert(
      fc.property(fc.array(calmEvent, { minLength: 1, maxLength: 50 }), (events) => {
        expectSameOutcome(runSchedule(events))
      }),
      { numRuns: RUNS, examples: [[BETWEEN_TWO_ANSWERS]] },
    )
  })

  it('come to agree again after resets, removals, absences and old backups (CH-34, CH-46, PAY-43)', () => {
    fc.assert(
      fc.property(fc.array(roughEvent, { minLength: 1, maxLength: 60 }), (events) => {
        runSchedule(events)
      }),
      { numRuns: RUNS },
    )
  })
})
