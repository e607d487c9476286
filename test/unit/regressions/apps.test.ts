// Apps that may not do what they ask for: in the original one forbidden call stopped the node.

import { expect, it } from 'vitest'
import { oneCard } from '../../../worker/shell/one-card.ts'
import { methods, type MethodName, type NodeMessage, type ParamsOf } from '../../../worker/api.ts'
import { ALL_PERMISSIONS, App, type AppPermission } from '../../../worker/shell/app.ts'
import { createInvoice, createTrio, type Trio } from '../world/trio.ts'
import { expectAgreed, expectRunning, pay } from './scenes.ts'

type Calls = { readonly [M in MethodName]: ParamsOf<M> }

/** A call of every method that Alice's node would answer, and that would change or tell something. */
async function everyCall(trio: Trio): Promise<Calls> {
  const { world, alice, bob, carol, relay } = trio
  const friend = carol.publicKey
  const currency = 'credit'
  const { text: ticket } = await world.settled(bob.call('card.ticket', {}))
  const { text: invoice } = await createInvoice(trio, '5')
  const own = { nonce: alice.newId(), currency, amount: '5' }
  const { id } = await world.settled(alice.call('invoices.create', own))
  const [payment] = alice.all('payments')
  if (payment?.receipt === undefined) throw new Error('Alice has paid before')
  const server = { ticket: invoice, name: 'server' }
  return {
    'cards.list': {},
    'cards.create': { key: alice.newId(), name: 'another', relays: [], indexServers: [] },
    'cards.addRemote': { key: alice.newId(), ticket },
    'cards.reopen': { card: alice.publicKey },
    'cards.remove': { card: alice.publicKey, confirm: 'alice' },
    'text.inspect': { input: invoice },
    'receipt.verify': { invoice, receipt: payment.receipt },
    'state.subscribe': {},
    'card.rename': { name: 'mallory' },
    'card.setSettings': { acceptUnknownPayments: false },
    'card.ticket': {},
    'friends.add': { ticket, name: 'bob' },
    'friends.rename': { friend, name: 'mallory' },
    'friends.setEnabled': { friend, enabled: false },
    'friends.setOpen': { friend, currency, open: false },
    'friends.setMaxDebt': { friend, currency, maxDebt: '1000000' },
    'friends.setRate': { friend, currency, rate: { mul: 0, add: 7 } },
    'friends.addCurrency': { friend, currency: 'gold' },
    'friends.removeCurrency': { friend, currency },
    'friends.setRelays': { friend, relays: [] },
    'friends.acceptReset': { friend, theirsId: id },
    'friends.reset': { friend },
    'friends.statement': { friend },
    'servers.addRelay': server,
    'servers.removeRelay': { publicKey: relay.publicKey },
    'servers.addIndex': server,
    'servers.removeIndex': { publicKey: relay.publicKey },
    'apps.accept': { app: bob.publicKey, name: 'mallory', permissions: ['funds'], budgets: [] },
    'apps.revoke': { app: bob.publicKey },
    'apps.invite': { key: alice.newId(), name: 'mallory', budgets: [] },
    'invoices.create': { nonce: alice.newId(), currency, amount: '9' },
    'invoices.cancel': { id },
    'invoices.form': { id },
    'payments.quote': { invoice },
    'payments.maxPayable': { destination: bob.publicKey, currency },
    'payments.pay': { id: alice.newId(), maxFees: '5', invoice },
    'payments.rebalance': {
      id: alice.newId(),
      over: friend,
      back: bob.publicKey,
      currency,
      amount: '1',
      maxFees: '5',
    },
    'payments.cancel': { id: payment.id },
    'payments.receipt': { id: payment.id },
    'activity.list': { limit: 10 },
    'friends.remove': { friend },
  }
}

/** Makes the calls as an app with these permissions. @returns by method the code of its fault, if it has one. */
async function make(
  { world, alice }: Trio,
  calls: Partial<Calls>,
  permissions: ReadonlySet<AppPermission>,
): Promise<Record<string, string | undefined>> {
  const sent: NodeMessage[] = []
  const app = new App({ host: oneCard(alice.node), permissions, send: (message) => sent.push(message) })
  const asked = Object.entries(calls)
  asked.forEach(([method, params], id) => app.receive({ id, card: alice.publicKey, method, params }))
  await world.run(20_000)
  app.close()
  return Object.fromEntries(asked.map(([method], id) => [method, outcomeOf(sent, id)]))
}

function outcomeOf(sent: readonly NodeMessage[], id: number): string {
  const answer = sent.find((message) => 'id' in message && message.id === id)
  if (answer === undefined) return 'no answer'
  return 'error' in answer ? answer.error.code : 'done'
}

/** Alice has paid Bob, and nothing is said any more. */
async function createPaidTrio(seed: string): Promise<Trio> {
  const trio = await createTrio(seed)
  expect(await pay(trio.world, trio.alice, trio.bob, 10n)).toBe('paid')
  await trio.world.run(5_000)
  return trio
}

async function expectServing({ world, alice, bob, carol }: Trio): Promise<void> {
  expectRunning(alice)
  expectAgreed([alice, carol])
  expect(await pay(world, alice, bob, 10n)).toBe('paid')
  expect(await pay(world, bob, alice, 10n)).toBe('paid')
}

const permissions = [...ALL_PERMISSIONS]

it.each(permissions)(
  'refuses every call of an app that lacks only %s, changes nothing, and goes on serving (APP-4)',
  async (missing) => {
    const trio = await createPaidTrio(`without ${missing}`)
    const { alice } = trio
    const calls = Object.entries(await everyCall(trio))
    const forbidden = calls.filter(([method]) => methods[method as MethodName].needs === missing)
    const before = structuredClone(alice.disk)
    const others = new Set(permissions.filter((permission) => permission !== missing))
    const outcomes = await make(trio, Object.fromEntries(forbidden), others)
    expect(outcomes).toEqual(Object.fromEntries(forbidden.map(([method]) => [method, 'forbidden'])))
    expect(alice.disk.tables).toEqual(before.tables)
    await expectServing(trio)
  },
)

it('refuses every call of an app that may do nothing, and goes on serving (APP-4)', async () => {
  const trio = await createPaidTrio('without any permission')
  const calls = await everyCall(trio)
  const outcomes = await make(trio, calls, new Set())
  expect(outcomes).toEqual(Object.fromEntries(Object.keys(methods).map((method) => [method, 'forbidden'])))
  await expectServing(trio)
})

it('answers every call of an app that may do everything, all at once, and does not stop (APP-2, APP-4)', async () => {
  const trio = await createPaidTrio('with every permission')
  const { world, alice, bob, carol } = trio
  const outcomes = await make(trio, await everyCall(trio), ALL_PERMISSIONS)
  expect(Object.values(outcomes)).not.toContain('forbidden')
  expect(Object.values(outcomes)).not.toContain('no answer')
  expectRunning(alice, bob, carol)
  alice.crash()
  alice.boot()
  await world.run(10_000)
  expectRunning(alice, bob, carol)
})
