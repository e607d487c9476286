// stnode: a headless node, which keeps one card on line and serves the apps that its owner trusts.

import { command, runIfStarted, type NamedCommand } from './program.ts'

const options = {
  database: {
    type: 'string',
    required: true,
    value: 'DIR',
    about: "the card's database; one node at a time uses it",
  },
  idfile: { type: 'string', required: true, value: 'FILE', about: "the card's secret key" },
  trusted: {
    type: 'string',
    required: true,
    value: 'DIR',
    about: 'app tickets ("stmgr app-ticket"): apps may do what their tickets say, as long as these lie there',
  },
  laddr: {
    type: 'string',
    value: 'HOST:PORT',
    about:
      'where apps reach it, 127.0.0.1:9500 if it is left out; the node ticket ("stmgr node-ticket") has to name it',
  },
} as const

export const stnode: NamedCommand = {
  name: 'stnode',
  ...command({
    about:
      'keeps a card on line: its friends reach it, and apps such as stctrl drive it. "stmgr init-node-db" makes its database',
    options,
    examples: [
      'stnode --database node0/node0.db --idfile node0/node0.ident --laddr 127.0.0.1:9500 --trusted node0/trusted',
    ],
    notes: ['Stops at Ctrl-C. http://HOST:PORT/healthz says how it is.'],
    exits: ['stopped', 'not started'],
    run: async ({ database, idfile, trusted, laddr }, terminal) => {
      // Loaded only here, so that programs that know this one as a command need no database engine.
      const { runNode } = await import('./node/run.ts')
      return runNode({ database, idfile, trusted, address: laddr ?? '127.0.0.1:9500' }, terminal)
    },
  }),
}

runIfStarted(stnode)
