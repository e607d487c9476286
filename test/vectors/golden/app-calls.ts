// Golden samples of the app API: the parameters and the results of every method.

import { PERIODS, PERMISSIONS } from '../../../protocol/forms.ts'
import type { MethodName, ParamsOf, ResultOf } from '../../../worker/api.ts'
import { alice, bob, carol, credit, invoiceId, longCurrency, requestIdOf, TIME } from './samples.ts'
import { fault, invoiceText, relay, route, VIEWS } from './app-views.ts'

interface Samples<M extends MethodName> {
  readonly params: readonly ParamsOf<M>[]
  readonly results: readonly ResultOf<M>[]
}

const id = requestIdOf('call')
const done = [{}]
const none = { params: [{}] }
const form = { text: 'offstfriend1…', toml: 'public_key = "…"\n', qr: 'OFFSTFRIEND1…' }
const ofFriend = { params: [{ friend: bob }], results: done }
const ofCurrency = { friend: bob, currency: credit }
const target = { destination: carol, currency: credit, amount: '60' }
const budgets = PERIODS.map((period) => ({ currency: period, amount: '100', period }))
const ticket = { ticket: 'offstrelay1…', name: 'Bob’s relay' }

export const CALLS: { readonly [M in MethodName]: Samples<M> } = {
  'cards.list': { ...none, results: [[], VIEWS.card.slice(0, 3), VIEWS.card.slice(3)] },
  'cards.create': {
    params: [{ key: id, name: 'Alice', relays: ['offstrelay1…'], indexServers: ['offstindex1…'] }],
    results: VIEWS.card,
  },
  'cards.addRemote': {
    params: [
      { key: id, ticket: 'offstremote1…' },
      { key: id, ticket: 'offstremote1…', unreached: true },
    ],
    results: VIEWS.card,
  },
  'cards.reopen': { params: [{ card: alice }], results: done },
  'cards.remove': { params: [{ card: alice, confirm: 'Alice' }], results: done },
  'text.inspect': {
    params: [{ input: 'offstfriend1…' }],
    results: [
      { kind: 'friend', ...form, publicKey: bob, relays: [relay], name: 'Bob' },
      { kind: 'friend', ...form, publicKey: bob, relays: [] },
      { kind: 'relay', ...form, ...relay },
      { kind: 'index', ...form, ...relay },
      { kind: 'node', ...form, ...relay },
      { kind: 'app', ...form, publicKey: bob, permissions: ['read', 'sell'] },
      { kind: 'invoice', ...form, id: invoiceId, ...target, created: TIME },
      {
        kind: 'invoice',
        ...form,
        id: invoiceId,
        ...target,
        created: TIME,
        description: 'Bread',
        expires: TIME,
      },
      { kind: 'receipt', ...form, invoice: invoiceId, ...target },
      { kind: 'publicKey', publicKey: bob },
      { kind: 'app', ...form, publicKey: bob, permissions: [...PERMISSIONS], budgets },
      {
        kind: 'statement',
        ...form,
        signer: bob,
        receiver: alice,
        time: TIME,
        valid: true,
        balances: [{ currency: credit, balance: '-60', localPending: '5', remotePending: '0' }],
      },
      { kind: 'statement', ...form, signer: bob, receiver: alice, time: TIME, valid: false, balances: [] },
      { kind: 'remote', ...form, publicKey: bob, name: 'Bob', address: relay.address, relays: [relay] },
      { kind: 'remote', ...form, publicKey: bob, relays: [relay] },
    ],
  },
  'receipt.verify': {
    params: [{ invoice: invoiceText, receipt: 'offstreceipt1…' }],
    results: [
      { valid: true, ...target },
      { valid: false, fault },
    ],
  },
  'state.subscribe': { ...none, results: done },
  'card.rename': { params: [{ name: 'Alice' }], results: done },
  'card.setSettings': { params: [...VIEWS.settings, { coarseCapacities: false }], results: done },
  'card.ticket': { ...none, results: [form] },
  'friends.add': {
    params: [
      { ticket: form.text, name: 'Bob' },
      { ticket: form.text, name: 'Bob', balances: [{ currency: credit, balance: '-7' }], enabled: false },
    ],
    results: [{ friend: bob }],
  },
  'friends.rename': { params: [{ friend: bob, name: 'Robert' }], results: done },
  'friends.setEnabled': { params: [{ friend: bob, enabled: true }], results: done },
  'friends.setOpen': { params: [{ ...ofCurrency, open: false }], results: done },
  'friends.setMaxDebt': { params: [{ ...ofCurrency, maxDebt: '1000' }], results: done },
  'friends.setRate': { params: [{ ...ofCurrency, rate: { mul: 5, add: 1 } }], results: done },
  'friends.addCurrency': { params: [{ friend: bob, currency: longCurrency }], results: done },
  'friends.removeCurrency': { params: [ofCurrency], results: done },
  'friends.setRelays': { params: [{ friend: bob, relays: [relay] }], results: done },
  'friends.acceptReset': { params: [{ friend: bob, theirsId: invoiceId }], results: done },
  'friends.reset': ofFriend,
  'friends.remove': ofFriend,
  'friends.statement': { params: [{ friend: bob }], results: [form] },
  'servers.addRelay': { params: [ticket], results: done },
  'servers.removeRelay': { params: [{ publicKey: bob }], results: done },
  'servers.addIndex': { params: [ticket], results: done },
  'servers.removeIndex': { params: [{ publicKey: bob }], results: done },
  'apps.accept': {
    params: [
      { app: carol, name: 'Shop', permissions: ['read', 'config', 'routes', 'funds', 'sell'], budgets: [] },
      { app: carol, name: 'Allowance', permissions: ['funds'], budgets },
    ],
    results: done,
  },
  'apps.revoke': { params: [{ app: carol }], results: done },
  'apps.invite': {
    params: [
      { key: id, name: 'Phone', budgets: [] },
      { key: id, name: 'Phone', budgets },
    ],
    results: [{ ...form, app: carol }],
  },
  'invoices.create': {
    params: [
      { nonce: id, currency: credit, amount: '60' },
      { nonce: id, currency: credit, amount: '60', description: 'Bread', expires: TIME },
    ],
    results: VIEWS.invoices,
  },
  'invoices.cancel': { params: [{ id: invoiceId }], results: done },
  'invoices.form': { params: [{ id: invoiceId }], results: [form] },
  'payments.quote': {
    params: [{ invoice: invoiceText }, target],
    results: [{ routes: [route], fees: '2' }],
  },
  'payments.maxPayable': {
    params: [{ destination: bob, currency: credit }],
    results: [{ amount: '60', routes: [route], fees: '2' }],
  },
  'payments.pay': {
    params: [
      { id, maxFees: '5', invoice: invoiceText },
      { id, maxFees: '5', routes: [route], ...target },
    ],
    results: VIEWS.payments,
  },
  'payments.rebalance': {
    params: [{ id, over: bob, back: carol, currency: credit, amount: '60', maxFees: '5' }],
    results: VIEWS.payments,
  },
  'payments.cancel': { params: [{ id }], results: done },
  'payments.receipt': { params: [{ id }], results: [{ receipt: form }, { receipt: form, invoice: form }] },
  'activity.list': {
    params: [{ limit: 100 }, { before: 7, limit: 500 }],
    results: [VIEWS.activity.map((view) => ({ ...view }))],
  },
}
