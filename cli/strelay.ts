// strelay: a relay, as a program of its own.

import { RelayServer } from '../relay-server/server.ts'
import { runIfStarted, withOptions, type Program } from './args.ts'
import { runServer, type ServerKind } from './server-program.ts'

const HELP = `
strelay runs a relay: cards that cannot reach each other meet there. It reads
nothing of what they say, and stores nothing.

  strelay [--idfile FILE] [--laddr HOST:PORT] [--public-url URL]
          [--output FILE] [--qr]

  --idfile FILE      the relay's secret key, made if there is none;
                     ~/.offst/relay.ident if it is left out
  --laddr HOST:PORT  where to listen, 127.0.0.1:8000 if it is left out;
                     0.0.0.0:8000 for everybody who reaches this machine
  --public-url URL   what the ticket says, if others reach it differently:
                     wss://relay.example.org or host:port
  --output FILE      also writes the ticket to a file
  --qr               also draws the ticket (always done in a terminal)

Example: strelay --idfile relay/relay.ident --laddr 127.0.0.1:8000

Stops at Ctrl-C. Exit codes: 0 stopped, 1 could not start, 2 wrong usage.
Also: --help, --version.
`

export const relayKind: ServerKind = {
  kind: 'relay',
  noun: 'relay',
  addressOption: 'laddr',
  defaultAddress: '127.0.0.1:8000',
  make: (environment) => new RelayServer(environment),
}

const options = {
  idfile: { type: 'string' },
  laddr: { type: 'string' },
  'public-url': { type: 'string' },
  output: { type: 'string' },
  qr: { type: 'boolean' },
} as const

export const strelay: Program = {
  name: 'strelay',
  help: HELP,
  commands: withOptions(options, ({ idfile, laddr, 'public-url': publicUrl, output, qr }, terminal) =>
    runServer(
      relayKind,
      { idfile, address: laddr, publicUrl, output, qr: qr || process.stdout.isTTY },
      terminal,
    ),
  ),
}

runIfStarted(strelay)
