// `stctrl info …`: what the node shows.

import { ok, type Result } from '../../protocol/result.ts'
import type { CurrencyView, FriendView, ServerView } from '../../worker/api.ts'
import { PUBLIC_MODE, writeNewFile } from '../files.ts'
import { command, currencyOf, currencyOption, type Control, type ControlCommand } from './command.ts'
import { drawTable } from './table.ts'

function show(linesOf: (control: Control) => readonly string[]): ControlCommand {
  return command({}, async (_, open): Promise<Result<readonly string[]>> => {
    const control = await open()
    return control.ok ? ok(linesOf(control.value)) : control
  })
}

const balance = command({ currency: currencyOption }, async (options, open) => {
  const currency = currencyOf(options.currency)
  if (!currency.ok) return currency
  const control = await open()
  if (!control.ok) return control
  const accounts = control.value.state.friends.flatMap(({ currencies }) => currencies)
  const total = accounts
    .filter((account) => account.currency === currency.value)
    .reduce((sum, account) => sum + BigInt(account.balance), 0n)
  return ok([String(total)])
})

const exportTicket = command(
  { output: { type: 'string', short: 'o', required: true } },
  async ({ output }, open) => {
    const control = await open()
    if (!control.ok) return control
    const ticket = await control.value.client.call('card.ticket', {})
    if (!ticket.ok) return ticket
    const written = await writeNewFile(output, ticket.value.toml, PUBLIC_MODE)
    return written.ok ? ok([]) : written
  },
)

export const info: Readonly<Record<string, ControlCommand>> = {
  friends: show(({ state }) => friendsTable(state.friends)),
  relays: show(({ state }) => serversTable('relay', state.relays)),
  index: show(({ state }) => serversTable('index server', state.indexServers)),
  balance,
  'public-key': show(({ client }) => [client.card]),
  'export-ticket': exportTicket,
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
