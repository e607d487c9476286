// Everybody can use the wallet: axe finds nothing on any main screen, in both sizes and both themes, and nothing is
// cut off at 320 px, which is what 400 % zoom leaves of a desktop.

import AxeBuilder from '@axe-core/playwright'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { launchChromium } from './support/chromium.ts'
import { startOffstUp, type OffstUp } from './support/offst-up.ts'
import { befriend, Person } from './support/person.ts'

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
const PHONE = { width: 390, height: 844 }
const DESKTOP = { width: 1280, height: 800 }
const NARROW = { width: 320, height: 640 }
/** A screen that has come needs so long to fade in, and the theme to change. */
const SETTLED_MS = 600

let up: OffstUp
let browser: Browser
let alice: Person
/** Every main screen, with content. */
let paths: string[]

beforeAll(async () => {
  up = await startOffstUp()
  browser = await launchChromium()
  alice = await Person.meet(browser, up.url, 'Alice')
  const carol = await Person.meet(browser, up.url, 'Carol')
  await befriend(alice, carol, 100)
  const friendPage = new URL(alice.page.url()).hash.slice(1)
  await alice.makeInvoice(60, '4 garden chairs')
  const invoicePage = new URL(alice.page.url()).hash.slice(1)
  paths = [
    '/',
    '/friends',
    friendPage,
    `${friendPage}/details`,
    '/friends/add',
    '/pay',
    friendPage.replace('/friends/', '/pay/to/'),
    '/receive',
    invoicePage,
    '/activity',
    '/activity/1',
    '/verify',
    '/more',
    '/servers/add',
    '/cards/new',
  ]
}, 120_000)

afterAll(async () => {
  await browser.close()
  await up.stop()
})

it.each([
  ['a phone, light', PHONE, 'light'],
  ['a desktop, dark', DESKTOP, 'dark'],
] as const)('has no barrier that axe knows of on %s', async (_, size, colorScheme) => {
  const { page } = alice
  await page.setViewportSize(size)
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
  const found: string[] = []
  for (const path of paths) {
    await alice.go(path)
    await page.waitForTimeout(SETTLED_MS)
    const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze()
    for (const { id, nodes } of violations) found.push(`${path} ${id}: ${nodes[0]?.html ?? ''}`)
  }
  expect(found).toEqual([])
})

it('cuts nothing off on a screen of 320 px', async () => {
  const { page } = alice
  await page.setViewportSize(NARROW)
  const tooWide: string[] = []
  for (const path of paths) {
    await alice.go(path)
    await page.waitForTimeout(SETTLED_MS)
    const beyond = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    if (beyond > 0) tooWide.push(`${path} by ${beyond} px`)
  }
  expect(tooWide).toEqual([])
})

it('can be driven by the keyboard alone, up to an invoice', async () => {
  const { page } = alice
  await page.setViewportSize(PHONE)
  await alice.go('/receive')
  await page.getByLabel('Amount', { exact: true }).waitFor()
  await page.keyboard.type('12')
  await page.keyboard.press('Tab')
  await page.keyboard.type('bread')
  await page.keyboard.press('Enter')
  await page.getByText('Waiting for payment').waitFor()
})
