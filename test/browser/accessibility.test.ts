// Everybody can use it: what axe finds on the main screens, and whether they fit a phone, a desktop and a zoomed page.

import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { appTicketOf, createIdentity } from '../../client/documents.ts'
import { launchChromium } from './support/chromium.ts'
import { startOffstUp, type OffstUp } from './support/offst-up.ts'
import { befriend, Person, SOON_MS } from './support/person.ts'

const PHONE = { width: 390, height: 844 }
const DESKTOP = { width: 1280, height: 800 }
/** A window of 640 px at 200 %. */
const ZOOMED = { width: 320, height: 640 }
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
const CONTRAST = ['color-contrast']

let up: OffstUp
let browser: Browser
let alice: Person
let bob: Person
let carol: Person

beforeAll(async () => {
  up = await startOffstUp()
  browser = await launchChromium()
  alice = await Person.meet(browser, up.url, 'Alice')
  bob = await Person.meet(browser, up.url, 'Bob')
}, 90_000)

afterAll(async () => {
  await browser.close()
  await up.stop()
})

/** What is wrong with the screen that is shown, at every size and in both themes. */
async function faults(page: Page): Promise<string[]> {
  const found: string[] = []
  for (const size of [ZOOMED, DESKTOP, PHONE]) {
    await page.setViewportSize(size)
    const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    if (tooWide > 0) found.push(`${size.width} px: ${tooWide} px too wide`)
    if (size === ZOOMED) continue
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
    found.push(...(await violations(`${size.width} px`, axe(page).withTags(RULES))))
    // The theme changes nothing but colours.
    await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' })
    found.push(...(await violations(`${size.width} px, dark`, axe(page).withRules(CONTRAST))))
  }
  return found
}

/** Without a page of its own for each report: there are no frames here. */
function axe(page: Page): AxeBuilder {
  return new AxeBuilder({ page }).setLegacyMode()
}

async function violations(where: string, builder: AxeBuilder): Promise<string[]> {
  const { violations: all } = await builder.analyze()
  return all.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${where}: ${id} at ${target.join(' ')}`))
}

async function expectNoFaults(page: Page, heading: string | RegExp): Promise<void> {
  await page.getByRole('heading', { name: heading }).first().waitFor({ timeout: SOON_MS })
  expect(await faults(page)).toEqual([])
}

it('finds what is wrong with a page that is hard to use', async () => {
  const { page } = alice
  await alice.go('/more')
  await page.getByRole('heading', { name: 'More', level: 1 }).waitFor()
  const body = await page
    .locator('main')
    .evaluateHandle((main) => main.appendChild(document.createElement('p')))
  await body.evaluate((added) => {
    added.textContent = 'hard to see'
    added.style.cssText = 'color: #8888; width: 2000px'
  })
  const found = (await faults(page)).join()
  for (const fault of ['390 px: color-contrast', '1280 px, dark: color-contrast', 'px too wide']) {
    expect(found).toContain(fault)
  }
  await page.reload()
}, 30_000)

describe('nothing keeps anybody from using', () => {
  it('the first run', async () => {
    const context = await browser.newContext()
    const page = await context.newPage()
    await page.goto(up.url)
    await page.getByLabel('Name of the card').waitFor()
    await expectNoFaults(page, 'Pay with trust between friends')
    await context.close()
  }, 60_000)

  it('an empty card', async () => {
    for (const [path, heading] of [
      ['/', 'Home'],
      ['/friends', 'Friends'],
      ['/friends/add', 'Add a friend'],
      ['/activity', 'Activity'],
    ] as const) {
      await alice.go(path)
      await expectNoFaults(alice.page, heading)
    }
  }, 120_000)

  it('friends, and what is done with them', async () => {
    const code = await bob.code()
    await befriend(alice, bob, 150)
    await alice.go(`/friends/new?ticket=${code}`)
    await expectNoFaults(alice.page, 'Add a friend')
    await alice.go('/friends')
    await expectNoFaults(alice.page, 'Friends')
    await alice.openFriend('Bob')
    await expectNoFaults(alice.page, 'Bob')
    await alice.terms('Bob')
    await expectNoFaults(alice.page, 'Exact terms')
  }, 120_000)

  it('asking for money', async () => {
    await bob.go('/receive')
    await expectNoFaults(bob.page, 'Receive')
    await bob.makeInvoice(60, 'two sourdough loaves')
    await expectNoFaults(bob.page, 'Receive')
  }, 120_000)

  it('apps', async () => {
    const { page } = alice
    const ticket = appTicketOf(createIdentity(), ['funds'])
    if (!ticket.ok) throw new Error(ticket.error.message)
    await alice.go('/apps/add')
    await expectNoFaults(page, 'Add an app')
    await alice.go(`/apps/add?ticket=${ticket.value}`)
    await page.getByLabel('Name of the app').fill('Till')
    await expectNoFaults(page, 'Add an app')
    await page.getByLabel('At most').fill('100')
    await page.getByRole('button', { name: 'Let it in' }).click()
    await expectNoFaults(page, 'Till')
    await alice.go('/more')
    await expectNoFaults(page, 'More')
  }, 120_000)

  it('cards of other devices', async () => {
    const { page } = alice
    await alice.go('/cards/remote')
    await expectNoFaults(page, 'A card of another device')
    await alice.go('/cards/invite')
    await page.getByLabel('Name of the device').fill('Phone')
    await page.getByText('Limit what it pays', { exact: true }).click()
    await page.getByLabel('At most').fill('100')
    await expectNoFaults(page, 'Use on another device')
    await page.getByRole('button', { name: 'Make the code' }).click()
    const code = page.getByLabel('Code for the other device, as text')
    await code.waitFor({ timeout: SOON_MS })
    await expectNoFaults(page, 'Use on another device')
    const other = await Person.meet(browser, up.url, 'Dora')
    await other.go('/cards/remote')
    await other.page.getByRole('button', { name: 'Paste or type it by hand' }).click()
    await other.page.getByLabel('Code of the card').fill(await code.inputValue())
    await other.page.getByRole('button', { name: 'Use it here' }).waitFor({ timeout: SOON_MS })
    await expectNoFaults(other.page, 'A card of another device')
    await other.page.getByRole('button', { name: 'Use it here' }).click()
    await expectNoFaults(other.page, 'Home')
    await alice.page.getByRole('link', { name: 'Done' }).click()
    await alice.page.getByRole('button', { name: 'Remove app' }).click()
    await other.page.getByText('Its owner has removed this access').waitFor({ timeout: SOON_MS })
    await expectNoFaults(other.page, 'Home')
    await other.close()
  }, 180_000)

  it('paying, until the receipt', async () => {
    const invoice = await bob.page.getByLabel('Invoice, as text').inputValue()
    const { page } = alice
    await alice.go('/pay')
    await expectNoFaults(page, 'Pay')
    await page.getByRole('link', { name: /^Bob\b/ }).click()
    await expectNoFaults(page, 'Pay Bob')
    await alice.review(invoice)
    await page.getByText('No fee').waitFor({ timeout: SOON_MS })
    await expectNoFaults(page, 'Pay')
    await alice.confirm(60)
    await alice.expectPaid()
    await expectNoFaults(page, 'Payment')
    await bob.expectInvoicePaid()
    await expectNoFaults(bob.page, 'Receive')
  }, 120_000)

  it('a card with a history, its settings, and the check of receipts', async () => {
    for (const [path, heading] of [
      ['/', 'Home'],
      ['/activity', 'Activity'],
      ['/activity/1', 'What happened'],
      ['/more', 'More'],
      ['/servers/add', 'Add a server'],
      ['/cards/new', 'New card'],
      ['/verify', 'Verify a receipt'],
    ] as const) {
      await alice.go(path)
      await expectNoFaults(alice.page, heading)
    }
  }, 120_000)

  it('a payment that finds no way, and a disagreement', async () => {
    carol = await Person.meet(browser, up.url, 'Carol')
    const { page } = carol
    await carol.review(await bob.makeInvoice(5))
    await expectNoFaults(page, 'No way there right now')
    const [hers, his] = [await carol.code(), await bob.code()]
    await carol.addFriend(his, 'Bob', 100, { owesMe: 50 })
    await bob.addFriend(hers, 'Carol', 100, { owesMe: 50 })
    await carol.openFriend('Bob')
    await page.getByText('Bob says', { exact: true }).waitFor({ timeout: SOON_MS })
    await expectNoFaults(page, 'Your balances don’t match')
    await carol.go('/friends')
    await expectNoFaults(page, 'Friends')
  }, 120_000)

  it('the keyboard alone, up to an invoice', async () => {
    const { page } = alice
    await alice.go('/receive')
    await page.getByLabel('Amount', { exact: true }).waitFor()
    await page.keyboard.type('12')
    await page.keyboard.press('Tab')
    await page.keyboard.type('bread')
    await page.keyboard.press('Enter')
    await page.getByText('Waiting for payment').waitFor()
  }, 30_000)
})
