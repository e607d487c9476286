// Cards of every kind of record in every state: real cores that trade, mediate and disagree, stopped in the middle.

import { nobleProvider } from '../../../protocol/ed25519.ts'
import { PERIODS, PERMISSIONS, toText } from '../../../protocol/forms.ts'
import type { PublicKey } from '../../../protocol/types.ts'
import { toBase64url } from '../../../protocol/wire.ts'
import type { InvoiceView, PaymentView } from '../../../worker/api.ts'
import type { RouteQueryAnswer } from '../../../worker/core/routes.ts'
import { CoreNet, type TestNode } from '../../support/core-net.ts'
import { accept } from '../../support/hostile-net.ts'
import { seededRandom } from '../../support/seeded-random.ts'

const CURRENCY = 'credit'
const INTERRUPTED: RouteQueryAnswer = {
  ok: false,
  fault: { code: 'noIndexServer', message: 'No index server is connected.' },
}

class Scenario {
  readonly net: CoreNet
  readonly #name: string

  constructor(name: string) {
    this.#name = name
    this.net = new CoreNet(`golden ${name}`)
  }

  /** A card whose secret key `secretOf` tells again. */
  card(name: string): TestNode {
    return this.net.node(name, secretOf(this.#name, name))
  }

  cards<Name extends string>(...names: readonly Name[]): Record<Name, TestNode> {
    return Object.fromEntries(names.map((name) => [name, this.card(name)])) as Record<Name, TestNode>
  }

  id16(): string {
    return toBase64url(this.net.random(16))
  }

  /** Orders a payment by way of the mediators, a part for each; without any, straight. */
  pay(from: TestNode, to: TestNode, amount: bigint, mediators: readonly TestNode[] = []): PaymentView {
    const target = { destination: to.key, currency: CURRENCY, amount: String(amount) }
    return this.#order(from, to, amount, mediators, target)
  }

  payInvoice(
    from: TestNode,
    to: TestNode,
    invoice: InvoiceView,
    mediators: readonly TestNode[],
  ): PaymentView {
    return this.#order(from, to, BigInt(invoice.amount), mediators, { invoice: invoice.text })
  }

  invoice(
    seller: TestNode,
    amount: bigint,
    more: { description?: string; expires?: number } = {},
  ): InvoiceView {
    const params = { nonce: this.id16(), currency: CURRENCY, amount: String(amount), ...more }
    return seller.call('invoices.create', params) as InvoiceView
  }

  /** Friends whose books differ, and who have found out. */
  disagree(a: TestNode, b: TestNode): void {
    this.net.befriend(a, b, 1_000n, 40n)
    a.friend(b).record.channel.ledgers[0]!.balance += 5n
    this.pay(a, b, 1n)
    this.net.advance(5_000)
  }

  #order(
    from: TestNode,
    to: TestNode,
    amount: bigint,
    mediators: readonly TestNode[],
    target: { invoice: string } | { destination: string; currency: string; amount: string },
  ): PaymentView {
    const routes = mediators.map((mediator) => ({
      nodes: [from.key, mediator.key, to.key],
      amount: amount / BigInt(mediators.length),
      fees: 1n,
    }))
    from.findRoutes = () => (routes.length === 0 ? INTERRUPTED : { ok: true, routes })
    return from.call('payments.pay', { id: this.id16(), maxFees: '5', ...target }) as PaymentView
  }
}

/** The secret key of a card of a scenario. */
export function secretOf(scenario: string, card: string): Uint8Array {
  return seededRandom(`golden ${scenario} ${card}`)(32)
}

/** Alice pays Bob through Carol and Dora: finished payments, invoices of all states, and some of everything under way. */
function trade(): CoreNet {
  const scenario = new Scenario('trade')
  const { net } = scenario
  const { alice, bob, carol, dora, eve } = scenario.cards('alice', 'bob', 'carol', 'dora', 'eve')
  alice.call('servers.addRelay', server('relay', 1))
  alice.call('servers.addRelay', server('relay', 2))
  alice.call('servers.addIndex', server('index', 3))
  for (const mediator of [carol, dora]) {
    net.befriend(alice, mediator)
    net.befriend(mediator, bob)
  }
  const balances = [{ currency: CURRENCY, balance: '7' }]
  alice.call('friends.add', { ticket: eve.ticket(), name: 'Eve', balances, enabled: false })

  scenario.pay(alice, carol, 5n)
  net.settle()
  const expires = net.now + 3_600_000
  scenario.payInvoice(alice, bob, scenario.invoice(bob, 20n, { description: 'Bread', expires }), [carol])
  net.settle()
  scenario.payInvoice(alice, bob, scenario.invoice(bob, 8n), [carol, dora])
  net.settle()
  scenario.pay(alice, eve, 3n)
  net.advance(60_000)
  dora.call('friends.setRate', { friend: alice.key, currency: CURRENCY, rate: { mul: 1 << 20, add: 4 } })
  net.settle()
  scenario.pay(alice, bob, 6n, [dora])
  net.settle()
  invoicesOf(scenario, bob)

  const cancelled = scenario.invoice(bob, 2n)
  bob.call('invoices.cancel', { id: cancelled.id })
  scenario.pay(alice, bob, 9n, [carol])
  scenario.payInvoice(alice, bob, cancelled, [carol])
  while (carol.friend(bob).pendingOut.size < 2) net.deliverOne()
  dora.call('friends.setRate', { friend: alice.key, currency: CURRENCY, rate: { mul: 0, add: 1 } })
  scenario.payInvoice(alice, bob, scenario.invoice(bob, 12n, { description: 'Two loaves' }), [carol, dora])
  net.disconnect(alice, carol)
  net.settle()
  underWay(scenario, { buyer: alice, friend: dora, seller: bob, stranger: eve })
  return net
}

/** An invoice that waits, with and without an end; and one of each other end than being paid. */
function invoicesOf(scenario: Scenario, seller: TestNode): void {
  const { net } = scenario
  scenario.invoice(seller, 1n, { expires: net.now + 1_000 })
  net.advance(5_000)
  scenario.invoice(seller, 30n, { description: 'A chair', expires: net.now + 86_400_000 })
  scenario.invoice(seller, 31n)
  seller.call('invoices.cancel', { id: scenario.invoice(seller, 32n).id })
}

/** More payments than may be on their way at once, one of them called back; one that looks for a way; a relay left. */
function underWay(
  scenario: Scenario,
  people: Record<'buyer' | 'friend' | 'seller' | 'stranger', TestNode>,
): void {
  const { buyer, friend, seller, stranger } = people
  const payments = Array.from({ length: 10 }, () => scenario.pay(buyer, friend, 1n))
  buyer.call('payments.cancel', { id: payments[0]!.id })
  scenario.pay(buyer, seller, 1n, [friend])
  scenario.pay(buyer, stranger, 4n)
  const [left] = buyer.core.state.card.relays
  buyer.call('servers.removeRelay', { publicKey: left!.publicKey })
}

/** Alice has one friend for each stage of a disagreement. */
function disagreements(): CoreNet {
  const scenario = new Scenario('disagreements')
  const { net } = scenario
  const alice = scenario.card('alice')

  const stale = scenario.card('gina')
  net.befriend(alice, stale, 1_000n, 20n)
  const backup = alice.backup()
  scenario.pay(alice, stale, 3n)
  net.advance(5_000)
  alice.restart(backup)
  net.connect(alice, stale)
  net.advance(5_000)

  const unheard = scenario.card('bob')
  net.befriend(alice, unheard, 1_000n, 30n)
  net.disconnect(alice, unheard)
  alice.call('friends.reset', { friend: unheard.key })

  scenario.disagree(alice, scenario.card('carol'))

  const replaced = scenario.card('dora')
  scenario.disagree(alice, replaced)
  net.disconnect(alice, replaced)
  accept(alice, replaced)
  replaced.call('friends.remove', { friend: alice.key })
  net.befriend(replaced, alice, 1_000n, 11n)

  const accepting = scenario.card('eve')
  scenario.disagree(alice, accepting)
  accept(accepting, alice)
  net.advance(5_000)

  const agreeing = scenario.card('frank')
  net.befriend(alice, agreeing, 1_000n, 50n)
  alice.call('friends.reset', { friend: agreeing.key })
  net.advance(5_000)
  return net
}

/** Carol mediates, and her friendships end or are reset while payments are under way. */
function mediation(): CoreNet {
  const scenario = new Scenario('mediation')
  const { net } = scenario
  const names = ['alice', 'bob', 'carol', 'dora', 'eve', 'frank', 'gina'] as const
  const { alice, bob, carol, dora, eve, frank, gina } = scenario.cards(...names)
  for (const friend of [alice, bob, dora, eve, frank, gina]) net.befriend(carol, friend)
  net.advance(5_000)
  // Two sellers' answers are lost, and all that is asked of the third.
  net.tamper = (message, from, to) => ([bob, dora].includes(from) || to === frank ? undefined : message)
  scenario.pay(alice, bob, 10n, [carol])
  scenario.pay(alice, dora, 15n, [carol])
  scenario.pay(gina, bob, 20n, [carol])
  scenario.pay(eve, frank, 25n, [carol])
  net.settle()

  carol.call('friends.reset', { friend: alice.key })
  net.settle()
  accept(alice, carol)
  net.settle()
  carol.call('friends.remove', { friend: gina.key })
  net.disconnect(carol, eve)
  carol.call('friends.reset', { friend: eve.key })
  net.disconnect(carol, frank)
  carol.call('friends.reset', { friend: frank.key })
  net.tamper = (message, from) => ([bob, dora].includes(from) ? undefined : message)
  net.connect(carol, frank)
  net.settle()
  carol.call('friends.remove', { friend: dora.key })
  net.settle()
  return net
}

function server(kind: 'relay' | 'index', number: number): { ticket: string; name: string } {
  const random = seededRandom(`golden server ${number}`)
  const { publicKey } = nobleProvider.signer(random(32))
  const ticket = { publicKey, address: `wss://${kind}${number}.example.org` }
  return { ticket: toText({ kind, ticket }), name: `${kind} ${number}` }
}

/** Alice lets apps drive her card: one has spent, one is paying, and one has never been seen. */
function apps(): CoreNet {
  const scenario = new Scenario('apps')
  const { net } = scenario
  const { alice, bob } = scenario.cards('alice', 'bob')
  net.befriend(alice, bob)
  const app = (name: string): PublicKey => nobleProvider.signer(secretOf('apps', name)).publicKey
  const budgets = PERIODS.map((period) => ({ currency: `a ${period}`, amount: '1000', period }))
  const all = [{ currency: CURRENCY, amount: '50', period: 'month' as const }, ...budgets]
  alice.call('apps.accept', { app: app('shop'), name: 'Shop', permissions: ['read', 'sell'], budgets: [] })
  const permissions = [...PERMISSIONS]
  alice.call('apps.accept', { app: app('allowance'), name: 'Allowance', permissions, budgets: all })
  alice.step([{ type: 'appSeen', app: app('allowance') }])
  const order = (): void => {
    const target = { destination: bob.key, currency: CURRENCY, amount: '20' }
    alice.call('payments.pay', { id: scenario.id16(), maxFees: '2', ...target }, app('allowance'))
  }
  order()
  net.settle()
  net.disconnect(alice, bob)
  order()
  return net
}

/** Two payments of two parts each, called back: one by Alice; of the other one part came back and found no other way. And one to herself. */
function parts(): CoreNet {
  const scenario = new Scenario('parts')
  const { net } = scenario
  const { alice, bob, carol, dora } = scenario.cards('alice', 'bob', 'carol', 'dora')
  for (const mediator of [carol, dora]) {
    net.befriend(alice, mediator)
    net.befriend(mediator, bob)
  }
  alice.call('card.setSettings', { coarseCapacities: true })
  net.disconnect(carol, bob)
  bob.call('friends.setOpen', { friend: dora.key, currency: CURRENCY, open: false })
  net.settle()
  scenario.pay(alice, bob, 10n, [carol, dora])
  alice.findRoutes = () => ({ ok: false, fault: { code: 'noRoute', message: 'No way.' } })
  net.tamper = (message, from) => (from === carol ? undefined : message)
  net.settle()
  const { id } = scenario.pay(alice, bob, 12n, [carol, dora])
  alice.call('payments.cancel', { id })
  const cycle = { id: scenario.id16(), over: carol.key, back: dora.key }
  alice.call('payments.rebalance', { ...cycle, currency: CURRENCY, amount: '5', maxFees: '3' })
  return net
}

/** Each leaves its cards as a crash would: what was under way is lost. */
export const SCENARIOS: Readonly<Record<string, () => CoreNet>> = {
  trade,
  disagreements,
  mediation,
  apps,
  parts,
}
