// strelay: a relay, as a program of its own.

import { ok } from '../protocol/result.ts'
import { RelayServer } from '../relay-server/server.ts'
import { command, runIfStarted, type NamedCommand } from './program.ts'
import { runServer, ticketOptions, type ServerKind } from './server-program.ts'

export const relayKind: ServerKind = {
  kind: 'relay',
  noun: 'relay',
  addressOption: 'laddr',
  defaultAddress: '127.0.0.1:8000',
  make: (environment) => ok(new RelayServer(environment)),
}

const options = {
  idfile: {
    type: 'string',
    value: 'FILE',
    about: "the relay's secret key, made if there is none; ~/.offst/relay.ident if it is left out",
  },
  laddr: {
    type: 'string',
    value: 'HOST:PORT',
    about:
      'where to listen, 127.0.0.1:8000 if it is left out; 0.0.0.0:8000 for everybody who reaches this machine',
  },
  ...ticketOptions,
} as const

export const strelay: NamedCommand = {
  name: 'strelay',
  ...command({
    about:
      'runs a relay: cards that cannot reach each other meet there. It reads nothing of what they say, and stores nothing',
    options,
    examples: ['strelay --idfile relay/relay.ident --laddr 127.0.0.1:8000'],
    notes: ['Stops at Ctrl-C. http://HOST:PORT/healthz says how it is.'],
    exits: ['stopped', 'not started'],
    run: ({ idfile, laddr, 'public-url': publicUrl, output, qr }, terminal) =>
      runServer(
        relayKind,
        { idfile, address: laddr, publicUrl, output, qr: qr || process.stdout.isTTY },
        terminal,
      ),
  }),
}

runIfStarted(strelay)
