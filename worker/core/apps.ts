// The apps that the owner lets drive this card: what each may do, and what it may spend.

import { APPS_MAX } from '../../protocol/limits.ts'
import type { Budget, Period, Permission } from '../../protocol/forms.ts'
import { fail, ok, type Result } from '../../protocol/result.ts'
import type { Currency, PublicKey } from '../../protocol/types.ts'
import { isBlankName } from './names.ts'
import type { AppRecord, PaymentRecord } from './records.ts'
import type { State } from './state.ts'

/** What the owner lets an app do. */
export interface AppGrant {
  readonly publicKey: PublicKey
  readonly name: string
  readonly permissions: readonly Permission[]
  /** Of different currencies; none at all: it may spend what the card can. */
  readonly budgets: readonly Budget[]
}

const DAY_MS = 86_400_000
/** An app that connects again and again need not be noted each time. */
const SEEN_EVERY_MS = 60_000
const PERIOD_MS: Readonly<Record<Period, number>> = { day: DAY_MS, week: 7 * DAY_MS, month: 30 * DAY_MS }

/** Accepts an app, or changes what it may do. Faults `badName`, `badBudgets`, `ownKey`, `tooManyApps`. */
export function acceptApp(s: State, grant: AppGrant): Result<object> {
  if (isBlankName(grant.name)) return fail('badName', 'Give the app a name.')
  if (grant.publicKey === s.publicKey) return fail('ownKey', 'This is the key of the card, not of an app.')
  const currencies = grant.budgets.map(({ currency }) => currency)
  if (new Set(currencies).size !== currencies.length) {
    return fail('badBudgets', 'An app has at most one budget for each currency.')
  }
  const known = s.apps.get(grant.publicKey)
  if (known === undefined && s.apps.size >= APPS_MAX) {
    return fail('tooManyApps', `A card serves at most ${APPS_MAX} apps. Remove one first.`)
  }
  put(s, grant)
  return ok({})
}

/** The app may do nothing from now on; what it has ordered goes on. */
export function revokeApp(s: State, app: PublicKey): Result<object> {
  if (s.apps.delete(app)) changed(s, app)
  return ok({})
}

/** Exactly these apps are accepted, by whoever keeps the list elsewhere. */
export function setApps(s: State, grants: readonly AppGrant[]): void {
  const wanted = new Set(grants.map(({ publicKey }) => publicKey))
  for (const app of [...s.apps.keys()]) if (!wanted.has(app)) revokeApp(s, app)
  for (const grant of grants) if (!isSame(grant, s.apps.get(grant.publicKey))) put(s, grant)
}

/** An app has connected. */
export function appSeen(s: State, app: PublicKey): void {
  const record = s.apps.get(app)
  if (record === undefined || (record.seen !== undefined && s.now - record.seen < SEEN_EVERY_MS)) return
  record.seen = s.now
  s.touch('apps', app)
}

/** What an app has spent of a budget: what it paid in the period, and what it may still come to pay. */
export function spentOf(s: State, app: PublicKey, { currency, period }: Budget): bigint {
  const since = s.now - PERIOD_MS[period]
  let spent = 0n
  for (const payment of s.payments.values()) {
    if (payment.app === app && payment.currency === currency && payment.created > since) {
      spent += costOf(payment)
    }
  }
  return spent
}

/** Why an app may not order a payment that costs so much; undefined when it may. */
export function budgetFault(
  s: State,
  app: PublicKey,
  currency: Currency,
  cost: bigint,
): Result<never> | undefined {
  const record = s.apps.get(app)
  if (record === undefined) return fail('forbidden', "The card's owner no longer lets this app pay.")
  if (record.budgets.length === 0) return undefined
  const budget = record.budgets.find((each) => each.currency === currency)
  if (budget === undefined) return fail('budget', `This app has no budget for ${currency}.`)
  const left = budget.amount - spentOf(s, app, budget)
  if (cost <= left) return undefined
  return fail(
    'budget',
    `This would cost up to ${cost} ${currency}; the app may spend ${left < 0n ? 0n : left} more, of ${budget.amount} a ${budget.period}.`,
  )
}

function costOf({ finished, amount, maxFees, parts }: PaymentRecord): bigint {
  if (finished === undefined) return amount + maxFees
  return parts.reduce((sum, part) => (part.state === 'cancelled' ? sum : sum + part.amount + part.fees), 0n)
}

function put(s: State, { publicKey, name, permissions, budgets }: AppGrant): void {
  const { added = s.now, seen } = s.apps.get(publicKey) ?? {}
  s.apps.set(publicKey, {
    publicKey,
    name,
    permissions: [...permissions],
    budgets: budgets.map((budget) => ({ ...budget })),
    added,
    ...(seen === undefined ? {} : { seen }),
  })
  changed(s, publicKey)
}

function changed(s: State, app: PublicKey): void {
  s.touch('apps', app)
  s.actions.push({ type: 'connectionsChanged' })
}

function isSame(grant: AppGrant, record: AppRecord | undefined): boolean {
  if (record === undefined || grant.name !== record.name) return false
  const text = ({ permissions, budgets }: AppGrant): string =>
    JSON.stringify([
      permissions,
      budgets.map(({ currency, amount, period }) => [currency, String(amount), period]),
    ])
  return text(grant) === text(record)
}
