// What docs/APPS.md promises, done: its shop and its customer as they stand there, against real nodes with a relay and
// an index server; and a program in Python that was written from the page alone.

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import * as v from 'valibot'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Card } from '../../client/card.ts'
import { appTicketOf, createIdentity, openCard, unwrap } from '../../client/node.ts'
import { NodeMessage } from '../../worker/api.ts'
import { run } from '../support/program.ts'
import { freeAddress, Tutorial } from '../support/tutorial.ts'

const ROOT = join(import.meta.dirname, '../..')
const PYTHON = process.env['PYTHON_PATH'] ?? '/usr/bin/python3'
const PYTHON_APP = join(ROOT, 'test/python/app.py')
const SOON_MS = 30_000
let tutorial: Tutorial
/** Apps of the owners of two nodes, whose cards are friends: he who sells, and he who buys. */
let seller: Card
let buyer: Card

beforeAll(async () => {
  tutorial = new Tutorial()
  const [relay, index] = [await startServer('strelay', 'laddr'), await startServer('stindex', 'lclient')]
  const owners = [await startNode(0), await startNode(1)] as const
  ;[seller, buyer] = owners
  for (const card of owners) {
    unwrap(await card.call('servers.addRelay', { ticket: relay, name: 'relay' }))
    unwrap(await card.call('servers.addIndex', { ticket: index, name: 'index' }))
  }
  await befriend(seller, buyer)
  await befriend(buyer, seller)
  const met = await buyer.state.until(() => buyer.state.friends.find(canSpend), SOON_MS)
  expect(unwrap(met)).toBeDefined()
})
afterAll(async () => {
  seller.close()
  buyer.close()
  await tutorial.end()
})

it('CLI-6 runs the shop and the customer of docs/APPS.md as they stand there', async () => {
  mkdirSync(path('shop'))
  mkdirSync(path('home'))
  writeFileSync(path('shop/shop.js'), block('shop.js'))
  writeFileSync(path('home/pay.js'), block('pay.js'))
  for (const folder of ['shop', 'home']) {
    mkdirSync(path(`${folder}/node_modules`))
    symlinkSync(ROOT, path(`${folder}/node_modules/offst`), 'dir')
    writeFileSync(path(`${folder}/package.json`), '{ "type": "module" }\n')
  }
  copyFileSync(path('node0/node0.ticket'), path('shop/node.ticket'))
  copyFileSync(path('node1/node1.ticket'), path('home/node.ticket'))
  // The page knows two ways to an app ticket.
  for (const command of [
    'stmgr gen-ident --output shop.ident',
    'stmgr app-ticket --idfile shop.ident --psell --output shop.ticket',
  ]) {
    expect(document()).toContain(command)
    expect(run(path('shop'), command)).toMatchObject({ code: 0 })
  }
  copyFileSync(path('shop/shop.ticket'), path('node0/trusted/shop.ticket'))
  const identity = createIdentity()
  writeFileSync(path('home/buyer.ident'), identity, { mode: 0o600 })
  writeFileSync(path('node1/trusted/buyer.ticket'), unwrap(appTicketOf(identity, ['funds'])))

  const shop = new Script(path('shop'), process.execPath, 'shop.js')
  const invoice = (await shop.says(/^Please pay: /)).replace('Please pay: ', '')
  const customer = new Script(path('home'), process.execPath, 'pay.js', invoice)
  expect(await customer.says(/^Paid/)).toMatch(/^Paid 60 with 0 in fees\. The receipt: offstreceipt1/)
  expect(await customer.says(/verify/)).toBe('Anyone can verify it.')
  expect(await shop.says(/^Paid|^Not/)).toBe('Paid: 60 credit for bananas')
  expect([await shop.exitCode, await customer.exitCode]).toEqual([0, 0])

  // Whoever pays once more gets the receipt of the payment that was.
  const again = new Script(path('home'), process.execPath, 'pay.js', invoice)
  expect(await again.says(/^Paid/)).toBe(await customer.says(/^Paid/))
})

it('CLI-10 serves a program in Python that was written from docs/APPS.md alone', async ({ skip }) => {
  if (spawnSync(PYTHON, ['-c', 'import cryptography, tomllib, websockets']).status !== 0) {
    skip('there is no Python with python3-cryptography and python3-websockets here')
  }
  tutorial.quietly('stmgr gen-ident --output python.ident')
  tutorial.quietly('stmgr app-ticket --idfile python.ident --psell --output node0/trusted/python.ticket')
  const app = new Script(tutorial.folder, PYTHON, PYTHON_APP, 'node0/node0.ticket', 'python.ident', '7')
  const created = JSON.parse(await app.says(/^\{"id": 2/)) as { result: { text: string; state: string } }
  expect(created.result.state).toBe('open')
  expect(unwrap(await buyer.payInvoice(created.result.text))).toMatchObject({ state: 'paid', amount: '7' })
  expect(await app.exitCode).toBe(0)
  const messages = app.lines.map((line) => v.parse(NodeMessage, JSON.parse(line)))
  const told = messages.flatMap((message) => ('changes' in message ? message.changes : []))
  expect(told.map(({ collection }) => collection)).toEqual(
    expect.arrayContaining(['card', 'friends', 'relays']),
  )
  expect(messages).toContainEqual({ event: 'synced', card: seller.client.card })
  expect(told.at(-1)?.value).toBeDefined()
})

/** A script that was started, and what it said. */
class Script {
  readonly lines: string[] = []
  readonly exitCode: Promise<number | null>
  #hasEnded = false

  constructor(folder: string, command: string, ...args: string[]) {
    const child = spawn(command, args, { cwd: folder })
    this.exitCode = once(child, 'close').then(([code]) => code as number | null)
    void this.exitCode.finally(() => (this.#hasEnded = true))
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => this.lines.push(line))
    }
  }

  /** The first line that fits; fails when the script ends without it. */
  async says(pattern: RegExp): Promise<string> {
    for (;;) {
      const hadEnded = this.#hasEnded
      const line = this.lines.find((one) => pattern.test(one))
      if (line !== undefined) return line
      if (hadEnded) throw new Error(`it ended with: ${this.lines.join('\n')}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}

function path(name: string): string {
  return join(tutorial.folder, name)
}

function document(): string {
  return readFileSync(join(ROOT, 'docs/APPS.md'), 'utf8')
}

/** The code block of the document that is a file of this name. */
function block(name: string): string {
  const code = document().split(`\n\`\`\`js ${name}\n`)[1]?.split('\n```')[0]
  if (code === undefined) throw new Error(`docs/APPS.md has no ${name}`)
  return `${code}\n`
}

/** Runs a server, and returns its ticket. */
async function startServer(program: 'strelay' | 'stindex', option: string): Promise<string> {
  const server = tutorial.start(`${program} --idfile ${program}.ident --${option} 127.0.0.1:0`)
  return (await server.says(/^offst/)).trim()
}

/** Runs a node, and connects to it as the app that `Tutorial` lets in. */
async function startNode(number: number): Promise<Card> {
  const address = await freeAddress()
  tutorial.prepareNode(number, address)
  await tutorial.startNode(number, address)
  const ticket = readFileSync(path(`node${number}/node${number}.ticket`), 'utf8')
  const identity = readFileSync(path(`app${number}/app${number}.ident`), 'utf8')
  return unwrap(await openCard({ ticket, identity }))
}

async function befriend(card: Card, other: Card): Promise<void> {
  const ticket = unwrap(await other.call('card.ticket', {})).text
  const { friend } = unwrap(await card.call('friends.add', { ticket, name: 'friend' }))
  unwrap(await card.call('friends.setOpen', { friend, currency: 'credit', open: true }))
  unwrap(await card.call('friends.setMaxDebt', { friend, currency: 'credit', maxDebt: '100' }))
}

function canSpend({ currencies }: Card['state']['friends'][number]): boolean {
  return currencies.some((account) => BigInt(account.canSpend) >= 67n)
}
