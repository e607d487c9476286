// offst: the umbrella over all programs.

import { basename, dirname, join } from 'node:path'
import { runIfStarted, withOptions, type Program } from './args.ts'
import { stctrl } from './stctrl.ts'
import { stindex } from './stindex.ts'
import { stmgr } from './stmgr.ts'
import { stnode } from './stnode.ts'
import { stregister } from './stregister.ts'
import { strelay } from './strelay.ts'
import { runUp } from './up.ts'

const HELP = `
offst: money made of trust between people.

  offst up [--port N] [--host ADDRESS] [--data FOLDER] [--public-url URL]
                     wallet, relay and index server in one, on one port

  offst relay …      a relay alone             (same as strelay)
  offst index …      an index server alone     (same as stindex)
  offst node …       a card kept on line       (same as stnode)
  offst ctl …        drives a node             (same as stctrl)
  offst mgr …        identities and tickets    (same as stmgr)
  offst register …   invoices and receipts     (same as stregister)

Options of "up":
  --port N           8080 if it is left out
  --host ADDRESS     127.0.0.1 if it is left out: this machine only;
                     0.0.0.0 for everybody who reaches it
  --data FOLDER      the servers' keys; ~/.offst if it is left out
  --public-url URL   https://wallet.example.org, if a proxy stands before it

Exit codes: 0 stopped or done, 1 could not start or refused, 2 wrong usage.
Also: --help (after a command too), --version.
`

/** Where the build puts the wallet: beside the built programs. */
const IS_BUILT = basename(dirname(import.meta.dirname)) === 'dist'
const WALLET_FOLDER = join(import.meta.dirname, IS_BUILT ? '../web' : '../dist/web')

const upOptions = {
  port: { type: 'string' },
  host: { type: 'string' },
  data: { type: 'string' },
  'public-url': { type: 'string' },
} as const

const up = withOptions(upOptions, ({ port, host, data, 'public-url': publicUrl }, terminal) =>
  runUp({ port, host, data, publicUrl, wallet: WALLET_FOLDER }, terminal),
)

export const offst: Program = {
  name: 'offst',
  help: HELP,
  commands: {
    up,
    relay: strelay,
    index: stindex,
    node: stnode,
    ctl: stctrl,
    mgr: stmgr,
    register: stregister,
  },
}

runIfStarted(offst)
