// Where the friends stand around me, and how the lines to them look. Pure.

import type { FriendView } from '../../worker/api.ts'
import { amount, signedAmount } from '../format.ts'
import { t } from '../messages/t.ts'
import { disagrees } from './friend-words.ts'
import { currencyOf, DEFAULT_CURRENCY } from './totals.ts'

export const WIDTH = 720
export const HEIGHT = 560
/** A little above the middle: names stand below their pictures. */
export const CENTRE_Y = 256
const RADIUS_X = 285
const RADIUS_Y = 190
const THICKNESS_MAX = 16
const THICKNESS_MIN = 3
/** More would overlap; the list shows all. */
const SHOWN_MAX = 10

export interface Spot {
  readonly friend: FriendView
  readonly x: number
  readonly y: number
  readonly line: 'owed' | 'owing' | 'even' | 'offline' | 'unusable' | 'disagree'
  readonly thickness: number
  /** On the middle of the line. */
  readonly label?: { readonly text: string; readonly tone: 'plus' | 'minus' | 'alert' | 'second' }
  /** Under the name. */
  readonly note: string
}

/** The friends with whom most can be done, around me. */
export function networkOf(friends: readonly FriendView[]): readonly Spot[] {
  const most = friends.reduce((top, friend) => larger(top, spendable(friend)), 1n)
  const shown = [...friends].sort((a, b) => (spendable(a) < spendable(b) ? 1 : -1)).slice(0, SHOWN_MAX)
  return shown.map((friend, index) => {
    // Nobody stands right above me: a name would lie on its line.
    const start = shown.length % 2 === 1 ? 0.25 : 0.25 + 0.5 / shown.length
    const angle = (start + index / shown.length) * 2 * Math.PI
    return {
      friend,
      x: WIDTH / 2 + Math.cos(angle) * RADIUS_X,
      y: CENTRE_Y + Math.sin(angle) * RADIUS_Y,
      line: lineOf(friend),
      thickness: thicknessOf(friend, most),
      ...(friend.status === 'waiting' ? {} : { label: labelOf(friend) }),
      note: noteOf(friend),
    }
  })
}

function spendable(friend: FriendView): bigint {
  return BigInt(currencyOf(friend, DEFAULT_CURRENCY).canSpend)
}

function balanceOf(friend: FriendView): bigint {
  return BigInt(currencyOf(friend, DEFAULT_CURRENCY).balance)
}

function thicknessOf(friend: FriendView, most: bigint): number {
  const part = Number((spendable(friend) * 1000n) / most) / 1000
  return THICKNESS_MIN + part * (THICKNESS_MAX - THICKNESS_MIN)
}

function lineOf(friend: FriendView): Spot['line'] {
  if (disagrees(friend)) return 'disagree'
  if (friend.status !== 'ready' || !friend.enabled) return 'unusable'
  if (!friend.online) return 'offline'
  const balance = balanceOf(friend)
  return balance > 0n ? 'owed' : balance < 0n ? 'owing' : 'even'
}

function labelOf(friend: FriendView): NonNullable<Spot['label']> {
  if (disagrees(friend)) return { text: t('friend.unclear'), tone: 'alert' }
  const balance = balanceOf(friend)
  return { text: signedAmount(balance), tone: balance > 0n ? 'plus' : balance < 0n ? 'minus' : 'second' }
}

function noteOf(friend: FriendView): string {
  if (disagrees(friend)) return t('friend.state.disagree')
  if (!friend.enabled) return t('friend.state.paused')
  if (friend.status === 'waiting') return t('friend.tag.waiting')
  if (!friend.online) return t('friend.state.offline')
  return t('home.spendUpTo', { amount: amount(spendable(friend)) })
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}
