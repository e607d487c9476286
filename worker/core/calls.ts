// The calls of the app API that change a card or ask the network: each gives a result, or waits for an answer.

import { readAs, toQr, toText, toToml, type Budget, type Form } from '../../protocol/forms.ts'
import { note } from '../../protocol/channel-messages.ts'
import { fail, invariant, ok, type Result } from '../../protocol/result.ts'
import { BALANCE_MIN, decode, isCleanText } from '../../protocol/wire.ts'
import type {
  Currency,
  Hash,
  InvoiceId,
  PaymentId,
  PublicKey,
  RelayAddress,
  RequestId,
} from '../../protocol/types.ts'
import type { BudgetView, MethodName, ParamsOf } from '../api.ts'
import * as apps from './apps.ts'
import { acceptReset, requestReset } from './channel/reset.ts'
import * as friends from './friends.ts'
import { cancelInvoice, createInvoice } from './invoices.ts'
import { isBlankName, isCurrency } from './names.ts'
import { cancelPayment } from './payments/buyer.ts'
import { maxPayable, pay, quote, rebalance } from './payments/orders.ts'
import type { ClaimRecord } from './records.ts'
import { addServer, removeServer } from './servers.ts'
import type { Friend, State } from './state.ts'
import { invoiceView } from './views.ts'

/** The call has asked the network: its reply follows. */
export const LATER = Symbol('later')
type Outcome = Result<unknown> | typeof LATER

/** What the core answers; other methods are the host's, or read what the node shows. */
type Handlers = { [M in MethodName]?: (s: State, params: ParamsOf<M>, caller: Caller) => Outcome }

/** Who waits for the answer. */
interface Caller {
  readonly call: number
  /** Missing: the owner. */
  readonly app?: PublicKey | undefined
}

const handlers: Handlers = {
  'card.rename': (s, { name }) => {
    if (isBlankName(name)) return fail('badName', 'Give the card a name.')
    s.card.name = name
    s.touch('card', 'card')
    return ok({})
  },
  'card.setSettings': (s, { acceptUnknownPayments, coarseCapacities }) => {
    if (acceptUnknownPayments !== undefined) s.card.acceptUnknownPayments = acceptUnknownPayments
    if (coarseCapacities !== undefined) {
      s.card.coarseCapacities = coarseCapacities
      for (const friend of s.friends.keys()) s.actions.push({ type: 'edgesChanged', friend })
    }
    s.touch('card', 'card')
    return ok({})
  },
  'card.ticket': (s) => ok(carriers(ticketOf(s))),

  'friends.add': (s, { ticket, name, balances, enabled }) => {
    const read = readAs(ticket, 'friend')
    if (!read.ok) return read
    const claims = readClaims(balances ?? [])
    if (!claims.ok) return claims
    const { publicKey, relays } = read.value.ticket
    return friends.addFriend(s, {
      publicKey,
      name,
      relays,
      balances: claims.value,
      enabled: enabled ?? true,
    })
  },
  'friends.rename': (s, { friend, name }) => withFriend(s, friend, (f) => friends.renameFriend(s, f, name)),
  'friends.setEnabled': (s, { friend, enabled }) =>
    withFriend(s, friend, (f) => friends.setEnabled(s, f, enabled)),
  'friends.setOpen': (s, { friend, currency, open }) =>
    withCurrency(s, friend, currency, (f, c) => friends.configure(s, f, c, { open })),
  'friends.setMaxDebt': (s, { friend, currency, maxDebt }) =>
    withCurrency(s, friend, currency, (f, c) =>
      friends.configure(s, f, c, { remoteMaxDebt: BigInt(maxDebt) }),
    ),
  'friends.setRate': (s, { friend, currency, rate }) =>
    withCurrency(s, friend, currency, (f, c) => friends.configure(s, f, c, { rate })),
  'friends.addCurrency': (s, { friend, currency }) =>
    withCurrency(s, friend, currency, (f, c) => friends.addCurrency(s, f, c)),
  'friends.removeCurrency': (s, { friend, currency }) =>
    withCurrency(s, friend, currency, (f, c) => friends.removeCurrency(s, f, c)),
  'friends.setRelays': (s, { friend, relays }) =>
    withFriend(s, friend, (f) => friends.setFriendRelays(s, f, relays as RelayAddress[])),
  'friends.acceptReset': (s, { friend, theirsId }) =>
    withFriend(s, friend, (f) => acceptReset(s, f, theirsId as Hash)),
  'friends.reset': (s, { friend }) =>
    withFriend(s, friend, (f) => {
      requestReset(s, f)
      return ok({})
    }),
  'friends.remove': (s, { friend }) => {
    const found = s.friends.get(friend as PublicKey)
    if (found !== undefined) friends.removeFriend(s, found)
    return ok({})
  },

  'friends.statement': (s, { friend }) =>
    withFriend(s, friend, ({ record: { publicKey, channel } }) => {
      if (channel.lastNote === undefined) {
        return fail('noStatement', 'This friend has not signed a statement of the balance yet.')
      }
      const { body, signature } = channel.lastNote
      const said = decode(note, body)
      invariant(said.ok, 'a statement was decoded before it was stored')
      const statement = { signer: publicKey, receiver: s.publicKey, note: said.value, signature }
      return ok(carriers({ kind: 'statement', statement }))
    }),

  'servers.addRelay': (s, { ticket, name }) => {
    const read = readAs(ticket, 'relay')
    return read.ok ? addServer(s, 'relays', { ...read.value.ticket, name }) : read
  },
  'servers.removeRelay': (s, { publicKey }) => removeServer(s, 'relays', publicKey as PublicKey),
  'servers.addIndex': (s, { ticket, name }) => {
    const read = readAs(ticket, 'index')
    return read.ok ? addServer(s, 'indexServers', { ...read.value.ticket, name }) : read
  },
  'servers.removeIndex': (s, { publicKey }) => removeServer(s, 'indexServers', publicKey as PublicKey),

  'invoices.create': (s, { nonce, currency, amount, description, expires }) => {
    if (!isCurrency(currency)) return badCurrency()
    if (description !== undefined && !isCleanText(description)) {
      return fail('badDescription', 'A description is one line of text, without control characters.')
    }
    const created = createInvoice(s, {
      nonce: nonce as RequestId,
      currency,
      amount: BigInt(amount),
      ...(description === undefined ? {} : { description }),
      ...(expires === undefined ? {} : { expires }),
    })
    return created.ok ? ok(invoiceView(created.value)) : created
  },
  'invoices.cancel': (s, { id }) => cancelInvoice(s, id as InvoiceId),
  'invoices.form': (s, { id }) => {
    const record = s.invoices.get(id as InvoiceId)
    if (record === undefined) return fail('unknownInvoice', 'This card has no such invoice.')
    return ok(carriers({ kind: 'invoice', invoice: record.invoice }))
  },

  'apps.accept': (s, { app, name, permissions, budgets }) => {
    const read = readBudgets(budgets)
    if (!read.ok) return read
    return apps.acceptApp(s, { publicKey: app as PublicKey, name, permissions, budgets: read.value })
  },
  'apps.revoke': (s, { app }) => apps.revokeApp(s, app as PublicKey),

  'payments.quote': (s, params, { call }) => quote(s, params, call) ?? LATER,
  'payments.maxPayable': (s, params, { call }) => maxPayable(s, params, call) ?? LATER,
  'payments.pay': (s, params, { app }) => pay(s, params, app),
  'payments.rebalance': (s, params, { app }) => rebalance(s, params, app),
  'payments.cancel': (s, { id }) => {
    const payment = s.payments.get(id as PaymentId)
    if (payment === undefined) return fail('unknownPayment', 'This card has no such payment.')
    cancelPayment(s, payment)
    return ok({})
  },
  'payments.receipt': (s, { id }) => {
    const payment = s.payments.get(id as PaymentId)
    if (payment === undefined) return fail('unknownPayment', 'This card has no such payment.')
    if (payment.receipt === undefined)
      return fail('notPaid', 'There is no receipt: this payment is not paid.')
    const receipt = carriers({ kind: 'receipt', receipt: payment.receipt })
    if (payment.invoice === undefined) return ok({ receipt })
    return ok({ receipt, invoice: carriers({ kind: 'invoice', invoice: payment.invoice }) })
  },
}

/** Performs a call whose parameters fit the schema of its method. */
export function handleCall(s: State, input: Caller & { method: MethodName; params: unknown }): Outcome {
  const { method, params } = input
  const handler = handlers[method] as ((s: State, params: unknown, caller: Caller) => Outcome) | undefined
  if (handler === undefined) return fail('unknownMethod', `A card does not answer ${method}.`)
  return handler(s, params, input)
}

function ticketOf(s: State): Form {
  const relays = s.card.relays.map(({ publicKey, address }) => ({ publicKey, address }))
  return { kind: 'friend', ticket: { publicKey: s.publicKey, relays, name: s.card.name } }
}

/** A form in all its carriers. */
export function carriers(form: Form): { text: string; toml: string; qr: string } {
  return { text: toText(form), toml: toToml(form), qr: toQr(form) }
}

function withFriend(s: State, key: string, act: (friend: Friend) => Result<unknown>): Result<unknown> {
  const friend = s.friends.get(key as PublicKey)
  if (friend === undefined) return fail('unknownFriend', 'This card has no such friend.')
  return act(friend)
}

function withCurrency(
  s: State,
  key: string,
  currency: string,
  act: (friend: Friend, currency: Currency) => Result<unknown>,
): Result<unknown> {
  if (!isCurrency(currency)) return badCurrency()
  return withFriend(s, key, (friend) => act(friend, currency))
}

function badCurrency() {
  return fail('badCurrency', 'A currency has a name of 1 to 16 bytes, without spaces around it.')
}

function readBudgets(views: readonly BudgetView[]): Result<Budget[]> {
  const budgets: Budget[] = []
  for (const { currency, amount, period } of views) {
    if (!isCurrency(currency)) return badCurrency()
    budgets.push({ currency, amount: BigInt(amount), period })
  }
  return ok(budgets)
}

function readClaims(balances: readonly { currency: string; balance: string }[]): Result<ClaimRecord[]> {
  const claims: ClaimRecord[] = []
  for (const { currency, balance } of balances) {
    if (!isCurrency(currency)) return badCurrency()
    if (BigInt(balance) < BALANCE_MIN) {
      return fail('badBalances', 'A balance is at least -(2^127-1).')
    }
    claims.push({ currency, balance: BigInt(balance) })
  }
  return ok(claims)
}
