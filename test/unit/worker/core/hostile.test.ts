// What a hostile friend can try with payments, and what an honest node makes of it: her own channel may break, but
// the node neither stops nor pays for it.

import { beforeEach, describe, expect, it } from 'vitest'
import type { Operation, Request } from '../../../../protocol/channel-messages.ts'
import { BATCHES_IN_FLIGHT_MAX, PENDING_REQUESTS_MAX } from '../../../../protocol/limits.ts'
import { receiptBytes } from '../../../../protocol/payment.ts'
import type { InvoiceId } from '../../../../protocol/types.ts'
import { type InvoiceView, type PaymentView } from '../../../../worker/api.ts'
import { expectAccounted } from '../../../support/books.ts'
import { type CoreNet, onlyRoute, type TestNode } from '../../../support/core-net.ts'
import { asks, HostileNet, pendingTo, stateOf } from '../../../support/hostile-net.ts'

let hostile: HostileNet
let net: CoreNet
let alice: TestNode
let carol: TestNode
let mallory: TestNode

beforeEach(() => {
  hostile = new HostileNet()
  ;({ net, alice, carol, mallory } = hostile)
})

describe('a receipt', () => {
  it('answers the request that it was signed for and no other in the same batch (CH-22, PAY-20)', () => {
    alice.findRoutes = onlyRoute([alice, carol, mallory], 1n)
    hostile.takeOver()
    hostile.pay(alice, mallory, '10')
    hostile.pay(alice, mallory, '500')
    net.settle()
    const [cheap, dear] = pendingTo(carol, mallory)
    if (cheap === undefined || dear === undefined) throw new Error('not forwarded')
    const signature = mallory.signer.sign(receiptBytes(cheap.request))
    hostile.sendBatch(carol, [
      { kind: 'response', requestId: cheap.request.requestId, signature },
      { kind: 'response', requestId: dear.request.requestId, signature },
    ])
    net.settle()
    expect(carol.status(mallory)).toBe('inconsistent')
    expect(carol.status(alice)).toBe('ready')
    expect(alice.balance(carol)).toBe(0n)
    expect(carol.balance(mallory)).toBe(0n)
  })
})

describe('a payment in parts of which the seller answers only some', () => {
  const [cancelled, answered] = [3n, 7n]

  beforeEach(() => {
    const nodes = [alice.key, carol.key, mallory.key]
    const routes = [cancelled, answered].map((amount) => ({ nodes, amount, fees: 1n }))
    alice.findRoutes = () => ({ ok: true, routes })
    hostile.takeOver()
  })

  it.each([
    ['before', ['cancel', 'response']],
    ['after', ['response', 'cancel']],
  ] as const)(
    'is paid, and the history says what it cost, one given back %s the answer (PAY-34)',
    (_, order) => {
      const payment = hostile.pay(alice, mallory, String(cancelled + answered))
      net.settle()
      for (const kind of order) {
        hostile.sendBatch(carol, [kind === 'cancel' ? cancelOf(cancelled) : responseTo(answered)])
        net.settle()
      }
      expect(stateOf(alice, payment)).toMatchObject({ state: 'paid', fees: '1' })
      expect(alice.balance(carol)).toBe(-answered - 1n)
      expectAccounted(alice)
    },
  )

  function requestOver(amount: bigint): Request {
    const found = pendingTo(carol, mallory).find(({ request }) => request.destPayment === amount)
    if (found === undefined) throw new Error('not forwarded')
    return found.request
  }

  function responseTo(amount: bigint): Operation {
    const request = requestOver(amount)
    const signature = mallory.signer.sign(receiptBytes(request))
    return { kind: 'response', requestId: request.requestId, signature }
  }

  function cancelOf(amount: bigint): Operation {
    const { requestId } = requestOver(amount)
    return { kind: 'cancel', requestId, reason: 'incomplete', reporter: mallory.key }
  }
})

describe('ids', () => {
  it('of requests in both directions have nothing to do with each other (CH-22)', () => {
    hostile.takeOver()
    hostile.pay(carol, mallory, '10')
    net.settle()
    const [mine] = pendingTo(carol, mallory)
    if (mine === undefined) throw new Error('not sent')
    const { requestId } = mine.request
    hostile.sendBatch(carol, [
      asks(hostile.request(carol, { requestId })),
      { kind: 'cancel', requestId, reason: 'overLimit', reporter: mallory.key },
    ])
    expect(carol.status(mallory)).toBe('ready')
    expect(carol.friend(mallory).pendingOut.size).toBe(0)
    expect(carol.balance(mallory)).toBe(1n)
  })

  it('of parts that came over another friendship are left alone when one ends (PAY-21)', () => {
    const invoiceId = hostile.id32() as InvoiceId
    const part = hostile.request(carol, { invoiceId, totalDestPayment: 3n })
    net.befriend(mallory, alice)
    carol.step([
      {
        type: 'friendOffline',
        friend: alice.key,
        session: carol.friend(alice).session?.number ?? -1,
      },
    ])
    net.connect(alice, carol)
    net.settle()
    hostile.takeOver()
    hostile.sendBatch(carol, [asks(part)])
    hostile.sendBatch(alice, [asks({ ...part, route: [carol.key], leftFees: 1n })])
    net.settle()
    expect(carol.core.state.income.get(invoiceId)?.parts).toHaveLength(2)
    carol.call('friends.remove', { friend: mallory.key })
    expect(carol.core.state.income.get(invoiceId)?.parts).toHaveLength(1)
    net.advance(61_000)
    expect(alice.friend(carol).pendingOut.size).toBe(0)
    expect(carol.friend(alice).pendingIn.size).toBe(0)
  })
})

describe('the destination', () => {
  it('signs what was complete before the wish to cancel it came (PAY-20, PAY-35)', () => {
    const part = hostile.request(carol, { destPayment: 7n, totalDestPayment: 7n })
    hostile.sendBatch(carol, [asks(part), { kind: 'askCancel', requestId: part.requestId }])
    expect(carol.balance(mallory)).toBe(7n)
    expect(carol.status(mallory)).toBe('ready')
  })

  it('gives back only the part whose payer wishes it (PAY-35)', () => {
    const invoice = carol.call('invoices.create', {
      nonce: hostile.id16(),
      currency: 'credit',
      amount: '60',
    }) as InvoiceView
    const invoiceId = invoice.id as InvoiceId
    const half = hostile.request(carol, { invoiceId, destPayment: 30n, totalDestPayment: 60n })
    hostile.sendBatch(carol, [asks(half)])
    const crumb = hostile.request(carol, { invoiceId, destPayment: 1n, totalDestPayment: 60n })
    hostile.sendBatch(carol, [asks(crumb), { kind: 'askCancel', requestId: crumb.requestId }])
    expect(carol.core.state.income.get(invoiceId)?.parts.map(({ amount }) => amount)).toEqual([30n])
  })

  it('takes the whole amount at once although somebody began to pay in parts (PAY-20)', () => {
    const invoice = carol.call('invoices.create', {
      nonce: hostile.id16(),
      currency: 'credit',
      amount: '60',
    }) as InvoiceView
    const invoiceId = invoice.id as InvoiceId
    hostile.sendBatch(carol, [
      asks(hostile.request(carol, { invoiceId, destPayment: 1n, totalDestPayment: 60n })),
    ])
    const payment = alice.call('payments.pay', {
      id: hostile.id16(),
      maxFees: '0',
      invoice: invoice.text,
    }) as PaymentView
    net.settle()
    expect(stateOf(alice, payment).state).toBe('paid')
    expect(carol.friend(mallory).pendingIn.size).toBe(0)
    expect(carol.balance(mallory)).toBe(0n)
  })
})

describe('a friend who never acknowledges', () => {
  it('gets no more than may be pending, also by a payment in parts (CH-24)', () => {
    hostile.takeOver()
    for (let i = 0; i < PENDING_REQUESTS_MAX - 1; i++) hostile.pay(carol, mallory, '1')
    const dan = net.node('Dan')
    const nodes = [carol.key, mallory.key, dan.key]
    carol.findRoutes = ({ amount = 0n, excludedEdges }) =>
      excludedEdges.length > 0
        ? { ok: false, fault: { code: 'noRoute', message: 'none' } }
        : { ok: true, routes: [1n, amount - 1n].map((part) => ({ nodes, amount: part, fees: 1n })) }
    hostile.pay(carol, dan, '10')
    expect(carol.friend(mallory).pendingOut.size).toBe(PENDING_REQUESTS_MAX - 1)
  })

  it('cannot hold what expires before it is sent (PAY-14)', () => {
    alice.findRoutes = onlyRoute([alice, carol, mallory], 1n)
    hostile.takeOver()
    for (let i = 0; i < BATCHES_IN_FLIGHT_MAX + 4; i++) {
      hostile.pay(alice, mallory, '1')
      net.settle()
    }
    // Alice never asks for anything back.
    net.tamper = (message, from) => (from === carol ? message : undefined)
    carol.restart()
    net.advance(301_000)
    expect(pendingTo(carol, mallory).filter(({ queued }) => queued !== undefined)).toEqual([])
    expect(carol.friend(alice).pendingIn.size).toBe(BATCHES_IN_FLIGHT_MAX)
  })
})

describe('a friend who says again and again that he has lost his data', () => {
  it('is shown what he signed once a session: it may be a thousand times as long as his word (CH-34)', () => {
    hostile.takeOver()
    hostile.sendBatch(carol, [])
    const { epoch, startHash } = carol.friend(mallory).record.channel
    const lost = {
      kind: 'resume',
      epoch,
      startHash,
      lastSent: 0,
      received: 0,
      receivedHash: startHash,
    } as const
    const shown: string[] = []
    net.tamper = (message, from) => {
      if (from === carol) shown.push(message.kind)
      return undefined
    }
    for (let times = 0; times < 3; times++) hostile.say(carol, lost)
    net.settle()
    expect(shown.filter((kind) => kind === 'staleBatch')).toHaveLength(1)
    net.connect(carol, mallory)
    hostile.say(carol, lost)
    net.settle()
    expect(shown.filter((kind) => kind === 'staleBatch')).toHaveLength(2)
  })
})

describe('signatures', () => {
  it('are verified only for what is read: a broken channel costs no time (CH-40)', () => {
    hostile.takeOver()
    hostile.pay(carol, mallory, '10')
    net.settle()
    const [mine] = pendingTo(carol, mallory)
    if (mine === undefined) throw new Error('not sent')
    const { requestId } = mine.request
    const signature = mallory.signer.sign(receiptBytes(mine.request))
    const responses = Array.from({ length: 256 }, () => ({ kind: 'response' as const, requestId, signature }))
    const message = hostile.nextBatch(carol, responses)
    const session = carol.friend(mallory).session?.number ?? -1
    const checks = () => carol.core.checks({ type: 'friendMessage', friend: mallory.key, session, message })
    expect(checks()).toHaveLength(2)
    hostile.say(carol, message)
    expect(carol.status(mallory)).toBe('inconsistent')
    expect(checks()).toEqual([])
  })
})

describe('a circle', () => {
  it('that a mediator makes of a payment ends for everybody, and the books agree (PAY-13)', () => {
    alice.findRoutes = onlyRoute([alice, carol, mallory], 1n)
    hostile.takeOver()
    hostile.pay(alice, mallory, '10')
    net.settle()
    const [forwarded] = pendingTo(carol, mallory)
    if (forwarded === undefined) throw new Error('not forwarded')
    const { requestId } = forwarded.request
    const back = { requestId, route: [alice.key], receiptKey: alice.key, leftFees: 1n }
    hostile.sendBatch(carol, [asks(hostile.request(carol, back))])
    net.settle()
    expect(alice.balance(carol)).toBe(1n)
    expect(carol.balance(mallory)).toBe(2n)
    const signature = mallory.signer.sign(receiptBytes(forwarded.request))
    hostile.sendBatch(carol, [{ kind: 'response', requestId, signature }])
    net.advance(5_000)
    expect(alice.balance(carol)).toBe(-10n)
    expect(carol.balance(alice)).toBe(10n)
    expect([alice.status(carol), carol.status(alice), carol.status(mallory)]).toEqual(Array(3).fill('ready'))
  })
})

describe('the largest limit and amount', () => {
  it('go through, and the next credit is refused, not an overflow (CH-22, PAY-11)', () => {
    const most = (1n << 127n) - 1n
    for (const [me, other] of [
      [alice, carol],
      [carol, alice],
    ] as const) {
      me.call('friends.setMaxDebt', { friend: other.key, currency: 'credit', maxDebt: String(most) })
    }
    net.settle()
    for (const [from, to, balance] of [
      [alice, carol, -most],
      [carol, alice, 0n],
      [carol, alice, most],
      [alice, carol, 0n],
    ] as const) {
      hostile.pay(from, to, String(most))
      net.advance(2_000)
      expect(alice.balance(carol)).toBe(balance)
    }
    hostile.pay(alice, carol, String(most))
    hostile.pay(alice, carol, '1')
    net.advance(20_000)
    expect(alice.balance(carol)).toBe(-most)
    expect([alice.status(carol), carol.status(alice)]).toEqual(['ready', 'ready'])
    hostile.takeOver()
    const huge = { destPayment: (1n << 128n) - 1n, totalDestPayment: (1n << 128n) - 1n }
    hostile.sendBatch(carol, [asks(hostile.request(carol, huge))])
    expect(carol.status(mallory)).toBe('ready')
    expect(carol.ledger(mallory).remotePending).toBe(0n)
  })
})

describe('a seller', () => {
  it('goes on when a friend who pays an invoice in part is removed (PAY-21, PAY-43)', () => {
    const params = { nonce: hostile.id16(), currency: 'credit', amount: '60' }
    const invoice = carol.call('invoices.create', params) as InvoiceView
    const part = { invoiceId: invoice.id as InvoiceId, destPayment: 30n, totalDestPayment: 60n }
    hostile.sendBatch(carol, [asks(hostile.request(carol, part))])
    carol.call('friends.remove', { friend: mallory.key })
    carol.restart()
    net.connect(alice, carol)
    net.settle()
    const order = { id: hostile.id16(), maxFees: '0', invoice: invoice.text }
    const payment = alice.call('payments.pay', order) as PaymentView
    net.advance(70_000)
    expect(stateOf(alice, payment).state).toBe('paid')
    carol.call('invoices.cancel', {
      id: (carol.call('invoices.create', { ...params, nonce: hostile.id16() }) as InvoiceView).id,
    })
  })
})
