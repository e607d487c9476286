// stindex: an index server, as a program of its own.

import { ok } from '../protocol/result.ts'
import { command, runIfStarted, type NamedCommand } from './program.ts'
import { runServer, ticketOptions, type ServerKind } from './server-program.ts'
import { sharingOptions, startSharingIndex, type SharingOptions } from './sharing-index.ts'

function indexKind(sharing: SharingOptions): ServerKind {
  return {
    kind: 'index',
    noun: 'index server',
    addressOption: 'lclient',
    defaultAddress: '127.0.0.1:9000',
    make: async (environment, terminal) => {
      const started = await startSharingIndex(environment, sharing, terminal)
      if (!started.ok) return started
      const sharingIndex = started.value
      return ok({
        accept: (socket) => sharingIndex.server.accept(socket),
        stats: () => sharingIndex.server.stats(),
        close: () => sharingIndex.close(),
      })
    },
  }
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
  ...sharingOptions,
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
    run: ({ idfile, lclient, lserver, trusted, 'public-url': publicUrl, output, qr }, terminal) =>
      runServer(
        indexKind({ lserver, trusted }),
        { idfile, address: lclient, publicUrl, output, qr: qr || process.stdout.isTTY },
        terminal,
      ),
  }),
}

runIfStarted(stindex)
