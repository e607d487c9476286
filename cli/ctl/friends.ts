// `stctrl config …` for friends: who they are, whether the card talks to them, and a balance that is agreed on anew.

import { toText } from '../../protocol/forms.ts'
import { fail, ok, type Result } from '../../protocol/result.ts'
import type { FriendView } from '../../worker/api.ts'
import { readForm } from '../files.ts'
import type { Command, Entry } from '../program.ts'
import {
  checkFreeName,
  checkName,
  control,
  currencyOf,
  currencyOption,
  findByName,
  nameOption,
  numberOf,
  ofFriend,
  quiet,
  type Control,
} from './command.ts'

const BALANCE_MAX = (1n << 127n) - 1n

const addFriend = control({
  about: 'adds a friend; nothing is said to him until enable-friend',
  options: {
    name: { ...nameOption('friend'), about: 'what to call him here' },
    friend: { type: 'string', short: 'f', required: true, value: 'FILE', about: 'his friend ticket' },
    balance: {
      type: 'string',
      short: 'b',
      value: 'N',
      about: 'what he owes you from the start, 0 if left out',
    },
    currency: currencyOption,
  },
  example: 'config add-friend -n node1 -f node1.friend --balance=100',
  notes: ['The friend does the same, with the balance of the other sign: each of you states it.'],
  work: async ({ name, friend, balance, currency: currencyName }, open) => {
    const named = checkName(name)
    if (!named.ok) return named
    const currency = currencyOf(currencyName)
    if (!currency.ok) return currency
    const start = numberOf('balance', balance ?? '0', -BALANCE_MAX, BALANCE_MAX)
    if (!start.ok) return start
    const form = await readForm(friend, 'friend')
    if (!form.ok) return form
    const opened = await open()
    if (!opened.ok) return opened
    const free = checkFreeName(opened.value.state.friends, { ...form.value.ticket, name }, 'friend')
    if (!free.ok) return free
    // As the tutorial has it: the first word to the friend is `enable-friend`.
    return quiet(
      await opened.value.client.call('friends.add', {
        ticket: toText(form.value),
        name,
        balances: [{ currency: currency.value, balance: start.value }],
        enabled: false,
      }),
    )
  },
})

/** A command that needs nothing but the friend. */
function simply(
  word: string,
  about: string,
  act: (friend: FriendView, control: Control) => Promise<Result<unknown>>,
  notes: readonly string[] = [],
): Command {
  return ofFriend({
    about,
    options: {},
    example: `config ${word} -n node1`,
    notes,
    work: () => ok(async (friend, control) => quiet(await act(friend, control))),
  })
}

const setRelays = control({
  about: "learns a friend's relays from his newer ticket",
  options: {
    name: nameOption('friend'),
    friend: { type: 'string', short: 'f', required: true, value: 'FILE', about: 'his new friend ticket' },
  },
  example: 'config set-friend-relays -n node1 -f node1.friend',
  notes: ['Friends who are connected tell each other by themselves.'],
  work: async ({ name, friend: path }, open) => {
    const form = await readForm(path, 'friend')
    if (!form.ok) return form
    const opened = await open()
    if (!opened.ok) return opened
    const friend = findByName(opened.value.state.friends, name, 'friend')
    if (!friend.ok) return friend
    const { publicKey, relays } = form.value.ticket
    if (publicKey !== friend.value.publicKey) {
      return fail('otherFriend', `${path} is the ticket of another card than that of "${name}".`)
    }
    const params = { friend: publicKey, relays: [...relays] }
    return quiet(await opened.value.client.call('friends.setRelays', params))
  },
})

const acceptReset = ofFriend({
  about: 'accepts the balance that a friend states, when you disagree',
  options: {
    balance: { type: 'string', short: 'b', value: 'N', about: 'only if he states that he owes you so much' },
    currency: currencyOption,
  },
  example: 'config accept-reset -n node1 --balance=95',
  notes: ['"info friends" shows what you state (mine) and what he does (theirs), both as what he owes you.'],
  work: ({ balance, currency: currencyName }) => {
    const currency = currencyOf(currencyName)
    if (!currency.ok) return currency
    const only =
      balance === undefined ? ok(undefined) : numberOf('balance', balance, -BALANCE_MAX, BALANCE_MAX)
    if (!only.ok) return only
    return ok(async ({ publicKey, name, disagreement }, { client }) => {
      if (disagreement === undefined) return fail('notNeeded', `You and "${name}" agree on the balance.`)
      const { theirs, theirsId } = disagreement
      if (theirs === undefined || theirsId === undefined) {
        return fail('notHeard', `"${name}" has not said yet what the balance is: wait until he is on line.`)
      }
      const stated = theirs.find((claim) => claim.currency === currency.value)?.balance ?? '0'
      if (only.value !== undefined && stated !== only.value) {
        return fail('otherBalance', `"${name}" states ${stated} ${currency.value}, not ${only.value}.`)
      }
      return quiet(await client.call('friends.acceptReset', { friend: publicKey, theirsId }))
    })
  },
})

export const friendCommands: Readonly<Record<string, Entry>> = {
  'add-friend': addFriend,
  'remove-friend': simply(
    'remove-friend',
    'ends a friendship',
    ({ publicKey }, { client }) => client.call('friends.remove', { friend: publicKey }),
    ['What is owed is forgotten here: settle it first.'],
  ),
  'enable-friend': simply('enable-friend', 'lets the card talk to a friend', ({ publicKey }, { client }) =>
    client.call('friends.setEnabled', { friend: publicKey, enabled: true }),
  ),
  'disable-friend': simply('disable-friend', 'pauses a friendship', ({ publicKey }, { client }) =>
    client.call('friends.setEnabled', { friend: publicKey, enabled: false }),
  ),
  'set-friend-relays': setRelays,
  'reset-friend': simply(
    'reset-friend',
    'breaks the channel on purpose, to agree on the balance anew',
    ({ publicKey }, { client }) => client.call('friends.reset', { friend: publicKey }),
    ['Both of you state the balance; one accepts what the other states, with accept-reset.'],
  ),
  'accept-reset': acceptReset,
}
