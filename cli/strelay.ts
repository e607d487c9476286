// strelay: a relay, as a program of its own.

import { ok } from '../protocol/result.ts'
import { RelayServer } from '../relay-server/server.ts'
import { command, runIfStarted, type NamedCommand } from './program.ts'
import { relayMetrics } from './operation/server-metrics.ts'
import { operationOf, operationOptions } from './operation/options.ts'
import { runServer, ticketOptions, type ServerKind } from './server-program.ts'

export const relayKind: ServerKind<RelayServer> = {
  kind: 'relay',
  name: 'strelay',
  noun: 'relay',
  addressOption: 'laddr',
  defaultAddress: '127.0.0.1:8000',
  make: (environment) => ok(new RelayServer(environment)),
  metrics: relayMetrics,
}

const options = {
  idfile: {
    type: 'string',
    alias: 'identity',
    value: 'FILE',
    about: 'its secret key; else ~/.offst/relay.ident',
  },
  laddr: {
    type: 'string',
    alias: 'listen',
    value: 'HOST:PORT',
    about: 'else 127.0.0.1:8000; 0.0.0.0:8000 for all',
  },
  ...ticketOptions,
  ...operationOptions,
} as const

export const strelay: NamedCommand = {
  name: 'strelay',
  ...command({
    about:
      'runs a relay: cards that cannot reach each other meet there. It reads nothing of what they say, and stores nothing',
    options,
    examples: ['strelay --idfile relay/relay.ident --laddr 127.0.0.1:8000'],
    exits: ['stopped', 'not started'],
    run: (values, terminal) => {
      const { idfile, laddr, 'public-url': publicUrl, output } = values
      const qr = values.qr || process.stdout.isTTY
      const operation = operationOf(values)
      return runServer(relayKind, { idfile, address: laddr, publicUrl, output, qr, operation }, terminal)
    },
  }),
}

runIfStarted(strelay)
