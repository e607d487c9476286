// Golden samples of what a node shows its apps: every collection, with and without what may be missing.

import type {
  ActivityView,
  CardView,
  CollectionName,
  CurrencyView,
  FriendView,
  InvoiceView,
  PaymentView,
  RouteView,
  ServerView,
  ViewOf,
} from '../../../worker/api.ts'
import { PERIODS } from '../../../protocol/forms.ts'
import { AMOUNT_MAX, BALANCE_MAX } from '../../../protocol/wire.ts'
import { alice, bob, carol, credit, invoiceId, longCurrency, requestIdOf, TIME } from './samples.ts'

export const fault = { code: 'noRoute', message: 'No chain of friends with enough room leads there now.' }
export const relay = { publicKey: bob, address: 'wss://relay.example.org' }
export const invoiceText = 'offstinvoice1…'

const card: CardView = { id: alice, name: 'Alice', created: TIME, state: 'running' }

const currency: CurrencyView = {
  currency: credit,
  balance: '-40',
  remoteMaxDebt: '0',
  localMaxDebt: String(BALANCE_MAX),
  localPending: '5',
  remotePending: '0',
  localOpen: true,
  remoteOpen: false,
  rate: { mul: 0, add: 1 },
  canSpend: String(AMOUNT_MAX),
  canReceive: '0',
}

const friend: FriendView = {
  publicKey: bob,
  name: 'Bob’s “bakery” 🥐',
  added: TIME,
  enabled: true,
  online: true,
  status: 'ready',
  relays: [relay],
  currencies: [currency],
  statement: { time: TIME, balances: [{ currency: credit, balance: '-40' }] },
}
const mine = [{ currency: longCurrency, balance: '7' }]
const { statement: _, ...friendWithoutStatement } = friend

export const route: RouteView = { nodes: [alice, bob, carol], amount: '60', fees: '2' }

const payment: PaymentView = {
  id: requestIdOf('payment'),
  state: 'searching',
  destination: carol,
  currency: credit,
  amount: '60',
  maxFees: '5',
  routes: [],
  attempts: 0,
  created: TIME,
}

const invoice: InvoiceView = {
  id: invoiceId,
  state: 'open',
  currency: credit,
  amount: '60',
  created: TIME,
  text: invoiceText,
}

const activity: ActivityView = {
  id: 1,
  time: TIME,
  kind: 'friendAdded',
  friend: bob,
  friendName: 'Bob',
}
const moved: ActivityView = { id: 2, time: TIME, kind: 'sent', currency: credit, amount: '-62' }

const server: ServerView = { ...relay, name: 'Bob’s relay', state: 'connecting' }
const servers: readonly ServerView[] = [
  server,
  { ...server, state: 'connected', latency_ms: 12 },
  { ...server, state: 'offline', fault },
]

export const VIEWS: { readonly [C in CollectionName]: readonly ViewOf<C>[] } = {
  card: [
    card,
    { ...card, state: 'elsewhere' },
    { ...card, state: 'stopped', fault },
    { ...card, state: 'reaching', fault, remote: {} },
    { ...card, remote: { heard: TIME } },
  ],
  friends: [
    friend,
    { ...friendWithoutStatement, status: 'waiting', online: false },
    { ...friend, status: 'inconsistent', disagreement: { cause: 'noteMismatch', mine, accepted: false } },
    {
      ...friend,
      status: 'stale',
      disagreement: { cause: 'stale', mine, theirs: mine, theirsId: invoiceId, accepted: true },
    },
  ],
  payments: [
    payment,
    { ...payment, state: 'sending', routes: [route], fees: '2', description: 'Bread', invoice: invoiceText },
    { ...payment, state: 'cancelling', attempts: 1 },
    { ...payment, state: 'paid', finished: TIME, receipt: 'offstreceipt1…' },
    { ...payment, state: 'failed', finished: TIME, fault },
    { ...payment, app: carol },
  ],
  invoices: [
    invoice,
    { ...invoice, state: 'paid', paid: TIME, description: 'Bread', expires: TIME },
    { ...invoice, state: 'cancelled' },
    { ...invoice, state: 'expired' },
  ],
  apps: [
    { publicKey: carol, name: 'Shop', permissions: ['read', 'sell'], budgets: [], added: TIME },
    {
      publicKey: carol,
      name: 'Allowance',
      permissions: ['read', 'config', 'routes', 'funds', 'sell'],
      budgets: PERIODS.map((period) => ({ currency: period, amount: '100', period, spent: '7' })),
      added: TIME,
      seen: TIME,
    },
  ],
  activity: [
    activity,
    {
      ...moved,
      fees: '2',
      destination: carol,
      description: 'Bread',
      payment: payment.id,
      invoice: invoiceId,
    },
    { ...moved, kind: 'received', amount: '60' },
    { ...moved, kind: 'feeEarned', amount: '2', nextFriend: carol },
    { ...moved, kind: 'notSent', amount: '0', fault },
    { ...activity, kind: 'friendRemoved' },
    { ...activity, kind: 'limitChanged', amount: '1000' },
    { ...activity, kind: 'disagreement' },
    { ...activity, kind: 'balanceReset' },
  ],
  relays: servers,
  indexServers: servers,
  settings: [
    { acceptUnknownPayments: true },
    { acceptUnknownPayments: false },
    { acceptUnknownPayments: true, coarseCapacities: true },
  ],
}
