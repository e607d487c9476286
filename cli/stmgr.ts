// stmgr: makes identities, the databases of nodes, and the tickets by which nodes, apps, relays and index servers find one another.

import { randomBytes } from 'node:crypto'
import { parse as parsePath } from 'node:path'
import { checkForm, PERMISSIONS, type Form, type Permission } from '../protocol/forms.ts'
import { nobleProvider } from '../protocol/ed25519.ts'
import type { Result } from '../protocol/result.ts'
import type { PublicKey } from '../protocol/types.ts'
import { EXIT, runIfStarted, withOptions, type Program, type Run, type Terminal } from './args.ts'
import { writeForm } from './files.ts'
import { createIdentity, readIdentity } from './identity-file.ts'

const HELP = `
stmgr makes identities, node databases and tickets for Offst programs.

  stmgr gen-ident     --output FILE
  stmgr init-node-db  --idfile FILE --output DIR [--name NAME]
  stmgr node-ticket   --idfile FILE --address ADDRESS --output FILE
  stmgr app-ticket    --idfile FILE [--pconfig] [--pfunds] [--proutes] [--psell]
                      [--pread] --output FILE
  stmgr relay-ticket  --idfile FILE --address ADDRESS --output FILE
  stmgr index-ticket  --idfile FILE --address ADDRESS --output FILE

  -i, --idfile FILE   the identity whose public key the ticket names
  -o, --output FILE   what to make; an existing file is never overwritten
  -n, --name NAME     of the node's card; that of the identity file if left out
  -a, --address A     where the program listens: host:port or wss://host/path
  --pconfig --pfunds --proutes --psell --pread
                      what the app may do: configure, pay, ask for routes,
                      sell, look; every app may look

An identity file is a secret: whoever has it is you. Tickets are public.

Example: stmgr gen-ident --output relay.ident
         stmgr relay-ticket -i relay.ident -a 127.0.0.1:8000 -o relay.ticket

Exit codes: 0 done, 1 refused, 2 wrong usage.  Also: --help, --version.
`

const idfile = { type: 'string', short: 'i', required: true } as const
const output = { type: 'string', short: 'o', required: true } as const
const address = { type: 'string', short: 'a', required: true } as const
const flag = { type: 'boolean' } as const

const genIdent = withOptions({ output }, async (options, terminal) =>
  finish(await createIdentity({ path: options.output, random: randomBytes }), terminal),
)

const initNodeDb = withOptions(
  { idfile, output, name: { type: 'string', short: 'n' } },
  async (options, terminal) => {
    const identity = await readIdentity(options.idfile)
    if (!identity.ok) return finish(identity, terminal)
    // Loaded only here: the other commands need no database engine.
    const { createDatabase } = await import('./node/database.ts')
    const created = await createDatabase({
      path: options.output,
      publicKey: identity.value.publicKey,
      name: options.name ?? parsePath(options.idfile).name,
      now: Date.now(),
    })
    return finish(created, terminal)
  },
)

function serverTicket(kind: 'node' | 'relay' | 'index'): Run {
  return withOptions({ idfile, address, output }, async (options, terminal) =>
    writeTicket(options, terminal, (publicKey) => ({
      kind,
      ticket: { publicKey, address: options.address },
    })),
  )
}

const appTicket = withOptions(
  { idfile, output, pread: flag, pconfig: flag, proutes: flag, pfunds: flag, psell: flag },
  async (options, terminal) => {
    const granted = PERMISSIONS.filter((permission) => options[`p${permission}` as const])
    if (granted.length === 0) {
      terminal.error(`No permission is given: name at least one of ${flagsOf(PERMISSIONS)}.`)
      return EXIT.usage
    }
    // What an app may change it has to see.
    const permissions = PERMISSIONS.filter(
      (permission) => permission === 'read' || granted.includes(permission),
    )
    return writeTicket(options, terminal, (publicKey) => ({
      kind: 'app',
      ticket: { publicKey, permissions },
    }))
  },
)

export const stmgr: Program = {
  name: 'stmgr',
  help: HELP,
  commands: {
    'gen-ident': genIdent,
    'init-node-db': initNodeDb,
    'node-ticket': serverTicket('node'),
    'app-ticket': appTicket,
    'relay-ticket': serverTicket('relay'),
    'index-ticket': serverTicket('index'),
  },
}

async function writeTicket(
  options: { readonly idfile: string; readonly output: string },
  terminal: Terminal,
  ticketOf: (publicKey: PublicKey) => Form,
): Promise<number> {
  const identity = await readIdentity(options.idfile)
  if (!identity.ok) return finish(identity, terminal)
  const ticket = checkForm(ticketOf(identity.value.publicKey), nobleProvider)
  return finish(ticket.ok ? await writeForm(options.output, ticket.value) : ticket, terminal)
}

function finish(result: Result<unknown>, terminal: Terminal): number {
  if (result.ok) return EXIT.ok
  terminal.error(result.error.message)
  return EXIT.refused
}

function flagsOf(permissions: readonly Permission[]): string {
  return permissions.map((permission) => `--p${permission}`).join(', ')
}

runIfStarted(stmgr)
