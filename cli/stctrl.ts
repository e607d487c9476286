// stctrl: drives a node as an app: shows what it has, configures it, pays with it.

import { nodeProvider } from '../worker/runtime/crypto/node.ts'
import { ok, type Result } from '../protocol/result.ts'
import { EXIT, parseOptions, runIfStarted, type Program, type Terminal } from './args.ts'
import { CardState } from '../client/card-state.ts'
import { NodeClient } from '../client/client.ts'
import type { Control, ControlCommand } from './ctl/command.ts'
import { config } from './ctl/config.ts'
import { funds } from './ctl/funds.ts'
import { info } from './ctl/info.ts'
import { readForm } from './files.ts'
import { readIdentity } from './identity-file.ts'
import { systemClock, systemRandom } from './system.ts'
import { dialWebSocket } from './ws-dialler.ts'

const HELP = `
stctrl drives a node, as an app with an identity of its own.

  stctrl -I APP.ident -T NODE.ticket …    who asks, and which node

  info    friends | relays | index | public-key | balance [-c CURRENCY]
          export-ticket -o FILE
  config  add-relay -n NAME -r FILE       remove-relay -n NAME
          add-index -n NAME -i FILE       remove-index -n NAME
          add-friend -n NAME -f FILE [--balance N] [-c CURRENCY]
          remove-friend | enable-friend | disable-friend -n NAME
          open-friend | close-friend -n NAME [-c CURRENCY]
          set-friend-max-debt -n NAME -m N [-c CURRENCY]
  funds   send-funds -a AMOUNT -d PUBLIC_KEY [-c CURRENCY]
          pay-invoice -i FILE -r RECEIPT
          [--max-fee N]        1 % of the amount + 32 if it is left out
          [--timeout SECONDS]  60; after that the payment is cancelled

Example: stctrl -I app0.ident -T node0.ticket info friends

Exit codes: 0 done, 1 refused or failed, 2 wrong usage.
Also: --help, --version.
`

const GROUPS: Readonly<Record<string, Readonly<Record<string, ControlCommand>>>> = { info, config, funds }

const options = {
  idfile: { type: 'string', short: 'I', required: true },
  ticket: { type: 'string', short: 'T', required: true },
} as const

interface Who {
  readonly idfile: string
  readonly ticket: string
}

export const stctrl: Program = {
  name: 'stctrl',
  help: HELP,
  commands: async (args, terminal) => {
    const start = startOfCommand(args)
    const who = parseOptions(args.slice(0, start), options)
    if (!who.ok) {
      terminal.error(who.error.message)
      return EXIT.usage
    }
    return runCommand(args.slice(start), who.value, terminal)
  },
}

/** The options before the command are pairs of name and value. */
function startOfCommand(args: readonly string[]): number {
  let start = 0
  while (args[start]?.startsWith('-') === true) start += args[start]?.includes('=') === true ? 1 : 2
  return Math.min(start, args.length)
}

async function runCommand(args: readonly string[], who: Who, terminal: Terminal): Promise<number> {
  const [groupName = '', name = '', ...rest] = args
  const group = Object.hasOwn(GROUPS, groupName) ? GROUPS[groupName] : undefined
  if (group === undefined) {
    terminal.error(`${missing(groupName)}: use one of ${Object.keys(GROUPS).join(', ')}, or --help.`)
    return EXIT.usage
  }
  const found = Object.hasOwn(group, name) ? group[name] : undefined
  if (found === undefined) {
    terminal.error(
      `${missing(name)} for ${groupName}: use one of ${Object.keys(group).join(', ')}, or --help.`,
    )
    return EXIT.usage
  }
  let control: Result<Control> | undefined
  const open = async (): Promise<Result<Control>> => (control = await connect(who))
  const code = await found(rest, open, terminal)
  if (control?.ok === true) control.value.client.close()
  return code
}

function missing(name: string): string {
  return name === '' ? 'No command is given' : `There is no command "${name}"`
}

async function connect({ idfile, ticket }: Who): Promise<Result<Control>> {
  const signer = await readIdentity(idfile, nodeProvider)
  if (!signer.ok) return signer
  const node = await readForm(ticket, 'node')
  if (!node.ok) return node
  const client = await NodeClient.connect({
    ticket: node.value.ticket,
    signer: signer.value,
    crypto: nodeProvider,
    connect: dialWebSocket,
    clock: systemClock,
    random: systemRandom,
  })
  if (!client.ok) return client
  const state = await CardState.follow(client.value, systemClock)
  if (state.ok) return ok({ client: client.value, state: state.value })
  client.value.close()
  return state
}

runIfStarted(stctrl)
