// stindex: an index server, as a program of its own.

import { command, runIfStarted, type NamedCommand } from './program.ts'
import { indexMetrics } from './operation/server-metrics.ts'
import { operationOf, operationOptions } from './operation/options.ts'
import { runServer, ticketOptions, type ServerKind } from './server-program.ts'
import { sharingOptions, startSharingIndex, type SharingIndex, type SharingOptions } from './sharing-index.ts'

function indexKind(sharing: SharingOptions): ServerKind<SharingIndex> {
  return {
    kind: 'index',
    name: 'stindex',
    noun: 'index server',
    addressOption: 'lclient',
    defaultAddress: '127.0.0.1:9000',
    make: (environment, operation, terminal) => startSharingIndex(environment, sharing, operation, terminal),
    metrics: indexMetrics,
  }
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
  snapshot: { type: 'string', value: 'FILE', about: 'keeps what it knows there, for its next start' },
  'no-reserve': { type: 'boolean', about: 'leaves credit that is asked for to nobody alone' },
  ...sharingOptions,
  ...ticketOptions,
  ...operationOptions,
} as const

export const stindex: NamedCommand = {
  name: 'stindex',
  ...command({
    about: 'runs an index server: cards report to it, and ask it for routes',
    options,
    examples: ['stindex --idfile index/index.ident --lclient 127.0.0.1:9000'],
    exits: ['stopped', 'not started'],
    run: (values, terminal) => {
      const { idfile, lclient, 'public-url': publicUrl, output } = values
      const { lserver, trusted, snapshot, 'no-reserve': noReserve } = values
      const qr = values.qr || process.stdout.isTTY
      const operation = operationOf(values)
      const place = { idfile, address: lclient, publicUrl, output, qr }
      return runServer(
        indexKind({ lserver, trusted, snapshot, noReserve }),
        { ...place, operation },
        terminal,
      )
    },
  }),
}

runIfStarted(stindex)
