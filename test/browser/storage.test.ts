// A device without any room left: the wallet says so and what to do, shows what it holds, and goes on by itself.

import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchChromium, quotaOf } from './support/chromium.ts'
import { startOffstUp, type OffstUp } from './support/offst-up.ts'
import { befriend, Person, SOON_MS } from './support/person.ts'

/** A quota that is used up whatever is stored. */
const NO_ROOM_BYTES = 1
/** Chromium looks at a quota that it thinks large only every half a minute. */
const NOTICED_MS_MAX = 60_000
/** The longest wait before the storage is tried again, and some. */
const TRIED_AGAIN_MS_MAX = 60_000

let up: OffstUp
let browser: Browser
let alice: Person
let bob: Person
/** Made while there was room. */
let invoice: string
let setQuota: (bytes: number | undefined) => Promise<void>

beforeAll(async () => {
  up = await startOffstUp()
  browser = await launchChromium()
  alice = await Person.meet(browser, up.url, 'Alice')
  bob = await Person.meet(browser, up.url, 'Bob')
  await befriend(alice, bob, 150)
  setQuota = await quotaOf(alice.page)
}, 120_000)

afterAll(async () => {
  await browser.close()
  await up.stop()
})

/** Makes invoices until one is refused. */
async function writeUntilRefused(): Promise<void> {
  const { page } = alice
  const refused = page.getByText('Free some space, then try again')
  const made = page.getByLabel('Invoice, as text')
  await expect
    .poll(
      async () => {
        await alice.go('/receive')
        await page.getByLabel('Amount', { exact: true }).fill('1')
        await page.getByRole('button', { name: 'Create invoice' }).click()
        await made.or(refused).first().waitFor({ timeout: SOON_MS })
        return refused.isVisible()
      },
      { timeout: NOTICED_MS_MAX },
    )
    .toBe(true)
}

describe('a device that is full', () => {
  it('STO-3 takes no payments, and says why and what to do on every screen', async () => {
    await alice.review(await bob.makeInvoice(20, 'a basket of apples'))
    await alice.confirm(20)
    await alice.expectPaid()
    invoice = await alice.makeInvoice(5)
    await setQuota(NO_ROOM_BYTES)
    await writeUntilRefused()
    for (const path of ['/', '/friends', '/receive', '/more']) {
      await alice.go(path)
      const trouble = alice.page.getByRole('alert').filter({ hasText: 'No room left on this device' })
      await trouble.waitFor()
      expect(await trouble.innerText()).toMatch(/Delete videos or apps.*Nothing is lost/s)
    }
  }, 150_000)

  it('STO-3 shows what it holds, also to a tab that is opened now', async () => {
    const tab = await alice.newTab()
    await tab.getByText('No room left on this device').waitFor()
    await tab.goto(`${up.url}/#/friends`)
    await tab
      .getByRole('link', { name: /^Bob\b/ })
      .first()
      .waitFor({ timeout: SOON_MS })
    await tab.close()
    await alice.expectBalance('Bob', -20)
  }, 60_000)

  it('STO-3 is off line for its friends, whose payments to it fail and freeze nothing', async () => {
    await bob.openFriend('Alice')
    await bob.page.getByText('Off line').filter({ visible: true }).first().waitFor({ timeout: SOON_MS })
    await bob.review(invoice)
    expect(await bob.failToPay(5)).toContain('Alice is not on line now')
    await bob.expectNothingPending('Alice')
  }, 60_000)

  it('STO-3 goes on by itself when there is room, with everything as it was', async () => {
    await setQuota(undefined)
    await alice.go('/')
    const trouble = alice.page.getByText('No room left on this device')
    await trouble.waitFor({ state: 'hidden', timeout: TRIED_AGAIN_MS_MAX })
    await alice.waitUntilOnline('Bob')
    await alice.expectBalance('Bob', -20)
    await alice.review(await bob.makeInvoice(30))
    await alice.confirm(30)
    await alice.expectPaid()
    await bob.expectInvoicePaid()
    await alice.expectBalance('Bob', -50)
    await bob.expectBalance('Alice', 50)
    await bob.review(invoice)
    await bob.confirm(5)
    await bob.expectPaid()
    await alice.expectBalance('Bob', -45)
    for (const person of [alice, bob]) person.complaints.check()
  }, 150_000)

  it('STO-3 makes no card, says why, and makes it when there is room', async () => {
    const context = await browser.newContext()
    const page = await context.newPage()
    // Before anything is stored, so that the first thing is too much.
    await page.goto(`${up.url}/healthz`)
    const setHis = await quotaOf(page)
    await setHis(NO_ROOM_BYTES)
    await page.goto(up.url)
    await page.getByLabel('Name of the card').fill('Carol')
    const create = page.getByRole('button', { name: 'Create my card' })
    await create.click()
    await page.getByText('Free some space, then try again').waitFor({ timeout: SOON_MS })
    await setHis(undefined)
    await create.click()
    await page.getByRole('button', { name: 'Card: Carol' }).first().waitFor({ timeout: SOON_MS })
    await context.close()
  }, 60_000)
})
