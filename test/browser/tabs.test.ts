// Several tabs, several cards, and a browser without SharedWorker: the person sees one wallet.

import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hideSharedWorker, launchChromium } from './support/chromium.ts'
import { startOffstUp, type OffstUp } from './support/offst-up.ts'
import { befriend, Person, SOON_MS } from './support/person.ts'

let up: OffstUp
let browser: Browser
let alice: Person
let bob: Person

beforeAll(async () => {
  up = await startOffstUp()
  browser = await launchChromium()
  // Alice's browser has no SharedWorker: one of her tabs is elected.
  alice = await Person.meet(browser, up.url, 'Alice', hideSharedWorker)
  bob = await Person.meet(browser, up.url, 'Bob')
}, 90_000)

afterAll(async () => {
  await browser.close()
  await up.stop()
})

/** The sum on a tab's home screen. */
async function expectOnHome(tab: Page, text: RegExp): Promise<void> {
  await tab.goto(`${up.url}/#/`)
  await expect
    .poll(() => tab.getByRole('region', { name: 'Balance with friends' }).innerText(), { timeout: SOON_MS })
    .toMatch(text)
}

describe('two friends, one of them in a browser without SharedWorker', () => {
  it('make cards, become friends and pay an invoice (APP-12)', async () => {
    expect(await alice.page.evaluate(() => 'SharedWorker' in globalThis)).toBe(false)
    await befriend(alice, bob, 150)
    await alice.review(await bob.makeInvoice(10))
    await alice.confirm(10)
    await alice.expectPaid()
    await bob.expectInvoicePaid()
  }, 60_000)

  it('see the same in both tabs of each, while both go on', async () => {
    const [hers, his] = [await alice.newTab(), await bob.newTab()]
    for (const tab of [alice.page, hers]) await expectOnHome(tab, /\u221210/)
    for (const tab of [bob.page, his]) await expectOnHome(tab, /\+?10/)

    await alice.review(await bob.makeInvoice(5))
    await alice.confirm(5)
    await alice.expectPaid()
    // Without any navigation: the other tabs are told.
    for (const tab of [hers, his]) {
      await expect
        .poll(() => tab.getByRole('region', { name: 'Balance with friends' }).innerText(), {
          timeout: SOON_MS,
        })
        .toMatch(/15/)
    }
  }, 60_000)

  it('pay an invoice once, though both tabs confirm it at the same time (PAY-30)', async () => {
    const invoice = await bob.makeInvoice(20)
    const [first, second] = alice.context.pages() as [Page, Page]
    const buttons = [first, second].map((tab) => tab.getByRole('button', { name: 'Pay 20 credit' }))
    for (const tab of [first, second]) {
      await tab.goto(`${up.url}/#/`)
      await tab.goto(`${up.url}/#/pay/review?invoice=${invoice}`)
    }
    for (const button of buttons) await expect.poll(() => button.isEnabled(), { timeout: SOON_MS }).toBe(true)
    await Promise.all(buttons.map((button) => button.dispatchEvent('click')))
    await bob.expectInvoicePaid()
    await alice.expectBalance('Bob', -35)
    await bob.expectBalance('Alice', 35)
    await alice.expectNothingPending('Bob')
  }, 60_000)

  it('go on paying when the tab that worked for the others is closed (APP-12)', async () => {
    const [leader, other] = alice.context.pages() as [Page, Page]
    await leader.close()
    alice.page = other
    await other.bringToFront()
    await alice.waitUntilOnline('Bob')
    await alice.review(await bob.makeInvoice(5))
    await alice.confirm(5)
    await alice.expectPaid()
    await alice.expectBalance('Bob', -40)
    await bob.expectBalance('Alice', 40)
  }, 60_000)
})

describe('two cards of one browser', () => {
  it('pay each other, with the switch at the top between them', async () => {
    const { page } = bob
    const show = async (card: string): Promise<void> => {
      await bob.go('/')
      await page
        .getByRole('button', { name: /^Card:/ })
        .filter({ visible: true })
        .click()
      await page.getByRole('dialog').getByRole('button', { name: card }).click()
      await page
        .getByRole('button', { name: `Card: ${card}` })
        .first()
        .waitFor()
    }
    const codeOfBob = await bob.code()
    await bob.go('/cards/new')
    await page.getByLabel('Name of the card').fill('Till')
    await page.getByRole('button', { name: 'Create my card' }).click()
    await page.getByRole('button', { name: 'Card: Till' }).first().waitFor()
    const codeOfTill = await bob.code()
    await bob.addFriend(codeOfBob, 'Bob', 50)
    await show('Bob')
    await bob.addFriend(codeOfTill, 'Till', 0)
    await bob.waitUntilOnline('Till')

    await show('Till')
    const invoice = await bob.makeInvoice(12)
    await show('Bob')
    await bob.review(invoice)
    await bob.confirm(12)
    await bob.expectPaid()
    await bob.expectBalance('Till', -12)
    await show('Till')
    await bob.expectBalance('Bob', 12)
  }, 90_000)

  it('bring no error to any console', () => {
    for (const person of [alice, bob]) person.complaints.check()
  })
})
