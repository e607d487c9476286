// What index servers are asked for: a way around whatever the card itself sees in its way.

import { beforeEach, describe, expect, it } from 'vitest'
import { nobleProvider } from '../../../../protocol/ed25519.ts'
import { toText } from '../../../../protocol/forms.ts'
import { PAYMENT_ATTEMPTS_MAX, QUERY_ROOMS_MAX } from '../../../../protocol/limits.ts'
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

/** What Alice told the index server last of her own edges. */
function rooms(): Record<string, bigint> {
  const last = asked.at(-1)?.rooms ?? []
  const named = last.map(({ friend, capacity }) => [
    net.nodes.find(({ key }) => key === friend)?.name,
    capacity,
  ])
  return Object.fromEntries(named) as Record<string, bigint>
}

describe('a quote and a payment', () => {
  it('say what can be sent to each friend, by the books of the buyer (PAY-38)', () => {
    expect(quotedWay()).toContain(carol.key)
    expect(rooms()).toEqual({ Carol: 1_000n, Dan: 1_000n })
    pay()
    quotedWay()
    expect(rooms()).toEqual({ Carol: 939n, Dan: 1_000n })
  })

  it.each([
    ['is off line', 0n, () => net.disconnect(alice, carol)],
    [
      'takes no payments of mine now',
      0n,
      () => carol.call('friends.setOpen', { friend: alice.key, currency: 'credit', open: false }),
    ],
    [
      'has no room for the amount',
      59n,
      () => carol.call('friends.setMaxDebt', { friend: alice.key, currency: 'credit', maxDebt: '59' }),
    ],
  ] as const)('go around a friend who %s (PAY-38)', (_, left, obstruct) => {
    obstruct()
    net.settle()
    expect(quotedWay()).toContain(dan.key)
    expect(rooms()).toEqual({ Carol: left, Dan: 1_000n })
    expect(pay()).toMatchObject({ state: 'paid', attempts: 1 })
    expect(rooms()).toEqual({ Carol: left, Dan: 1_000n })
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

  it('say no more than a query may, and first where there is least room (PAY-38)', () => {
    for (let i = 0; i < QUERY_ROOMS_MAX - 1; i++) {
      const { publicKey } = nobleProvider.signer(net.random(32))
      const ticket = toText({ kind: 'friend', ticket: { publicKey, relays: [], name: 'Away' } })
      alice.call('friends.add', { ticket, name: 'Away' })
    }
    carol.call('friends.setMaxDebt', { friend: alice.key, currency: 'credit', maxDebt: '59' })
    net.settle()
    expect(pay()).toMatchObject({ state: 'paid', attempts: 1 })
    const named = asked.at(-1)?.rooms
    expect(named).toHaveLength(QUERY_ROOMS_MAX)
    expect(named?.at(-1)).toEqual({ friend: carol.key, capacity: 59n })
  })

  it('name what the payment has met (PAY-36)', () => {
    bob.call('friends.setMaxDebt', { friend: carol.key, currency: 'credit', maxDebt: '59' })
    net.settle()
    expect(pay()).toMatchObject({ state: 'paid', attempts: 2 })
    expect(asked.at(-1)?.excludedEdges).toEqual([{ from: carol.key, to: bob.key }])
  })
})
