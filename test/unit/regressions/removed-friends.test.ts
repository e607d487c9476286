// What removing a friend did to the original: sellers whose invoice he was paying, and whoever disagreed with him,
// fell over.

import { describe, expect, it } from 'vitest'
import type { InvoiceId } from '../../../protocol/types.ts'
import { toBase64url } from '../../../protocol/wire.ts'
import type { InvoiceView } from '../../../worker/api.ts'
import { expectAccounted, expectStored } from '../../support/books.ts'
import { CoreNet, type TestNode } from '../../support/core-net.ts'
import type { WorldCard } from '../../support/world-card.ts'
import { createInvoice, createTrio, type Trio } from '../world/trio.ts'
import { accept, breakUnderPayment, expectAgreed, expectRunning, pay, untilOver } from './scenes.ts'

async function remove({ world }: Trio, me: WorldCard, friend: WorldCard): Promise<void> {
  await world.settled(me.call('friends.remove', { friend: friend.publicKey }))
}

/** Both forget each other, if they have not, and begin anew at nothing. */
async function makeUp(trio: Trio, a: WorldCard, b: WorldCard): Promise<void> {
  await remove(trio, a, b)
  await remove(trio, b, a)
  await trio.world.befriend(a, b)
  await trio.world.run(5_000)
}

describe('an invoice that is being paid over a friend who is removed', () => {
  // A payment takes about half a second of network here: these moments hit its stages.
  const moments = [150, 300].flatMap((moment_ms) =>
    (
      [
        ['bob', 'carol'],
        ['carol', 'bob'],
        ['carol', 'alice'],
        ['alice', 'carol'],
      ] as const
    ).map(([by, whom]) => ({ moment_ms, by, whom })),
  )

  it.each(moments)(
    'stops nobody, and ends when they make up: $by removes $whom after $moment_ms ms (PAY-34, PAY-43)',
    async ({ moment_ms, by, whom }) => {
      const trio = await createTrio(`${by} removes ${whom} after ${moment_ms} ms`)
      const { world, alice, bob, carol } = trio
      const invoice = await createInvoice(trio, '60')
      const id = alice.newId()
      await world.settled(alice.call('payments.pay', { id, invoice: invoice.text, maxFees: '1' }))
      await world.run(moment_ms)
      await remove(trio, trio[by], trio[whom])
      await world.run(5_000)
      expectRunning(alice, bob, carol)
      await makeUp(trio, trio[by], trio[whom])
      await untilOver(world, alice, id)
      await world.run(5_000)
      expectAgreed([alice, carol], [carol, bob])
      const isOpen = bob.invoice(invoice.id)?.state === 'open'
      if (isOpen) await world.settled(bob.call('invoices.cancel', { id: invoice.id }))
      expectRunning(alice, bob, carol)
    },
  )

  const ends: readonly (readonly [string, string, (parts: Parts) => void])[] = [
    ['cancelled', 'cancelled', ({ bob, invoice }) => bob.call('invoices.cancel', { id: invoice.id })],
    ['left incomplete', 'open', ({ net }) => net.advance(61_000)],
    [
      'left by the next friend, too',
      'open',
      ({ bob, dan }) => bob.call('friends.remove', { friend: dan.key }),
    ],
    ['paid with parts that do not suffice', 'open', ({ net, eve, bob }) => net.connect(eve, bob)],
    ['paid by somebody at once', 'paid', (parts) => parts.pay(parts.fay)],
  ]

  it.each(ends)(
    'can be %s afterwards: the other parts are as they were (PAY-21, PAY-43)',
    (_, state, end) => {
      const parts = new Parts()
      const { net, alice, carol, eve, bob } = parts
      parts.pay(alice)
      expect(parts.collected()).toBe(2)
      bob.call('friends.remove', { friend: carol.key })
      expect(parts.collected()).toBe(1)
      bob.restart()
      parts.reconnect()
      end(parts)
      net.settle()
      bob.restart()
      parts.reconnect()
      parts.endFriendshipsOnBothSides()
      net.connect(eve, bob)
      net.advance(120_000)
      expect(bob.core.state.invoices.get(parts.invoice.id as InvoiceId)?.state).toBe(state)
      parts.expectOver(alice)
    },
  )

  it.each([
    ['the buyer', 'alice', ['carol']],
    ['the buyer, who then leaves the next, too,', 'alice', ['carol', 'dan']],
    ['a mediator, of the seller,', 'carol', ['bob']],
    ['a mediator, of the buyer,', 'carol', ['alice']],
  ] as const)(
    'ends in parts that nobody signs for, and is given back: removed by %s (PAY-34, PAY-43)',
    (_, by, whom) => {
      const parts = new Parts()
      const { net, alice, eve, bob } = parts
      parts.pay(alice)
      for (const friend of whom) {
        parts[by].call('friends.remove', { friend: parts[friend].key })
        net.settle()
      }
      for (const node of [alice, parts.carol]) node.restart()
      for (const mediator of [parts.carol, parts.dan, eve]) {
        net.connect(alice, mediator)
        net.connect(mediator, bob)
      }
      net.settle()
      parts.endFriendshipsOnBothSides()
      net.advance(120_000)
      expect([...alice.core.state.payments.values()].map((payment) => payment.state)).toEqual(['failed'])
      parts.expectOver(alice)
      parts.pay(parts.fay)
      expect(bob.core.state.invoices.get(parts.invoice.id as InvoiceId)?.state).toBe('paid')
    },
  )
})

/** Bob's invoice of 60 is paid by Alice in three parts, over his friends Carol, Dan and Eve; Eve's stays away. */
class Parts {
  readonly net = new CoreNet('parts')
  readonly alice = this.net.node('Alice')
  readonly carol = this.net.node('Carol')
  readonly dan = this.net.node('Dan')
  readonly eve = this.net.node('Eve')
  readonly bob = this.net.node('Bob')
  /** Could pay Bob directly. */
  readonly fay = this.net.node('Fay')
  readonly invoice: InvoiceView

  constructor() {
    const { net, alice, bob, carol, dan, eve, fay } = this
    for (const mediator of [carol, dan, eve]) {
      net.befriend(alice, mediator)
      net.befriend(mediator, bob)
    }
    net.befriend(fay, bob)
    net.advance(5_000)
    alice.findRoutes = ({ amount = 0n, excludedEdges }) =>
      excludedEdges.length > 0
        ? { ok: false, fault: { code: 'noRoute', message: 'none' } }
        : {
            ok: true,
            routes: [carol, dan, eve].map(({ key }) => ({
              nodes: [alice.key, key, bob.key],
              amount: amount / 3n,
              fees: 1n,
            })),
          }
    const params = { nonce: this.#id16(), currency: 'credit', amount: '60' }
    this.invoice = bob.call('invoices.create', params) as InvoiceView
    let isLate = true
    net.tamper = (message, from, to) => {
      if (from !== eve || to !== bob) return message
      if (message.kind === 'resume') isLate = false
      return isLate ? undefined : message
    }
  }

  pay(payer: TestNode): void {
    payer.call('payments.pay', { id: this.#id16(), maxFees: '3', invoice: this.invoice.text })
    this.net.settle()
  }

  /** Parts that Bob holds and has not signed for. */
  collected(): number {
    const income = this.bob.core.state.income.get(this.invoice.id as InvoiceId)
    return income?.state === 'collecting' ? income.parts.length : 0
  }

  /** Bob's friends find him again, but for Eve, and Carol whom he removed. */
  reconnect(): void {
    for (const friend of [this.dan, this.fay]) this.net.connect(this.bob, friend)
    this.net.settle()
  }

  /** Whoever was removed removes the other, too: what he still holds is his to end. */
  endFriendshipsOnBothSides(): void {
    for (const node of this.net.nodes) {
      for (const friend of this.net.nodes) {
        const isOneSided = node.core.state.friends.has(friend.key) && !friend.core.state.friends.has(node.key)
        if (isOneSided) node.call('friends.remove', { friend: friend.key })
      }
    }
  }

  /** The payer's payments have ended, nobody holds anything any more, and a crash now would change nothing. */
  expectOver(payer: TestNode): void {
    expect(this.collected()).toBe(0)
    for (const { finished } of payer.core.state.payments.values()) expect(finished).toBeDefined()
    for (const node of this.net.nodes) {
      expectStored(node)
      expectAccounted(node)
      for (const { pendingIn, pendingOut } of node.core.state.friends.values()) {
        expect([node.name, pendingIn.size, pendingOut.size]).toEqual([node.name, 0, 0])
      }
    }
  }

  #id16(): string {
    return toBase64url(this.net.random(16))
  }
}

describe('a friend who is removed while the two disagree', () => {
  it.each([
    ['inconsistent', 'carol', 'bob'],
    ['stale', 'bob', 'carol'],
  ] as const)(
    'by the one who is %s stops nobody, and can be added again (CH-47, PAY-43)',
    async (status, by, whom) => {
      const { trio, id } = await breakUnderPayment(`removed by ${by}`)
      const { world, alice, bob, carol } = trio
      expect(trio[by].friend(trio[whom])?.status).toBe(status)
      await remove(trio, trio[by], trio[whom])
      await world.run(10_000)
      expectRunning(alice, bob, carol)
      trio[by].crash()
      trio[by].boot()
      await world.run(5_000)
      await world.befriend(trio[by], trio[whom])
      await world.until(
        'the other one says what he claims',
        () => trio[by].friend(trio[whom])?.disagreement?.theirs !== undefined,
      )
      await accept(world, trio[by], trio[whom])
      await untilOver(world, alice, id)
      await world.run(5_000)
      expectAgreed([alice, carol], [carol, bob])
      expect(await pay(world, alice, bob, 20n)).toBe('paid')
    },
  )

  it('by the one whose payment is stuck behind the disagreement stops nobody (CH-45, PAY-43)', async () => {
    for (const by of ['carol', 'alice'] as const) {
      const { trio, id } = await breakUnderPayment(`${by} removes the third`)
      const { world, alice, bob, carol } = trio
      await remove(trio, trio[by], by === 'carol' ? alice : carol)
      await world.run(40_000)
      expectRunning(alice, bob, carol)
      await makeUp(trio, alice, carol)
      await accept(world, bob, carol)
      await untilOver(world, alice, id)
      await world.run(5_000)
      expectAgreed([alice, carol], [carol, bob])
      expect(carol.currency(bob).balance).toBe('-20')
      expect(await pay(world, alice, bob, 20n)).toBe('paid')
    }
  })

  it('while he is off line stops nobody when he comes back (PAY-43, SES-2)', async () => {
    const { trio, id } = await breakUnderPayment('removed off line')
    const { world, alice, bob, carol } = trio
    bob.crash()
    await world.run(60_000)
    await remove(trio, carol, bob)
    await untilOver(world, alice, id)
    bob.boot()
    await world.run(60_000)
    expectRunning(alice, bob, carol)
    expectAgreed([alice, carol])
    await makeUp(trio, carol, bob)
    expect(await pay(world, alice, bob, 20n)).toBe('paid')
  })
})
