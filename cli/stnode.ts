// stnode: a headless node, which keeps one card on line and serves the apps that its owner trusts.

import { runIfStarted, withOptions, type Program } from './args.ts'

const HELP = `
stnode keeps a card on line: its friends reach it, and apps such as stctrl drive
it. "stmgr init-node-db" makes its database.

  stnode --database DIR --idfile FILE --trusted DIR [--laddr HOST:PORT]

  --database DIR     the card's database; one node at a time uses it
  --idfile FILE      the card's secret key
  --trusted DIR      app tickets ("stmgr app-ticket"): apps may do what their
                     tickets say, as long as these lie there
  --laddr HOST:PORT  where apps reach it, 127.0.0.1:9500 if it is left out; the
                     node ticket ("stmgr node-ticket") has to name it

Example: stnode --database node0/node0.db --idfile node0/node0.ident \\
              --laddr 127.0.0.1:9500 --trusted node0/trusted

Stops at Ctrl-C. Exit codes: 0 stopped, 1 could not start, 2 wrong usage.
Also: --help, --version; http://HOST:PORT/healthz says how it is.
`

const options = {
  database: { type: 'string', required: true },
  idfile: { type: 'string', required: true },
  trusted: { type: 'string', required: true },
  laddr: { type: 'string' },
} as const

export const stnode: Program = {
  name: 'stnode',
  help: HELP,
  commands: withOptions(options, async ({ database, idfile, trusted, laddr }, terminal) => {
    // Loaded only here, so that programs that know this one as a command need no database engine.
    const { runNode } = await import('./node/run.ts')
    return runNode({ database, idfile, trusted, address: laddr ?? '127.0.0.1:9500' }, terminal)
  }),
}

runIfStarted(stnode)
