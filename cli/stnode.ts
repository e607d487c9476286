// stnode: a headless node, which keeps one card on line and serves the apps that its owner trusts.

import { operationOf, operationOptions } from './operation/options.ts'
import { command, runIfStarted, type NamedCommand } from './program.ts'

const options = {
  database: { type: 'string', required: true, value: 'DIR', about: "the card's, for one node at a time" },
  idfile: {
    type: 'string',
    alias: 'identity',
    required: true,
    value: 'FILE',
    about: "the card's secret key",
  },
  trusted: {
    type: 'string',
    required: true,
    value: 'DIR',
    about: 'app tickets, which say what apps may do',
  },
  laddr: {
    type: 'string',
    alias: 'listen',
    value: 'HOST:PORT',
    about: 'for apps; else 127.0.0.1:9500',
  },
  ...operationOptions,
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
    exits: ['stopped', 'not started'],
    run: async (values, terminal) => {
      // Loaded only here, so that programs that know this one as a command need no database engine.
      const { runNode } = await import('./node/run.ts')
      const { database, idfile, trusted, laddr: address = '127.0.0.1:9500' } = values
      const operation = operationOf(values)
      return runNode({ database, idfile, trusted, address, operation }, terminal)
    },
  }),
}

runIfStarted(stnode)
