// What a node shows of a card in the app API: its collections and their entries.
// SPDX-License-Identifier: MIT

import * as v from 'valibot'
import {
  Amount,
  Balance,
  CurrencyName,
  Fault,
  Id16,
  Id32,
  Key,
  Limit,
  RateView,
  ServerAddress,
  SignedAmount,
  Time,
} from './api-values.ts'

export const CardView = v.object({
  /** The card's public key, which is also its name in calls. */
  id: Key,
  name: v.string(),
  created: Time,
  /**
   * `running`; `reaching`: a remote card whose node does not answer yet, see the fault; `elsewhere`: the same card is
   * open on another device; `stopped`: see the fault.
   */
  state: v.picklist(['running', 'reaching', 'elsewhere', 'stopped']),
  fault: v.optional(Fault),
  /** Missing: the card is kept here. Else a node elsewhere keeps it, and what is shown is as of `heard`. */
  remote: v.optional(
    v.object({
      /** When there was last a connection; missing: not since this program started, and nothing is known. */
      heard: v.optional(Time),
    }),
  ),
})

export const CurrencyView = v.object({
  currency: v.string(),
  /** What the friend owes me. */
  balance: Balance,
  /** I let him owe me so much (RMD). */
  remoteMaxDebt: Limit,
  /** He lets me owe him so much (LMD). */
  localMaxDebt: Limit,
  localPending: Amount,
  remotePending: Amount,
  /** I accept requests from him (LR). */
  localOpen: v.boolean(),
  /** He accepts requests from me (RR). */
  remoteOpen: v.boolean(),
  /** What I take to forward his requests. */
  rate: RateView,
  /** What I could send through him now, and he through me; 0 while closed, off line or not agreed. */
  canSpend: Amount,
  canReceive: Amount,
})

export const ClaimView = v.object({ currency: v.string(), balance: Balance })

export const FriendView = v.object({
  publicKey: Key,
  name: v.string(),
  added: Time,
  enabled: v.boolean(),
  online: v.boolean(),
  /**
   * `waiting`: the friend has not added me yet, or was never met; `ready`;
   * `inconsistent`: our balances do not match; `stale`: my data is older than what I once signed.
   */
  status: v.picklist(['waiting', 'ready', 'inconsistent', 'stale']),
  relays: v.array(ServerAddress),
  currencies: v.array(CurrencyView),
  /** While inconsistent or stale: what each side claims that the friend owes me, and what was answered. */
  disagreement: v.optional(
    v.object({
      cause: v.string(),
      mine: v.array(ClaimView),
      /** What the friend says that he owes me; missing until he was heard. */
      theirs: v.optional(v.array(ClaimView)),
      /** Names exactly these claims of the friend in `friends.acceptReset`. */
      theirsId: v.optional(Id32),
      accepted: v.boolean(),
    }),
  ),
  /** The last statement that the friend signed: when, and the numbers from my side. */
  statement: v.optional(v.object({ time: Time, balances: v.array(ClaimView) })),
})

export const RouteView = v.object({
  /** From me to the destination, both included. */
  nodes: v.array(Key),
  amount: Amount,
  fees: Amount,
})

export const PaymentView = v.object({
  id: Id16,
  state: v.picklist(['searching', 'sending', 'cancelling', 'paid', 'failed']),
  destination: Key,
  currency: v.string(),
  amount: Amount,
  maxFees: Amount,
  /** Fees of the route in use, or really paid. */
  fees: v.optional(Amount),
  description: v.optional(v.string()),
  routes: v.array(RouteView),
  attempts: v.number(),
  created: Time,
  finished: v.optional(Time),
  /** Text form of the invoice; missing when it was sent without one. */
  invoice: v.optional(v.string()),
  /** Text form of the receipt, once paid. */
  receipt: v.optional(v.string()),
  fault: v.optional(Fault),
  /** The app that ordered it; missing: the owner. */
  app: v.optional(Key),
})

export const InvoiceView = v.object({
  id: Id32,
  state: v.picklist(['open', 'paid', 'cancelled', 'expired']),
  currency: v.string(),
  amount: Amount,
  description: v.optional(v.string()),
  created: Time,
  expires: v.optional(Time),
  paid: v.optional(Time),
  /** Text form. */
  text: v.string(),
})

export const ActivityView = v.object({
  /** Grows by one with each entry. */
  id: v.number(),
  time: Time,
  kind: v.picklist([
    'sent',
    'received',
    'feeEarned',
    'notSent',
    'friendAdded',
    'friendRemoved',
    'limitChanged',
    'disagreement',
    'balanceReset',
  ]),
  currency: v.optional(v.string()),
  /** Change of my total by this entry, signed; for `limitChanged` the new limit. */
  amount: v.optional(SignedAmount),
  fees: v.optional(Amount),
  friend: v.optional(Key),
  friendName: v.optional(v.string()),
  /** For `feeEarned`: to whom it went on. */
  nextFriend: v.optional(Key),
  destination: v.optional(Key),
  description: v.optional(v.string()),
  payment: v.optional(Id16),
  invoice: v.optional(Id32),
  fault: v.optional(Fault),
})

export const ServerView = v.object({
  publicKey: Key,
  address: v.string(),
  name: v.string(),
  state: v.picklist(['connected', 'connecting', 'offline']),
  latency_ms: v.optional(v.number()),
  fault: v.optional(Fault),
})

export const SettingsView = v.object({
  /** Take payments that match none of my invoices. */
  acceptUnknownPayments: v.boolean(),
  /** Tell index servers only roughly what I can receive; missing: exactly. */
  coarseCapacities: v.optional(v.boolean()),
})

export const Permissions = v.array(v.picklist(['read', 'config', 'routes', 'funds', 'sell']))
/** What an app may spend of a currency in any span of that length (a month has 30 days), fees and pending included. */
export const Budget = v.object({
  currency: CurrencyName,
  amount: Amount,
  period: v.picklist(['day', 'week', 'month']),
})

export const AppView = v.object({
  publicKey: Key,
  name: v.string(),
  permissions: Permissions,
  /** None at all: it may spend what the card can. Else nothing in other currencies. */
  budgets: v.array(v.object({ ...Budget.entries, spent: Amount })),
  added: Time,
  /** When it last connected. */
  seen: v.optional(Time),
})

/** The collections that a subscription mirrors, each keyed as said. */
export const Collections = {
  /** By `id`; only the subscribed card. */
  card: CardView,
  /** By `publicKey`. */
  friends: FriendView,
  /** By `id`; the unfinished ones and the last 100. */
  payments: PaymentView,
  /** By `id`; the open ones and the last 100. */
  invoices: InvoiceView,
  /** By `id`; the last 100; older ones by `activity.list`. */
  activity: ActivityView,
  /** By `publicKey`. */
  relays: ServerView,
  /** By `publicKey`. */
  indexServers: ServerView,
  /** By `publicKey`: the apps that the owner has accepted. */
  apps: AppView,
  /** One entry with the key `settings`. */
  settings: SettingsView,
} as const
export type CollectionName = keyof typeof Collections
export type ViewOf<C extends CollectionName> = v.InferOutput<(typeof Collections)[C]>

export type CardView = v.InferOutput<typeof CardView>
export type CurrencyView = v.InferOutput<typeof CurrencyView>
export type FriendView = v.InferOutput<typeof FriendView>
export type PaymentView = v.InferOutput<typeof PaymentView>
export type InvoiceView = v.InferOutput<typeof InvoiceView>
export type ActivityView = v.InferOutput<typeof ActivityView>
export type ServerView = v.InferOutput<typeof ServerView>
export type SettingsView = v.InferOutput<typeof SettingsView>
export type AppView = v.InferOutput<typeof AppView>
export type BudgetView = v.InferOutput<typeof Budget>
export type RouteView = v.InferOutput<typeof RouteView>
