// What the card's owner lets apps spend, and who decides about it.

import { beforeEach, describe, expect, it } from 'vitest'
import { APPS_MAX } from '../../../../protocol/limits.ts'
import type { PublicKey } from '../../../../protocol/types.ts'
import { toBase64url } from '../../../../protocol/wire.ts'
import type { AppView, BudgetView, ParamsOf } from '../../../../worker/api.ts'
import { viewOf } from '../../../../worker/core/views.ts'
import { CoreNet, type TestNode } from '../../../support/core-net.ts'

const DAY_MS = 86_400_000

let net: CoreNet
let alice: TestNode
let bob: TestNode
let shop: PublicKey

beforeEach(() => {
  net = new CoreNet('apps')
  alice = net.node('Alice')
  bob = net.node('Bob')
  net.befriend(alice, bob, 10_000n)
  shop = appKey()
})

function appKey(): PublicKey {
  return toBase64url(net.random(32)) as PublicKey
}

function accept(changes: Partial<ParamsOf<'apps.accept'>> = {}): void {
  alice.call('apps.accept', {
    app: shop,
    name: 'Shop',
    permissions: ['read', 'funds'],
    budgets: [],
    ...changes,
  })
}

function budget(amount: bigint, period: BudgetView['period'] = 'day', currency = 'credit'): BudgetView {
  return { currency, amount: String(amount), period }
}

/** The app orders a payment to Bob. @returns its id. @throws {Error} with the fault's code. */
function order(amount: bigint, maxFees = 0n, currency = 'credit'): string {
  const id = toBase64url(net.random(16))
  const target = { destination: bob.key, currency, amount: String(amount), maxFees: String(maxFees) }
  alice.call('payments.pay', { id, ...target }, shop)
  return id
}

function shown(app = shop): AppView | null {
  return viewOf(alice.core.state, { collection: 'apps', key: app }) as AppView | null
}

const spent = (): string[] => shown()?.budgets.map((each) => each.spent) ?? []

describe('APP-14 an app with a budget', () => {
  it('spends up to it and not a credit more', () => {
    accept({ budgets: [budget(30n)] })
    order(20n)
    expect(() => order(11n)).toThrow('budget')
    order(10n)
    net.settle()
    expect(alice.balance(bob)).toBe(-30n)
    expect(() => order(1n)).toThrow('budget')
    expect(spent()).toEqual(['30'])
  })

  it('may not order what could exceed it by its fees, and gets back what a payment did not cost', () => {
    accept({ budgets: [budget(30n)] })
    expect(() => order(25n, 6n)).toThrow('budget')
    order(20n, 10n)
    expect(spent()).toEqual(['30'])
    expect(() => order(1n)).toThrow('budget')
    net.settle()
    expect(spent()).toEqual(['20'])
    order(10n)
  })

  it('gets back what a payment that failed did not cost', () => {
    accept({ budgets: [budget(30n)] })
    net.disconnect(alice, bob)
    const id = order(30n)
    expect(spent()).toEqual(['30'])
    net.advance(60_000)
    expect(viewOf(alice.core.state, { collection: 'payments', key: id })).toMatchObject({ state: 'failed' })
    expect(spent()).toEqual(['0'])
  })

  it.each([
    ['day', DAY_MS],
    ['week', 7 * DAY_MS],
    ['month', 30 * DAY_MS],
  ] as const)('may spend it again when a %s has passed, and not before', (period, span_ms) => {
    accept({ budgets: [budget(30n, period)] })
    order(30n)
    net.settle()
    net.advance(span_ms - 60_000)
    expect(() => order(1n)).toThrow('budget')
    net.advance(120_000)
    order(30n)
  })

  it('may spend nothing of any other currency', () => {
    accept({ budgets: [budget(30n, 'day', 'hours')] })
    expect(() => order(1n)).toThrow('budget')
  })

  it('is held to it after a restart, too', () => {
    accept({ budgets: [budget(30n)] })
    order(20n)
    net.settle()
    alice.restart()
    expect(() => order(11n)).toThrow('budget')
    expect(spent()).toEqual(['20'])
  })

  it('has what it spent before counted when the budget is changed', () => {
    accept()
    order(500n)
    accept({ budgets: [budget(100n)] })
    expect(() => order(1n)).toThrow('budget')
    accept({ budgets: [budget(600n)] })
    order(100n)
  })

  it('does not spend what the owner and other apps spend', () => {
    accept({ budgets: [budget(30n)] })
    const target = { destination: bob.key, currency: 'credit', amount: '100', maxFees: '0' }
    alice.call('payments.pay', { id: toBase64url(net.random(16)), ...target })
    order(30n)
  })
})

describe('APP-14 an app', () => {
  it('without any budget spends what the card can', () => {
    accept()
    order(5_000n)
    net.settle()
    expect(alice.balance(bob)).toBe(-5_000n)
  })

  it('that was revoked orders nothing more, and what it ordered goes on', () => {
    accept()
    order(20n)
    alice.call('apps.revoke', { app: shop })
    expect(() => order(1n)).toThrow('forbidden')
    net.settle()
    expect(alice.balance(bob)).toBe(-20n)
    expect(shown()).toBeNull()
  })

  it('is named by the payments that it ordered', () => {
    accept()
    const id = order(20n)
    expect(viewOf(alice.core.state, { collection: 'payments', key: id })).toMatchObject({ app: shop })
  })
})

describe('APP-15 the owner', () => {
  it('changes what an app may do by accepting it again', () => {
    accept()
    const { added } = shown()!
    net.advance(5_000)
    accept({ name: 'Corner shop', permissions: ['sell'], budgets: [budget(1n, 'week')] })
    const budgets = [{ ...budget(1n, 'week'), spent: '0' }]
    expect(shown()).toEqual({ publicKey: shop, name: 'Corner shop', permissions: ['sell'], budgets, added })
  })

  it.each<[string, Partial<ParamsOf<'apps.accept'>>]>([
    ['badName', { name: ' ' }],
    ['badBudgets', { budgets: [budget(1n), budget(2n, 'week')] }],
    ['badCurrency', { budgets: [budget(1n, 'day', ' ')] }],
  ])('is told %s, and nothing changes', (code, wrong) => {
    expect(() => accept(wrong)).toThrow(code)
    expect(shown()).toBeNull()
  })

  it('cannot take the card itself for an app', () => {
    expect(() => accept({ app: alice.key })).toThrow('ownKey')
  })

  it('accepts so many apps and no more, and may still change them', () => {
    const apps = Array.from({ length: APPS_MAX }, appKey)
    for (const app of apps) accept({ app })
    expect(() => accept({ app: appKey() })).toThrow('tooManyApps')
    accept({ app: apps[0]!, name: 'Renamed' })
    alice.call('apps.revoke', { app: apps[1]! })
    accept({ app: appKey() })
  })

  it('sees when an app was there last, to the minute', () => {
    accept()
    const seen = () => shown()?.seen
    expect(seen()).toBeUndefined()
    alice.step([{ type: 'appSeen', app: shop }])
    const first = net.now
    expect(seen()).toBe(first)
    net.advance(30_000)
    alice.step([{ type: 'appSeen', app: shop }])
    expect(seen()).toBe(first)
    net.advance(60_000)
    alice.step([{ type: 'appSeen', app: shop }])
    expect(seen()).toBe(net.now)
  })
})

it('CLI-5 takes over the apps of a folder, whole', () => {
  accept()
  const grant = { publicKey: appKey(), name: 'app0', permissions: ['read'], budgets: [] } as const
  alice.step([{ type: 'apps', grants: [grant] }])
  expect(shown()).toBeNull()
  expect(shown(grant.publicKey)).toMatchObject({ name: 'app0', permissions: ['read'] })
  expect(alice.core.connections().apps).toEqual([grant.publicKey])
  const before = alice.stored('apps')
  net.advance(1_000)
  alice.step([{ type: 'apps', grants: [{ ...grant }] }])
  expect(alice.stored('apps')).toEqual(before)
})
