// `stctrl config …` for servers: the relays and index servers that the card uses.

import { toText } from '../../protocol/forms.ts'
import type { ServerView } from '../../worker/api.ts'
import { readForm } from '../files.ts'
import type { Command, Entry } from '../program.ts'
import {
  checkFreeName,
  checkName,
  control,
  findByName,
  nameOption,
  quiet,
  type Control,
  type Lines,
  type OpenControl,
} from './command.ts'

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
  const opened = await open()
  if (!opened.ok) return opened
  const { publicKey } = form.value.ticket
  const free = checkFreeName(servers.listOf(opened.value), { name, publicKey }, servers.noun)
  if (!free.ok) return free
  return quiet(await opened.value.client.call(servers.add, { ticket: toText(form.value), name }))
}

const addRelay = control({
  about: 'adds a relay, over which friends reach the card',
  options: {
    name: nameOption('relay'),
    relay: { type: 'string', short: 'r', required: true, value: 'FILE', about: 'the ticket of the relay' },
  },
  example: 'config add-relay -n my_relay -r my_relay.ticket',
  work: ({ name, relay }, open) => addServer(relays, { name, path: relay }, open),
})

const addIndex = control({
  about: 'adds an index server, which finds routes',
  options: {
    name: nameOption('index server'),
    index: {
      type: 'string',
      short: 'i',
      required: true,
      value: 'FILE',
      about: 'the ticket of the index server',
    },
  },
  example: 'config add-index -n my_index -i my_index.ticket',
  work: ({ name, index }, open) => addServer(indexServers, { name, path: index }, open),
})

function removeServer(servers: ServerCommands, example: string): Command {
  const { noun } = servers
  return control({
    about: `removes ${noun === 'relay' ? 'a relay' : 'an index server'}`,
    options: { name: nameOption(noun) },
    example,
    work: async ({ name }, open) => {
      const opened = await open()
      if (!opened.ok) return opened
      const server = findByName(servers.listOf(opened.value), name, noun)
      if (!server.ok) return server
      return quiet(await opened.value.client.call(servers.remove, { publicKey: server.value.publicKey }))
    },
  })
}

export const serverCommands: Readonly<Record<string, Entry>> = {
  'add-relay': addRelay,
  'remove-relay': removeServer(relays, 'config remove-relay -n my_relay'),
  'add-index': addIndex,
  'remove-index': removeServer(indexServers, 'config remove-index -n my_index'),
}
