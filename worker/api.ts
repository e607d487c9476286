// The app API: what an app (the wallet's pages, the command line, anybody's program) may ask of a node, as one
// schema that both sides check at run time. Messages are JSON: amounts are decimal strings, times milliseconds.
// SPDX-License-Identifier: MIT

import * as v from 'valibot'
import {
  Amount,
  CurrencyName,
  Fault,
  Id16,
  Id32,
  Key,
  Limit,
  RateView,
  ServerAddress,
  Time,
  PositiveAmount,
  Name,
  FormText,
} from './api-values.ts'
import {
  CardView,
  InvoiceView,
  ActivityView,
  PaymentView,
  RouteView,
  ClaimView,
  SettingsView,
  Permissions,
  Budget,
} from './api-views.ts'

export * from './api-views.ts'

const Done = v.object({})

/** One change of a mirrored collection: the new value of `key`, or null when it is gone. */
const Change = v.object({ collection: v.string(), key: v.string(), value: v.nullable(v.unknown()) })

// ---- What a text is

const FormBase = { text: v.string(), toml: v.string(), qr: v.string() }
/** One document in its carriers: `qr` is the payload of a QR code, `toml` the content of a file. */
export const Form = v.object(FormBase)

export const Inspected = v.variant('kind', [
  v.object({
    kind: v.literal('friend'),
    ...FormBase,
    publicKey: Key,
    relays: v.array(ServerAddress),
    name: v.optional(v.string()),
  }),
  v.object({ kind: v.literal('relay'), ...FormBase, publicKey: Key, address: v.string() }),
  v.object({ kind: v.literal('index'), ...FormBase, publicKey: Key, address: v.string() }),
  v.object({ kind: v.literal('node'), ...FormBase, publicKey: Key, address: v.string() }),
  v.object({
    kind: v.literal('app'),
    ...FormBase,
    publicKey: Key,
    permissions: Permissions,
    budgets: v.optional(v.array(Budget)),
  }),
  v.object({
    kind: v.literal('invoice'),
    ...FormBase,
    id: Id32,
    destination: Key,
    currency: v.string(),
    amount: PositiveAmount,
    description: v.optional(v.string()),
    created: Time,
    expires: v.optional(Time),
  }),
  v.object({
    kind: v.literal('receipt'),
    ...FormBase,
    invoice: Id32,
    destination: Key,
    currency: v.string(),
    amount: PositiveAmount,
  }),
  v.object({
    kind: v.literal('statement'),
    ...FormBase,
    signer: Key,
    receiver: Key,
    time: Time,
    /** Whether the signature is the signer's. */
    valid: v.boolean(),
    /** What the receiver owes the signer. */
    balances: v.array(v.object({ ...ClaimView.entries, localPending: Amount, remotePending: Amount })),
  }),
  /** Its carriers are secrets. */
  v.object({
    kind: v.literal('remote'),
    ...FormBase,
    /** The card's. */
    publicKey: Key,
    name: v.optional(v.string()),
    address: v.optional(v.string()),
    relays: v.array(ServerAddress),
  }),
  v.object({ kind: v.literal('publicKey'), publicKey: Key }),
])
export type Inspected = v.InferOutput<typeof Inspected>

// ---- Calls

export type Permission = 'read' | 'config' | 'routes' | 'funds' | 'sell'

/**
 * `host`: asked of the program that holds the cards; else of one card: with this permission, or by nobody but its
 * `owner`, through the program that holds it.
 */
function method<P extends v.GenericSchema, R extends v.GenericSchema>(
  needs: Permission | 'host' | 'owner',
  params: P,
  result: R,
) {
  return { needs, params, result }
}

const FriendOnly = v.object({ friend: Key })
const FriendCurrency = { friend: Key, currency: CurrencyName }

/** To whom and how much: an invoice's text, or a key with currency and amount. */
const Target = v.union([
  v.object({ invoice: FormText }),
  v.object({ destination: Key, currency: CurrencyName, amount: PositiveAmount }),
])

export const methods = {
  'cards.list': method('host', v.object({}), v.array(CardView)),
  /** `key` makes a repeated call return the same card; servers are text forms (`offstrelay1…`, `offstindex1…`). */
  'cards.create': method(
    'host',
    v.object({ key: Id16, name: Name, relays: v.array(FormText), indexServers: v.array(FormText) }),
    CardView,
  ),
  /**
   * Holds a card that a node elsewhere keeps, by its remote card ticket. `unreached`: also if it cannot be reached
   * now; else the first connection is tried before.
   */
  'cards.addRemote': method(
    'host',
    v.object({ key: Id16, ticket: FormText, unreached: v.optional(v.boolean()) }),
    CardView,
  ),
  /** Takes back a card that was opened on another device, which then stops; tries again to reach a remote one. */
  'cards.reopen': method('host', v.object({ card: Key }), Done),
  /** Deletes the card with all that it knows; a remote one is only forgotten here. `confirm` repeats its name. */
  'cards.remove': method('host', v.object({ card: Key, confirm: v.string() }), Done),
  /** Says what a text, link or file is; `base64` for binary files. */
  'text.inspect': method('host', v.object({ input: FormText }), Inspected),
  /** Checks anybody's receipt against its invoice, off line. */
  'receipt.verify': method(
    'host',
    v.object({ invoice: FormText, receipt: FormText }),
    v.object({
      valid: v.boolean(),
      fault: v.optional(Fault),
      amount: v.optional(Amount),
      currency: v.optional(v.string()),
      destination: v.optional(Key),
    }),
  ),

  /** Sends the whole state as `change` events, then the event `synced`, then every change. */
  'state.subscribe': method('read', v.object({}), Done),
  'card.rename': method('config', v.object({ name: Name }), Done),
  /** Changes the settings that are given. */
  'card.setSettings': method('config', v.partial(SettingsView), Done),
  /** My friend ticket. */
  'card.ticket': method('read', v.object({}), Form),

  'friends.add': method(
    'config',
    v.object({
      ticket: FormText,
      name: Name,
      balances: v.optional(v.array(ClaimView)),
      /** True if missing; false: nothing moves until `friends.setEnabled`. */
      enabled: v.optional(v.boolean()),
    }),
    v.object({ friend: Key }),
  ),
  'friends.rename': method('config', v.object({ friend: Key, name: Name }), Done),
  'friends.setEnabled': method('config', v.object({ friend: Key, enabled: v.boolean() }), Done),
  'friends.setOpen': method('config', v.object({ ...FriendCurrency, open: v.boolean() }), Done),
  'friends.setMaxDebt': method('config', v.object({ ...FriendCurrency, maxDebt: Limit }), Done),
  'friends.setRate': method('config', v.object({ ...FriendCurrency, rate: RateView }), Done),
  'friends.addCurrency': method('config', v.object(FriendCurrency), Done),
  'friends.removeCurrency': method('config', v.object(FriendCurrency), Done),
  'friends.setRelays': method('config', v.object({ friend: Key, relays: v.array(ServerAddress) }), Done),
  'friends.acceptReset': method('config', v.object({ friend: Key, theirsId: Id32 }), Done),
  /** Declares the channel inconsistent on purpose, so that both sides state their balance anew. */
  'friends.reset': method('config', FriendOnly, Done),
  'friends.remove': method('config', FriendOnly, Done),
  /** What the friend has signed last about our balance, to be shown to others. */
  'friends.statement': method('read', FriendOnly, Form),

  'servers.addRelay': method('config', v.object({ ticket: FormText, name: Name }), Done),
  'servers.removeRelay': method('config', v.object({ publicKey: Key }), Done),
  'servers.addIndex': method('config', v.object({ ticket: FormText, name: Name }), Done),
  'servers.removeIndex': method('config', v.object({ publicKey: Key }), Done),

  /** Lets an app drive the card, or changes what it may do; what its ticket says is its wish. */
  'apps.accept': method(
    'owner',
    v.object({
      app: Key,
      name: Name,
      permissions: Permissions,
      budgets: v.pipe(v.array(Budget), v.maxLength(16)),
    }),
    Done,
  ),
  /** Ends its connections at once. */
  'apps.revoke': method('owner', v.object({ app: Key }), Done),
  /**
   * Makes a remote card ticket, and accepts whoever has it as an app with all permissions. `key` makes a repeated
   * call the same ticket. The node does not keep it.
   */
  'apps.invite': method(
    'owner',
    v.object({ key: Id16, name: Name, budgets: v.pipe(v.array(Budget), v.maxLength(16)) }),
    v.object({ ...FormBase, app: Key }),
  ),

  /** `nonce` makes a repeated call return the same invoice. */
  'invoices.create': method(
    'sell',
    v.object({
      nonce: Id16,
      currency: CurrencyName,
      amount: PositiveAmount,
      description: v.optional(v.pipe(v.string(), v.minBytes(1), v.maxBytes(256))),
      expires: v.optional(Time),
    }),
    InvoiceView,
  ),
  'invoices.cancel': method('sell', v.object({ id: Id32 }), Done),
  'invoices.form': method('read', v.object({ id: Id32 }), Form),

  /** Looks for routes and tells the fees; nothing is frozen. */
  'payments.quote': method('routes', Target, v.object({ routes: v.array(RouteView), fees: Amount })),
  /** The most that could be paid to somebody now, as far as the index servers know, and what it would cost. */
  'payments.maxPayable': method(
    'routes',
    v.object({ destination: FormText, currency: CurrencyName }),
    v.object({ amount: Amount, routes: v.array(RouteView), fees: Amount }),
  ),
  /**
   * Pays; answers as soon as the payment is stored, the rest comes by `state.subscribe`. `id` makes a repeated
   * call the same payment. `routes` are tried first (as quoted).
   */
  'payments.pay': method(
    'funds',
    v.intersect([
      v.object({
        id: Id16,
        maxFees: Amount,
        routes: v.optional(v.pipe(v.array(RouteView), v.maxLength(16))),
      }),
      Target,
    ]),
    PaymentView,
  ),
  /**
   * Pays myself: `amount` leaves over one friend and comes back over another, so that the one owes me less (or I owe
   * him more) and the other the reverse. What mediators take is lost. `id` as in `payments.pay`.
   */
  'payments.rebalance': method(
    'funds',
    v.object({
      id: Id16,
      over: Key,
      back: Key,
      currency: CurrencyName,
      amount: PositiveAmount,
      maxFees: Amount,
    }),
    PaymentView,
  ),
  'payments.cancel': method('funds', v.object({ id: Id16 }), Done),
  /** The receipt in its carriers, with the invoice's. */
  'payments.receipt': method(
    'read',
    v.object({ id: Id16 }),
    v.object({ receipt: Form, invoice: v.optional(Form) }),
  ),

  /** Newest first. */
  'activity.list': method(
    'read',
    v.object({
      before: v.optional(v.number()),
      limit: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(500)),
    }),
    v.array(ActivityView),
  ),
} as const

export type MethodName = keyof typeof methods
export type ParamsOf<M extends MethodName> = v.InferOutput<(typeof methods)[M]['params']>
export type ResultOf<M extends MethodName> = v.InferOutput<(typeof methods)[M]['result']>

// ---- Envelopes

/** From app to node. `id` is chosen by the app and comes back in the answer. `card` is missing for host methods. */
export const CallMessage = v.object({
  id: v.pipe(v.number(), v.safeInteger()),
  card: v.optional(Key),
  method: v.string(),
  params: v.unknown(),
})
export type CallMessage = v.InferOutput<typeof CallMessage>

/** From node to app. The answer to a message without a usable `id` carries the id -1. */
export const NodeMessage = v.union([
  v.object({ id: v.number(), result: v.unknown() }),
  v.object({ id: v.number(), error: Fault }),
  v.object({ event: v.literal('change'), card: Key, changes: v.array(Change) }),
  v.object({ event: v.literal('synced'), card: Key }),
  /** The list of cards has changed: ask `cards.list`. */
  v.object({ event: v.literal('cards') }),
])
export type NodeMessage = v.InferOutput<typeof NodeMessage>

// ---- Between a page of the wallet and the worker of its browser, beside calls and events

/** From an app: number of `change` events that it has taken in since it connected; the node sends few ahead of it. */
export const TakenMessage = v.object({ taken: v.pipe(v.number(), v.safeInteger(), v.minValue(0)) })
export type TakenMessage = v.InferOutput<typeof TakenMessage>

/** From page to worker. */
export const PageMessage = v.union([
  /** First. The page holds the Web Lock `lockOfTab(tab)` as long as it lives; `build` is the age of its code. */
  v.object({ hello: v.object({ tab: Id16, build: v.number() }) }),
  TakenMessage,
  /** Asks a worker of an older build to stop, so that the page can start the new one. */
  v.object({ retire: v.literal(true) }),
])
export type PageMessage = v.InferOutput<typeof PageMessage>

/** From worker to page: the answer to `hello`. The worker holds `lockOfBoot(boot)` as long as it lives. */
export const WelcomeMessage = v.object({ welcome: v.object({ boot: Id16, build: v.number() }) })
export type WelcomeMessage = v.InferOutput<typeof WelcomeMessage>

export const lockOfTab = (tab: string): string => `offst-tab-${tab}`
export const lockOfBoot = (boot: string): string => `offst-node-${boot}`

/** Where there is no SharedWorker: the BroadcastChannels between the pages and the elected worker. */
export const channels = {
  /** Pages to worker: `TabMessage`. */
  calls: 'offst-calls',
  /** A worker was elected and listens: `Elected`. */
  elected: 'offst-elected',
  /** Worker to one page. */
  ofTab: (tab: string): string => `offst-answers-${tab}`,
} as const
export const TabMessage = v.object({ tab: Id16, message: v.unknown() })
export type TabMessage = v.InferOutput<typeof TabMessage>
export const Elected = v.object({ boot: Id16 })
export type Elected = v.InferOutput<typeof Elected>

/** Characters of the sentence that says what is wrong with a call; a long text in the call is not repeated. */
export const FAULT_CHARACTERS_MAX = 200

/** Checks the parameters of a call, up to the first fault: an app cannot make a node collect more of them. */
export function parseParams<M extends MethodName>(
  name: M,
  params: unknown,
): { ok: true; value: ParamsOf<M> } | { ok: false; message: string } {
  const parsed = v.safeParse(methods[name].params, params, { abortEarly: true })
  if (parsed.success) return { ok: true, value: parsed.output }
  const issue = parsed.issues[0]
  const where = v.getDotPath(issue)
  const message = where === null ? issue.message : `${where}: ${issue.message}`
  return { ok: false, message: message.slice(0, FAULT_CHARACTERS_MAX) }
}

export function isMethodName(name: string): name is MethodName {
  return Object.hasOwn(methods, name)
}
