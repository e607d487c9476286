// stindex: an index server, as a program of its own.

import { IndexServer } from '../index-server/server.ts'
import { command, runIfStarted, type NamedCommand } from './program.ts'
import { indexMetrics } from './operation/server-metrics.ts'
import { operationOf, operationOptions } from './operation/options.ts'
import { runServer, ticketOptions, type ServerKind } from './server-program.ts'
import { EXIT } from './terminal.ts'

export const indexKind: ServerKind<IndexServer> = {
  kind: 'index',
  name: 'stindex',
  noun: 'index server',
  addressOption: 'lclient',
  defaultAddress: '127.0.0.1:9000',
  make: (environment) => new IndexServer(environment),
  metrics: indexMetrics,
}

const options = {
  idfile: {
    type: 'string',
    alias: 'identity',
    value: 'FILE',
    about: 'its secret key; else ~/.offst/index.ident',
  },
  lclient: {
    type: 'string',
    alias: 'listen',
    value: 'HOST:PORT',
    about: 'else 127.0.0.1:9000; 0.0.0.0:9000 for all',
  },
  lserver: { type: 'string', value: 'HOST:PORT', about: 'for other index servers: not yet' },
  trusted: { type: 'string', value: 'DIR', about: 'tickets of other index servers: not yet' },
  ...ticketOptions,
  ...operationOptions,
} as const

export const stindex: NamedCommand = {
  name: 'stindex',
  ...command({
    about:
      'runs an index server: cards tell it over which friends they can receive, and ask it for routes to those they want to pay',
    options,
    examples: ['stindex --idfile index/index.ident --lclient 127.0.0.1:9000'],
    exits: ['stopped', 'not started'],
    run: async (values, terminal) => {
      if (values.lserver !== undefined || values.trusted !== undefined) {
        terminal.error(
          'Index servers do not share what they know yet: start it without --lserver and --trusted.',
        )
        return EXIT.usage
      }
      const { idfile, lclient, 'public-url': publicUrl, output } = values
      const qr = values.qr || process.stdout.isTTY
      const operation = operationOf(values)
      return runServer(indexKind, { idfile, address: lclient, publicUrl, output, qr, operation }, terminal)
    },
  }),
}

runIfStarted(stindex)
