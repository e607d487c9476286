// offst: the umbrella over all programs.

import { basename, dirname, join } from 'node:path'
import { completion } from './completion-command.ts'
import { operationOf, operationOptions } from './operation/options.ts'
import { command, runIfStarted, type Program } from './program.ts'
import { sharingOptions } from './sharing-index.ts'
import { stctrl } from './stctrl.ts'
import { stindex } from './stindex.ts'
import { stmgr } from './stmgr.ts'
import { stnode } from './stnode.ts'
import { stregister } from './stregister.ts'
import { strelay } from './strelay.ts'
import { ticket } from './ticket.ts'
import { runUp } from './up.ts'

/** Where the build puts the wallet: beside the built programs. */
const IS_BUILT = basename(dirname(import.meta.dirname)) === 'dist'
const WALLET_FOLDER = join(import.meta.dirname, IS_BUILT ? '../web' : '../dist/web')

const up = command({
  about: 'serves the wallet with a relay and an index server on one port',
  options: {
    port: { type: 'string', value: 'N', about: '8080 if it is left out' },
    host: { type: 'string', value: 'ADDRESS', about: '127.0.0.1 if left out; 0.0.0.0 for all' },
    listen: { type: 'string', value: 'HOST:PORT', about: 'says both at once' },
    data: {
      type: 'string',
      alias: 'identity',
      value: 'DIR',
      about: "the servers' keys; ~/.offst if left out",
    },
    'public-url': { type: 'string', value: 'URL', about: 'https://wallet.example.org: what people open' },
    ...sharingOptions,
    ...operationOptions,
  },
  examples: ['offst up --host 0.0.0.0 --public-url https://wallet.example.org'],
  exits: ['stopped', 'not started'],
  run: (values, terminal) => {
    const { port, host, listen: address, data, 'public-url': publicUrl, lserver, trusted } = values
    const operation = operationOf(values)
    const place = { port, host, address, data, publicUrl, wallet: WALLET_FOLDER }
    return runUp({ ...place, lserver, trusted, operation }, terminal)
  },
})

export const offst: Program = {
  name: 'offst',
  about: 'runs all of Offst, money made of trust between people',
  commands: {
    up,
    relay: strelay,
    index: stindex,
    node: stnode,
    ctl: stctrl,
    mgr: stmgr,
    register: stregister,
    ticket,
    completion: completion(() => offst),
  },
  examples: ['offst up', 'offst ticket show node0.friend'],
}

runIfStarted(offst)
