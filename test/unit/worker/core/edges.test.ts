// Honest friends at the edges of the limits, and calls whose values no message could carry.

import { beforeEach, describe, expect, it } from 'vitest'
import { nobleProvider } from '../../../../protocol/ed25519.ts'
import { CURRENCIES_MAX } from '../../../../protocol/limits.ts'
import type { Currency, PublicKey } from '../../../../protocol/types.ts'
import { toText } from '../../../../protocol/forms.ts'
import { parseParams } from '../../../../worker/api.ts'
import { type CoreNet, type TestNode } from '../../../support/core-net.ts'
import { HostileNet } from '../../../support/hostile-net.ts'

let hostile: HostileNet
let net: CoreNet
let alice: TestNode
let carol: TestNode
let mallory: TestNode

beforeEach(() => {
  hostile = new HostileNet()
  ;({ net, alice, carol, mallory } = hostile)
})

describe('honest friends', () => {
  it('may replace one currency by another when they have as many as there may be (CH-13, CH-14)', () => {
    for (let i = 1; i < CURRENCIES_MAX; i++) {
      carol.call('friends.addCurrency', { friend: alice.key, currency: `c${i}` })
    }
    net.settle()
    net.disconnect(alice)
    carol.call('friends.removeCurrency', { friend: alice.key, currency: 'c3' })
    carol.call('friends.addCurrency', { friend: alice.key, currency: 'hours' })
    net.connect(alice, carol)
    net.settle()
    expect(alice.friend(carol).record.channel.epoch).toBe(0)
    expect(alice.ledger(carol, 'hours' as Currency).remoteAdded).toBe(true)
  })

  it('who are away keep a relay in use that was taken off the list (SES-8)', () => {
    const relay = (host: string) => ({
      publicKey: nobleProvider.signer(net.random(32)).publicKey,
      address: `${host}:80`,
    })
    const [old, next] = [relay('old'), relay('next')]
    const add = (each: typeof old) => {
      const ticket = toText({ kind: 'relay', ticket: each })
      carol.call('servers.addRelay', { ticket, name: each.address })
    }
    add(old)
    net.settle()
    net.disconnect(alice)
    add(next)
    carol.call('servers.removeRelay', { publicKey: old.publicKey })
    net.settle()
    expect(carol.core.connections().relays).toEqual([next, old])
    net.connect(alice, carol)
    // The acknowledgement is lost; the next session makes up for it.
    net.tamper = (message, from) => (from === alice && message.kind === 'ack' ? undefined : message)
    net.settle()
    expect(carol.core.connections().relays).toEqual([next, old])
    net.connect(alice, carol)
    net.settle()
    expect(carol.core.connections().relays).toEqual([next])
  })

  it('find everything in their history however much happened at once (STO-2)', () => {
    const calls = Array.from({ length: 300 }, (_, call) => ({
      type: 'call' as const,
      call: 1_000 + call,
      method: 'friends.setMaxDebt' as const,
      params: { friend: carol.key, currency: 'credit', maxDebt: String(call) },
    }))
    alice.step(calls)
    const stored = [...(alice.backup().activity as Map<string, { kind: string; amount?: bigint }>).values()]
    const limits = stored.filter(({ kind }) => kind === 'limitChanged').map(({ amount }) => amount)
    expect(limits.slice(-300)).toEqual(calls.map((_, call) => BigInt(call)))
  })
})

describe('a call', () => {
  const badKey = (key: PublicKey) => `${key.slice(0, -1)}${key.endsWith('B') ? 'D' : 'B'}`

  it('with ids or keys that no bytes give is refused before it is stored (APP-2)', () => {
    const nonce = `${'A'.repeat(21)}B`
    expect(parseParams('invoices.create', { nonce, currency: 'credit', amount: '1' }).ok).toBe(false)
    const route = { nodes: [alice.key, badKey(carol.key), mallory.key], amount: '5', fees: '1' }
    const target = { destination: mallory.key, currency: 'credit', amount: '5' }
    expect(
      parseParams('payments.pay', { id: hostile.id16(), maxFees: '5', routes: [route], ...target }).ok,
    ).toBe(false)
    const rename = parseParams('card.rename', { name: 'two\nlines' })
    expect(rename.ok).toBe(false)
    const sound = { ...route, nodes: [alice.key, carol.key, mallory.key] }
    expect(
      parseParams('payments.pay', { id: hostile.id16(), maxFees: '5', routes: [sound], ...target }).ok,
    ).toBe(true)
  })

  it('with a text that cannot be encoded is refused (APP-2)', () => {
    const base = { nonce: hostile.id16(), currency: 'credit', amount: '1' }
    expect(() => alice.call('invoices.create', { ...base, description: 'two\nloaves' })).toThrow(
      'badDescription',
    )
    expect(() => alice.call('invoices.create', { ...base, description: '\ud800' })).toThrow('badDescription')
  })

  it('with the lowest balance of 128 bits, which has no mirror, is refused (CH-2)', () => {
    const dan = net.node('Dan')
    const balances = [{ currency: 'credit', balance: String(-(1n << 127n)) }]
    for (const [me, other] of [
      [alice, dan],
      [dan, alice],
    ] as const) {
      expect(() => me.call('friends.add', { ticket: other.ticket(), name: 'x', balances })).toThrow(
        'badBalances',
      )
    }
  })
})
