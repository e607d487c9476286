// Friends of Carol's freeze credits toward Bob and never let them go: each takes his share of the way, no more.

import { beforeEach, describe, expect, it } from 'vitest'
import { PENDING_REQUESTS_MAX } from '../../../../protocol/limits.ts'
import type { Currency, PaymentId } from '../../../../protocol/types.ts'
import { toBase64url } from '../../../../protocol/wire.ts'
import { CoreNet, onlyRoute, type TestNode } from '../../../support/core-net.ts'
import { accept } from '../../../support/hostile-net.ts'

const CREDIT = 'credit' as Currency
const HOURS = 'hours' as Currency

let net: CoreNet
let alice: TestNode
let carol: TestNode
let bob: TestNode
let mallory: TestNode

beforeEach(() => {
  net = new CoreNet('reserve')
  carol = net.node('Carol')
  bob = net.node('Bob')
  net.befriend(carol, bob)
  alice = friendOfCarol('Alice')
  mallory = friendOfCarol('Mallory')
  alice.findRoutes = onlyRoute([alice, carol, bob], 1n)
})

function friendOfCarol(name: string): TestNode {
  const node = net.node(name)
  net.befriend(node, carol, 1_000_000n)
  return node
}

/** Orders payments to Bob, all at once; what becomes of each: its state, or the code of what keeps it from him. */
function order(from: TestNode, amounts: readonly bigint[], currency: Currency): string[] {
  const ids = amounts.map(() => toBase64url(net.random(16)))
  const inputs = amounts.map((amount, call) => {
    const params = { id: ids[call], destination: bob.key, currency, amount: String(amount), maxFees: '5' }
    return { type: 'call' as const, call: 1_000_000 + call, method: 'payments.pay' as const, params }
  })
  from.step(inputs)
  net.settle()
  const { payments } = from.core.state
  return ids.map((id) => {
    const payment = payments.get(id as PaymentId)
    const fault = payment?.state === 'searching' ? payment.lastFault : payment?.fault
    return fault?.code ?? payment?.state ?? 'refused'
  })
}

function pay(from: TestNode, amount: bigint): string | undefined {
  return order(from, [amount], CREDIT)[0]
}

/** Sends Bob parts of payments whose rest never comes, so that he keeps them: `sending`, or why not. */
function freezeAll(from: TestNode, amounts: readonly bigint[], currency = CREDIT): string[] {
  const nodes = [from.key, carol.key, bob.key]
  from.findRoutes = ({ amount = 0n, excludedEdges }) =>
    excludedEdges.length > 0
      ? { ok: false, fault: { code: 'noRoute', message: 'none' } }
      : { ok: true, routes: [{ nodes, amount: amount - 1n, fees: 1n }] }
  const wholes = amounts.map((amount) => amount + 1n)
  return order(from, wholes, currency)
}

function freeze(from: TestNode, amount: bigint, currency = CREDIT): string | undefined {
  return freezeAll(from, [amount], currency)[0]
}

function frozenTowardBob(currency = CREDIT): bigint {
  return carol.ledger(bob, currency).localPending
}

describe('the credits that the requests of one friend freeze toward another', () => {
  it('are at most fifteen sixteenths of what is free and what they froze before (PAY-16)', () => {
    expect(freeze(mallory, 939n)).toBe('overLimit')
    expect(freeze(mallory, 500n)).toBe('sending')
    expect(freeze(mallory, 439n)).toBe('overLimit')
    expect(freeze(mallory, 438n)).toBe('sending')
    expect(freeze(mallory, 1n)).toBe('overLimit')
    expect(frozenTowardBob()).toBe(938n)
  })

  it('leave as much to the next one, and all that is left to the card itself (PAY-16)', () => {
    const others = ['Dan', 'Eve'].map(friendOfCarol)
    expect(freeze(mallory, 938n)).toBe('sending')
    expect(others.map((other) => freeze(other, 60n))).toEqual(['overLimit', 'overLimit'])
    expect(others.map((other) => freeze(other, 59n))).toEqual(['sending', 'overLimit'])
    expect(pay(alice, 2n)).toBe('paid')
    expect(pay(carol, 1n)).toBe('paid')
    expect(frozenTowardBob()).toBe(997n)
    expect(pay(carol, 1n)).not.toBe('paid')
  })

  it('may be all of less than sixteen (PAY-16)', () => {
    bob.call('friends.setMaxDebt', { friend: carol.key, currency: CREDIT, maxDebt: '15' })
    net.settle()
    expect(freeze(mallory, 15n)).toBe('sending')
  })

  it('come back to their share when they are given back, and grow with the limit (PAY-16)', () => {
    expect(freeze(mallory, 938n)).toBe('sending')
    net.advance(61_000)
    expect(frozenTowardBob()).toBe(0n)
    expect(freeze(mallory, 938n)).toBe('sending')
    bob.call('friends.setMaxDebt', { friend: carol.key, currency: CREDIT, maxDebt: '2000' })
    net.settle()
    expect(freeze(mallory, 938n)).toBe('overLimit')
    expect(freeze(mallory, 937n)).toBe('sending')
    expect(frozenTowardBob()).toBe(1_875n)
  })

  it('are counted for each currency alone (PAY-16)', () => {
    for (const [me, other] of [
      [mallory, carol],
      [carol, mallory],
      [carol, bob],
      [bob, carol],
    ] as const) {
      const friend = other.key
      me.call('friends.addCurrency', { friend, currency: HOURS })
      me.call('friends.setMaxDebt', { friend, currency: HOURS, maxDebt: '100' })
      me.call('friends.setOpen', { friend, currency: HOURS, open: true })
    }
    net.settle()
    expect(freeze(mallory, 938n)).toBe('sending')
    expect(freeze(mallory, 95n, HOURS)).toBe('overLimit')
    expect(freeze(mallory, 94n, HOURS)).toBe('sending')
    expect([frozenTowardBob(), frozenTowardBob(HOURS)]).toEqual([938n, 94n])
  })

  it('still count when the friend’s channel was reset meanwhile (PAY-16, CH-46)', () => {
    expect(freeze(mallory, 938n)).toBe('sending')
    carol.call('friends.reset', { friend: mallory.key })
    net.settle()
    accept(mallory, carol)
    net.settle()
    expect(carol.friend(mallory).record.channel).toMatchObject({ status: 'ready', epoch: 1 })
    expect(carol.balance(mallory)).toBe(939n)
    expect(freeze(mallory, 1n)).toBe('overLimit')
    expect(pay(alice, 58n)).toBe('paid')
  })
})

describe('the requests of one friend that are pending toward another', () => {
  it('are at most half of the places that are free and those that they took before (PAY-17)', () => {
    const dan = friendOfCarol('Dan')
    const half = PENDING_REQUESTS_MAX / 2
    const taken = (from: TestNode, count: number) =>
      freezeAll(from, Array<bigint>(count).fill(1n)).map((state) => state === 'sending')
    const upTo = (count: number, of: number) => Array.from({ length: of }, (_, index) => index < count)
    expect(taken(mallory, half + 3)).toEqual(upTo(half, half + 3))
    expect(freeze(mallory, 1n)).toBe('tooManyPending')
    expect(taken(dan, half)).toEqual(upTo(half / 2, half))
    expect(pay(alice, 100n)).toBe('paid')
    expect(carol.friend(bob).pendingOut.size).toBe(half + half / 2)
  })
})
