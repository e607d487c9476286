// `stctrl info …`: what the node shows.

import { fail, ok } from '../../protocol/result.ts'
import type { AppView, CurrencyView, FriendView, ServerView } from '../../worker/api.ts'
import { PUBLIC_MODE, writeNewFile } from '../files.ts'
import type { Command, Entry } from '../program.ts'
import { control, currencyOf, currencyOption, jsonOption, ofFriend, toJson, type Control } from './command.ts'
import { history } from './history.ts'
import { drawTable, momentText } from './table.ts'

function show(
  what: string,
  about: string,
  valueOf: (control: Control) => unknown,
  linesOf: (control: Control) => readonly string[],
): Command {
  return control({
    about,
    options: { json: jsonOption },
    example: `info ${what}`,
    work: async ({ json }, open) => {
      const opened = await open()
      if (!opened.ok) return opened
      return ok(json ? toJson(valueOf(opened.value)) : linesOf(opened.value))
    },
  })
}

const friends = control({
  about: 'lists the friends with limits and balances',
  options: { json: jsonOption },
  example: 'info friends',
  notes: [
    'st: E enabled, D disabled; + on line, - off line. C: requests open (+) or closed (-) here (LR) and there (RR). B: what the friend owes you. LMD, RMD: how much he lets you owe him, and you him. LPD, RPD: what is pending.',
  ],
  work: async ({ json }, open) => {
    const opened = await open()
    if (!opened.ok) return opened
    const { state } = opened.value
    return ok(json ? toJson(state.friends) : friendsTable(state.friends))
  },
})

const balance = control({
  about: 'prints the balance with all friends together, in one currency',
  options: { currency: currencyOption, json: jsonOption },
  example: 'info balance',
  work: async ({ currency: name, json }, open) => {
    const currency = currencyOf(name)
    if (!currency.ok) return currency
    const opened = await open()
    if (!opened.ok) return opened
    const accounts = opened.value.state.friends.flatMap(({ currencies }) => currencies)
    const total = accounts
      .filter((account) => account.currency === currency.value)
      .reduce((sum, account) => sum + BigInt(account.balance), 0n)
    return ok(json ? toJson({ currency: currency.value, balance: String(total) }) : [String(total)])
  },
})

const exportTicket = control({
  about: "writes the card's friend ticket, for those who are to become friends",
  options: {
    output: { type: 'string', short: 'o', value: 'FILE', about: 'the ticket to make; never over a file' },
    json: jsonOption,
  },
  example: 'info export-ticket -o node0.friend',
  work: async ({ output, json }, open) => {
    if (output === undefined && !json) return fail('usage', 'The option --output is missing.')
    const opened = await open()
    if (!opened.ok) return opened
    const ticket = await opened.value.client.call('card.ticket', {})
    if (!ticket.ok) return ticket
    if (output !== undefined) {
      const written = await writeNewFile(output, ticket.value.toml, PUBLIC_MODE)
      if (!written.ok) return written
    }
    return ok(json ? toJson(ticket.value) : [])
  },
})

const friendLastToken = ofFriend({
  about: 'writes what a friend has signed last about the balance: a proof for others',
  options: {
    output: { type: 'string', short: 'o', value: 'FILE', about: 'the token to make; never over a file' },
    json: jsonOption,
  },
  example: 'info friend-last-token -n node1 -o node1.token',
  notes: ['Anybody can check it off line: stregister verify-token.'],
  work: ({ output, json }) => {
    if (output === undefined && !json) return fail('usage', 'The option --output is missing.')
    return ok(async ({ publicKey }, { client }) => {
      const statement = await client.call('friends.statement', { friend: publicKey })
      if (!statement.ok) return statement
      const written =
        output === undefined ? ok(undefined) : await writeNewFile(output, statement.value.toml, PUBLIC_MODE)
      if (!written.ok) return written
      return ok(json ? toJson(statement.value) : [])
    })
  },
})

export const info: Readonly<Record<string, Entry>> = {
  friends,
  relays: show(
    'relays',
    'lists the relays',
    ({ state }) => state.relays,
    ({ state }) => serversTable('relay', state.relays),
  ),
  index: show(
    'index',
    'lists the index servers; a star marks those that are connected',
    ({ state }) => state.indexServers,
    ({ state }) => serversTable('index server', state.indexServers),
  ),
  balance,
  'public-key': show(
    'public-key',
    "prints the card's public key",
    ({ client }) => ({ publicKey: client.card }),
    ({ client }) => [client.card],
  ),
  'export-ticket': exportTicket,
  'friend-last-token': friendLastToken,
  apps: show(
    'apps',
    'lists the apps that may drive the card, with what they may spend',
    ({ state }) => state.apps,
    ({ state }) => appsTable(state.apps),
  ),
  history,
}

function friendsTable(friends: readonly FriendView[]): string[] {
  if (friends.length === 0) return ['No configured friends.']
  const rows = friends.map((friend) => [statusOf(friend), friend.name, accountsOf(friend)])
  return drawTable(['st', 'name', 'balance'], rows, '=')
}

/** Enabled or disabled, on line or off line. */
function statusOf({ enabled, online }: FriendView): string {
  return `${enabled ? 'E' : 'D'}${online ? '+' : '-'}`
}

function accountsOf(friend: FriendView): string[] {
  const { status, disagreement, currencies } = friend
  const lines = currencies.flatMap((account) =>
    currencies.length === 1 ? accountLines(account) : [`${account.currency}:`, ...accountLines(account)],
  )
  if (status === 'waiting' || status === 'ready') return lines
  // Nothing moves until both sides agree on the balance again.
  const claims = (list: readonly { currency: string; balance: string }[] | undefined): string =>
    list?.map((claim) => `${claim.balance} ${claim.currency}`).join(', ') || '0'
  return [
    `I: ${status}`,
    `mine  =${claims(disagreement?.mine)}`,
    `theirs=${disagreement?.theirs === undefined ? 'not heard' : claims(disagreement.theirs)}`,
    ...lines,
  ]
}

function accountLines(account: CurrencyView): string[] {
  const sign = (isOpen: boolean): string => (isOpen ? '+' : '-')
  return [
    `C: LR=${sign(account.localOpen)}, RR=${sign(account.remoteOpen)}`,
    `B  =${account.balance}`,
    `LMD=${account.localMaxDebt}`,
    `RMD=${account.remoteMaxDebt}`,
    `LPD=${account.localPending}`,
    `RPD=${account.remotePending}`,
  ]
}

function appsTable(apps: readonly AppView[]): string[] {
  if (apps.length === 0) return ['No accepted apps.']
  const rows = apps.map(({ name, publicKey, permissions, budgets, seen }) => [
    name,
    publicKey,
    permissions.join(' '),
    budgets.map(({ currency, amount, period, spent }) => `${spent} of ${amount} ${currency} a ${period}`),
    seen === undefined ? 'never' : momentText(seen),
  ])
  return drawTable(['app name', 'public key', 'permissions', 'spent', 'last seen'], rows, '-')
}

function serversTable(noun: string, servers: readonly ServerView[]): string[] {
  if (servers.length === 0) return [`No configured ${noun}s.`]
  const rows = servers.map(({ name, publicKey, address, state }) => [
    // Every node is connected to all its relays; which index server it asks is worth a star.
    noun === 'index server' && state === 'connected' ? `${name} (*)` : name,
    publicKey,
    address,
  ])
  return drawTable([`${noun} name`, 'public key', 'address'], rows, '-')
}
