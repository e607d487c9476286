// The theorem of PROTOCOL.md (CH-4): whatever the interleaving, the retransmissions and the restarts, both sides fold
// the two logs to the same state.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toBase64url } from '../../protocol/wire.ts'
import { CoreNet, onlyRoute, type TestNode } from '../support/core-net.ts'

/** One thing that a schedule may do. */
type Event =
  | { readonly kind: 'pay'; readonly side: 0 | 1; readonly amount: number }
  | { readonly kind: 'payThrough'; readonly side: 0 | 1; readonly amount: number }
  | { readonly kind: 'limit'; readonly side: 0 | 1; readonly limit: number }
  | { readonly kind: 'open'; readonly side: 0 | 1; readonly open: boolean }
  | { readonly kind: 'cancel'; readonly side: 0 | 1 }
  | { readonly kind: 'deliver'; readonly count: number; readonly pick: number }
  | { readonly kind: 'reconnect' }
  | { readonly kind: 'restart'; readonly side: 0 | 1 }
  | { readonly kind: 'wait'; readonly ms: number }

const side = fc.constantFrom(0 as const, 1 as const)
const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('pay' as const),
      side,
      amount: fc.integer({ min: 1, max: 60 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('payThrough' as const),
      side,
      amount: fc.integer({ min: 1, max: 60 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('limit' as const),
      side,
      limit: fc.integer({ min: 0, max: 150 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('open' as const), side, open: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const), side }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('deliver' as const),
      count: fc.integer({ min: 1, max: 4 }),
      pick: fc.nat(7),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('reconnect' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('restart' as const), side }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 2_000 }) }),
  },
)

class Schedule {
  readonly net = new CoreNet('property')
  readonly sides: readonly [TestNode, TestNode]
  readonly far: TestNode

  constructor() {
    this.sides = [this.net.node('Alice'), this.net.node('Bob')]
    this.far = this.net.node('Far')
    const [alice, bob] = this.sides
    this.net.befriend(alice, bob, 200n)
    this.net.befriend(bob, this.far, 200n)
    alice.findRoutes = onlyRoute([alice, bob, this.far], 1n)
  }

  run(event: Event): void {
    const { net } = this
    const [alice, bob] = this.sides
    switch (event.kind) {
      case 'pay':
        return this.#pay(this.sides[event.side], this.sides[1 - event.side]!, event.amount)
      case 'payThrough':
        return event.side === 0
          ? this.#pay(alice, this.far, event.amount)
          : this.#pay(this.far, bob, event.amount)
      case 'limit': {
        const other = this.sides[1 - event.side]!.key
        const params = { friend: other, currency: 'credit', maxDebt: String(event.limit) }
        this.sides[event.side].call('friends.setMaxDebt', params)
        return
      }
      case 'open': {
        const other = this.sides[1 - event.side]!.key
        const params = { friend: other, currency: 'credit', open: event.open }
        this.sides[event.side].call('friends.setOpen', params)
        return
      }
      case 'cancel': {
        const me = this.sides[event.side]
        const open = [...me.core.state.payments.values()].find(({ finished }) => finished === undefined)
        if (open !== undefined) me.call('payments.cancel', { id: open.id })
        return
      }
      case 'deliver':
        for (let i = 0; i < event.count; i++) net.deliverOne((heads) => event.pick % heads)
        return
      case 'reconnect':
        return net.connect(alice, bob)
      case 'restart':
        this.sides[event.side].restart()
        return this.reconnect()
      case 'wait':
        return net.advance(event.ms)
    }
  }

  reconnect(): void {
    const [alice, bob] = this.sides
    this.net.connect(alice, bob)
    this.net.connect(bob, this.far)
  }

  #pay(from: TestNode, to: TestNode, amount: number): void {
    const id = toBase64url(this.net.random(16))
    const params = { id, maxFees: '1', destination: to.key, currency: 'credit', amount: String(amount) }
    from.call('payments.pay', params)
  }
}

function expectSameState(a: TestNode, b: TestNode): void {
  const mine = a.ledger(b)
  const theirs = b.ledger(a)
  expect(a.status(b)).toBe('ready')
  expect(b.status(a)).toBe('ready')
  expect(mine.balance).toBe(-theirs.balance)
  expect(mine.localPending).toBe(theirs.remotePending)
  expect(mine.remotePending).toBe(theirs.localPending)
  expect(mine.localTerms).toEqual(theirs.remoteTerms)
  expect(a.friend(b).record.channel.sentHash).toBe(b.friend(a).record.channel.receivedHash)
}

function expectNothingPending(node: TestNode): void {
  for (const friend of node.core.state.friends.values()) {
    expect(friend.pendingIn.size + friend.pendingOut.size + friend.queue.size).toBe(0)
    for (const ledger of friend.record.channel.ledgers) {
      expect([ledger.localPending, ledger.remotePending]).toEqual([0n, 0n])
    }
  }
  for (const payment of node.core.state.payments.values()) expect(payment.finished).toBeDefined()
}

function expectWithinLimits(node: TestNode): void {
  for (const friend of node.core.state.friends.values()) {
    for (const ledger of friend.record.channel.ledgers) {
      // A limit may have been lowered since; 200 is the highest that was ever granted.
      expect(ledger.balance <= 200n).toBe(true)
    }
  }
}

describe('two logs', () => {
  it('fold to the same state in any interleaving, with any retransmission and restart (CH-4)', () => {
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 40 }), (events) => {
        const schedule = new Schedule()
        const [alice, bob] = schedule.sides
        for (const each of events) {
          schedule.run(each)
          for (const node of schedule.net.nodes) expectWithinLimits(node)
        }
        schedule.reconnect()
        schedule.net.advance(120_000)
        expectSameState(alice, bob)
        expectSameState(bob, schedule.far)
        for (const node of schedule.net.nodes) expectNothingPending(node)
        const total = [
          alice.balance(bob),
          bob.balance(alice),
          bob.balance(schedule.far),
          schedule.far.balance(bob),
        ]
        expect(total.reduce((sum, balance) => sum + balance, 0n)).toBe(0n)
      }),
      { numRuns: 150 },
    )
  })
})
