// What can be wrong with the tutorial's commands: each ends with one sentence and a code, and changes nothing.

import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readIdentity } from '../../cli/identity-file.ts'
import { openDatabase } from '../../cli/node/database.ts'
import type { RunningNode } from '../../cli/node/run.ts'
import type { PublicKey } from '../../protocol/types.ts'
import {
  doneHere as done,
  enterFolder,
  prepareNodeHere,
  runHere as run,
  startNodeHere,
} from '../support/in-process.ts'
import { run as runProcess } from '../support/program.ts'
import { freeAddress, says } from '../support/tutorial.ts'

let leave: () => Promise<void>
let address = ''
let node: RunningNode

/** `APP` and `NODE` stand for the app and the node ticket that work. */
const APP = '-I app0/app0.ident'
const NODE = '-T node0/node0.ticket'
const CTL = `stctrl ${APP} ${NODE}`
const SERVE = 'stnode --laddr 127.0.0.1:0 --trusted node0/trusted'
/** Where nobody listens, and no test of another process begins to. */
const NOBODY = '127.0.0.1:1'
const KEY = 'TiTqXCEMBDoAyseEiw8t6r3L7do_k0iXOU1_rk4ERqw'

beforeAll(async () => {
  leave = await enterFolder()
  address = await freeAddress()
  for (const [number, place] of [address, NOBODY].entries()) {
    await prepareNodeHere(number, place, '--pconfig --pfunds')
  }
  await done('stmgr gen-ident --output relay.ident')
  await done('stmgr relay-ticket --address 127.0.0.1:1 --idfile relay.ident --output relay.ticket')
  await done('stmgr gen-ident --output other.ident')
  await done('stmgr relay-ticket --address 127.0.0.1:1 --idfile other.ident --output other.ticket')
  // An address where somebody else answers.
  await done(`stmgr node-ticket --address ${address} --idfile other.ident --output impostor.ticket`)
  node = await startNodeHere(0, address)
  await done(`${CTL} config add-relay -n first -r relay.ticket`)
  await done(`${CTL} info export-ticket -o own.friend`)
  const key = (await run(`${CTL} info public-key`)).out.trim()
  await done(`stregister gen-invoice -a 60 -p ${key} -o own.invoice`)
  await done(`stregister gen-invoice -a 60 -p ${KEY} -o bananas.invoice`)
  writeFileSync('damaged.ticket', readFileSync('relay.ticket', 'utf8').replace('public_key', 'public_kex'))
  mkdirSync('folder')
})

afterAll(async () => {
  await node.stop()
  await leave()
})

/** Everything in the test's folder but the database of the node that runs, and what that node shows. */
async function everything(): Promise<string[]> {
  const paths = readdirSync('.', { recursive: true, encoding: 'utf8' }).sort()
  // LevelDB keeps a log of when it was opened.
  const files = paths.filter((path) => !path.startsWith('node0/node0.db') && !/\/LOG(\.old)?$/.test(path))
  const shown = await Promise.all(
    ['info friends', 'info relays', 'info index', 'info balance', 'seller list'].map((what) =>
      run(`${CTL} ${what}`),
    ),
  )
  return [
    ...files.map((path) => `${path}: ${contentOf(path)}`),
    ...shown.map((outcome) => JSON.stringify(outcome)),
  ]
}

function contentOf(path: string): string {
  return statSync(path).isDirectory() ? 'folder' : readFileSync(path, 'utf8')
}

const TOO_LARGE = String(2n ** 127n)
const NAME_TOO_LONG = 'n'.repeat(65)

const NODE_CASES: readonly [number, string, RegExp][] = [
  [1, `${SERVE} --idfile node0/node0.ident --database none.db`, /There is no database none\.db/],
  [1, `${SERVE} --idfile node0/node0.ident --database folder`, /folder is not the database of a node/],
  [1, `${SERVE} --idfile node0/node0.ident --database own.friend`, /is not the database of a node/],
  [1, `${SERVE} --idfile none.ident --database node1/node1.db`, /There is no file none\.ident/],
  [1, `${SERVE} --idfile relay.ticket --database node1/node1.db`, /relay\.ticket: /],
  [1, 'stnode --trusted none --idfile node1/node1.ident --database node1/node1.db', /there is none/],
  [1, `stnode --trusted relay.ticket --idfile node1/node1.ident --database node1/node1.db`, /it is a file/],
  [2, `${SERVE} --idfile node1/node1.ident`, /--database is missing/],
  [2, `${SERVE} --idfile node1/node1.ident --database node1/node1.db --port 1`, /Unknown option '--port'/],
  [
    2,
    'stnode --laddr nowhere --trusted node1/trusted --idfile node1/node1.ident --database node1/node1.db',
    /is not host:port/,
  ],
]

const MANAGER_CASES: readonly [number, string, RegExp][] = [
  [1, 'stmgr init-node-db --idfile other.ident --output node1/node1.db', /node1\.db exists already/],
  [1, 'stmgr init-node-db --idfile none.ident --output x.db', /There is no file none\.ident/],
  [1, 'stmgr init-node-db --idfile relay.ticket --output x.db', /relay\.ticket: /],
  [1, 'stmgr init-node-db --idfile relay.ident --output none/x.db', /its folder does not exist/],
  [1, 'stmgr init-node-db --idfile relay.ident --output relay.ticket', /exists already/],
  [
    1,
    `stmgr init-node-db --idfile relay.ident --output x.db --name ${NAME_TOO_LONG}`,
    /longer than 64 bytes/,
  ],
  [2, 'stmgr init-node-db --idfile relay.ident', /--output is missing/],
]

const CONNECTION_CASES: readonly [number, string, RegExp][] = [
  [2, 'stctrl info friends', /--idfile is missing/],
  [2, `stctrl ${APP} info friends`, /--ticket is missing/],
  [2, CTL, /No command is given: use one of info, config, settings, funds/],
  [2, `${CTL} dance`, /There is no command "dance"/],
  [2, `${CTL} info dance`, /There is no command "dance" for stctrl info/],
  [2, `${CTL} info friends --loud`, /Unknown option '--loud'/],
  [1, `stctrl -I none ${NODE} info friends`, /There is no file none/],
  [1, `stctrl -I relay.ticket ${NODE} info friends`, /relay\.ticket: /],
  [1, `stctrl ${APP} -T none info friends`, /There is no file none/],
  [1, `stctrl ${APP} -T relay.ticket info friends`, /relay\.ticket: .*not a node ticket/],
  [1, `stctrl ${APP} -T own.friend info friends`, /The relay at 127\.0\.0\.1:1 does not answer/],
  [1, `stctrl ${APP} -T node1/node1.ticket info friends`, /No node answers at .*: it does not run/],
  [1, `stctrl ${APP} -T impostor.ticket info friends`, /expected .*, but .* answered: check the ticket/],
  [1, `stctrl -I other.ident ${NODE} info friends`, /does not know this app/],
]

const CONFIG_CASES: readonly [number, string, RegExp][] = [
  [1, 'config add-relay -n second -r none', /There is no file none/],
  [1, 'config add-relay -n second -r damaged.ticket', /damaged\.ticket: /],
  [1, 'config add-relay -n second -r own.invoice', /an invoice, not a relay ticket/],
  [1, 'config add-relay -n second -r relay.ident', /is secret/],
  [1, 'config add-relay -n second -r relay.ticket', /this relay already, as "first"/],
  [1, 'config add-relay -n first -r other.ticket', /another relay "first"/],
  [2, `config add-relay -n ${NAME_TOO_LONG} -r other.ticket`, /longer than 64 bytes/],
  [2, 'config add-relay -r other.ticket', /--name is missing/],
  [1, 'config remove-relay -n second', /There is no relay "second", only "first"/],
  [1, 'config add-index -n index -i own.friend', /not an index server ticket/],
  [1, 'config remove-index -n index', /There is no index server "index"/],
  [1, 'config add-friend -n me -f own.friend', /This is your own code/],
  [1, 'config add-friend -n bob -f relay.ident', /is secret/],
  [1, 'config add-friend -n bob -f none', /There is no file none/],
  [2, 'config add-friend -n bob -f own.friend --balance 1.5', /--balance is not a whole number/],
  [
    2,
    `config add-friend -n bob -f own.friend --balance ${TOO_LARGE}`,
    /--balance is not a whole number from/,
  ],
  [2, `config add-friend -n bob -f own.friend -c ${'c'.repeat(17)}`, /longer than 16 bytes/],
  [1, 'config remove-friend -n bob', /There is no friend "bob"\./],
  [1, 'config enable-friend -n bob', /There is no friend "bob"\./],
  [1, 'config disable-friend -n bob', /There is no friend "bob"\./],
  [1, 'config open-friend -n bob', /There is no friend "bob"\./],
  [1, 'config close-friend -n bob', /There is no friend "bob"\./],
  [1, 'config set-friend-max-debt -n bob -m 5', /There is no friend "bob"\./],
  [2, 'config set-friend-max-debt -n bob -m -5', /--max-debt is not a whole number from 0/],
  [2, `config set-friend-max-debt -n bob -m ${TOO_LARGE}`, /--max-debt is not a whole number from 0/],
  [1, 'config set-friend-relays -n bob -f own.friend', /There is no friend "bob"\./],
  [1, 'config set-friend-relays -n bob -f relay.ticket', /a relay ticket, not a friend's code/],
  [1, 'config reset-friend -n bob', /There is no friend "bob"\./],
  [1, 'config accept-reset -n bob', /There is no friend "bob"\./],
  [2, 'config accept-reset -n bob -b much', /--balance is not a whole number/],
  [1, 'config set-friend-rate -n bob --add 1', /There is no friend "bob"\./],
  [2, 'config set-friend-rate -n bob', /Name --add, --percent or both/],
  [2, 'config set-friend-rate -n bob --percent 100', /--percent is not a number from 0 to 99/],
  [2, 'config set-friend-rate -n bob --add 4294967296', /--add is not a whole number from 0/],
  [1, 'config add-currency -n bob -c hours', /There is no friend "bob"\./],
  [2, 'config add-currency -n bob', /--currency is missing/],
  [1, 'config remove-currency -n bob -c hours', /There is no friend "bob"\./],
  [2, 'info export-ticket', /--output is missing/],
  [1, 'info export-ticket -o own.friend', /own\.friend exists already/],
  [1, 'info export-ticket -o none/x', /its directory does not exist/],
]

const FUNDS_CASES: readonly [number, string, RegExp][] = [
  [1, `funds send-funds -a 5 -d ${KEY}`, /Payment failed: You have no friends yet/],
  [2, `funds send-funds -a 0 -d ${KEY}`, /--amount is not a whole number from 1/],
  [2, `funds send-funds -a ${2n ** 128n} -d ${KEY}`, /--amount is not a whole number from 1/],
  [2, 'funds send-funds -a 5 -d bananas', /--dest: This is not an Offst code/],
  [2, `funds send-funds -a 5 -d ${KEY} --max-fee lots`, /--max-fee is not a whole number/],
  [2, `funds send-funds -a 5 -d ${KEY} --timeout 0`, /--timeout is not a whole number from 1/],
  [1, 'funds pay-invoice -i none -r x.receipt', /There is no file none/],
  [1, 'funds pay-invoice -i own.friend -r x.receipt', /not an invoice/],
  [1, 'funds pay-invoice -i own.invoice -r x.receipt', /would go to yourself/],
  [1, 'funds pay-invoice -i bananas.invoice -r own.friend', /own\.friend exists already/],
  [1, 'funds pay-invoice -i bananas.invoice -r x.receipt', /Payment failed: You have no friends yet/],
]

const MORE_CASES: readonly [number, string, RegExp][] = [
  [2, 'funds cancel -p 1', /--payment is not the id of a payment/],
  [1, 'funds cancel -p AAAAAAAAAAAAAAAAAAAAAA', /This card has no such payment/],
  [1, 'seller create-invoice -a 5 -o x.invoice', /it lacks the permission sell/],
  [2, 'seller create-invoice -a 0 -o x.invoice', /--amount is not a whole number from 1/],
  [1, 'seller create-invoice -a 5 -o own.invoice', /own\.invoice exists already/],
  [2, 'seller create-invoice -a 5 -o x.invoice --expires 2020-01-01', /has passed already/],
  [1, 'seller cancel-invoice -i own.invoice', /it lacks the permission sell/],
  [1, 'seller cancel-invoice -i own.friend', /own\.friend: .*not an invoice/],
  [2, 'seller cancel-invoice', /Name either --invoice or --id/],
  [2, 'seller cancel-invoice --id bananas', /--id is not the id of an invoice/],
  [2, 'seller list --all', /Unknown option '--all'/],
  [2, 'info history --since soon', /neither like 30m/],
  [2, 'info history --json --csv', /Name either --json or --csv/],
  [1, 'info history --csv -o own.friend', /own\.friend exists already/],
]

const TICKET_CASES: readonly [number, string, RegExp][] = [
  [1, 'offst ticket show none', /There is no file none/],
  [1, 'offst ticket show folder', /folder cannot be read: it is a directory/],
  [1, 'offst ticket show damaged.ticket', /damaged\.ticket: /],
  [1, 'offst ticket show relay.ident', /relay\.ident: .*is secret/],
  [1, 'offst ticket show /dev/zero', /longer than any Offst file/],
  [1, 'offst ticket show offstinvoice1qqqqqqqqqqqq', /: /],
  [2, 'offst ticket show', /The FILE is missing/],
  [2, 'offst ticket show relay.ticket own.friend', /The FILE is given twice/],
  [2, 'offst ticket draw relay.ticket', /There is no command "draw"/],
  [2, 'offst completion fish', /There is no completion for "fish"/],
]

const withNode = ([code, command, message]: readonly [number, string, RegExp]) =>
  [code, `${CTL} ${command}`, message] as const

describe('wrong input', () => {
  it.each([
    ...NODE_CASES,
    ...MANAGER_CASES,
    ...CONNECTION_CASES,
    ...CONFIG_CASES.map(withNode),
    ...FUNDS_CASES.map(withNode),
    ...MORE_CASES.map(withNode),
    ...TICKET_CASES,
  ])('CLI-11 ends with %d, one sentence and nothing changed: %s', async (code, command, message) => {
    const before = await everything()
    const outcome = await run(command)
    expect(outcome.error).toMatch(message)
    expect(outcome.error).toMatch(/^(st\w+|offst): [^\n]*\.\n$/)
    expect({ code: outcome.code, out: outcome.out }).toEqual({ code, out: '' })
    expect(await everything()).toEqual(before)
  })

  it('CLI-1 refuses a second node on the same database, in another process', async () => {
    const command = `${SERVE} --idfile node0/node0.ident --database node0/node0.db`
    expect(runProcess(process.cwd(), command)).toEqual({
      code: 1,
      out: '',
      error: 'stnode: node0/node0.db is open in another program: stop that one first.\n',
    })
    expect(await run(`${CTL} info balance`)).toEqual(says('0'))
  })

  it('CLI-4 refuses the database of another identity', async () => {
    const outcome = await run(`${SERVE} --idfile other.ident --database node1/node1.db`)
    expect(outcome).toMatchObject({ code: 1, out: '' })
    expect(outcome.error).toMatch(/^stnode: node1\/node1\.db belongs to the identity .*together\.\n$/)
  })

  it('refuses a port on which somebody listens', async () => {
    const files = '--trusted node1/trusted --idfile node1/node1.ident --database node1/node1.db'
    const outcome = await run(`stnode --laddr ${address} ${files}`)
    expect(outcome).toMatchObject({ code: 1, out: '' })
    expect(outcome.error).toMatch(/^stnode: Another program listens on .* already/)
  })

  it('leaves the database free when it could not start', async () => {
    const opened = await openDatabase(
      'node1/node1.db',
      (await run(`${CTL} info public-key`)).out as PublicKey,
    )
    expect(opened).toMatchObject({ error: { code: 'otherIdentity' } })
    const identity = await readIdentity('node1/node1.ident')
    const own = identity.ok && (await openDatabase('node1/node1.db', identity.value.publicKey))
    expect(own).toMatchObject({ ok: true })
    if (own !== false && own.ok) own.value.close()
  })

  it('is the same under the names that offst gives to the programs', async () => {
    expect(await run(`offst ctl ${APP} ${NODE} info balance`)).toEqual(says('0'))
    expect(await run('offst node --idfile none.ident --trusted x --database y')).toMatchObject({ code: 1 })
  })
})
