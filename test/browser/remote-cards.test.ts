// Cards on other devices: a headless node's card in a wallet, and a browser's card in another browser. They are used
// like local ones, say when they are not reached, and are gone at once when their owner takes them back.

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readAs, toText } from '../../protocol/forms.ts'
import type { PublicKey } from '../../protocol/types.ts'
import { run, RunningProgram } from '../support/program.ts'
import { freeAddress } from '../support/tutorial.ts'
import { Complaints, hideSharedWorker, launchChromium } from './support/chromium.ts'
import { startOffstUp, type OffstUp } from './support/offst-up.ts'
import { befriend, Person, SOON_MS } from './support/person.ts'

/** Longer than the longest of the first waits before a node is dialled again. */
const REDIAL_MS = 60_000
const NODE = 'stnode --database node.db --idfile node.ident --trusted trusted'
const OWNER = 'stctrl -I owner.ident -T node.ticket'

let folder: string
let up: OffstUp
let browser: Browser
let address: string
let node: RunningProgram
let carol: Person
let bob: Person
let holder: BrowserContext
let page: Page
let complaints: Complaints

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'offst-remote-'))
  up = await startOffstUp()
  browser = await launchChromium()
  carol = await Person.meet(browser, up.url, 'Carol')
  bob = await Person.meet(browser, up.url, 'Bob')
  await befriend(carol, bob, 500)
  await prepareNode()
  holder = await browser.newContext({ viewport: { width: 390, height: 844 } })
  complaints = new Complaints(holder)
  page = await holder.newPage()
}, 180_000)

afterAll(async () => {
  await browser.close()
  await node.ends('SIGKILL')
  await up.stop()
  await rm(folder, { recursive: true, force: true })
})

function done(commandLine: string): string {
  const { code, out, error } = run(folder, commandLine)
  expect({ code, error }, commandLine).toEqual({ code: 0, error: '' })
  return out
}

/** A node elsewhere, which is Carol's friend. */
async function prepareNode(): Promise<void> {
  await mkdir(join(folder, 'trusted'))
  address = await freeAddress()
  for (const name of ['node', 'owner']) done(`stmgr gen-ident --output ${name}.ident`)
  done('stmgr init-node-db --idfile node.ident --output node.db --name Shop')
  done(`stmgr node-ticket --address ${address} --idfile node.ident --output node.ticket`)
  done('stmgr app-ticket --idfile owner.ident --pconfig --output trusted/owner.ticket')
  await startNode()
  const { relays, indexServers } = (await (await fetch(`${up.url}/.well-known/offst.json`)).json()) as {
    relays: string[]
    indexServers: string[]
  }
  await writeFile(join(folder, 'relay.ticket'), relays[0] ?? '')
  await writeFile(join(folder, 'index.ticket'), indexServers[0] ?? '')
  await writeFile(join(folder, 'carol.friend'), await carol.code())
  done(`${OWNER} config add-relay -n relay -r relay.ticket`)
  done(`${OWNER} config add-index -n index -i index.ticket`)
  done(`${OWNER} config add-friend -n Carol -f carol.friend`)
  for (const step of ['enable-friend', 'open-friend']) done(`${OWNER} config ${step} -n Carol`)
  done(`${OWNER} config set-friend-max-debt -n Carol -m 500`)
  done(`${OWNER} info export-ticket -o node.friend`)
  const friend = readAs(await readFile(join(folder, 'node.friend')), 'friend')
  if (!friend.ok) throw new Error(friend.error.message)
  await carol.addFriend(toText(friend.value), 'Shop', 500)
  await carol.waitUntilOnline('Shop')
}

async function startNode(): Promise<void> {
  node = new RunningProgram(folder, `${NODE} --laddr ${address}`)
  await node.says(/listens on/)
}

function makeTicket(name: string): string {
  return (
    done(`stmgr remote-card-ticket --ticket node.ticket --trusted trusted --name ${name}`).split('\n')[0] ??
    ''
  )
}

it('APP-18 holds a card of a node by its link, from the first run on, without a trace in the address', async () => {
  await page.goto(`${up.url}/#${makeTicket('phone')}`)
  await page.getByRole('heading', { name: 'A card of another device' }).waitFor({ timeout: SOON_MS })
  expect(page.url()).not.toMatch(/offstremote/)
  await page.getByRole('button', { name: 'Use it here' }).click()
  await onLine(/^1 of 1 friend on line/)
  await page.getByRole('button', { name: /Shop/ }).first().waitFor()
  expect(page.url()).not.toMatch(/offstremote/)
}, 90_000)

it('APP-18 pays an invoice of a browser card through a friend, like a local card', async () => {
  const invoice = await bob.makeInvoice(40, 'bread')
  await page.goto(`${up.url}/#/pay/review?invoice=${invoice}`)
  await page.getByRole('button', { name: 'Pay 41 credit' }).click({ timeout: SOON_MS })
  await page.getByRole('region', { name: 'Receipt' }).waitFor({ timeout: SOON_MS })
  await bob.expectInvoicePaid()
}, 90_000)

it('APP-18 leaves apps to the device that keeps the card, and says so', async () => {
  await page.goto(`${up.url}/#/more`)
  await page.getByText('is decided on the device that keeps it').waitFor({ timeout: SOON_MS })
  await page.getByRole('button', { name: 'Remove from this browser' }).waitFor()
  expect(await page.getByText('Use on another device').count()).toBe(0)
  expect(await page.getByRole('link', { name: 'Add an app' }).count()).toBe(0)
}, 60_000)

it('APP-19 says that the node is away, keeps what it knew, and recovers', async () => {
  await page.goto(`${up.url}/#/friends`)
  await page.getByText('Carol').first().waitFor()
  await node.ends('SIGKILL')
  await page.getByText('The device with this card is not reached').waitFor({ timeout: REDIAL_MS })
  await page.getByText(/Last heard of it: /).waitFor()
  await page.getByText('Carol').first().waitFor()
  await startNode()
  await page
    .getByText('The device with this card is not reached')
    .waitFor({ state: 'hidden', timeout: REDIAL_MS })
}, 150_000)

it('APP-19 is gone at once when its owner takes it back, and is only forgotten here', async () => {
  await rm(join(folder, 'trusted/phone.ticket'))
  await page.getByText('Its owner has removed this access').waitFor({ timeout: SOON_MS })
  await page.getByRole('button', { name: 'Remove from this browser' }).click()
  await page.getByText('Only this browser forgets the card').waitFor()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove from this browser' }).click()
  await page.getByLabel('Name of the card').waitFor({ timeout: SOON_MS })
  expect(done(`${OWNER} info friends`)).toContain('Carol')
}, 90_000)

it('APP-18 says what is wrong with a code: revoked, damaged, or of a node that does not answer', async () => {
  const ticket = makeTicket('tablet')
  await rm(join(folder, 'trusted/tablet.ticket'))
  await openCode(ticket)
  await page.getByRole('button', { name: 'Use it here' }).click()
  await page.getByText('Its owner has removed this access').waitFor({ timeout: SOON_MS })
  expect(await page.getByRole('button', { name: 'Add it anyway' }).count()).toBe(0)
  await openCode(`${ticket.slice(0, -1)}${ticket.endsWith('q') ? 'p' : 'q'}`)
  await page.getByText('This text was changed on its way').waitFor()
  await openCode(toText({ kind: 'node', ticket: { publicKey: keyOfNode(), address } }))
  await page.getByText('This is not the code of a card on another device').waitFor()
}, 90_000)

it('APP-17 APP-18 opens a card of a browser in another one over the relay, until it is removed', async () => {
  await carol.go('/cards/invite')
  await carol.page.getByLabel('Name of the device').fill('Tablet')
  await carol.page.getByRole('button', { name: 'Make the code' }).click()
  await carol.page.getByText('Whoever has this code can pay with this card').waitFor({ timeout: SOON_MS })
  const code = await carol.page.getByLabel('Code for the other device, as text').inputValue()
  await openCode(code)
  await page.getByRole('button', { name: 'Use it here' }).click()
  await onLine(/friends on line/)
  const invoice = await bob.makeInvoice(7, 'a bun')
  await page.goto(`${up.url}/#/pay/review?invoice=${invoice}`)
  await page.getByRole('button', { name: 'Pay 7 credit' }).click({ timeout: SOON_MS })
  await page.getByRole('region', { name: 'Receipt' }).waitFor({ timeout: SOON_MS })
  await bob.expectInvoicePaid()
  await carol.go('/more')
  await carol.page.getByRole('link', { name: /^Tablet/ }).click()
  await carol.page.getByText(/^last seen/).waitFor({ timeout: SOON_MS })
  await carol.page.getByRole('button', { name: 'Remove app' }).click()
  await page.getByText('Its owner has removed this access').waitFor({ timeout: SOON_MS })
  for (const person of [carol, bob]) person.complaints.check()
  // The browser itself complains of a node that does not answer.
  complaints.check([/WebSocket connection to .* failed/])
}, 150_000)

it('APP-12 APP-18 is used from several tabs, also without shared workers, whichever tab goes', async () => {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 } })
  await hideSharedWorker(context)
  const first = await context.newPage()
  await first.goto(`${up.url}/#${makeTicket('laptop')}`)
  await first.getByRole('button', { name: 'Use it here' }).click({ timeout: SOON_MS })
  const isThere = (tab: Page) =>
    tab
      .getByText(/^1 of 1 friend on line/)
      .filter({ visible: true })
      .first()
      .waitFor({ timeout: SOON_MS })
  await isThere(first)
  const second = await context.newPage()
  await second.goto(up.url)
  await isThere(second)
  await first.close()
  await second.goto(`${up.url}/#/more`)
  await second.getByRole('button', { name: /^Name/ }).click({ timeout: SOON_MS })
  await second.getByLabel('Name of the card').fill('Corner shop')
  await second.getByRole('button', { name: 'Save' }).click()
  await second
    .getByRole('button', { name: /Corner shop/ })
    .first()
    .waitFor({ timeout: SOON_MS })
  await context.close()
}, 120_000)

async function onLine(words: RegExp): Promise<void> {
  await page.getByText(words).filter({ visible: true }).first().waitFor({ timeout: SOON_MS })
}

async function openCode(text: string): Promise<void> {
  await page.goto(`${up.url}/#/`)
  await page.goto(`${up.url}/#/cards/remote`)
  await page.getByRole('button', { name: 'Paste or type it by hand' }).click({ timeout: SOON_MS })
  await page.getByLabel('Code of the card').fill(text)
}

function keyOfNode(): PublicKey {
  return done(`${OWNER} info public-key`).trim() as PublicKey
}
