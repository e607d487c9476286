// stindex: an index server, as a program of its own.

import { IndexServer } from '../index-server/server.ts'
import { EXIT, runIfStarted, withOptions, type Program } from './args.ts'
import { runServer, type ServerKind } from './server-program.ts'

const HELP = `
stindex runs an index server: cards tell it over which friends they can receive,
and ask it for routes to those they want to pay.

  stindex [--idfile FILE] [--lclient HOST:PORT] [--public-url URL]
          [--output FILE] [--qr]

  --idfile FILE        the server's secret key, made if there is none;
                       ~/.offst/index.ident if it is left out
  --lclient HOST:PORT  where to listen, 127.0.0.1:9000 if it is left out;
                       0.0.0.0:9000 for everybody who reaches this machine
  --public-url URL     what the ticket says, if others reach it differently:
                       wss://index.example.org or host:port
  --output FILE        also writes the ticket to a file
  --qr                 also draws the ticket (always done in a terminal)

Example: stindex --idfile index/index.ident --lclient 127.0.0.1:9000

Stops at Ctrl-C. Exit codes: 0 stopped, 1 could not start, 2 wrong usage.
Also: --help, --version.
`

export const indexKind: ServerKind = {
  kind: 'index',
  noun: 'index server',
  addressOption: 'lclient',
  defaultAddress: '127.0.0.1:9000',
  make: (environment) => new IndexServer(environment),
}

const options = {
  idfile: { type: 'string' },
  lclient: { type: 'string' },
  lserver: { type: 'string' },
  trusted: { type: 'string' },
  'public-url': { type: 'string' },
  output: { type: 'string' },
  qr: { type: 'boolean' },
} as const

export const stindex: Program = {
  name: 'stindex',
  help: HELP,
  commands: withOptions(options, async (values, terminal) => {
    if (values.lserver !== undefined || values.trusted !== undefined) {
      terminal.error(
        'Index servers do not share what they know yet: start it without --lserver and --trusted.',
      )
      return EXIT.usage
    }
    const { idfile, lclient, 'public-url': publicUrl, output, qr } = values
    return runServer(
      indexKind,
      { idfile, address: lclient, publicUrl, output, qr: qr || process.stdout.isTTY },
      terminal,
    )
  }),
}

runIfStarted(stindex)
