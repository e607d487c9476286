// What index servers are asked for: a way around whatever the card itself sees in its way.

import { beforeEach, describe, expect, it } from 'vitest'
import { nobleProvider } from '../../../../protocol/ed25519.ts'
import { toText } from '../../../../protocol/forms.ts'
import { PAYMENT_ATTEMPTS_MAX, QUERY_EXCLUSIONS_MAX } from '../../../../protocol/limits.ts'
import { toBase64url } from '../../../../protocol/wire.ts'
import type { PaymentView, ResultOf } from '../../../../worker/api.ts'
import type { RouteQuery } from '../../../../worker/core/routes.ts'
import { paymentView } from '../../../../worker/core/views.ts'
import { CoreNet, onlyRoute, type TestNode } from '../../../support/core-net.ts'

let net: CoreNet
let alice: TestNode
let carol: TestNode
let dan: TestNode
let bob: TestNode
let asked: RouteQuery[]

beforeEach(() => {
  net = new CoreNet('ways')
  ;[alice, carol, dan, bob] = ['Alice', 'Carol', 'Dan', 'Bob'].map((name) => net.node(name)) as [
    TestNode,
    TestNode,
    TestNode,
    TestNode,
  ]
  for (const mediator of [carol, dan]) {
    net.befriend(alice, mediator)
    net.befriend(mediator, bob)
  }
  asked = []
  const [first, second] = [carol, dan].map((mediator) => onlyRoute([alice, mediator, bob], 1n))
  // An index server that has not heard of anything yet.
  alice.findRoutes = (query) => {
    asked.push(query)
    const answer = first!(query)
    return answer.ok ? answer : second!(query)
  }
})

const toBob = (amount: string) => ({ destination: bob.key, currency: 'credit', amount })

function quotedWay(amount = '60'): string[] {
  const { routes } = alice.call('payments.quote', toBob(amount)) as ResultOf<'payments.quote'>
  return routes.flatMap(({ nodes }) => nodes)
}

function pay(amount = '60'): PaymentView {
  const id = toBase64url(net.random(16))
  alice.call('payments.pay', { id, maxFees: '5', ...toBob(amount) })
  net.settle()
  const record = [...alice.core.state.payments.values()].find((payment) => payment.id === id)
  if (record === undefined) throw new Error('no such payment')
  return paymentView(alice.core.state, record)
}

/** Whom Alice told the index server not to begin with, the last time that she asked. */
function avoided(): string[] {
  const edges = asked.at(-1)?.excludedEdges ?? []
  expect(edges.every(({ from }) => from === alice.key)).toBe(true)
  return edges.map(({ to }) => net.nodes.find(({ key }) => key === to)?.name ?? '')
}

describe('a quote and a payment', () => {
  it('name nobody while every friend can carry the amount (PAY-38)', () => {
    expect(quotedWay()).toContain(carol.key)
    expect(avoided()).toEqual([])
  })

  it.each([
    ['is off line', () => net.disconnect(alice, carol)],
    [
      'takes no payments of mine now',
      () => carol.call('friends.setOpen', { friend: alice.key, currency: 'credit', open: false }),
    ],
    [
      'has no room for the amount',
      () => carol.call('friends.setMaxDebt', { friend: alice.key, currency: 'credit', maxDebt: '59' }),
    ],
  ] as const)('go around a friend who %s (PAY-38)', (_, obstruct) => {
    obstruct()
    net.settle()
    expect(quotedWay()).toContain(dan.key)
    expect(avoided()).toEqual(['Carol'])
    expect(pay()).toMatchObject({ state: 'paid', attempts: 1 })
    expect(avoided()).toEqual(['Carol'])
  })

  it('go through a friend again who has come back (PAY-38)', () => {
    net.disconnect(alice, carol)
    expect(pay().routes).toMatchObject([{ nodes: [alice.key, dan.key, bob.key] }])
    net.connect(alice, carol)
    net.settle()
    expect(pay().routes).toMatchObject([{ nodes: [alice.key, carol.key, bob.key] }])
  })

  it('say what the payment may cost, so that no dearer way is taken for one (IDX-13)', () => {
    quotedWay()
    expect(asked.at(-1)?.maxFees).toBeUndefined()
    pay()
    expect(asked.at(-1)?.maxFees).toBe(5n)
  })

  it('are not kept from the only way by an answer that named too low a fee for it (PAY-36)', () => {
    net.disconnect(alice, dan)
    const fees = [0n, 1n]
    alice.findRoutes = (query) => {
      asked.push(query)
      if (!query.excludedNodes.includes(carol.key))
        return onlyRoute([alice, carol, bob], fees.shift()!)(query)
      return { ok: false, fault: { code: 'noRoute', message: 'none' } }
    }
    expect(pay()).toMatchObject({ state: 'paid', attempts: 2, fees: '1' })
    expect(asked.map(({ excludedNodes }) => excludedNodes)).toEqual([[], [carol.key], []])
  })

  it('fail when the only mediator finds every fee too low (PAY-36)', () => {
    net.disconnect(alice, dan)
    alice.findRoutes = (query) =>
      query.excludedNodes.includes(carol.key)
        ? { ok: false, fault: { code: 'noRoute', message: 'none' } }
        : onlyRoute([alice, carol, bob], 0n)(query)
    expect(pay()).toMatchObject({
      state: 'failed',
      attempts: PAYMENT_ATTEMPTS_MAX,
      fault: { message: expect.stringContaining('fees') as string },
    })
  })

  it('name no more than a query may, and what the payment has met before anything else (PAY-36, PAY-38)', () => {
    for (let i = 0; i < QUERY_EXCLUSIONS_MAX; i++) {
      const { publicKey } = nobleProvider.signer(net.random(32))
      const ticket = toText({ kind: 'friend', ticket: { publicKey, relays: [], name: 'Away' } })
      alice.call('friends.add', { ticket, name: 'Away' })
    }
    quotedWay()
    expect(avoided()).toHaveLength(QUERY_EXCLUSIONS_MAX)
    bob.call('friends.setMaxDebt', { friend: carol.key, currency: 'credit', maxDebt: '59' })
    net.settle()
    expect(pay()).toMatchObject({ state: 'paid', attempts: 2 })
    const edges = asked.at(-1)?.excludedEdges
    expect(edges).toHaveLength(QUERY_EXCLUSIONS_MAX)
    expect(edges).toContainEqual({ from: carol.key, to: bob.key })
  })
})
