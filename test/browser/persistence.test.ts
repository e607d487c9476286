// What was said to be done stays done: when all tabs are closed, and when the browser is killed.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { killBrowser, launchChromium, launchProfile } from './support/chromium.ts'
import { startOffstUp, type OffstUp } from './support/offst-up.ts'
import { befriend, Person, SOON_MS } from './support/person.ts'

let up: OffstUp
let folder: string
let browser: Browser
/** Alice's browser, whose profile is on disk. */
let hers: BrowserContext
let alice: Person
let bob: Person

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'offst-alice-'))
  up = await startOffstUp()
  browser = await launchChromium()
  hers = await launchProfile(folder)
  bob = await Person.meet(browser, up.url, 'Bob')
  alice = await Person.in(hers, up.url, 'Alice')
  await befriend(alice, bob, 150)
}, 120_000)

afterAll(async () => {
  await hers.close()
  await browser.close()
  await up.stop()
  await rm(folder, { recursive: true, force: true })
})

/** The receipt of a payment that the home screen lists under `description`. */
async function expectReceipt(description: string): Promise<void> {
  await alice.go('/')
  const entry = alice.page.getByRole('link', { name: new RegExp(description) })
  await entry.first().click({ timeout: SOON_MS })
  await alice.page
    .getByRole('link', { name: /receipt/i })
    .first()
    .click()
  const { invoice, receipt } = await alice.proof()
  await bob.page.goto(`${up.url}/#/verify?invoice=${invoice}&receipt=${receipt}`)
  const check = bob.page.getByRole('button', { name: 'Check', exact: true })
  const verdict = bob.page.getByRole('heading', { name: 'Valid receipt' })
  await check.or(verdict).first().waitFor()
  if ((await verdict.count()) === 0) await check.click()
  await verdict.waitFor({ timeout: SOON_MS })
}

describe('a card', () => {
  it('is there with friends, balances, activity and receipts when all tabs were closed (STO-2)', async () => {
    await alice.review(await bob.makeInvoice(20, 'a basket of apples'))
    await alice.confirm(20)
    await alice.expectPaid()
    await hers.close()
    hers = await launchProfile(folder)
    alice = await Person.back(hers, up.url, 'Alice')
    await alice.waitUntilOnline('Bob')
    await alice.expectBalance('Bob', -20)
    await alice.go('/activity')
    await alice.page.getByText('Bob is now a friend').first().waitFor()
    await expectReceipt('a basket of apples')
  }, 90_000)

  it('keeps a payment that was shown as paid, though the browser is killed at that moment (STO-2)', async () => {
    await alice.review(await bob.makeInvoice(30, 'a crate of pears'))
    await alice.confirm(30)
    await alice.expectPaid()
    await killBrowser(hers)
    await bob.expectInvoicePaid()

    hers = await launchProfile(folder)
    alice = await Person.back(hers, up.url, 'Alice')
    await alice.waitUntilOnline('Bob')
    await alice.expectBalance('Bob', -50)
    await bob.expectBalance('Alice', 50)
    await alice.expectNothingPending('Bob')
    await expectReceipt('a crate of pears')
  }, 90_000)

  it('pays on as before after all that', async () => {
    await alice.review(await bob.makeInvoice(5))
    await alice.confirm(5)
    await alice.expectPaid()
    await alice.expectBalance('Bob', -55)
    await bob.expectBalance('Alice', 55)
    expect(hers.pages().length).toBeGreaterThan(0)
    for (const person of [alice, bob]) person.complaints.check()
  }, 60_000)
})
