// An app drives a card that lives in a browser, over the relay: its owner lets it in by its code, with a limit, and
// takes that back. The card in the middle of the way is in a browser, too.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { appTicketOf, createIdentity } from '../../client/documents.ts'
import { runHere } from '../support/in-process.ts'
import { says } from '../support/tutorial.ts'
import { launchChromium } from './support/chromium.ts'
import { startOffstUp, type OffstUp } from './support/offst-up.ts'
import { befriend, Person, SOON_MS } from './support/person.ts'

let folder: string
let up: OffstUp
let browser: Browser
let alice: Person
let carol: Person
let bob: Person
let ticket: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'offst-app-'))
  up = await startOffstUp()
  browser = await launchChromium()
  alice = await Person.meet(browser, up.url, 'Alice')
  carol = await Person.meet(browser, up.url, 'Carol')
  bob = await Person.meet(browser, up.url, 'Bob')
  await befriend(alice, carol, 500)
  await befriend(carol, bob, 500)
  const identity = createIdentity()
  const wish = appTicketOf(identity, ['routes', 'funds'])
  if (!wish.ok) throw new Error(wish.error.message)
  ticket = wish.value
  await writeFile(join(folder, 'app.ident'), identity)
  await writeFile(join(folder, 'alice.friend'), await alice.code())
}, 120_000)

afterAll(async () => {
  await browser.close()
  await up.stop()
  await rm(folder, { recursive: true, force: true })
})

function control(command: string) {
  return runHere(`stctrl -I ${join(folder, 'app.ident')} -T ${join(folder, 'alice.friend')} ${command}`)
}

async function invoiceFile(name: string, amount: number): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, await bob.makeInvoice(amount, name))
  return path
}

it('APP-16 is a stranger before the owner has let it in', async () => {
  const { code, error } = await control('info friends')
  expect({ code, error }).toMatchObject({
    code: 1,
    error: expect.stringContaining('its owner has not accepted this app') as string,
  })
}, 60_000)

it('APP-15 is let in by its code, with a limit to what it pays', async () => {
  const { page } = alice
  await alice.go('/apps/add')
  await page.getByRole('button', { name: 'Paste or type it by hand' }).click()
  await page.getByLabel('Code of the app').fill(ticket)
  await page.getByLabel('Name of the app').fill('Till')
  await page.getByText('Say how much it may pay').waitFor()
  await page.getByLabel('At most').fill('100')
  await page.getByRole('button', { name: 'Let it in' }).click()
  await page.getByRole('heading', { name: 'Till', level: 1 }).waitFor({ timeout: SOON_MS })
  await page.getByText('never seen yet').waitFor()
}, 60_000)

it('APP-14 APP-16 pays from a browser through a browser, and no more than the limit', async () => {
  const paid = await control(
    `funds pay-invoice -i ${await invoiceFile('bread', 60)} -r ${join(folder, 'bread.receipt')} --max-fee 5`,
  )
  expect(paid).toEqual(says('Payment successful!', 'Fees: 1'))
  expect(await readFile(join(folder, 'bread.receipt'), 'utf8')).toMatch(/^kind = "receipt"/)
  await bob.expectInvoicePaid()
  const more = await control(
    `funds pay-invoice -i ${await invoiceFile('cake', 50)} -r ${join(folder, 'cake.receipt')} --max-fee 5`,
  )
  expect(more).toMatchObject({ code: 1, out: '' })
  expect(more.error).toMatch(/the app may spend 39 more, of 100 a month/)
  const { page } = alice
  await alice.go('/more')
  await page.getByRole('link', { name: /^Till/ }).click()
  await page.getByText('Spent 61 of 100 credits in 30 days').waitFor({ timeout: SOON_MS })
  await page.getByText(/^last seen/).waitFor()
}, 90_000)

it('APP-15 is out at once when the owner removes it', async () => {
  const { page } = alice
  await page.getByRole('button', { name: 'Remove app' }).click()
  await page.getByText('Till is removed').waitFor({ timeout: SOON_MS })
  await page.getByText('No program but this wallet uses this card.').waitFor()
  expect((await control('info friends')).code).toBe(1)
  for (const person of [alice, carol, bob]) person.complaints.check()
}, 60_000)
