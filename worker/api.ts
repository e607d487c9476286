// The app API: what an app (the wallet's pages, the command line, anybody's program) may ask of a node, as one
// schema that both sides check at run time. Messages are JSON: amounts are decimal strings, times milliseconds.
// SPDX-License-Identifier: MIT

import * as v from 'valibot'

const AMOUNT_MAX = (1n << 128n) - 1n
const BALANCE_MAX = (1n << 127n) - 1n

function decimal(min: bigint, max: bigint) {
  const schema = v.pipe(
    v.string(),
    v.regex(/^(0|-?[1-9]\d{0,38})$/, 'not a whole number'),
    v.check((text) => BigInt(text) >= min && BigInt(text) <= max, `not between ${min} and ${max}`),
  )
  // Else the check would be asked about what is no number, which makes BigInt throw.
  return v.config(schema, { abortPipeEarly: true })
}

/** The characters of whole bytes: the bits that the last one has too many are zero. */
const base64url = (size: 22 | 43) =>
  v.pipe(
    v.string(),
    v.length(size),
    v.regex(size === 22 ? /^[A-Za-z0-9_-]*[AQgw]$/ : /^[A-Za-z0-9_-]*[AEIMQUYcgkosw048]$/, 'not whole bytes'),
  )

/** 0..2^128-1 credits. */
export const Amount = decimal(0n, AMOUNT_MAX)
/** 1..2^128-1 credits. */
export const PositiveAmount = decimal(1n, AMOUNT_MAX)
/** A credit limit, 0..2^127-1. */
export const Limit = decimal(0n, BALANCE_MAX)
/** -(2^127-1)..2^127-1 credits. */
export const Balance = decimal(-BALANCE_MAX, BALANCE_MAX)
/** What a total changes by, -(2^128-1)..2^128-1 credits: it may go from one end of the balances to the other. */
const SignedAmount = decimal(-AMOUNT_MAX, AMOUNT_MAX)
/** Ed25519 public key, base64url. */
export const Key = base64url(43)
/** 16 random bytes, base64url: makes a repeated call the same call. */
export const Id16 = base64url(22)
export const Id32 = base64url(43)
const Time = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const Name = v.pipe(
  v.string(),
  v.trim(),
  v.minBytes(1),
  v.maxBytes(64),
  v.regex(/^[^\p{Cc}\p{Cs}]*$/u, 'control characters'),
)
const CurrencyName = v.pipe(v.string(), v.minBytes(1), v.maxBytes(16))
/** Any text form, link or TOML that a person may paste. */
const FormText = v.pipe(v.string(), v.maxLength(65_536))
const Uint32 = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffff_ffff))
/** `floor(amount * mul / 2^32) + add` credits. */
export const RateView = v.object({ mul: Uint32, add: Uint32 })
const ServerAddress = v.object({
  publicKey: Key,
  address: v.pipe(v.string(), v.minBytes(1), v.maxBytes(256)),
})
const Fault = v.object({ code: v.string(), message: v.string() })
const Done = v.object({})

// ---- What the node shows

export const CardView = v.object({
  /** The card's public key, which is also its name in calls. */
  id: Key,
  name: v.string(),
  created: Time,
  /** `running`; `elsewhere`: the same card is open on another device; `stopped`: see the fault. */
  state: v.picklist(['running', 'elsewhere', 'stopped']),
  fault: v.optional(Fault),
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

const ClaimView = v.object({ currency: v.string(), balance: Balance })

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

const RouteView = v.object({
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
export type RouteView = v.InferOutput<typeof RouteView>

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
  v.object({ kind: v.literal('app'), ...FormBase, publicKey: Key, permissions: v.array(v.string()) }),
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
  v.object({ kind: v.literal('publicKey'), publicKey: Key }),
])
export type Inspected = v.InferOutput<typeof Inspected>

// ---- Calls

export type Permission = 'read' | 'config' | 'routes' | 'funds' | 'sell'

/** `host`: asked of the program that holds the cards; else of one card, with this permission. */
function method<P extends v.GenericSchema, R extends v.GenericSchema>(
  needs: Permission | 'host',
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
  /** Takes back a card that was opened on another device, which then stops. */
  'cards.reopen': method('host', v.object({ card: Key }), Done),
  /** Deletes the card with all that it knows. `confirm` repeats its name. */
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
  'card.setSettings': method('config', SettingsView, Done),
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

  'servers.addRelay': method('config', v.object({ ticket: FormText, name: Name }), Done),
  'servers.removeRelay': method('config', v.object({ publicKey: Key }), Done),
  'servers.addIndex': method('config', v.object({ ticket: FormText, name: Name }), Done),
  'servers.removeIndex': method('config', v.object({ publicKey: Key }), Done),

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
  /**
   * Pays; answers as soon as the payment is stored, the rest comes by `state.subscribe`. `id` makes a repeated
   * call the same payment. `route` is tried first (as quoted).
   */
  'payments.pay': method(
    'funds',
    v.intersect([v.object({ id: Id16, maxFees: Amount, route: v.optional(RouteView) }), Target]),
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
