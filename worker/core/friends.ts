// What the user decides about friends: whom, how far, at what rate, over which relays.

import { CURRENCIES_MAX, FRIENDS_MAX } from '../../protocol/limits.ts'
import { fail, ok, type Result } from '../../protocol/result.ts'
import type { Currency, PublicKey, RelayAddress } from '../../protocol/types.ts'
import { isBlankName } from './names.ts'
import { removePendingIn, removePendingOut, withdraw } from './channel/queue.ts'
import { retireRelays } from './channel/receive.ts'
import { abandon, clearLog } from './channel/reset.ts'
import { canonicalClaims, newChannel, newCurrency } from './channel/start.ts'
import type { ClaimRecord, CurrencyConfig, FriendRecord } from './records.ts'
import { findLedger, type Friend, type State } from './state.ts'

/** The currency that every friendship starts with. */
export const DEFAULT_CURRENCY = 'credit' as Currency

export interface NewFriend {
  readonly publicKey: PublicKey
  readonly name: string
  readonly relays: readonly RelayAddress[]
  /** What the friend owes me already; he has to say the same. */
  readonly balances: readonly ClaimRecord[]
  readonly enabled: boolean
}

/** Adds a friend; a repeated call changes nothing. */
export function addFriend(s: State, friend: NewFriend): Result<{ friend: PublicKey }> {
  const { publicKey, name, enabled } = friend
  if (publicKey === s.publicKey) {
    return fail('ownTicket', 'This is your own code. Ask your friend for theirs, and show them yours.')
  }
  if (isBlankName(name)) return fail('badName', 'Give your friend a name.')
  const known = s.friends.get(publicKey)
  if (known !== undefined) {
    if (known.record.name === name) return ok({ friend: publicKey })
    return fail('friendExists', `You have this friend already, as ${known.record.name}.`)
  }
  if (s.friends.size >= FRIENDS_MAX) {
    return fail(
      'tooManyFriends',
      `A card has at most ${FRIENDS_MAX} friends. Remove one, or make another card.`,
    )
  }
  const currencies = new Set([DEFAULT_CURRENCY, ...friend.balances.map(({ currency }) => currency)])
  if (currencies.size < friend.balances.length || currencies.size > CURRENCIES_MAX) {
    return fail('badBalances', 'Name each currency once, and no more than 15 of them.')
  }
  const record: FriendRecord = {
    publicKey,
    name,
    added: s.now,
    enabled,
    relays: [...friend.relays],
    currencies: [...currencies].map(newCurrency),
    channel: newChannel(s.publicKey, publicKey, 0, canonicalClaims(friend.balances)),
  }
  s.addFriend(record)
  s.addActivity({ kind: 'friendAdded', friend: publicKey, friendName: name })
  s.actions.push({ type: 'connectionsChanged' })
  return ok({ friend: publicKey })
}

export function renameFriend(s: State, friend: Friend, name: string): Result<object> {
  if (isBlankName(name)) return fail('badName', 'Give your friend a name.')
  friend.record.name = name
  s.touchFriend(friend)
  return ok({})
}

/** Disabled: no session, nothing moves; the books stay. */
export function setEnabled(s: State, friend: Friend, enabled: boolean): Result<object> {
  if (friend.record.enabled === enabled) return ok({})
  friend.record.enabled = enabled
  s.touchFriend(friend)
  if (!enabled) {
    for (const pending of [...friend.pendingOut.values()]) {
      if (pending.queued !== undefined) withdraw(s, friend, pending, 'friendOffline')
    }
    endSession(s, friend)
    retireRelays(s)
  }
  s.actions.push({ type: 'connectionsChanged' })
  return ok({})
}

function endSession(s: State, friend: Friend): void {
  const { session } = friend
  if (session === undefined) return
  s.actions.push({ type: 'closeSession', friend: friend.record.publicKey, session: session.number })
  delete friend.session
  s.timers.cancel(`note/${friend.record.publicKey}`)
  s.actions.push({ type: 'edgesChanged', friend: friend.record.publicKey })
}

/** Changes what I want for one currency; the friend is told when he is on line. */
export function configure(
  s: State,
  friend: Friend,
  currency: Currency,
  change: Partial<Omit<CurrencyConfig, 'currency'>>,
): Result<object> {
  const config = friend.record.currencies.find((candidate) => candidate.currency === currency)
  if (config === undefined) {
    return fail(
      'unknownCurrency',
      `You keep no accounts in ${currency} with this friend. Add the currency first.`,
    )
  }
  const limitChanges = change.remoteMaxDebt !== undefined && change.remoteMaxDebt !== config.remoteMaxDebt
  Object.assign(config, change)
  s.touchFriend(friend)
  s.actions.push({ type: 'edgesChanged', friend: friend.record.publicKey })
  if (limitChanges) {
    s.addActivity({
      kind: 'limitChanged',
      friend: friend.record.publicKey,
      friendName: friend.record.name,
      currency,
      amount: config.remoteMaxDebt,
    })
  }
  return ok({})
}

export function addCurrency(s: State, friend: Friend, currency: Currency): Result<object> {
  const { currencies } = friend.record
  if (currencies.some((config) => config.currency === currency)) return ok({})
  if (currencies.length >= CURRENCIES_MAX) {
    return fail(
      'tooManyCurrencies',
      `At most ${CURRENCIES_MAX} currencies with one friend. Remove one first.`,
    )
  }
  currencies.push(newCurrency(currency))
  s.touchFriend(friend)
  s.actions.push({ type: 'edgesChanged', friend: friend.record.publicKey })
  return ok({})
}

/** Only when nothing is owed or pending in it. */
export function removeCurrency(s: State, friend: Friend, currency: Currency): Result<object> {
  const { record } = friend
  if (!record.currencies.some((config) => config.currency === currency)) return ok({})
  const ledger = findLedger(friend, currency)
  if (ledger !== undefined && (ledger.balance !== 0n || ledger.localPending + ledger.remotePending > 0n)) {
    return fail(
      'currencyInUse',
      `Something is owed or pending in ${currency}. Settle it before you remove it.`,
    )
  }
  record.currencies = record.currencies.filter((config) => config.currency !== currency)
  s.touchFriend(friend)
  s.actions.push({ type: 'edgesChanged', friend: record.publicKey })
  return ok({})
}

/** Where to reach the friend, until his channel says otherwise. */
export function setFriendRelays(s: State, friend: Friend, relays: readonly RelayAddress[]): Result<object> {
  friend.record.relays = [...relays]
  s.touchFriend(friend)
  s.actions.push({ type: 'connectionsChanged' })
  return ok({})
}

/** Ends a friendship: what was pending toward the friend is cancelled, what he had pending ends with him (PAY-43). */
export function removeFriend(s: State, friend: Friend): void {
  const { publicKey, name, channel } = friend.record
  endSession(s, friend)
  for (const pending of [...friend.pendingOut.values()]) {
    removePendingOut(s, friend, pending)
    s.effects.push({ kind: 'cancelled', pending, reason: 'friendRemoved', reporter: s.publicKey })
  }
  for (const pending of [...friend.pendingIn.values()]) {
    removePendingIn(s, friend, pending)
    if (pending.next === undefined) {
      s.effects.push({ kind: 'partLost', friend: publicKey, request: pending.request })
    } else {
      abandon(s, pending)
    }
  }
  clearLog(s, friend)
  s.friends.delete(publicKey)
  s.touch('friends', publicKey)
  s.touched.delete(publicKey)
  retireRelays(s)
  s.addActivity({ kind: 'friendRemoved', friend: publicKey, friendName: name })
  for (const { currency, balance } of channel.ledgers) {
    if (balance === 0n) continue
    s.addActivity({ kind: 'balanceReset', friend: publicKey, friendName: name, currency, amount: -balance })
  }
  s.actions.push({ type: 'connectionsChanged' }, { type: 'edgesChanged', friend: publicKey })
}
