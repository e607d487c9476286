import { beforeEach, describe, expect, it } from 'vitest'
import * as messages from '../../../../protocol/channel-messages.ts'
import { nobleProvider } from '../../../../protocol/ed25519.ts'
import {
  BATCHES_IN_FLIGHT_MAX,
  BATCH_BYTES_MAX,
  BATCH_OPERATIONS_MAX,
  PENDING_REQUESTS_MAX,
} from '../../../../protocol/limits.ts'
import { toText } from '../../../../protocol/forms.ts'
import { startHashOf } from '../../../../worker/core/channel/start.ts'
import { DEFAULT_CURRENCY } from '../../../../worker/core/friends.ts'
import type { CoreNet, TestNode } from '../../../support/core-net.ts'
import { Pair } from '../../../support/pair.ts'

let pair: Pair
let net: CoreNet
let alice: TestNode
let bob: TestNode

beforeEach(() => {
  pair = new Pair()
  ;({ net, alice, bob } = pair)
})

describe('start balances', () => {
  it('that agree are where the friendship begins (CH-2)', () => {
    net.befriend(alice, bob, 1_000n, 100n)
    expect([alice.balance(bob), bob.balance(alice)]).toEqual([100n, -100n])
    expect(alice.status(bob)).toBe('ready')
  })

  it('that differ are an inconsistency, which accepting one side repairs (CH-3, CH-41)', () => {
    alice.call('friends.add', {
      ticket: bob.ticket(),
      name: 'Bob',
      balances: [{ currency: 'credit', balance: '100' }],
    })
    bob.call('friends.add', {
      ticket: alice.ticket(),
      name: 'Alice',
      balances: [{ currency: 'credit', balance: '-90' }],
    })
    for (const [me, other] of [
      [alice, bob],
      [bob, alice],
    ] as const) {
      me.call('friends.setMaxDebt', { friend: other.key, currency: 'credit', maxDebt: '500' })
      me.call('friends.setOpen', { friend: other.key, currency: 'credit', open: true })
    }
    net.connect(alice, bob)
    net.settle()
    expect(pair.disagreement(alice, bob)).toMatchObject({
      mine: [{ currency: 'credit', balance: '100' }],
      theirs: [{ currency: 'credit', balance: '90' }],
    })
    expect(pair.disagreement(bob, alice)).toMatchObject({
      mine: [{ currency: 'credit', balance: '-90' }],
      theirs: [{ currency: 'credit', balance: '-100' }],
    })
    pair.accept(alice, bob)
    pair.expectRepaired(90n)
  })
})

describe('terms and relays', () => {
  it('that were taken off the list stay in use until every friend knows the new list (SES-8)', () => {
    const relay = (host: string) => ({
      publicKey: nobleProvider.signer(net.random(32)).publicKey,
      address: `${host}:80`,
    })
    const [old, next] = [relay('old'), relay('next')]
    const ticket = (each: typeof old) => toText({ kind: 'relay', ticket: each })
    alice.call('servers.addRelay', { ticket: ticket(old), name: 'old' })
    net.befriend(alice, bob)
    expect(bob.friend(alice).record.relays).toEqual([old])
    net.disconnect(alice)
    alice.call('servers.addRelay', { ticket: ticket(next), name: 'next' })
    alice.call('servers.removeRelay', { publicKey: old.publicKey })
    expect(alice.core.connections().relays).toEqual([next, old])
    net.connect(alice, bob)
    net.settle()
    expect(bob.friend(alice).record.relays).toEqual([next])
    expect(alice.core.connections().relays).toEqual([next])
  })

  it('reach a friend who was off line when they changed, as they are by then (CH-13)', () => {
    net.befriend(alice, bob)
    net.disconnect(alice)
    for (const maxDebt of ['1', '2', '3']) {
      alice.call('friends.setMaxDebt', { friend: bob.key, currency: 'credit', maxDebt })
    }
    expect(alice.friend(bob).queue.size).toBe(0)
    net.connect(alice, bob)
    net.settle()
    expect(bob.ledger(alice).remoteTerms?.remoteMaxDebt).toBe(3n)
  })

  it('of a currency that both have added carry payments in it (CH-14)', () => {
    net.befriend(alice, bob)
    for (const [me, other] of [
      [alice, bob],
      [bob, alice],
    ] as const) {
      me.call('friends.addCurrency', { friend: other.key, currency: 'hours' })
      me.call('friends.setMaxDebt', { friend: other.key, currency: 'hours', maxDebt: '40' })
      me.call('friends.setOpen', { friend: other.key, currency: 'hours', open: true })
    }
    net.settle()
    alice.call('payments.pay', {
      id: pair.id16(),
      maxFees: '0',
      destination: bob.key,
      currency: 'hours',
      amount: '3',
    })
    net.settle()
    expect(bob.ledger(alice, 'hours' as never).balance).toBe(3n)
    expect(bob.balance(alice)).toBe(0n)
    expect(() => bob.call('friends.removeCurrency', { friend: alice.key, currency: 'hours' })).toThrow(
      'currencyInUse',
    )
  })
})

describe('the log of a side', () => {
  it('starts at a hash that both sides compute alike (CH-1)', () => {
    net.befriend(alice, bob, 1_000n, 100n)
    expect(alice.friend(bob).record.channel.startHash).toBe(bob.friend(alice).record.channel.startHash)
    expect(alice.friend(bob).record.channel.startHash).not.toBe(
      startHashOf(alice.key, bob.key, 0, [{ currency: DEFAULT_CURRENCY, balance: -100n }]),
    )
  })

  it('has only so many batches in flight, and what waits leaves together (CH-11, CH-12)', () => {
    net.befriend(alice, bob)
    net.advance(5_000)
    const held: messages.FriendMessage[] = []
    net.tamper = (message, from) => {
      if (from !== bob) held.push(message)
      return undefined
    }
    for (let i = 0; i < 400; i++) pair.pay(alice, bob, '1')
    const { channel } = alice.friend(bob).record
    expect(channel.sentSeq - channel.ackedSeq).toBe(BATCHES_IN_FLIGHT_MAX)
    expect(alice.friend(bob).queue.size).toBe(400 - BATCHES_IN_FLIGHT_MAX)
    net.tamper = (message, from) => {
      if (from === alice) held.push(message)
      return message
    }
    net.connect(alice, bob)
    net.settle()
    expect(bob.balance(alice)).toBe(400n)
    const sizes = held
      .filter((message) => message.kind === 'batch')
      .map(({ body }) => ({ bytes: body.length, operations: messages.batch.decode(body).operations.length }))
    expect(Math.max(...sizes.map(({ bytes }) => bytes))).toBeLessThanOrEqual(BATCH_BYTES_MAX)
    expect(Math.max(...sizes.map(({ operations }) => operations))).toBeLessThanOrEqual(BATCH_OPERATIONS_MAX)
    expect(Math.max(...sizes.map(({ operations }) => operations))).toBeGreaterThan(50)
  })

  it('does not take more pending requests than a friend may have, even if he never acknowledges (CH-24)', () => {
    net.befriend(alice, bob)
    net.advance(5_000)
    bob.call('friends.setOpen', { friend: alice.key, currency: 'credit', open: false })
    net.settle()
    // Alice's node is made to send on, and to acknowledge nothing.
    net.tamper = (message, from) => (from === alice ? message : undefined)
    const { channel } = alice.friend(bob).record
    for (let i = 0; i <= PENDING_REQUESTS_MAX; i++) {
      const ledger = alice.ledger(bob)
      ledger.remoteTerms = { ...ledger.remoteTerms!, open: true }
      channel.ackedSeq = channel.sentSeq
      alice.friend(bob).pendingOut.clear()
      pair.pay(alice, bob, '1')
      alice.friend(bob).batches.length = Math.min(alice.friend(bob).batches.length, 0)
      net.deliverOne()
      if (bob.status(alice) !== 'ready') break
    }
    expect(bob.status(alice)).toBe('inconsistent')
    expect(bob.friend(alice).record.channel.reset?.cause.code).toBe('tooManyPending')
  })
})

describe('notes and resumption', () => {
  it('are signed soon after the channel falls quiet, and cover the batches before them (CH-30)', () => {
    net.befriend(alice, bob)
    pair.pay(alice, bob, '30')
    net.settle()
    expect(alice.friend(bob).record.channel.lastNote).toBeUndefined()
    net.advance(2_000)
    const { lastNote, signedAckSeq, sentSeq } = alice.friend(bob).record.channel
    expect(lastNote?.claims).toEqual([{ currency: 'credit', balance: -30n }])
    expect(signedAckSeq).toBe(sentSeq)
    expect(alice.friend(bob).batches.length).toBeLessThanOrEqual(1)
  })

  it('let batches flow only after both resumes (CH-32)', () => {
    net.befriend(alice, bob)
    net.disconnect(alice)
    pair.pay(bob, alice, '1')
    bob.call('friends.setMaxDebt', { friend: alice.key, currency: 'credit', maxDebt: '7' })
    net.connect(alice, bob)
    const said = net.packets.filter(({ from }) => from === bob).map(({ bytes }) => bytes[0])
    expect(said).toEqual([1])
  })

  it('believe no claim to have more of my log without proof (CH-35)', () => {
    net.befriend(alice, bob)
    net.disconnect(alice)
    net.tamper = (message, from) =>
      from === bob && message.kind === 'resume' ? { ...message, received: message.received + 5 } : message
    net.connect(alice, bob)
    net.advance(5_000)
    expect(alice.status(bob)).toBe('ready')
    expect(alice.friend(bob).session?.ready).toBe(false)
    net.tamper = (message) => message
    net.connect(alice, bob)
    pair.expectRepaired(0n)
  })
})
