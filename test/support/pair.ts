// Two friends on cores: the smallest net in which a channel can be tried.

import { expect } from 'vitest'
import { toBase64url } from '../../protocol/wire.ts'
import type { FriendView } from '../../worker/api.ts'
import { friendView } from '../../worker/core/views.ts'
import { CoreNet, type TestNode } from './core-net.ts'

export class Pair {
  readonly net: CoreNet
  readonly alice: TestNode
  readonly bob: TestNode

  constructor(seed = 'channel') {
    this.net = new CoreNet(seed)
    this.alice = this.net.node('Alice')
    this.bob = this.net.node('Bob')
  }

  /** 16 random bytes, base64url. */
  id16(): string {
    return toBase64url(this.net.random(16))
  }

  pay(from: TestNode, to: TestNode, amount: string): void {
    const params = { id: this.id16(), maxFees: '0', destination: to.key, currency: 'credit', amount }
    from.call('payments.pay', params)
  }

  disagreement(me: TestNode, other: TestNode): FriendView['disagreement'] {
    return friendView(me.core.state, me.friend(other)).disagreement
  }

  /** Accepts what the other claims now. */
  accept(me: TestNode, other: TestNode): void {
    const theirsId = this.disagreement(me, other)?.theirsId ?? ''
    me.call('friends.acceptReset', { friend: other.key, theirsId })
  }

  /** Both are ready, Alice's books say `balance`, Bob's the negation, and a payment goes through. */
  expectRepaired(balance: bigint): void {
    const { net, alice, bob } = this
    net.advance(5_000)
    expect([alice.status(bob), bob.status(alice)]).toEqual(['ready', 'ready'])
    expect(alice.balance(bob)).toBe(balance)
    expect(bob.balance(alice)).toBe(-balance)
    this.pay(alice, bob, '1')
    net.settle()
    expect(alice.balance(bob)).toBe(balance - 1n)
    expect(bob.balance(alice)).toBe(1n - balance)
  }
}
