// What crashed the original's mediators: one request id that came to them twice, and payments that went in circles.

import { describe, expect, it } from 'vitest'
import type { RequestId } from '../../../protocol/types.ts'
import { toBase64url } from '../../../protocol/wire.ts'
import type { PaymentView } from '../../../worker/api.ts'
import { decodeMessage } from '../../../worker/runtime/friend-sessions.ts'
import { expectAccounted, expectStored } from '../../support/books.ts'
import { CoreNet, onlyRoute, type TestNode } from '../../support/core-net.ts'
import { asks, HostileNet, stateOf } from '../../support/hostile-net.ts'

/** Friends of Carol, whose nodes are made to use one request id, pay Bob through her. */
class SameId {
  readonly net = new CoreNet('same id')
  readonly carol = this.net.node('Carol')
  readonly bob = this.net.node('Bob')
  readonly payers: readonly TestNode[]
  readonly requestId = toBase64url(this.net.random(16)) as RequestId

  constructor(friends: number) {
    this.net.befriend(this.carol, this.bob)
    this.payers = ['Alice', 'Dan', 'Eve'].slice(0, friends).map((name) => this.net.node(name))
    for (const payer of this.payers) {
      this.net.befriend(payer, this.carol)
      payer.findRoutes = onlyRoute([payer, this.carol, this.bob], 1n)
      payer.core.state.drawId = () => this.requestId
    }
    this.net.advance(5_000)
  }

  pay(payer: TestNode): PaymentView {
    const order = { id: toBase64url(this.net.random(16)), maxFees: '1', destination: this.bob.key }
    return payer.call('payments.pay', { ...order, currency: 'credit', amount: '10' }) as PaymentView
  }

  /** Everything that is under way to Carol reaches her in one step, as it does under load. */
  deliverAtOnce(): void {
    const { net, carol } = this
    const arriving = net.packets.filter(({ to }) => to === carol)
    for (const packet of arriving) net.packets.splice(net.packets.indexOf(packet), 1)
    carol.step(
      arriving.map(({ from, session, bytes }) => {
        const message = decodeMessage(bytes)
        if (!message.ok) throw new Error('a node speaks unclearly')
        return { type: 'friendMessage', friend: from.key, session, message: message.value }
      }),
    )
  }

  /** How each payment ended. */
  outcomes(payments: readonly PaymentView[]): (string | undefined)[] {
    return payments.map((payment, i) => {
      const { state, fault } = stateOf(this.payers[i]!, payment)
      return fault?.code ?? state
    })
  }
}

/** All friends are agreed, nothing is frozen, and a crash now would change nothing. */
function expectWhole(net: CoreNet): void {
  for (const node of net.nodes) {
    expectStored(node)
    expectAccounted(node)
    for (const { record, pendingIn, pendingOut } of node.core.state.friends.values()) {
      const { status } = record.channel
      expect([node.name, status, pendingIn.size, pendingOut.size]).toEqual([node.name, 'ready', 0, 0])
    }
  }
}

describe.each([2, 3])('one request id that comes through %i friends and goes to one next hop', (friends) => {
  it.each(['one after the other', 'in one step'])(
    'is passed on once, and given back to the others: %s (PAY-13)',
    (how) => {
      const same = new SameId(friends)
      const { net, payers, carol, bob } = same
      const payments = payers.map((payer) => same.pay(payer))
      if (how === 'in one step') same.deliverAtOnce()
      net.advance(5_000)
      const refused = Array<string>(friends - 1).fill('duplicateRequest')
      expect(same.outcomes(payments)).toEqual(['paid', ...refused])
      expectWhole(net)
      // The id is free again, for everybody.
      const later = payers.map((payer) => {
        const payment = same.pay(payer)
        net.advance(5_000)
        return payment
      })
      expect(same.outcomes(later)).toEqual(Array(friends).fill('paid'))
      expect(bob.balance(carol)).toBe(10n * BigInt(1 + friends))
      expectWhole(net)
    },
  )

  it('stays with the payer who is removed while it is pending (PAY-13, PAY-43)', () => {
    const same = new SameId(friends)
    const { net, payers, carol, bob } = same
    net.tamper = (message, from, to) => (from === bob && to === carol ? undefined : message)
    const payments = payers.map((payer) => same.pay(payer))
    net.settle()
    carol.call('friends.remove', { friend: payers[0]!.key })
    payers[0]!.call('friends.remove', { friend: carol.key })
    const again = payers.map((payer) => same.pay(payer))
    net.settle()
    net.tamper = (message) => message
    net.connect(carol, bob)
    net.advance(5_000)
    const refused = Array<string>(friends - 1).fill('duplicateRequest')
    expect(same.outcomes(payments).slice(1)).toEqual(refused)
    expect(same.outcomes(again)).toEqual(['noFriends', ...refused])
    // Bob had signed: that is what removing a friend can cost.
    expect(carol.balance(bob)).toBe(-10n)
    expectWhole(net)
  })
})

describe('a circle', () => {
  it('A-B-C-A that one signs breaks her own channel, and nobody else notices (CH-22)', () => {
    for (const circle of circles()) {
      const hostile = new HostileNet()
      const { net, alice, carol, mallory } = hostile
      net.befriend(mallory, alice)
      hostile.takeOver()
      const route = circle.map((name) => ({ alice, carol, mallory })[name].key)
      const receiptKey = route.at(-1)!
      hostile.sendBatch(carol, [asks(hostile.request(carol, { route, receiptKey, leftFees: 5n }))])
      net.settle()
      expect([circle, carol.status(mallory)]).toEqual([circle, 'inconsistent'])
      expect(alice.friend(carol).pendingIn.size).toBe(0)
      const payment = hostile.pay(alice, carol, '10')
      net.advance(5_000)
      expect(stateOf(alice, payment).state).toBe('paid')
    }
  })

  it('of two payments with one id, closed by an accomplice, ends for everybody (PAY-13)', () => {
    const same = new SameId(1)
    const { net, carol, bob } = same
    const [alice] = same.payers as [TestNode]
    const dan = net.node('Dan')
    net.befriend(bob, dan)
    net.befriend(dan, carol)
    const eve = net.node('Eve')
    net.befriend(bob, eve)
    dan.core.state.drawId = () => same.requestId
    const pay = (from: TestNode, route: readonly TestNode[]): PaymentView => {
      from.findRoutes = onlyRoute([from, ...route], BigInt(route.length - 1))
      const destination = route.at(-1)!.key
      const order = {
        id: toBase64url(net.random(16)),
        maxFees: '5',
        destination,
        currency: 'credit',
        amount: '10',
      }
      return from.call('payments.pay', order) as PaymentView
    }
    // Dan does not answer Alice's request before he has sent its id on, twice: along the same hop, and back to her.
    net.tamper = (message, from, to) => (from === dan && to === bob ? undefined : message)
    const first = pay(alice, [carol, bob, dan])
    net.settle()
    const second = pay(dan, [carol, bob, eve])
    net.settle()
    expect(stateOf(dan, second).fault?.code).toBe('duplicateRequest')
    const third = pay(dan, [carol, alice])
    net.settle()
    expect(stateOf(dan, third).state).toBe('paid')
    net.tamper = (message) => message
    net.connect(dan, bob)
    net.advance(5_000)
    expect(stateOf(alice, first).state).toBe('paid')
    expect([alice.balance(carol), carol.balance(bob), bob.balance(dan), dan.balance(carol)]).toEqual([
      -2n,
      -11n,
      -10n,
      -11n,
    ])
    expectWhole(net)
  })
})

/** Every way for Mallory to lead her request to Carol in a circle; Alice is the third. */
function circles(): ('alice' | 'carol' | 'mallory')[][] {
  return [
    ['mallory', 'alice'],
    ['mallory'],
    ['carol'],
    ['carol', 'alice'],
    ['alice', 'carol'],
    ['alice', 'mallory', 'alice'],
    ['alice', 'alice'],
    ['mallory', 'carol', 'alice'],
  ]
}
