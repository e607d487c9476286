// stindex: an index server, as a program of its own.

import { IndexServer } from '../index-server/server.ts'
import { command, runIfStarted, type NamedCommand } from './program.ts'
import { runServer, ticketOptions, type ServerKind } from './server-program.ts'
import { EXIT } from './terminal.ts'

export const indexKind: ServerKind = {
  kind: 'index',
  noun: 'index server',
  addressOption: 'lclient',
  defaultAddress: '127.0.0.1:9000',
  make: (environment) => new IndexServer(environment),
}

const options = {
  idfile: {
    type: 'string',
    value: 'FILE',
    about: "the server's secret key, made if there is none; ~/.offst/index.ident if it is left out",
  },
  lclient: {
    type: 'string',
    value: 'HOST:PORT',
    about:
      'where to listen, 127.0.0.1:9000 if it is left out; 0.0.0.0:9000 for everybody who reaches this machine',
  },
  lserver: { type: 'string', value: 'HOST:PORT', about: 'for other index servers: not yet' },
  trusted: { type: 'string', value: 'DIR', about: 'tickets of other index servers: not yet' },
  ...ticketOptions,
} as const

export const stindex: NamedCommand = {
  name: 'stindex',
  ...command({
    about:
      'runs an index server: cards tell it over which friends they can receive, and ask it for routes to those they want to pay',
    options,
    examples: ['stindex --idfile index/index.ident --lclient 127.0.0.1:9000'],
    notes: ['Stops at Ctrl-C. http://HOST:PORT/healthz says how it is.'],
    exits: ['stopped', 'not started'],
    run: async (values, terminal) => {
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
    },
  }),
}

runIfStarted(stindex)
