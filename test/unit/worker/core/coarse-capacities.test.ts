// Index servers that shall not know exactly what a card can receive.

import { beforeEach, expect, it } from 'vitest'
import { CoreNet, type TestNode } from '../../../support/core-net.ts'
import { indexOf } from '../../../support/net-index.ts'
import { toBase64url } from '../../../../protocol/wire.ts'

let net: CoreNet
let alice: TestNode
let carol: TestNode
let bob: TestNode

beforeEach(() => {
  net = new CoreNet('coarse')
  ;[alice, carol, bob] = ['Alice', 'Carol', 'Bob'].map((name) => net.node(name)) as [
    TestNode,
    TestNode,
    TestNode,
  ]
  net.befriend(alice, carol, 100n)
  net.befriend(carol, bob, 100n)
})

const capacities = (node: TestNode) => node.core.edges().map(({ capacity }) => capacity)

it.each([
  [0n, 0n],
  [1n, 1n],
  [7n, 7n],
  [8n, 8n],
  [9n, 8n],
  [63n, 56n],
  [64n, 64n],
  [79n, 64n],
  [80n, 80n],
  [(1n << 127n) - 1n, 7n << 124n],
])('IDX-27 of a capacity of %s, %s is told', (capacity, told) => {
  carol.call('friends.setMaxDebt', { friend: alice.key, currency: 'credit', maxDebt: String(capacity) })
  carol.call('card.setSettings', { coarseCapacities: true })
  expect(carol.core.edges(alice.key)).toMatchObject([{ capacity: told }])
  carol.call('card.setSettings', { coarseCapacities: false })
  expect(carol.core.edges(alice.key)).toMatchObject([{ capacity }])
})

it('IDX-27 is reported anew when the setting changes, and other settings stay', () => {
  carol.call('card.setSettings', { acceptUnknownPayments: false })
  const told: unknown[] = []
  const perform = carol.core.finish.bind(carol.core)
  carol.core.finish = (stamp) => {
    const step = perform(stamp)
    told.push(...step.actions.filter(({ type }) => type === 'edgesChanged'))
    return step
  }
  carol.call('card.setSettings', { coarseCapacities: true })
  expect(told).toEqual([alice, bob].map(({ key }) => ({ type: 'edgesChanged', friend: key })))
  expect(carol.core.state.card).toMatchObject({ acceptUnknownPayments: false, coarseCapacities: true })
  carol.restart()
  for (const friend of [alice, bob]) net.connect(carol, friend)
  net.settle()
  expect(capacities(carol)).toEqual([96n, 96n])
})

it('IDX-27 leaves the buyer all that he can spend: his own books count (PAY-38)', () => {
  for (const node of [alice, carol]) node.call('card.setSettings', { coarseCapacities: true })
  carol.call('friends.setMaxDebt', { friend: alice.key, currency: 'credit', maxDebt: '95' })
  net.settle()
  expect(capacities(carol)).toContain(80n)
  alice.findRoutes = indexOf(net.nodes)
  const id = toBase64url(net.random(16))
  alice.call('payments.pay', { id, destination: bob.key, currency: 'credit', amount: '90', maxFees: '1' })
  net.settle()
  expect(alice.balance(carol)).toBe(-91n)
})
