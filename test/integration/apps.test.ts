// Apps of a headless node as its owner keeps them: by tickets in a folder, with budgets, directly and over a relay.

import { readFile, rm, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { RunningNode } from '../../cli/node/run.ts'
import { startServer, type RunningServer } from '../../cli/server-program.ts'
import { relayKind } from '../../cli/strelay.ts'
import type { AppView, FriendView } from '../../worker/api.ts'
import { doneHere, enterFolder, prepareNodeHere, runHere, startNodeHere } from '../support/in-process.ts'
import type { Outcome } from '../support/program.ts'
import { freeAddress, says } from '../support/tutorial.ts'

const OWNER = 'stctrl -I app0/app0.ident -T node0/node0.ticket'
const TILL = 'stctrl -I till.ident -T node0/node0.ticket'
const TICKET = 'node0/trusted/till.ticket'

let leave: () => Promise<void>
let relay: RunningServer
const nodes: RunningNode[] = []
let friend: string

beforeAll(async () => {
  leave = await enterFolder()
  const started = await startServer(
    relayKind,
    { idfile: 'relay.ident', address: '127.0.0.1:0', output: 'relay.ticket', qr: false },
    { out: () => undefined, error: () => undefined },
  )
  if (!started.ok) throw new Error(started.error.message)
  relay = started.value
  for (const number of [0, 1]) {
    const address = await freeAddress()
    await prepareNodeHere(number, address, '--pconfig --pfunds --psell')
    nodes.push(await startNodeHere(number, address))
    await doneHere(`${controlOf(number)} config add-relay -n relay -r relay.ticket`)
    await doneHere(`${controlOf(number)} info export-ticket -o node${number}.friend`)
  }
  for (const [one, other] of [
    [0, 1],
    [1, 0],
  ] as const) {
    await doneHere(`${controlOf(one)} config add-friend -n node${other} -f node${other}.friend`)
    await doneHere(`${controlOf(one)} config enable-friend -n node${other}`)
    await doneHere(`${controlOf(one)} config open-friend -n node${other}`)
    await doneHere(`${controlOf(one)} config set-friend-max-debt -n node${other} -m 1000`)
  }
  friend = (await runHere(`${controlOf(1)} info public-key`)).out.trim()
  await until(`${OWNER} info friends --json`, ({ out }) => {
    return (JSON.parse(out) as FriendView[])[0]?.currencies[0]?.canSpend === '1000'
  })
  await doneHere('stmgr gen-ident --output till.ident')
})

afterAll(async () => {
  for (const node of nodes) await node.stop()
  await relay.stop()
  await leave()
})

function controlOf(number: number): string {
  return `stctrl -I app${number}/app${number}.ident -T node${number}/node${number}.ticket`
}

/** What others have to hear of takes a moment. */
async function until(commandLine: string, isSo: (outcome: Outcome) => boolean): Promise<Outcome> {
  let outcome = await runHere(commandLine)
  for (let left = 100; left > 0 && !isSo(outcome); left--) {
    await new Promise((resolve) => setTimeout(resolve, 100))
    outcome = await runHere(commandLine)
  }
  expect(isSo(outcome), JSON.stringify(outcome)).toBe(true)
  return outcome
}

async function apps(): Promise<AppView[]> {
  return JSON.parse((await runHere(`${OWNER} info apps --json`)).out) as AppView[]
}

it('CLI-5 APP-14 spends up to the budget of its ticket, and the node and the app go on', async () => {
  await doneHere(`stmgr app-ticket -i till.ident --pfunds --budget credit:30/day -o ${TICKET}`)
  const pay = (amount: number) => runHere(`${TILL} funds send-funds -a ${amount} -d ${friend} --max-fee 0`)
  expect(await pay(20)).toEqual(says('Payment successful!', 'Fees: 0'))
  expect(await pay(11)).toEqual({
    code: 1,
    out: '',
    error: 'stctrl: This would cost up to 11 credit; the app may spend 10 more, of 30 a day.\n',
  })
  expect(await pay(10)).toEqual(says('Payment successful!', 'Fees: 0'))
  expect(await runHere(`${OWNER} info balance`)).toEqual(says('-30'))
  expect(await runHere(`${OWNER} funds send-funds -a 5 -d ${friend}`)).toEqual(
    says('Payment successful!', 'Fees: 0'),
  )
})

it('APP-15 shows its apps, with what they have spent', async () => {
  const [app, till] = await apps()
  expect(app).toMatchObject({ name: 'app', permissions: ['read', 'config', 'funds', 'sell'], budgets: [] })
  const budgets = [{ currency: 'credit', amount: '30', period: 'day', spent: '30' }]
  expect(till).toMatchObject({ name: 'till', permissions: ['read', 'funds'], budgets })
  const { out } = await runHere(`${OWNER} info apps`)
  expect(out).toMatch(/\| till +\| \S+ \| read funds +\| 30 of 30 credit a day \| \d{4}-/)
})

it('APP-16 is driven over its relay by whoever has its friend ticket and is accepted', async () => {
  const [, till] = await apps()
  const { out: key } = await runHere(`${OWNER} info public-key`)
  expect(await runHere('stctrl -I till.ident -T node0.friend info public-key')).toEqual(says(key.trim()))
  const pay = await runHere(`stctrl -I till.ident -T node0.friend funds send-funds -a 1 -d ${friend}`)
  expect(pay.error).toMatch(/the app may spend 0 more/)
  const refused = await runHere('stctrl -I app1/app1.ident -T node0.friend info friends')
  expect(refused).toMatchObject({ code: 1, out: '' })
  expect(refused.error).toMatch(/is not on line, or its owner has not accepted this app\.\n$/)
  expect(till?.seen).toBeGreaterThan(0)
})

it('CH-30 CLI-20 writes what a friend has signed last, and anybody can check it', async () => {
  await until(`${OWNER} info friend-last-token -n node1 -o node1.token`, ({ code }) => code === 0)
  const verified = await runHere('stregister verify-token -t node1.token')
  expect(verified).toMatchObject({ code: 0, error: '' })
  expect(verified.out).toMatch(
    /^Token is valid!\nSigned by: \S{43}\nFor: \S{43}\nTime: \S+\ncredit: B=-\d+, /,
  )
  const again = await runHere(`${OWNER} info friend-last-token -n node1 -o node1.token`)
  expect(again).toMatchObject({ code: 1, error: expect.stringContaining('exists already') as string })
  const token = await readFile('node1.token', 'utf8')
  await writeFile('forged.token', token.replace(/balance = "\d+"/, 'balance = "1000000"'))
  expect(await runHere('stregister verify-token -t forged.token')).toEqual({
    code: 1,
    out: '',
    error: 'stregister: Token is not valid: it is not signed by whom it names.\n',
  })
  const ticket = await runHere('stregister verify-token -t node0.friend')
  expect(ticket).toMatchObject({ code: 1, out: '' })
  expect(ticket.error).toMatch(/a friend's code, not a signed statement/)
})

it('CLI-5 APP-15 is out at once when its ticket is taken away', async () => {
  await rm(TICKET)
  const refused = await runHere(`${TILL} info friends`)
  expect(refused).toEqual({
    code: 1,
    out: '',
    error: 'stctrl: The node does not know this app: its owner has to accept the app ticket first.\n',
  })
  await until('stctrl -I till.ident -T node0.friend info friends', ({ code }) => code === 1)
  expect((await apps()).map(({ name }) => name)).toEqual(['app'])
})

it.each([
  ['credit', 'is not like credit:1000/day'],
  ['credit:10/year', 'is not like credit:1000/day'],
  ['credit:ten/day', 'is not like credit:1000/day'],
  ['credit:1/day,', 'is not like credit:1000/day'],
  ['credit:1/day,credit:2/week', 'two budgets of one currency'],
])('CLI-11 refuses the budget %s', async (budget, sentence) => {
  const outcome = await runHere(`stmgr app-ticket -i till.ident --pfunds --budget ${budget} -o never.ticket`)
  expect(outcome).toMatchObject({ out: '', error: expect.stringContaining(sentence) as string })
  expect(outcome.code).toBeGreaterThan(0)
})
