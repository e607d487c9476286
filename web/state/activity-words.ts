// How an entry of the activity is shown: picture, title, second line, change of the total.

import type { ActivityView } from '../../worker/api.ts'
import type { IconName } from '../components/icons.ts'
import { amount } from '../format.ts'
import { t } from '../messages/t.ts'
import { reasonOf } from './faults.ts'
import { knownName, nameOf } from './names.ts'
import { DEFAULT_CURRENCY } from './totals.ts'

export interface ActivityLook {
  readonly icon: IconName
  readonly tone: 'quiet' | 'good' | 'bad'
  readonly title: string
  readonly note?: string
  /** Signed change of my total; missing where there is none. */
  readonly change?: bigint
  /** Under the change. */
  readonly under?: string
}

export type ActivityFilter = 'all' | 'sent' | 'received' | 'fees' | 'friends'
export const ACTIVITY_FILTERS: readonly ActivityFilter[] = ['all', 'sent', 'received', 'fees', 'friends']

const KINDS: Readonly<Record<ActivityFilter, readonly ActivityView['kind'][] | undefined>> = {
  all: undefined,
  sent: ['sent', 'notSent'],
  received: ['received'],
  fees: ['feeEarned'],
  friends: ['friendAdded', 'friendRemoved', 'limitChanged', 'disagreement', 'balanceReset'],
}

export function passes(entry: ActivityView, filter: ActivityFilter): boolean {
  return KINDS[filter]?.includes(entry.kind) ?? true
}

export function activityLook(entry: ActivityView): ActivityLook {
  const friend = entry.friendName ?? (entry.friend === undefined ? '' : nameOf(entry.friend))
  const other = otherUnit(entry.currency)
  switch (entry.kind) {
    case 'sent':
      return {
        icon: 'pay',
        tone: 'quiet',
        title: sentTo(entry),
        ...note(forWhat(entry)),
        ...moved(entry, other),
      }
    case 'received':
      return {
        icon: 'receive',
        tone: 'good',
        title: entry.description ?? t('activity.received'),
        note: t('activity.through', { name: friend }),
        ...moved(entry, other),
      }
    case 'feeEarned':
      return {
        icon: 'passOn',
        tone: 'good',
        title: t('activity.passedFromTo', {
          from: friend,
          to: entry.nextFriend ? nameOf(entry.nextFriend) : '',
        }),
        note: t('activity.passedOn'),
        ...moved(entry, t('activity.fee')),
      }
    case 'notSent':
      return {
        icon: 'problem',
        tone: 'bad',
        title: sentTo(entry),
        ...note(entry.fault === undefined ? undefined : reasonOf(entry.fault)),
        change: 0n,
        under: t('activity.notSent'),
      }
    case 'limitChanged':
      return {
        icon: 'limit',
        tone: 'quiet',
        title: t('activity.limit', { name: friend }),
        note: t('activity.limitNow', { limit: amount(entry.amount ?? '0') }),
      }
    case 'friendAdded':
      return { icon: 'addFriend', tone: 'good', title: t('activity.friendAdded', { name: friend }) }
    case 'friendRemoved':
      return {
        icon: 'trash',
        tone: 'quiet',
        title: t('activity.friendRemoved', { name: friend }),
        ...moved(entry, other),
      }
    case 'disagreement':
      return { icon: 'warning', tone: 'bad', title: t('activity.disagreement', { name: friend }) }
    case 'balanceReset':
      return {
        icon: 'check',
        tone: 'good',
        title: t('activity.balanceReset', { name: friend }),
        ...moved(entry, other),
      }
  }
}

/** To whom a payment went: the name if it is known, else what it was for. */
function sentTo({ destination, description }: ActivityView): string {
  const name = destination === undefined ? undefined : knownName(destination)
  return name ?? description ?? (destination === undefined ? t('activity.aPayment') : nameOf(destination))
}

/** What it was for, unless the title says it. */
function forWhat({ destination, description }: ActivityView): string | undefined {
  return destination === undefined || knownName(destination) === undefined ? undefined : description
}

function note(text: string | undefined): { note?: string } {
  return text === undefined ? {} : { note: text }
}

function moved(entry: ActivityView, under: string | undefined): { change?: bigint; under?: string } {
  if (entry.amount === undefined) return {}
  return { change: BigInt(entry.amount), ...(under === undefined ? {} : { under }) }
}

/** Amounts of other currencies than the default one say so. */
function otherUnit(currency: string | undefined): string | undefined {
  return currency === undefined || currency === DEFAULT_CURRENCY ? undefined : currency
}
