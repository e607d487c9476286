// Payments of a card to itself: what friends owe moves from one to another.

import { beforeEach, expect, it } from 'vitest'
import { SETTLING_MS } from '../../../../protocol/limits.ts'
import type { PaymentId } from '../../../../protocol/types.ts'
import { toBase64url } from '../../../../protocol/wire.ts'
import type { PaymentRecord } from '../../../../worker/core/records.ts'
import { expectAccounted } from '../../../support/books.ts'
import { CoreNet, type TestNode } from '../../../support/core-net.ts'
import { indexOf } from '../../../support/net-index.ts'

let net: CoreNet
let alice: TestNode
let carol: TestNode
let dan: TestNode
let bob: TestNode

/** Carol owes Alice 40, Alice owes Bob 40; Carol knows Dan, and Dan knows Bob. */
beforeEach(() => {
  net = new CoreNet('rebalance')
  ;[alice, carol, dan, bob] = ['Alice', 'Carol', 'Dan', 'Bob'].map((name) => net.node(name)) as [
    TestNode,
    TestNode,
    TestNode,
    TestNode,
  ]
  for (const [a, b] of [
    [alice, carol],
    [alice, bob],
    [carol, dan],
    [dan, bob],
  ] as const) {
    net.befriend(a, b, 100n)
  }
  payStraight(carol, alice)
  payStraight(alice, bob)
  alice.findRoutes = (query) => indexOf(net.nodes)(query)
})

function payStraight(from: TestNode, to: TestNode): void {
  const order = { id: toBase64url(net.random(16)), destination: to.key, currency: 'credit', maxFees: '0' }
  from.call('payments.pay', { ...order, amount: '40' })
  net.settle()
}

function rebalance(amount = '40', over = carol, back = bob): PaymentRecord {
  const id = toBase64url(net.random(16))
  const cycle = { id, over: over.key, back: back.key }
  alice.call('payments.rebalance', { ...cycle, currency: 'credit', amount, maxFees: '3' })
  net.settle()
  return alice.core.state.payments.get(id as PaymentId)!
}

it('PAY-39 takes what one friend owes to pay what is owed to another, for a fee', () => {
  expect(rebalance()).toMatchObject({ state: 'paid', attempts: 1 })
  expect([alice.balance(carol), alice.balance(bob)]).toEqual([40n - 43n, 0n])
  expect([carol.balance(dan), dan.balance(bob)]).toEqual([-42n, -41n])
  for (const node of net.nodes) expectAccounted(node)
})

it('PAY-39 works on a card that refuses payments without an invoice', () => {
  alice.call('card.setSettings', { acceptUnknownPayments: false })
  expect(rebalance()).toMatchObject({ state: 'paid' })
})

it('PAY-39 fails with nothing lost when no way leads around', () => {
  net.disconnect(carol, dan)
  const payment = rebalance()
  net.advance(SETTLING_MS)
  expect(payment).toMatchObject({ state: 'failed' })
  expect([alice.balance(carol), alice.balance(bob)]).toEqual([40n, -40n])
  expect(alice.friend(carol).pendingOut.size).toBe(0)
})

it('PAY-39 goes over the friends that were named, and no others', () => {
  expect(() => rebalance('5', carol, carol)).toThrow('sameFriend')
  expect(() => rebalance('5', carol, dan)).toThrow('unknownFriend')
  net.befriend(alice, dan, 100n)
  const { parts } = rebalance('5', dan, bob)
  expect(parts.map(({ route }) => route)).toEqual([[dan.key, bob.key, alice.key]])
})

it('PAY-30 is done once, however often it is ordered', () => {
  const { id } = rebalance('5')
  const again = { id, over: carol.key, back: bob.key, currency: 'credit', amount: '5', maxFees: '3' }
  alice.call('payments.rebalance', again)
  net.settle()
  expect(alice.balance(bob)).toBe(-35n)
})
