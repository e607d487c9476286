// What does not work says why, each in its own words, and leaves nothing frozen and nothing lost.

import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readAs, toText } from '../../protocol/forms.ts'
import { launchChromium } from './support/chromium.ts'
import { startOffstUp, type OffstUp } from './support/offst-up.ts'
import { befriend, Person, SOON_MS } from './support/person.ts'

let up: OffstUp
let browser: Browser
let alice: Person
let carol: Person
let bob: Person
/** What Alice read about each payment that failed. */
const sentences: string[] = []

beforeAll(async () => {
  up = await startOffstUp()
  browser = await launchChromium()
  alice = await Person.meet(browser, up.url, 'Alice')
  carol = await Person.meet(browser, up.url, 'Carol')
  bob = await Person.meet(browser, up.url, 'Bob')
  await befriend(alice, carol, 100)
  await befriend(carol, bob, 100)
}, 120_000)

afterAll(async () => {
  await browser.close()
  await up.stop()
})

async function expectNothingFrozen(): Promise<void> {
  await alice.expectNothingPending('Carol')
  await carol.expectNothingPending('Alice')
  await carol.expectNothingPending('Bob')
}

/** Damages a code in the middle, as a slip of the pen would. */
function damaged(code: string): string {
  const at = code.length - 30
  return code.slice(0, at) + (code[at] === 'q' ? 'p' : 'q') + code.slice(at + 1)
}

/** The same invoice, if it could be paid only until a minute ago. */
function expired(text: string): string {
  const form = readAs(text, 'invoice')
  if (!form.ok) throw new Error(form.error.message)
  const now = Date.now()
  const times = { created: now - 120_000, expires: now - 60_000 }
  return toText({ kind: 'invoice', invoice: { ...form.value.invoice, ...times } })
}

describe('a payment', () => {
  it('whose highest fee is too low is not made (PAY-32)', async () => {
    const { page } = alice
    await alice.review(await bob.makeInvoice(10))
    await page.locator('summary', { hasText: 'Highest fee' }).click({ timeout: SOON_MS })
    await page.getByRole('textbox', { name: 'Highest fee' }).fill('0')
    await page.getByText('The way found takes 1.').waitFor()
    await alice.confirm(11)
    const said = page.getByRole('alert').filter({ hasText: 'Not paid to' })
    sentences.push(await said.innerText({ timeout: SOON_MS }))
    expect(sentences.at(-1)).toContain('Raise the maximum fee')
    await expectNothingFrozen()
  }, 60_000)

  it('over the limit says how much is missing (PAY-33)', async () => {
    await alice.review(await bob.makeInvoice(150))
    sentences.push(await alice.failToPay(151))
    expect(sentences.at(-1)).toContain('50 less than this payment')
    await expectNothingFrozen()
  }, 60_000)

  it('along no route says so, and what could help (PAY-33)', async () => {
    await bob.setLimit('Carol', 5)
    await expect.poll(async () => (await carol.terms('Bob')).get('Local max debt (LMD)')).toBe('5')
    const invoice = await bob.makeInvoice(50)
    await alice.review(invoice)
    sentences.push(await alice.failToPay(51))
    expect(sentences.at(-1)).toMatch(
      /No chain of friends with enough room|There is not enough room on the way/,
    )
    await expectNothingFrozen()
  }, 60_000)

  it('to a friend who has closed says so (PAY-33)', async () => {
    await carol.setOpen('Alice', false)
    await expect.poll(async () => (await alice.terms('Carol')).get('Their side (RR)')).toBe('closed')
    await alice.review(await carol.makeInvoice(10))
    sentences.push(await alice.failToPay(10))
    expect(sentences.at(-1)).toContain('Carol takes no payments from you')
    await carol.setOpen('Alice', true)
    await expect.poll(async () => (await alice.terms('Carol')).get('Their side (RR)')).toBe('open')
    await expectNothingFrozen()
  }, 60_000)

  it('of an invoice that was cancelled says so (PAY-22)', async () => {
    const invoice = await carol.makeInvoice(10)
    await alice.review(invoice)
    await carol.page.getByRole('button', { name: 'Cancel invoice' }).click()
    await carol.page.getByText('Nobody can pay this invoice any more.').waitFor()
    sentences.push(await alice.failToPay(10))
    expect(sentences.at(-1)).toContain('The seller has cancelled this invoice')
    await expectNothingFrozen()
  }, 60_000)

  it('of an invoice that has expired cannot be confirmed', async () => {
    const invoice = expired(await carol.makeInvoice(10))
    await alice.review(invoice)
    await alice.page.getByText('This invoice has expired. Ask for a new one.').waitFor({ timeout: SOON_MS })
    expect(await alice.page.getByRole('button', { name: 'Pay 10 credit' }).count()).toBe(0)
  }, 60_000)

  it('to a friend who is off line says so (PAY-33)', async () => {
    const invoice = await carol.makeInvoice(10)
    await expectNothingFrozen()
    await carol.page.goto('about:blank')
    await alice.openFriend('Carol')
    const offline = alice.page.getByText('Off line', { exact: true }).filter({ visible: true })
    await offline.first().waitFor({ timeout: 40_000 })
    await alice.review(invoice)
    sentences.push(await alice.failToPay(10))
    expect(sentences.at(-1)).toContain('Carol is not on line now')
    await carol.page.goto(up.url)
    await alice.waitUntilOnline('Carol')
    await expectNothingFrozen()
  }, 90_000)

  it('that fails has a sentence of its own for each reason, and moves no balance', async () => {
    expect(sentences).toHaveLength(6)
    expect(new Set(sentences).size).toBe(6)
    await alice.expectBalance('Carol', 0)
    await bob.expectBalance('Carol', 0)
  }, 30_000)
})

describe('a damaged code', () => {
  it('of a friend says that it is damaged, and the text can be mended (TXT-4)', async () => {
    const { page } = bob
    const code = await alice.code()
    await bob.go('/friends/add')
    await page.getByRole('button', { name: 'Paste or type it by hand' }).click()
    const field = page.getByLabel('Their code')
    await field.fill(damaged(code))
    await page.getByText('This text was changed on its way').waitFor()
    expect(await field.inputValue()).toBe(damaged(code))
    await field.fill(code)
    await page.getByLabel('Name of your friend').waitFor({ timeout: SOON_MS })
  }, 60_000)

  it('of an invoice, or something that is no code at all, says what it is (TXT-4)', async () => {
    const invoice = await bob.makeInvoice(10)
    const { page } = alice
    await alice.go('/pay')
    await page.getByRole('button', { name: 'Paste or type it by hand' }).click()
    const field = page.getByLabel('Invoice, code or public key')
    for (const [text, words] of [
      [damaged(invoice), /was changed on its way/],
      [invoice.slice(0, 60), /end of this text is missing/],
      ['good morning', /not an Offst code/],
    ] as const) {
      await field.fill(text)
      await page.getByRole('button', { name: 'Go on' }).click()
      await page.getByRole('alert').filter({ hasText: words }).first().waitFor()
      expect(await field.inputValue()).toBe(text)
    }
  }, 60_000)

  it('of a server says that it is damaged; a code of another kind, that it is of no server (TXT-4)', async () => {
    const { relays } = (await (await fetch(`${up.url}/.well-known/offst.json`)).json()) as {
      relays: string[]
    }
    const { page } = bob
    const code = await bob.code()
    await bob.go('/servers/add')
    await page.getByRole('button', { name: 'Paste or type it by hand' }).click()
    const field = page.getByLabel('Code of a server')
    await field.fill(damaged(relays[0] ?? ''))
    await page.getByText('This text was changed on its way').waitFor()
    await field.fill(code)
    await page.getByText('This is not the code of a relay or an index server.').waitFor()
    await bob.go('/more')
    const relay = page.getByRole('link', { name: /friends reach you here/ })
    await expect.poll(() => relay.count(), { timeout: SOON_MS }).toBe(1)
  }, 60_000)
})

describe('all this', () => {
  it('brings no error to any console', () => {
    for (const person of [alice, carol, bob]) person.complaints.check()
  })
})
