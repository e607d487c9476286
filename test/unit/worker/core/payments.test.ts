import { beforeEach, describe, expect, it } from 'vitest'
import { checkReceipt, receiptCheck } from '../../../../protocol/payment.ts'
import { nobleProvider } from '../../../../protocol/ed25519.ts'
import { NEWS_MS, SETTLING_MS } from '../../../../protocol/limits.ts'
import { readAs } from '../../../../protocol/forms.ts'
import type { InvoiceView, PaymentView } from '../../../../worker/api.ts'
import type { IncomeRecord } from '../../../../worker/core/records.ts'
import { paymentView } from '../../../../worker/core/views.ts'
import { CoreNet, onlyRoute, type TestNode } from '../../../support/core-net.ts'
import { toBase64url } from '../../../../protocol/wire.ts'

let net: CoreNet
let alice: TestNode
let carol: TestNode
let bob: TestNode

beforeEach(() => {
  net = new CoreNet()
  alice = net.node('Alice')
  carol = net.node('Carol')
  bob = net.node('Bob')
  net.befriend(alice, carol)
  net.befriend(carol, bob)
  alice.findRoutes = onlyRoute([alice, carol, bob], 1n)
})

const id16 = () => toBase64url(net.random(16))

function invoiceOf(node: TestNode, amount = '60'): InvoiceView {
  const params = { nonce: id16(), currency: 'credit', amount, description: 'two loaves' }
  return node.call('invoices.create', params) as InvoiceView
}

function payInvoice(node: TestNode, invoice: InvoiceView, maxFees = '5'): PaymentView {
  return node.call('payments.pay', { id: id16(), maxFees, invoice: invoice.text }) as PaymentView
}

function stateOf(node: TestNode, payment: PaymentView): PaymentView {
  for (const record of node.core.state.payments.values()) {
    if (record.id === payment.id) return paymentView(node.core.state, record)
  }
  throw new Error('no such payment')
}

function expectNothingFrozen(): void {
  for (const node of net.nodes) {
    for (const friend of node.core.state.friends.values()) {
      expect(friend.pendingIn.size + friend.pendingOut.size).toBe(0)
      for (const ledger of friend.record.channel.ledgers) {
        expect(ledger.localPending + ledger.remotePending).toBe(0n)
      }
    }
  }
}

function expectBooksAgree(): void {
  expect(alice.balance(carol)).toBe(-carol.balance(alice))
  expect(carol.balance(bob)).toBe(-bob.balance(carol))
}

describe('a payment through a friend', () => {
  it('moves the amount and one credit for the mediator, and gives the buyer a receipt (PAY-1, PAY-10, PAY-20)', () => {
    const invoice = invoiceOf(bob)
    const payment = payInvoice(alice, invoice)
    net.settle()
    const paid = stateOf(alice, payment)
    expect(paid).toMatchObject({ state: 'paid', fees: '1' })
    expect(paid.routes).toEqual([{ nodes: [alice.key, carol.key, bob.key], amount: '60', fees: '1' }])
    expect(alice.balance(carol)).toBe(-61n)
    expect(carol.balance(bob)).toBe(-60n)
    expect(bob.balance(carol)).toBe(60n)
    expectBooksAgree()
    expectNothingFrozen()
    expect([...bob.core.state.invoices.values()][0]?.state).toBe('paid')
    const receipt = readAs(paid.receipt ?? '', 'receipt')
    const invoiceForm = readAs(invoice.text, 'invoice')
    if (!receipt.ok || !invoiceForm.ok) throw new Error('unreadable')
    expect(checkReceipt(receipt.value.receipt, invoiceForm.value.invoice, nobleProvider).ok).toBe(true)
  })

  it('is made once however often it is ordered (PAY-30)', () => {
    const invoice = invoiceOf(bob)
    const id = id16()
    for (let i = 0; i < 3; i++) alice.call('payments.pay', { id, maxFees: '5', invoice: invoice.text })
    net.settle()
    alice.call('payments.pay', { id, maxFees: '5', invoice: invoice.text })
    expect(() => payInvoice(alice, invoice)).toThrow('invoicePaid')
    net.settle()
    expect(alice.balance(carol)).toBe(-61n)
  })

  it('refuses a second payer of a paid invoice (PAY-24)', () => {
    const invoice = invoiceOf(bob)
    payInvoice(alice, invoice)
    net.settle()
    const second = payInvoice(carol, invoice)
    net.settle()
    expect(stateOf(carol, second)).toMatchObject({ state: 'failed', fault: { code: 'invoicePaid' } })
    expectNothingFrozen()
  })

  it('arrives without an invoice unless the receiver refuses such payments (PAY-23)', () => {
    const send = (): PaymentView =>
      alice.call('payments.pay', {
        id: id16(),
        maxFees: '1',
        destination: bob.key,
        currency: 'credit',
        amount: '7',
      }) as PaymentView
    const first = send()
    net.settle()
    expect(stateOf(alice, first).state).toBe('paid')
    bob.call('card.setSettings', { acceptUnknownPayments: false })
    const second = send()
    net.settle()
    expect(stateOf(alice, second)).toMatchObject({ state: 'failed', fault: { code: 'invoiceUnknown' } })
    expect(bob.balance(carol)).toBe(7n)
    expectNothingFrozen()
  })

  it('costs no fee between friends and asks no index server (PAY-31)', () => {
    alice.findRoutes = () => {
      throw new Error('asked')
    }
    const payment = payInvoice(alice, invoiceOf(carol), '0')
    net.settle()
    expect(stateOf(alice, payment)).toMatchObject({ state: 'paid', fees: '0' })
    expect(carol.balance(alice)).toBe(60n)
  })

  it('takes the way of which index servers hear a moment after the order (PAY-36)', () => {
    net.advance(SETTLING_MS)
    const { findRoutes } = alice
    const noRoute = { ok: false, fault: { code: 'noRoute', message: 'No way.' } } as const
    alice.findRoutes = () => noRoute
    const [late, never] = [payInvoice(alice, invoiceOf(bob)), payInvoice(alice, invoiceOf(bob, '61'))]
    net.advance(NEWS_MS - 1)
    expect(stateOf(alice, late)).toMatchObject({ state: 'searching' })
    alice.findRoutes = (query) => (query.amount === 60n ? findRoutes(query) : noRoute)
    net.advance(NEWS_MS)
    expect([stateOf(alice, late).state, stateOf(alice, never).state]).toEqual(['paid', 'failed'])
  })

  it('fails when the way costs more than the buyer allows (PAY-32)', () => {
    const payment = payInvoice(alice, invoiceOf(bob), '0')
    net.settle()
    expect(stateOf(alice, payment)).toMatchObject({ state: 'failed', fault: { code: 'feeTooHigh' } })
    expectNothingFrozen()
  })

  it('is refused by a mediator whose fee is not covered (PAY-12)', () => {
    carol.call('friends.setRate', { friend: alice.key, currency: 'credit', rate: { mul: 0, add: 3 } })
    net.settle()
    const payment = payInvoice(alice, invoiceOf(bob))
    net.settle()
    expect(stateOf(alice, payment).state).toBe('failed')
    expectNothingFrozen()
    expect(alice.balance(carol)).toBe(0n)
  })
})

describe('a payment that cannot go through leaves nothing frozen', () => {
  it('over the limit further on (PAY-11)', () => {
    bob.call('friends.setMaxDebt', { friend: carol.key, currency: 'credit', maxDebt: '10' })
    net.settle()
    const payment = payInvoice(alice, invoiceOf(bob))
    net.settle()
    net.advance(2 * SETTLING_MS)
    expect(stateOf(alice, payment)).toMatchObject({ state: 'failed', fault: { code: 'overLimit' } })
    expectNothingFrozen()
  })

  it('over what I can spend, with by how much (PAY-33)', () => {
    const payment = payInvoice(alice, invoiceOf(bob, '5000'))
    net.settle()
    net.advance(20_000)
    const { fault } = stateOf(alice, payment)
    expect(fault?.code).toBe('overLimit')
    expect(fault?.message).toContain('4000')
  })

  it('with nobody to ask for a way, at once (PAY-33)', () => {
    alice.findRoutes = () => ({ ok: false, fault: { code: 'noIndexServer', message: 'No index server.' } })
    const payment = payInvoice(alice, invoiceOf(bob))
    net.settle()
    expect(stateOf(alice, payment).fault?.code).toBe('noIndexServer')
    const dan = net.node('Dan')
    const alone = payInvoice(dan, invoiceOf(bob))
    net.advance(6_000)
    expect(stateOf(dan, alone).fault?.code).toBe('noFriends')
  })

  it('to a friend who is closed, off line or not a friend of the mediator (PAY-11)', () => {
    bob.call('friends.setOpen', { friend: carol.key, currency: 'credit', open: false })
    net.settle()
    const closed = payInvoice(alice, invoiceOf(bob))
    net.settle()
    expect(stateOf(alice, closed).fault?.code).toBe('requestsClosed')
    net.disconnect(bob)
    const offline = payInvoice(alice, invoiceOf(bob))
    net.advance(10_000)
    expect(stateOf(alice, offline).fault?.code).toBe('friendOffline')
    const stranger = net.node('Dan')
    alice.findRoutes = onlyRoute([alice, carol, stranger], 1n)
    const unknown = payInvoice(alice, invoiceOf(stranger))
    net.settle()
    expect(stateOf(alice, unknown).fault?.code).toBe('unknownFriend')
    expectNothingFrozen()
  })

  it('of an invoice that was cancelled or has expired (PAY-22)', () => {
    const cancelled = invoiceOf(bob)
    bob.call('invoices.cancel', { id: cancelled.id })
    const first = payInvoice(alice, cancelled)
    net.settle()
    expect(stateOf(alice, first).fault?.code).toBe('invoiceCancelled')
    const params = { nonce: id16(), currency: 'credit', amount: '5', expires: net.now + 1_000 }
    const expiring = bob.call('invoices.create', params) as InvoiceView
    net.advance(2_000)
    expect(() => payInvoice(alice, expiring)).toThrow('invoiceExpired')
    expectNothingFrozen()
  })
})

describe('a payment under way', () => {
  it('tries the same way again while somebody on it is just coming back (PAY-36)', () => {
    net.disconnect(carol, bob)
    const payment = payInvoice(alice, invoiceOf(bob))
    net.advance(1_000)
    expect(stateOf(alice, payment).state).toBe('searching')
    net.connect(carol, bob)
    net.advance(2_000)
    expect(stateOf(alice, payment).state).toBe('paid')
  })

  it('survives restarts of all three at any moment (CH-10, PAY-34)', () => {
    for (let cut = 0; cut < 14; cut++) {
      const payment = payInvoice(alice, invoiceOf(bob, '10'))
      for (let i = 0; i < cut; i++) net.deliverOne()
      for (const node of [alice, carol, bob]) node.restart()
      net.connect(carol, bob)
      net.connect(alice, carol)
      net.advance(30_000)
      const { state } = stateOf(alice, payment)
      expect(['paid', 'failed']).toContain(state)
      expectNothingFrozen()
      expectBooksAgree()
    }
    expect(bob.balance(carol) % 10n).toBe(0n)
    expect(carol.balance(bob) + carol.balance(alice)).toBe(bob.balance(carol) / 10n)
  })

  it('is called back on the wish of the buyer while the seller is off line, once he returns (PAY-35)', () => {
    const payment = payInvoice(alice, invoiceOf(bob))
    net.deliverOne()
    net.deliverOne()
    net.disconnect(bob)
    alice.call('payments.cancel', { id: payment.id })
    net.settle()
    expect(stateOf(alice, payment).state).toBe('cancelling')
    net.connect(carol, bob)
    net.settle()
    expect(['failed', 'paid']).toContain(stateOf(alice, payment).state)
    expectNothingFrozen()
  })

  it('ends when a friend on the way is removed (PAY-43)', () => {
    const payment = payInvoice(alice, invoiceOf(bob))
    net.deliverOne()
    net.disconnect(bob)
    carol.call('friends.remove', { friend: bob.key })
    net.settle()
    expect(stateOf(alice, payment).state).toBe('failed')
    expect(alice.friend(carol).pendingOut.size).toBe(0)
  })
})

describe('the destination', () => {
  it('gives an incomplete payment back after a minute (PAY-21)', () => {
    const invoice = invoiceOf(bob, '60')
    alice.findRoutes = () => ({
      ok: true,
      routes: [{ nodes: [alice.key, carol.key, bob.key], amount: 60n - 10n, fees: 1n }],
    })
    const payment = payInvoice(alice, invoice)
    net.settle()
    expect(bob.core.state.income.size).toBe(1)
    net.advance(61_000)
    expect(bob.core.state.income.size).toBe(0)
    expectNothingFrozen()
    expect(['failed', 'searching', 'sending']).toContain(stateOf(alice, payment).state)
  })

  it('gives it back a minute after a restart with a clock that was set back (STO-8, PAY-21)', () => {
    const invoice = invoiceOf(bob, '60')
    alice.findRoutes = () => ({
      ok: true,
      routes: [{ nodes: [alice.key, carol.key, bob.key], amount: 60n - 10n, fees: 1n }],
    })
    payInvoice(alice, invoice)
    net.settle()
    const records = bob.backup()
    for (const income of records.income.values()) (income as IncomeRecord).firstArrived += 86_400_000
    bob.restart(records)
    net.advance(61_000)
    expect(bob.core.state.income.size).toBe(0)
  })

  it('signs all parts when together they are the whole (PAY-20)', () => {
    const invoice = invoiceOf(bob, '60')
    const nodes = [alice.key, carol.key, bob.key]
    alice.findRoutes = () => ({
      ok: true,
      routes: [
        { nodes, amount: 20n, fees: 1n },
        { nodes, amount: 40n, fees: 1n },
      ],
    })
    const payment = payInvoice(alice, invoice)
    net.settle()
    expect(stateOf(alice, payment)).toMatchObject({ state: 'paid', fees: '2' })
    expect(alice.balance(carol)).toBe(-62n)
    expect(bob.balance(carol)).toBe(60n)
    expectNothingFrozen()
  })
})

describe('a mediator', () => {
  it('gives back a request whose id is pending toward the next friend already (PAY-13)', () => {
    const dan = net.node('Dan')
    net.befriend(dan, carol)
    dan.findRoutes = onlyRoute([dan, carol, bob], 1n)
    net.tamper = (message, from) => (from === bob && message.kind === 'batch' ? undefined : message)
    payInvoice(alice, invoiceOf(bob, '5'))
    net.settle()
    const taken = [...carol.friend(bob).pendingOut.keys()][0]!
    // Dan's node is made to use the same id.
    dan.core.state.drawId = () => taken
    const second = payInvoice(dan, invoiceOf(bob, '6'))
    net.settle()
    expect(stateOf(dan, second).fault?.code).toBe('duplicateRequest')
    expect(carol.friend(bob).pendingOut.size).toBe(1)
  })

  it('does not send on what has expired in its queue (PAY-14)', () => {
    net.tamper = (message, from) => (from === bob ? undefined : message)
    for (let i = 0; i < 12; i++) payInvoice(alice, invoiceOf(bob, '1'))
    net.settle()
    const queued = carol.friend(bob).queue.size
    expect(queued).toBeGreaterThan(0)
    net.now += 400_000
    net.tamper = (message) => message
    net.connect(carol, bob)
    net.settle()
    expect(carol.friend(bob).queue.size).toBe(0)
    expectNothingFrozen()
    const codes = [...alice.core.state.payments.values()].map(({ fault }) => fault?.code)
    expect(codes.filter((code) => code === 'expired').length).toBeGreaterThanOrEqual(queued)
  })

  it('passes the wish to cancel on once, and gives back on the spot what it has not sent (PAY-15)', () => {
    net.tamper = (message, from, to) => (from === bob && to === carol ? undefined : message)
    const payments = Array.from({ length: 12 }, () => payInvoice(alice, invoiceOf(bob, '1')))
    net.settle()
    const queued = carol.friend(bob).queue.size
    for (const { id } of payments) alice.call('payments.cancel', { id })
    net.settle()
    const states = payments.map((payment) => stateOf(alice, payment).state)
    expect(states.filter((state) => state === 'failed')).toHaveLength(queued)
    expect([...carol.friend(bob).pendingOut.values()].every(({ askedCancel }) => askedCancel)).toBe(true)
  })
})

describe('the buyer', () => {
  it('tries another way around the hop that failed (PAY-36)', () => {
    const dan = net.node('Dan')
    net.befriend(alice, dan)
    net.befriend(dan, bob)
    bob.call('friends.setOpen', { friend: carol.key, currency: 'credit', open: false })
    net.settle()
    const first = onlyRoute([alice, carol, bob], 1n)
    const second = onlyRoute([alice, dan, bob], 1n)
    alice.findRoutes = (query) => {
      const answer = first(query)
      return answer.ok ? answer : second(query)
    }
    const payment = payInvoice(alice, invoiceOf(bob))
    net.settle()
    expect(stateOf(alice, payment)).toMatchObject({ state: 'paid', attempts: 2 })
    expect(alice.balance(dan)).toBe(-61n)
    expect(alice.balance(carol)).toBe(0n)
    expectNothingFrozen()
  })

  it('asks a part back that is not answered in time (PAY-37)', () => {
    const payment = payInvoice(alice, invoiceOf(bob))
    net.deliverOne()
    net.disconnect(bob)
    net.advance(31_000)
    expect(carol.friend(bob).pendingOut.values().next().value?.askedCancel).toBe(true)
    expect(stateOf(alice, payment).state).toBe('sending')
    net.connect(carol, bob)
    net.advance(5_000)
    // The request reaches Bob before the wish, and he signs: paid, and nobody has lost anything.
    expect(stateOf(alice, payment).state).toBe('paid')
    expectNothingFrozen()
  })
})

describe('a receipt', () => {
  it('is worth nothing when any field of it is altered (PAY-2)', () => {
    const invoice = invoiceOf(bob)
    const payment = payInvoice(alice, invoice)
    net.settle()
    const read = readAs(stateOf(alice, payment).receipt ?? '', 'receipt')
    if (!read.ok) throw new Error('unreadable')
    const { receipt } = read.value
    expect(nobleProvider.verify(receiptCheck(receipt))).toBe(true)
    const altered = [
      { ...receipt, requestId: id16() as never },
      { ...receipt, invoiceId: toBase64url(net.random(32)) as never },
      { ...receipt, currency: 'hours' as never },
      { ...receipt, destPayment: receipt.destPayment + 1n },
      { ...receipt, totalDestPayment: receipt.totalDestPayment + 1n },
      { ...receipt, receiptKey: alice.key },
    ]
    for (const each of altered) expect(nobleProvider.verify(receiptCheck(each))).toBe(false)
  })
})
