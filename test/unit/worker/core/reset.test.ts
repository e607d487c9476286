import { beforeEach, describe, expect, it } from 'vitest'
import { REPAIRS_MAX } from '../../../../protocol/limits.ts'
import { toBase64url } from '../../../../protocol/wire.ts'
import { onlyRoute, type CoreNet, type TestNode } from '../../../support/core-net.ts'
import { Pair } from '../../../support/pair.ts'

let pair: Pair
let net: CoreNet
let alice: TestNode
let bob: TestNode

beforeEach(() => {
  pair = new Pair()
  ;({ net, alice, bob } = pair)
})

describe('an inconsistent channel', () => {
  beforeEach(() => {
    net.befriend(alice, bob)
    pair.pay(alice, bob, '30')
    net.advance(5_000)
    bob.friend(alice).record.channel.ledgers[0]!.balance += 5n
    pair.pay(alice, bob, '1')
    net.advance(5_000)
  })

  it('is found by the notes when the balances differ (CH-31)', () => {
    expect([alice.status(bob), bob.status(alice)]).toEqual(['inconsistent', 'inconsistent'])
    expect(pair.disagreement(alice, bob)?.mine).toEqual([{ currency: 'credit', balance: '-31' }])
    expect(pair.disagreement(alice, bob)?.theirs).toEqual([{ currency: 'credit', balance: '-36' }])
  })

  it('refuses payments until it is settled (CH-40)', () => {
    pair.pay(alice, bob, '1')
    net.advance(20_000)
    expect(alice.friend(bob).pendingOut.size).toBe(0)
  })

  it('starts a new epoch at the accepted claims, whoever accepts (CH-41)', () => {
    pair.accept(bob, alice)
    pair.expectRepaired(-31n)
    expect(alice.friend(bob).record.channel.epoch).toBe(1)
  })

  it('takes the lower key’s claims when acceptances cross (CH-43)', () => {
    pair.accept(alice, bob)
    pair.accept(bob, alice)
    const lower = alice.core.state.publicKey
    const aliceIsLower =
      Buffer.compare(Buffer.from(lower, 'base64url'), Buffer.from(bob.key, 'base64url')) < 0
    pair.expectRepaired(aliceIsLower ? -31n : -36n)
  })

  it('remembers an acceptance that never arrived (CH-41)', () => {
    net.disconnect(alice)
    pair.accept(alice, bob)
    alice.restart()
    bob.restart()
    net.connect(alice, bob)
    pair.expectRepaired(-36n)
  })

  it('follows a friend who is in the new epoch already (CH-44)', () => {
    pair.accept(alice, bob)
    net.deliverOne()
    net.disconnect(alice)
    alice.restart()
    net.connect(bob, alice)
    pair.expectRepaired(-36n)
  })

  it('does not accept claims that were not shown (CH-41)', () => {
    expect(() =>
      alice.call('friends.acceptReset', { friend: bob.key, theirsId: toBase64url(net.random(32)) }),
    ).toThrow('claimsChanged')
  })

  it('can be left by removing the friend, and made anew (CH-47)', () => {
    alice.call('friends.remove', { friend: bob.key })
    bob.call('friends.remove', { friend: alice.key })
    net.disconnect(alice)
    net.befriend(alice, bob)
    pair.expectRepaired(0n)
  })
})

it('starts the new epoch with a friend who has been waiting there for an acceptance (CH-42, CH-44)', () => {
  net.befriend(alice, bob)
  net.advance(5_000)
  // Alice has settled too much without her user lately; Bob has not.
  alice.friend(bob).record.channel.repairs = REPAIRS_MAX
  alice.call('friends.reset', { friend: bob.key })
  net.advance(5_000)
  expect([alice.status(bob), bob.status(alice)]).toEqual(['inconsistent', 'waiting'])
  pair.accept(alice, bob)
  pair.expectRepaired(0n)
})

describe('data that is older than what was signed', () => {
  it('is recognised by my own signature, and nothing is guessed (CH-34)', () => {
    net.befriend(alice, bob)
    const backup = alice.backup()
    pair.pay(alice, bob, '30')
    net.advance(5_000)
    alice.restart(backup)
    net.connect(alice, bob)
    net.advance(5_000)
    expect(alice.status(bob)).toBe('stale')
    expect(bob.status(alice)).toBe('inconsistent')
    pair.accept(alice, bob)
    pair.expectRepaired(-30n)
  })

  it('is recognised from before a reset, too (CH-34, CH-44)', () => {
    net.befriend(alice, bob)
    const backup = alice.backup()
    pair.pay(alice, bob, '30')
    net.advance(5_000)
    alice.call('friends.reset', { friend: bob.key })
    net.advance(5_000)
    expect(alice.friend(bob).record.channel.epoch).toBe(1)
    alice.restart(backup)
    net.connect(alice, bob)
    net.advance(5_000)
    expect(alice.status(bob)).not.toBe('ready')
    expect(pair.disagreement(alice, bob)?.theirs).toEqual([{ currency: 'credit', balance: '-30' }])
    pair.accept(alice, bob)
    pair.expectRepaired(-30n)
  })

  it('is repaired by retransmission when nothing that was lost had been signed for (CH-33)', () => {
    net.befriend(alice, bob)
    net.advance(5_000)
    pair.pay(alice, bob, '30')
    net.disconnect(alice)
    bob.restart()
    alice.restart()
    net.connect(alice, bob)
    net.advance(5_000)
    expect(bob.balance(alice)).toBe(30n)
  })
})

describe('what was pending when a channel is reset', () => {
  let carol: TestNode

  beforeEach(() => {
    carol = net.node('Carol')
    net.befriend(alice, carol)
    net.befriend(carol, bob)
    alice.findRoutes = onlyRoute([alice, carol, bob], 1n)
    alice.call('payments.pay', {
      id: pair.id16(),
      maxFees: '1',
      destination: bob.key,
      currency: 'credit',
      amount: '10',
    })
    net.deliverOne()
  })

  it('is cancelled upstream when the channel toward the seller is reset (CH-45)', () => {
    net.disconnect(bob)
    bob.restart()
    carol.call('friends.reset', { friend: bob.key })
    net.connect(carol, bob)
    net.advance(5_000)
    expect(alice.friend(carol).pendingOut.size).toBe(0)
    expect([...alice.core.state.payments.values()][0]?.state).toBe('failed')
    expect(carol.status(bob)).toBe('ready')
  })

  it('counts as owed in my claim, and is given back when it is cancelled further down (CH-46)', () => {
    net.disconnect(bob)
    carol.call('friends.reset', { friend: alice.key })
    net.settle()
    expect(pair.disagreement(carol, alice)?.mine).toEqual([{ currency: 'credit', balance: '11' }])
    expect(pair.disagreement(alice, carol)?.mine).toEqual([])
    pair.accept(alice, carol)
    net.settle()
    expect(alice.balance(carol)).toBe(-11n)
    carol.call('friends.remove', { friend: bob.key })
    net.settle()
    expect(alice.balance(carol)).toBe(0n)
    expect(carol.balance(alice)).toBe(0n)
  })

  it('stays owed when it is answered further down (CH-46)', () => {
    net.disconnect(alice, carol)
    net.connect(alice, carol)
    const number = carol.friend(alice).session?.number
    expect(number).toBeDefined()
    carol.call('friends.reset', { friend: alice.key })
    net.settle()
    pair.accept(alice, carol)
    net.advance(5_000)
    expect(bob.balance(carol)).toBe(10n)
    expect(carol.balance(alice)).toBe(11n)
    expect(alice.balance(carol)).toBe(-11n)
  })
})
