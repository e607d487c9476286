// Payments over several ways at once: what one part meets is mended without the others.

import { beforeEach, describe, expect, it } from 'vitest'
import { nobleProvider } from '../../../../protocol/ed25519.ts'
import { toText } from '../../../../protocol/forms.ts'
import { PART_ANSWER_MS_MAX, PAYMENT_PARTS_MAX } from '../../../../protocol/limits.ts'
import type { PaymentId } from '../../../../protocol/types.ts'
import { toBase64url } from '../../../../protocol/wire.ts'
import type { InvoiceView, ResultOf } from '../../../../worker/api.ts'
import { keptFees } from '../../../../worker/core/payments/parts.ts'
import type { PaymentRecord } from '../../../../worker/core/records.ts'
import type { RouteQuery } from '../../../../worker/core/routes.ts'
import { CoreNet, type TestNode } from '../../../support/core-net.ts'
import { indexOf } from '../../../support/net-index.ts'

const LIMIT = 100n
let net: CoreNet
let alice: TestNode
let carol: TestNode
let dan: TestNode
let eve: TestNode
let bob: TestNode
let mediators: readonly TestNode[]
let asked: RouteQuery[]

/** Alice has three ways to Bob, each for 100 (94 less the reserve of the mediator, who takes one). */
beforeEach(() => {
  net = new CoreNet('parts')
  const nodes = ['Alice', 'Carol', 'Dan', 'Eve', 'Bob'].map((name) => net.node(name))
  ;[alice, carol, dan, eve, bob] = nodes as [TestNode, TestNode, TestNode, TestNode, TestNode]
  mediators = [carol, dan, eve]
  for (const mediator of mediators) {
    net.befriend(alice, mediator, LIMIT)
    net.befriend(mediator, bob, LIMIT)
  }
  asked = []
  knowWhatIsTrueNow()
})

/** The index server answers the next question by what is true now, and later ones by what is true then. */
function knowWhatIsTrueNow(): void {
  let solve: typeof alice.findRoutes | undefined = indexOf(net.nodes)
  alice.findRoutes = (query) => {
    asked.push(query)
    const answer = (solve ?? indexOf(net.nodes))(query)
    solve = undefined
    return answer
  }
}

function id16(): string {
  return toBase64url(net.random(16))
}

function pay(amount: bigint, maxFees = '9'): PaymentRecord {
  const bill = { nonce: id16(), currency: 'credit', amount: String(amount) }
  const invoice = bob.call('invoices.create', bill) as InvoiceView
  const id = id16()
  alice.call('payments.pay', { id, maxFees, invoice: invoice.text })
  return payment(id)
}

function payment(id: string): PaymentRecord {
  const record = alice.core.state.payments.get(id as PaymentId)
  if (record === undefined) throw new Error('no such payment')
  return record
}

/** By whom each part went, and what became of it. */
function partsOf({ parts }: PaymentRecord): string[] {
  const nameOf = (key: unknown) => net.nodes.find((node) => node.key === key)?.name
  return parts.map(({ route, state }) => `${nameOf(route[0])}: ${state}`)
}

/** The mediators whom the index server would choose, in its order, and the one whom it would not. */
function choiceFor(amount: bigint): readonly [TestNode, TestNode, TestNode] {
  const order = { destination: bob.key, currency: 'credit', amount: String(amount) }
  const { routes } = alice.call('payments.quote', order) as ResultOf<'payments.quote'>
  const chosen = routes.map(({ nodes }) => mediators.find(({ key }) => key === nodes[1]))
  const [first, second] = chosen
  const other = mediators.find((mediator) => !chosen.includes(mediator))
  knowWhatIsTrueNow()
  if (chosen.length !== 2 || first === undefined || second === undefined || other === undefined)
    throw new Error('not two of three')
  return [first, second, other]
}

function expectNothingFrozen(): void {
  for (const node of net.nodes) {
    const { friends, income } = node.core.state
    expect([...income.values()].filter(({ state }) => state === 'collecting')).toEqual([])
    for (const { pendingIn, pendingOut } of friends.values()) {
      expect([pendingIn.size, pendingOut.size]).toEqual([0, 0])
    }
  }
}

/** Bob lowers what he takes by way of this mediator, of which no index server has heard. */
function narrow(mediator: TestNode, limit = '1'): void {
  bob.call('friends.setMaxDebt', { friend: mediator.key, currency: 'credit', maxDebt: limit })
  net.settle()
}

describe('a payment that no single way carries', () => {
  it('goes over several at once, wholly (PAY-20, IDX-22)', () => {
    const paid = pay(250n)
    net.settle()
    expect(paid).toMatchObject({ state: 'paid', attempts: 1 })
    expect(paid.parts).toHaveLength(3)
    expect(bob.core.state.friends.size).toBe(3)
    const owed = mediators.map((mediator) => -alice.balance(mediator))
    expect(owed.reduce((sum, each) => sum + each)).toBe(253n)
    expectNothingFrozen()
  })

  it('is tried as it was quoted, by all of the routes (PAY-32)', () => {
    const order = { destination: bob.key, currency: 'credit', amount: '150' }
    const quoted = alice.call('payments.quote', order) as { routes: never[]; fees: string }
    alice.findRoutes = () => ({ ok: false, fault: { code: 'noRoute', message: 'none' } })
    const id = id16()
    alice.call('payments.pay', { id, maxFees: quoted.fees, routes: quoted.routes, ...order })
    net.settle()
    expect(payment(id)).toMatchObject({ state: 'paid', attempts: 1 })
    expect(payment(id).parts).toHaveLength(quoted.routes.length)
  })
})

describe('the most that can be paid', () => {
  const most = () =>
    alice.call('payments.maxPayable', {
      destination: bob.key,
      currency: 'credit',
    }) as ResultOf<'payments.maxPayable'>

  it('is what all ways together carry, and can be paid (IDX-23)', () => {
    const { amount, fees, routes } = most()
    // Of each 100 a mediator takes one, and keeps six in reserve.
    expect([amount, fees, routes.length]).toEqual([String(3 * 94), '3', 3])
    const paid = pay(BigInt(amount))
    net.settle()
    expect(paid).toMatchObject({ state: 'paid', attempts: 1 })
    expect(() => pay(1n)).not.toThrow()
  })

  it('is known of a friend without any index server', () => {
    net.befriend(alice, bob, 50n)
    alice.findRoutes = () => ({ ok: false, fault: { code: 'noIndexServer', message: 'none' } })
    const nodes = [alice.key, bob.key]
    expect(most()).toEqual({ amount: '50', fees: '0', routes: [{ nodes, amount: '50', fees: '0' }] })
  })

  it('is refused with what this card can see of the reason (PAY-33)', () => {
    for (const mediator of mediators) net.disconnect(alice, mediator)
    expect(most).toThrow('friendOffline')
  })
})

describe('a part that comes back', () => {
  it('goes another way, while the others wait for it (PAY-36)', () => {
    const [first, second, other] = choiceFor(150n)
    narrow(first)
    const paid = pay(150n)
    net.settle()
    expect(paid).toMatchObject({ state: 'paid', attempts: 2 })
    const names = [`${first.name}: cancelled`, `${second.name}: paid`, `${other.name}: paid`]
    expect(partsOf(paid)).toEqual(names)
    expectNothingFrozen()
  })

  it('is asked for alone, with what is left of parts and fees (PAY-32, PAY-36)', () => {
    const [first] = choiceFor(150n)
    narrow(first)
    const paid = pay(150n, '2')
    net.settle()
    const [whole, rest] = asked.slice(-2)
    expect(whole).toMatchObject({ amount: 150n, maxFees: 2n, maxParts: PAYMENT_PARTS_MAX })
    expect(rest).toMatchObject({
      amount: paid.parts[0]!.amount,
      maxFees: 1n,
      maxParts: PAYMENT_PARTS_MAX - 1,
    })
    expect(paid).toMatchObject({ state: 'paid' })
    expect(keptFees(paid)).toBe(2n)
  })

  it('that finds no way beside the others makes all begin anew (PAY-36)', () => {
    const [first, second, other] = choiceFor(150n)
    // Nobody has heard that Eve, or whoever it is, could carry all of it.
    for (const [a, b] of [
      [alice, other],
      [other, bob],
    ] as const) {
      b.call('friends.setMaxDebt', { friend: a.key, currency: 'credit', maxDebt: '1000' })
    }
    net.settle()
    knowWhatIsTrueNow()
    const { findRoutes } = alice
    alice.findRoutes = (query) => {
      const [isFirst, isWhole] = [asked.length === 1, query.amount === 150n]
      const hidden = isFirst ? [other] : isWhole ? [] : mediators
      return findRoutes({ ...query, excludedNodes: hidden.map(({ key }) => key) })
    }
    narrow(first)
    const paid = pay(150n)
    net.settle()
    expect(paid).toMatchObject({ state: 'paid', attempts: 2 })
    const names = [`${first.name}: cancelled`, `${second.name}: cancelled`, `${other.name}: paid`]
    expect(partsOf(paid).sort()).toEqual(names.sort())
    expectNothingFrozen()
  })

  it('costs no more than is left of what the user allows: then it begins anew, or fails (PAY-32)', () => {
    const [first, , other] = choiceFor(150n)
    const dear = { friend: alice.key, currency: 'credit', rate: { mul: 0, add: 8 } }
    other.call('friends.setRate', dear)
    net.settle()
    knowWhatIsTrueNow()
    narrow(first)
    const failed = pay(150n, '8')
    net.settle()
    expect(failed).toMatchObject({ state: 'failed', fault: { code: 'feeTooHigh' } })
    expectNothingFrozen()
    const paid = pay(150n, '9')
    net.settle()
    expect(paid).toMatchObject({ state: 'paid' })
    expect(keptFees(paid)).toBe(9n)
  })

  it('for a reason that holds on any way ends the payment, and all others come back (PAY-36)', () => {
    const bill = { nonce: id16(), currency: 'credit', amount: '150' }
    const invoice = bob.call('invoices.create', bill) as InvoiceView
    bob.call('invoices.cancel', { id: invoice.id })
    const id = id16()
    alice.call('payments.pay', { id, maxFees: '9', invoice: invoice.text })
    net.settle()
    expect(payment(id)).toMatchObject({ state: 'failed', attempts: 1, fault: { code: 'invoiceCancelled' } })
    expectNothingFrozen()
  })
})

describe('while a part looks for another way', () => {
  let order: readonly [TestNode, TestNode, TestNode]

  /** One part waits at Bob, for the other there is no answer. */
  function searching(): PaymentRecord {
    order = choiceFor(150n)
    narrow(order[0])
    const { findRoutes } = alice
    let isFirst = true
    alice.findRoutes = (query) => {
      if (!isFirst) return { ok: false, fault: { code: 'noIndexServer', message: 'none' } }
      isFirst = false
      return findRoutes(query)
    }
    const { publicKey } = nobleProvider.signer(net.random(32))
    const ticket = toText({ kind: 'index', ticket: { publicKey, address: 'ws://127.0.0.1:1' } })
    alice.call('servers.addIndex', { ticket, name: 'down' })
    const record = pay(150n)
    net.settle()
    expect(record).toMatchObject({ state: 'searching' })
    expect([...bob.core.state.income.values()]).toMatchObject([{ state: 'collecting' }])
    return record
  }

  it('the user can cancel: the others come back (PAY-35)', () => {
    const { id } = searching()
    alice.call('payments.cancel', { id })
    net.settle()
    expect(payment(id)).toMatchObject({ state: 'failed', fault: { code: 'cancelled' } })
    expectNothingFrozen()
  })

  it('a restart changes nothing (PAY-34)', () => {
    const { id } = searching()
    alice.restart()
    for (const mediator of mediators) net.connect(alice, mediator)
    net.settle()
    knowWhatIsTrueNow()
    net.advance(1_000)
    expect(payment(id)).toMatchObject({ state: 'paid' })
    expect(payment(id).parts).toHaveLength(3)
    expectNothingFrozen()
  })

  it('it has one time-out, counted from the oldest part under way (PAY-37)', () => {
    const { id } = searching()
    net.advance(10_000)
    // Whoever mends it cannot tell Bob.
    const [, , other] = order
    net.tamper = (message, from, to) => (from === other && to === bob ? undefined : message)
    knowWhatIsTrueNow()
    net.advance(5_000)
    expect(payment(id)).toMatchObject({ state: 'sending' })
    net.advance(PART_ANSWER_MS_MAX - 15_000 - 1)
    expect(payment(id).calledBack).toBeUndefined()
    net.advance(1)
    expect(payment(id)).toMatchObject({ calledBack: 'end', lastFault: { code: 'timedOut' } })
    net.tamper = (message) => message
    net.connect(other, bob)
    net.settle()
    expect(payment(id)).toMatchObject({ state: 'failed', fault: { code: 'timedOut' } })
    expectNothingFrozen()
  })
})

describe('the time-out', () => {
  const fromTo =
    (from: TestNode, to: TestNode, other?: CoreNet['tamper']): CoreNet['tamper'] =>
    (message, a, b) => {
      if (a === from && b === to) return undefined
      return other === undefined ? message : other(message, a, b)
    }

  it.each([10_000, 60_000])(
    'comes although the clock is set back by %s ms over a restart (PAY-37, STO-8)',
    (back) => {
      net.tamper = (message, _, to) => (to === bob ? undefined : message)
      const { id } = pay(50n)
      net.settle()
      net.now -= back
      alice.restart()
      for (const mediator of mediators) net.connect(alice, mediator)
      net.advance(2 * PART_ANSWER_MS_MAX)
      expect(payment(id)).toMatchObject({ calledBack: 'end', lastFault: { code: 'timedOut' } })
    },
  )

  it('comes for what was called back to begin anew, when the oldest part is back and another is not (PAY-37)', () => {
    narrow(carol)
    const route = (by: TestNode, amount: bigint) => ({
      nodes: [alice.key, by.key, bob.key],
      amount,
      fees: 1n,
    })
    const answers = [
      [route(carol, 20n), route(dan, 30n)],
      [route(eve, 10n), route(carol, 10n)],
    ]
    alice.findRoutes = () => {
      const routes = answers.shift()
      return routes === undefined
        ? { ok: false, fault: { code: 'noRoute', message: 'none' } }
        : { ok: true, routes }
    }
    // What goes by Eve never arrives, and Carol says only later that she could not pass on.
    const withoutEve = fromTo(eve, bob)
    net.tamper = fromTo(carol, alice, withoutEve)
    const { id } = pay(50n)
    net.settle()
    net.advance(10_000)
    net.tamper = withoutEve
    net.connect(alice, carol)
    net.advance(2 * PART_ANSWER_MS_MAX)
    expect(payment(id)).toMatchObject({ calledBack: 'end', lastFault: { code: 'timedOut' } })
  })
})

describe('many parts that come back at once', () => {
  it('are one question (PAY-36)', () => {
    const part = { nodes: [alice.key, carol.key, bob.key], amount: 2n, fees: 1n }
    alice.findRoutes = (query) => {
      asked.push(query)
      return asked.length === 1
        ? { ok: true, routes: Array.from({ length: PAYMENT_PARTS_MAX }, () => part) }
        : { ok: false, fault: { code: 'noRoute', message: 'none' } }
    }
    narrow(carol)
    pay(2n * BigInt(PAYMENT_PARTS_MAX), '16')
    net.settle()
    expect(asked.map(({ amount }) => amount)).toEqual([32n, 32n])
  })
})

describe('what changes between the question and the answer', () => {
  it('is asked about again: two payments at once, of which the second needs what the first has taken (PAY-36)', () => {
    const orders = [60n, 215n].map((amount) => ({
      id: id16(),
      destination: bob.key,
      currency: 'credit',
      amount: String(amount),
      maxFees: '9',
    }))
    alice.step(
      orders.map((params, call) => ({ type: 'call', call: 1_000 + call, method: 'payments.pay', params })),
    )
    net.settle()
    expect(orders.map(({ id }) => payment(id).state)).toEqual(['paid', 'paid'])
  })

  it('may be a mediator whose friend is away, for some seconds after the part came back (PAY-36)', () => {
    for (const mediator of [dan, eve]) net.disconnect(alice, mediator)
    const { findRoutes } = alice
    alice.findRoutes = () => ({ ok: false, fault: { code: 'noIndexServer', message: 'none' } })
    const { publicKey } = nobleProvider.signer(net.random(32))
    const ticket = toText({ kind: 'index', ticket: { publicKey, address: 'ws://127.0.0.1:1' } })
    alice.call('servers.addIndex', { ticket, name: 'down' })
    const { id } = pay(50n)
    // The way is known only late, and lost as soon as it is tried.
    net.advance(8_000)
    knowWhatIsTrueNow()
    net.disconnect(carol, bob)
    net.advance(4_000)
    expect(payment(id)).toMatchObject({ state: 'searching', lastFault: { code: 'friendOffline' } })
    net.connect(carol, bob)
    net.settle()
    alice.findRoutes = findRoutes
    net.advance(1_000)
    expect(payment(id)).toMatchObject({ state: 'paid' })
  })

  it('may be a friend who is away for a moment (PAY-36)', () => {
    for (const mediator of [dan, eve]) net.disconnect(alice, mediator)
    net.advance(10_000)
    const { findRoutes } = alice
    alice.findRoutes = (query) => {
      const answer = findRoutes(query)
      net.disconnect(alice, carol)
      alice.findRoutes = findRoutes
      return answer
    }
    const { id } = pay(50n)
    net.advance(1_000)
    net.connect(alice, carol)
    net.advance(1_000)
    expect(payment(id)).toMatchObject({ state: 'paid' })
  })
})

it('STO-6 a payment that an older version was calling back ends as it would have (PAY-35)', () => {
  net.tamper = (message, from) => (from === alice ? undefined : message)
  const { id } = pay(50n)
  alice.call('payments.cancel', { id })
  const backup = alice.backup()
  delete (backup.payments.get(id) as PaymentRecord).calledBack
  for (const mediator of mediators) narrow(mediator)
  alice.restart(backup)
  net.tamper = (message) => message
  for (const mediator of mediators) net.connect(alice, mediator)
  net.settle()
  expect(payment(id)).toMatchObject({ state: 'failed', fault: { code: 'cancelled' } })
})
