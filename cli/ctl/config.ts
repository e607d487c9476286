// `stctrl config …`: relays, index servers, friends and their limits.

import { toText } from '../../protocol/forms.ts'
import { fail, ok, type Result } from '../../protocol/result.ts'
import type { FriendView, ServerView } from '../../worker/api.ts'
import { readForm } from '../files.ts'
import {
  checkName,
  command,
  currencyOf,
  currencyOption,
  findByName,
  nameOption,
  numberOf,
  type Control,
  type ControlCommand,
  type OpenControl,
} from './command.ts'

const BALANCE_MAX = (1n << 127n) - 1n

type Lines = Result<readonly string[]>

/** Nothing to say: it is done. */
function quiet(result: Result<unknown>): Lines {
  return result.ok ? ok([]) : result
}

interface ServerCommands {
  readonly kind: 'relay' | 'index'
  readonly noun: string
  readonly listOf: (control: Control) => readonly ServerView[]
  readonly add: 'servers.addRelay' | 'servers.addIndex'
  readonly remove: 'servers.removeRelay' | 'servers.removeIndex'
}

const relays: ServerCommands = {
  kind: 'relay',
  noun: 'relay',
  listOf: ({ state }) => state.relays,
  add: 'servers.addRelay',
  remove: 'servers.removeRelay',
}
const indexServers: ServerCommands = {
  kind: 'index',
  noun: 'index server',
  listOf: ({ state }) => state.indexServers,
  add: 'servers.addIndex',
  remove: 'servers.removeIndex',
}

async function addServer(
  servers: ServerCommands,
  { name, path }: { readonly name: string; readonly path: string },
  open: OpenControl,
): Promise<Lines> {
  const named = checkName(name)
  if (!named.ok) return named
  const form = await readForm(path, servers.kind)
  if (!form.ok) return form
  const control = await open()
  if (!control.ok) return control
  const { publicKey } = form.value.ticket
  const free = checkFree(servers.listOf(control.value), { name, publicKey }, servers.noun)
  if (!free.ok) return free
  return quiet(await control.value.client.call(servers.add, { ticket: toText(form.value), name }))
}

const addRelay = command(
  { name: nameOption, relay: { type: 'string', short: 'r', required: true } },
  ({ name, relay }, open) => addServer(relays, { name, path: relay }, open),
)

const addIndex = command(
  { name: nameOption, index: { type: 'string', short: 'i', required: true } },
  ({ name, index }, open) => addServer(indexServers, { name, path: index }, open),
)

function removeServer(servers: ServerCommands): ControlCommand {
  return command({ name: nameOption }, async ({ name }, open) => {
    const control = await open()
    if (!control.ok) return control
    const server = findByName(servers.listOf(control.value), name, servers.noun)
    if (!server.ok) return server
    return quiet(await control.value.client.call(servers.remove, { publicKey: server.value.publicKey }))
  })
}

/** Names are how commands tell things apart: none is given twice, none is given anew by accident. */
function checkFree(
  items: readonly { readonly name: string; readonly publicKey: string }[],
  added: { readonly name: string; readonly publicKey: string },
  noun: string,
): Result<void> {
  for (const { name, publicKey } of items) {
    const isSame = publicKey === added.publicKey
    if (isSame) return fail('exists', `This node has this ${noun} already, as "${name}".`)
    if (name === added.name) return fail('nameTaken', `There is another ${noun} "${name}": choose a name.`)
  }
  return ok(undefined)
}

const addFriend = command(
  {
    name: nameOption,
    friend: { type: 'string', short: 'f', required: true },
    balance: { type: 'string', short: 'b' },
    currency: currencyOption,
  },
  async ({ name, friend, balance, currency: currencyName }, open) => {
    const named = checkName(name)
    if (!named.ok) return named
    const currency = currencyOf(currencyName)
    if (!currency.ok) return currency
    const start = numberOf('balance', balance ?? '0', -BALANCE_MAX - 1n, BALANCE_MAX)
    if (!start.ok) return start
    const form = await readForm(friend, 'friend')
    if (!form.ok) return form
    const control = await open()
    if (!control.ok) return control
    const free = checkFree(control.value.state.friends, { ...form.value.ticket, name }, 'friend')
    if (!free.ok) return free
    // As the tutorial has it: the first word to the friend is `enable-friend`.
    return quiet(
      await control.value.client.call('friends.add', {
        ticket: toText(form.value),
        name,
        balances: [{ currency: currency.value, balance: start.value }],
        enabled: false,
      }),
    )
  },
)

/** A command that does one thing with the friend of a name. */
function withFriend(act: (friend: FriendView, control: Control) => Promise<Result<unknown>>): ControlCommand {
  return command({ name: nameOption }, async ({ name }, open) => {
    const control = await open()
    if (!control.ok) return control
    const friend = findByName(control.value.state.friends, name, 'friend')
    return friend.ok ? quiet(await act(friend.value, control.value)) : friend
  })
}

function setEnabled(enabled: boolean): ControlCommand {
  return withFriend(({ publicKey }, { client }) =>
    client.call('friends.setEnabled', { friend: publicKey, enabled }),
  )
}

function setOpen(isOpen: boolean): ControlCommand {
  return command({ name: nameOption, currency: currencyOption }, async (values, open) => {
    const currency = currencyOf(values.currency)
    if (!currency.ok) return currency
    const control = await open()
    if (!control.ok) return control
    const friend = findByName(control.value.state.friends, values.name, 'friend')
    if (!friend.ok) return friend
    const params = { friend: friend.value.publicKey, currency: currency.value, open: isOpen }
    return quiet(await control.value.client.call('friends.setOpen', params))
  })
}

const setMaxDebt = command(
  {
    name: nameOption,
    'max-debt': { type: 'string', short: 'm', required: true },
    currency: currencyOption,
  },
  async (values, open) => {
    const currency = currencyOf(values.currency)
    if (!currency.ok) return currency
    const maxDebt = numberOf('max-debt', values['max-debt'], 0n, BALANCE_MAX)
    if (!maxDebt.ok) return maxDebt
    const control = await open()
    if (!control.ok) return control
    const friend = findByName(control.value.state.friends, values.name, 'friend')
    if (!friend.ok) return friend
    const params = { friend: friend.value.publicKey, currency: currency.value, maxDebt: maxDebt.value }
    return quiet(await control.value.client.call('friends.setMaxDebt', params))
  },
)

export const config: Readonly<Record<string, ControlCommand>> = {
  'add-relay': addRelay,
  'remove-relay': removeServer(relays),
  'add-index': addIndex,
  'remove-index': removeServer(indexServers),
  'add-friend': addFriend,
  'remove-friend': withFriend(({ publicKey }, { client }) =>
    client.call('friends.remove', { friend: publicKey }),
  ),
  'enable-friend': setEnabled(true),
  'disable-friend': setEnabled(false),
  'open-friend': setOpen(true),
  'close-friend': setOpen(false),
  'set-friend-max-debt': setMaxDebt,
}
