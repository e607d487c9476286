// stmgr: makes identities, the databases of nodes, and the tickets by which nodes, apps, relays and index servers find one another.

import { randomBytes } from 'node:crypto'
import { parse as parsePath } from 'node:path'
import { checkForm, type Form } from '../protocol/forms.ts'
import { nobleProvider } from '../protocol/ed25519.ts'
import type { Result } from '../protocol/result.ts'
import type { PublicKey } from '../protocol/types.ts'
import { writeForm } from './files.ts'
import { grantOptions, readGrant } from './grant-options.ts'
import { createIdentity, readIdentity } from './identity-file.ts'
import { command, runIfStarted, type Command, type Program } from './program.ts'
import { remoteCardTicket } from './remote-card-ticket.ts'
import { EXIT, type Terminal } from './terminal.ts'

const idfile = {
  type: 'string',
  short: 'i',
  required: true,
  value: 'FILE',
  about: 'the identity whose public key it names',
} as const
const output = {
  type: 'string',
  short: 'o',
  required: true,
  value: 'FILE',
  about: 'what to make; never over anything that exists',
} as const

const genIdent = command({
  about: 'makes an identity: a secret key, in a file that only its owner can read',
  options: { output },
  examples: ['stmgr gen-ident --output node0/node0.ident'],
  notes: ['Keep the file and keep it secret: whoever has it is you.'],
  run: async (options, terminal) =>
    finish(await createIdentity({ path: options.output, random: randomBytes }), terminal),
})

const initNodeDb = command({
  about: 'makes the database of a new card, for stnode',
  options: {
    idfile: { ...idfile, about: "the card's identity" },
    output: { ...output, value: 'DIR' },
    name: {
      type: 'string',
      short: 'n',
      value: 'NAME',
      about: "the card's name; that of the identity file if it is left out",
    },
  },
  examples: ['stmgr init-node-db --idfile node0/node0.ident --output node0/node0.db'],
  run: async (options, terminal) => {
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
})

function serverTicket(kind: 'node' | 'relay' | 'index', about: string, port: number): Command {
  return command({
    about,
    options: {
      idfile,
      address: {
        type: 'string',
        short: 'a',
        required: true,
        value: 'ADDRESS',
        about: 'where it listens: host:port, or a ws:// or wss:// URL',
      },
      output,
    },
    examples: [
      `stmgr ${kind}-ticket --address 127.0.0.1:${port} --idfile ${kind}.ident --output ${kind}.ticket`,
    ],
    run: async (options, terminal) =>
      writeTicket(options, terminal, (publicKey) => ({
        kind,
        ticket: { publicKey, address: options.address },
      })),
  })
}

const appTicket = command({
  about: 'makes the ticket by which a node trusts an app: it says what the app may do',
  options: {
    idfile: { ...idfile, about: "the app's identity" },
    output,
    ...grantOptions,
  },
  examples: [
    'stmgr app-ticket --idfile app0/app0.ident --pconfig --pfunds --proutes --output node0/trusted/app0.ticket',
  ],
  notes: [
    "The ticket counts as long as it lies in the node's trusted folder.",
    'A budget counts fees and payments under way, in any span of that length (a month has 30 days); with one, the app spends nothing in other currencies.',
  ],
  run: async (options, terminal) => {
    const grant = readGrant(options)
    if (!grant.ok) {
      terminal.error(grant.error.message)
      return EXIT.usage
    }
    return writeTicket(options, terminal, (publicKey) => ({
      kind: 'app',
      ticket: { publicKey, ...grant.value },
    }))
  },
})

export const stmgr: Program = {
  name: 'stmgr',
  about:
    'makes identities and tickets: what programs find and trust each other by, and the databases of nodes',
  commands: {
    'gen-ident': genIdent,
    'init-node-db': initNodeDb,
    'node-ticket': serverTicket('node', 'makes the ticket with which apps reach a node', 9500),
    'app-ticket': appTicket,
    'remote-card-ticket': remoteCardTicket,
    'relay-ticket': serverTicket('relay', 'makes the ticket with which cards use a relay', 8000),
    'index-ticket': serverTicket('index', 'makes the ticket with which cards use an index server', 9000),
  },
  examples: [
    'stmgr gen-ident --output relay.ident',
    'stmgr relay-ticket -i relay.ident -a 127.0.0.1:8000 -o relay.ticket',
  ],
  notes: [
    'An identity file is a secret: whoever has it is you. Tickets are public, but that of a remote card.',
  ],
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

runIfStarted(stmgr)
