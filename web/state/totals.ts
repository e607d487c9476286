// Sums over all friends, per currency. Pure.

import type { CurrencyView, FriendView } from '../../worker/api.ts'

export const DEFAULT_CURRENCY = 'credit'

export interface Total {
  readonly currency: string
  readonly balance: bigint
  readonly owedToMe: bigint
  readonly owedByMe: bigint
  readonly canSpend: bigint
  readonly canReceive: bigint
}

/** One total per currency, the default currency first, even when there is none yet. */
export function totals(friends: readonly FriendView[]): readonly Total[] {
  const names = new Set([DEFAULT_CURRENCY])
  for (const { currencies } of friends) for (const { currency } of currencies) names.add(currency)
  return [...names].map((currency) => totalOf(friends, currency)).filter(isWorthShowing)
}

export function totalOf(friends: readonly FriendView[], currency: string): Total {
  const views = friends.flatMap(({ currencies }) => currencies.filter((view) => view.currency === currency))
  const balances = views.map(({ balance }) => BigInt(balance))
  return {
    currency,
    balance: sum(balances),
    owedToMe: sum(balances.filter((balance) => balance > 0n)),
    owedByMe: -sum(balances.filter((balance) => balance < 0n)),
    canSpend: sum(views.map(({ canSpend }) => BigInt(canSpend))),
    canReceive: sum(views.map(({ canReceive }) => BigInt(canReceive))),
  }
}

/** The currencies that this card has with anybody, the default one first. */
export function currenciesOf(friends: readonly FriendView[]): readonly string[] {
  const names = new Set([DEFAULT_CURRENCY])
  for (const { currencies } of friends) for (const { currency } of currencies) names.add(currency)
  return [...names]
}

/** A friend's numbers in a currency; zeros where the two have none yet. */
export function currencyOf(friend: FriendView, currency: string): CurrencyView {
  return friend.currencies.find((view) => view.currency === currency) ?? { ...NOTHING, currency }
}

const NOTHING: CurrencyView = {
  currency: DEFAULT_CURRENCY,
  balance: '0',
  remoteMaxDebt: '0',
  localMaxDebt: '0',
  localPending: '0',
  remotePending: '0',
  localOpen: false,
  remoteOpen: false,
  rate: { mul: 0, add: 1 },
  canSpend: '0',
  canReceive: '0',
}

function sum(values: readonly bigint[]): bigint {
  return values.reduce((total, value) => total + value, 0n)
}

function isWorthShowing({ currency, balance, canSpend, canReceive }: Total): boolean {
  return currency === DEFAULT_CURRENCY || balance !== 0n || canSpend !== 0n || canReceive !== 0n
}
