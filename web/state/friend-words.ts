// How a friendship is said in words and marks. Pure.

import type { CurrencyView, FriendView } from '../../worker/api.ts'
import type { IconName } from '../components/icons.ts'
import { amount } from '../format.ts'
import { t } from '../messages/t.ts'
import type { BarNumbers } from './bar.ts'

export interface Claims {
  readonly mine: bigint
  readonly theirs: bigint
}

/** Whether this friendship waits for the user to do something. */
export function needsMe({ status, enabled }: FriendView): boolean {
  return enabled && status !== 'ready'
}

export function disagrees({ status }: FriendView): boolean {
  return status === 'inconsistent' || status === 'stale'
}

export function dotOf(friend: FriendView): 'online' | 'offline' | 'problem' {
  if (disagrees(friend)) return 'problem'
  return friend.online ? 'online' : 'offline'
}

/** The second line of a friend: `On line · 12 pending`. */
export function stateOf(friend: FriendView, view: CurrencyView): string {
  if (disagrees(friend)) return t('friend.state.disagree')
  if (!friend.enabled) return t('friend.state.paused')
  if (friend.status === 'waiting') return t('friend.state.waiting')
  const online = t(friend.online ? 'friend.state.online' : 'friend.state.offline')
  const pending = BigInt(view.localPending) + BigInt(view.remotePending)
  if (pending > 0n) return t('friend.state.pending', { state: online, amount: amount(pending) })
  return view.localOpen && view.remoteOpen ? online : closedWords(view, online)
}

function closedWords(view: CurrencyView, online: string): string {
  const key = view.localOpen ? 'friend.state.closedThere' : 'friend.state.closedHere'
  return t(key, { state: online })
}

export function stateTag(
  friend: FriendView,
): { text: string; icon: IconName; tone: 'quiet' | 'bad' } | undefined {
  if (disagrees(friend)) return { text: t('friend.tag.paused'), icon: 'warning', tone: 'bad' }
  if (!friend.enabled) return { text: t('friend.tag.paused'), icon: 'pause', tone: 'quiet' }
  if (friend.status === 'waiting') return { text: t('friend.tag.waiting'), icon: 'hourglass', tone: 'quiet' }
  return undefined
}

/** Under a balance: `owes you`, `you owe`, `even`. */
export function balanceWords(balance: bigint): string {
  if (balance > 0n) return t('balance.owesYou')
  return balance < 0n ? t('balance.youOwe') : t('balance.even')
}

/** Before a balance without its sign: `Carol owes you`. */
export function balanceLead(name: string, balance: bigint): string {
  if (balance > 0n) return t('balance.nameOwesYou', { name })
  return balance < 0n ? t('balance.youOweName', { name }) : t('balance.evenWith', { name })
}

/** The bar in words, for those who do not see it. */
export function barWords(name: string, view: CurrencyView): string {
  const balance = BigInt(view.balance)
  const lead = balanceLead(name, balance)
  const size = amount(balance < 0n ? -balance : balance)
  return t('balance.bar', {
    lead: balance === 0n ? lead : `${lead} ${size}`,
    spend: amount(view.canSpend),
    receive: amount(view.canReceive),
  })
}

export function barNumbers(view: CurrencyView): BarNumbers {
  return {
    balance: BigInt(view.balance),
    localPending: BigInt(view.localPending),
    remotePending: BigInt(view.remotePending),
    localMaxDebt: BigInt(view.localMaxDebt),
    remoteMaxDebt: BigInt(view.remoteMaxDebt),
  }
}

/** What both sides claim in a currency, once both are heard. */
export function claimsOf({ disagreement }: FriendView, currency: string): Claims | undefined {
  if (disagreement?.theirs === undefined) return undefined
  const claim = (claims: readonly { currency: string; balance: string }[]) =>
    BigInt(claims.find((one) => one.currency === currency)?.balance ?? '0')
  return { mine: claim(disagreement.mine), theirs: claim(disagreement.theirs) }
}
