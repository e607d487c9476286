// What the app API shows of a card's records.

import { toText } from '../../protocol/forms.ts'
import type {
  ActivityView,
  AppView,
  CollectionName,
  CurrencyView,
  FriendView,
  InvoiceView,
  PaymentView,
  RouteView,
  SettingsView,
} from '../api.ts'
import { resetHash } from './channel/reset.ts'
import { canonicalClaims, mirrored } from './channel/start.ts'
import { emptyLedger, receiveCapacity, sendCapacity } from './ledger.ts'
import { keptFees } from './payments/parts.ts'
import { spentOf } from './apps.ts'
import type {
  ActivityRecord,
  AppRecord,
  Change,
  ClaimRecord,
  CurrencyConfig,
  InvoiceRecord,
  PaymentRecord,
} from './records.ts'
import type { Route } from './routes.ts'
import { findLedger, isUsable, type Friend, type State } from './state.ts'
import type { PublicKey, InvoiceId, PaymentId } from '../../protocol/types.ts'

/** Finished payments and closed invoices that a subscription shows. */
const SHOWN_MAX = 100

/** Collections whose entries come from the records alone; the others need to know the connections. */
export type RecordCollection = Extract<
  CollectionName,
  'friends' | 'payments' | 'invoices' | 'activity' | 'settings' | 'apps'
>

/** Names one entry of a collection. */
export interface ViewKey {
  readonly collection: RecordCollection
  readonly key: string
}

/** The view of one entry; null when there is none. */
export function viewOf(s: State, { collection, key }: ViewKey): unknown {
  switch (collection) {
    case 'friends': {
      const friend = s.friends.get(key as PublicKey)
      return friend === undefined ? null : friendView(s, friend)
    }
    case 'payments': {
      const payment = s.payments.get(key as PaymentId)
      return payment === undefined ? null : paymentView(s, payment)
    }
    case 'invoices': {
      const invoice = s.invoices.get(key as InvoiceId)
      return invoice === undefined ? null : invoiceView(invoice)
    }
    case 'activity': {
      const entry = s.activity.find(({ id }) => String(id) === key)
      return entry === undefined ? null : activityView(entry)
    }
    case 'apps': {
      const app = s.apps.get(key as PublicKey)
      return app === undefined ? null : appView(s, app)
    }
    case 'settings':
      return settingsView(s)
  }
}

/** Everything that a new subscription is sent. */
export function allViewKeys(s: State): ViewKey[] {
  const last = <T>(items: T[]) => items.slice(-SHOWN_MAX)
  const payments = [...s.payments.values()]
  const invoices = [...s.invoices.values()]
  const shown = new Set([
    ...payments.filter(({ finished }) => finished === undefined),
    ...last(payments.sort((a, b) => a.created - b.created)),
  ])
  const shownInvoices = new Set([
    ...invoices.filter(({ state }) => state === 'open'),
    ...last(invoices.sort((a, b) => a.invoice.created - b.invoice.created)),
  ])
  return [
    { collection: 'settings', key: 'settings' },
    ...[...s.friends.keys()].map((key): ViewKey => ({ collection: 'friends', key })),
    ...[...s.apps.keys()].map((key): ViewKey => ({ collection: 'apps', key })),
    ...[...shown].map(({ id }): ViewKey => ({ collection: 'payments', key: id })),
    ...[...shownInvoices].map(({ id }): ViewKey => ({ collection: 'invoices', key: id })),
    ...last(s.activity).map(({ id }): ViewKey => ({ collection: 'activity', key: String(id) })),
  ]
}

/** Which entries look different after these changes. */
export function changedViewKeys(changes: readonly Change[]): ViewKey[] {
  const keys: ViewKey[] = []
  for (const { table, key, value } of changes) {
    if (table === 'friends' || table === 'payments' || table === 'invoices' || table === 'apps') {
      keys.push({ collection: table, key })
      // What it has spent of its budgets.
      if (table === 'payments' && value?.app !== undefined) keys.push({ collection: 'apps', key: value.app })
    } else if (table === 'activity') {
      keys.push({ collection: 'activity', key: String(Number(key)) })
    } else if (table === 'card') {
      keys.push({ collection: 'settings', key: 'settings' })
    }
  }
  return keys
}

export function settingsView(s: State): SettingsView {
  const { acceptUnknownPayments, coarseCapacities } = s.card
  return { acceptUnknownPayments, ...(coarseCapacities === undefined ? {} : { coarseCapacities }) }
}

export function friendView(s: State, friend: Friend): FriendView {
  const { publicKey, name, added, enabled, relays, currencies, channel } = friend.record
  const disagreement = disagreementView(s, friend)
  const note = channel.lastNote
  return {
    publicKey,
    name,
    added,
    enabled,
    online: friend.session !== undefined,
    status: channel.status,
    relays: relays.map((relay) => ({ ...relay })),
    currencies: currencies.map((config) => currencyView(friend, config)),
    ...(disagreement === undefined ? {} : { disagreement }),
    ...(note === undefined ? {} : { statement: { time: note.time, balances: claimViews(note.claims) } }),
  }
}

function currencyView(friend: Friend, config: CurrencyConfig): CurrencyView {
  const ledger = findLedger(friend, config.currency) ?? emptyLedger(config.currency)
  const remoteTerms = ledger.remoteTerms
  const usable = isUsable(friend) && ledger.localAdded && ledger.remoteAdded
  const canSpend = usable && remoteTerms?.open === true ? sendCapacity(ledger) : 0n
  const canReceive = usable && config.open ? receiveCapacity(ledger, config) : 0n
  return {
    currency: config.currency,
    balance: String(ledger.balance),
    remoteMaxDebt: String(config.remoteMaxDebt),
    localMaxDebt: String(remoteTerms?.remoteMaxDebt ?? 0n),
    localPending: String(ledger.localPending),
    remotePending: String(ledger.remotePending),
    localOpen: config.open,
    remoteOpen: remoteTerms?.open ?? false,
    rate: { ...config.rate },
    canSpend: String(canSpend),
    canReceive: String(canReceive),
  }
}

function disagreementView(s: State, friend: Friend): FriendView['disagreement'] {
  const { publicKey, channel } = friend.record
  const { reset } = channel
  if (reset === undefined) return undefined
  const base = { cause: reset.cause.code, mine: claimViews(reset.claims) }
  if (reset.remote === undefined) return { ...base, accepted: false }
  const theirsId = resetHash(publicKey, s.publicKey, reset.remote)
  const theirs = claimViews(canonicalClaims(mirrored(reset.remote.claims)))
  return { ...base, theirs, theirsId, accepted: reset.accepts === theirsId }
}

function claimViews(claims: readonly ClaimRecord[]): { currency: string; balance: string }[] {
  return claims.map(({ currency, balance }) => ({ currency, balance: String(balance) }))
}

export function routeView({ nodes, amount, fees }: Route): RouteView {
  return { nodes: [...nodes], amount: String(amount), fees: String(fees) }
}

export function paymentView(s: State, payment: PaymentRecord): PaymentView {
  const { id, state, destination, currency, amount, maxFees, attempts, created } = payment
  const { app, finished, invoice, receipt, fault } = payment
  const parts = payment.parts.filter((part) => part.state !== 'cancelled')
  return {
    id,
    state,
    destination,
    currency,
    amount: String(amount),
    maxFees: String(maxFees),
    ...(parts.length === 0 ? {} : { fees: String(keptFees(payment)) }),
    ...(invoice?.description === undefined ? {} : { description: invoice.description }),
    routes: parts.map((part) => ({
      nodes: [s.publicKey, ...part.route],
      amount: String(part.amount),
      fees: String(part.fees),
    })),
    attempts,
    created,
    ...(app === undefined ? {} : { app }),
    ...(finished === undefined ? {} : { finished }),
    ...(invoice === undefined ? {} : { invoice: toText({ kind: 'invoice', invoice }) }),
    ...(receipt === undefined ? {} : { receipt: toText({ kind: 'receipt', receipt }) }),
    ...(fault === undefined ? {} : { fault: { ...fault } }),
  }
}

/** What was spent is as of now: it shrinks by itself as time goes by. */
function appView(s: State, { publicKey, name, permissions, budgets, added, seen }: AppRecord): AppView {
  return {
    publicKey,
    name,
    permissions: [...permissions],
    budgets: budgets.map((budget) => ({
      currency: budget.currency,
      amount: String(budget.amount),
      period: budget.period,
      spent: String(spentOf(s, publicKey, budget)),
    })),
    added,
    ...(seen === undefined ? {} : { seen }),
  }
}

export function invoiceView({ id, invoice, state, paid }: InvoiceRecord): InvoiceView {
  const { currency, amount, description, created, expires } = invoice
  return {
    id,
    state,
    currency,
    amount: String(amount),
    ...(description === undefined ? {} : { description }),
    created,
    ...(expires === undefined ? {} : { expires }),
    ...(paid === undefined ? {} : { paid }),
    text: toText({ kind: 'invoice', invoice }),
  }
}

export function activityView(record: ActivityRecord): ActivityView {
  const { amount, fees, ...rest } = record
  return {
    ...rest,
    ...(amount === undefined ? {} : { amount: String(amount) }),
    ...(fees === undefined ? {} : { fees: String(fees) }),
  }
}
