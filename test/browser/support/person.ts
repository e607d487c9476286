// A person with a browser of their own, who uses the wallet as people do: by what they see and can press.

import type { Browser, BrowserContext, Page } from 'playwright-core'
import { expect } from 'vitest'
import { Complaints } from './chromium.ts'

const PHONE = { width: 390, height: 844 }
/** For what takes a round through relays and friends on a slow machine. */
export const SOON_MS = 20_000

export interface StartBalance {
  /** What the friend already owes me; negative: what I already owe. */
  readonly owesMe: number
}

export class Person {
  readonly name: string
  readonly url: string
  readonly context: BrowserContext
  page: Page
  readonly complaints: Complaints

  private constructor(
    name: string,
    url: string,
    context: BrowserContext,
    page: Page,
    complaints: Complaints,
  ) {
    this.name = name
    this.url = url
    this.context = context
    this.page = page
    this.complaints = complaints
  }

  /** Opens the wallet in a fresh context and makes a card. */
  static async meet(
    browser: Browser,
    url: string,
    name: string,
    prepare: (context: BrowserContext) => Promise<void> = async () => undefined,
  ): Promise<Person> {
    const context = await browser.newContext({ viewport: PHONE, permissions: ['camera'] })
    await prepare(context)
    return Person.in(context, url, name)
  }

  /** The same in a context that is there already. */
  static async in(context: BrowserContext, url: string, name: string): Promise<Person> {
    const person = await Person.#open(context, url, name)
    await person.page.getByLabel('Name of the card').fill(name)
    await person.page.getByRole('button', { name: 'Create my card' }).click()
    await person.#expectCard()
    return person
  }

  /** The same where the card has been made before. */
  static async back(context: BrowserContext, url: string, name: string): Promise<Person> {
    const person = await Person.#open(context, url, name)
    await person.#expectCard()
    return person
  }

  static async #open(context: BrowserContext, url: string, name: string): Promise<Person> {
    const complaints = new Complaints(context)
    const page = context.pages()[0] ?? (await context.newPage())
    await page.goto(url)
    return new Person(name, url, context, page, complaints)
  }

  async #expectCard(): Promise<void> {
    const { page, name } = this
    await page
      .getByRole('button', { name: `Card: ${name}` })
      .first()
      .waitFor({ timeout: SOON_MS })
  }

  /** Another tab of the same browser, on the home screen; `page` stays in front (behind it, frames are rare). */
  async newTab(): Promise<Page> {
    const tab = await this.context.newPage()
    await tab.goto(this.url)
    await tab
      .getByRole('button', { name: `Card: ${this.name}` })
      .first()
      .waitFor({ timeout: SOON_MS })
    await this.page.bringToFront()
    return tab
  }

  /** Goes to a screen by its address, as a bookmark would. */
  async go(path: string): Promise<void> {
    await this.page.goto(`${this.url}/#${path}`)
  }

  /** The text of my friend code. */
  async code(): Promise<string> {
    await this.go('/friends/add')
    return this.page.getByLabel('My friend code, as text').inputValue()
  }

  /** Pastes a friend's code and adds them, trusting up to `limit`. */
  async addFriend(code: string, name: string, limit: number, start?: StartBalance): Promise<void> {
    await this.go('/friends/add')
    await this.page.getByRole('button', { name: 'Paste or type it by hand' }).click()
    await this.page.getByLabel('Their code').fill(code)
    await this.finishAdding(name, limit, start)
  }

  /** Fills the form that follows a friend's code, however it was taken in. */
  async finishAdding(name: string, limit: number, start?: StartBalance): Promise<void> {
    const { page } = this
    await page.getByLabel('Name of your friend').waitFor({ timeout: SOON_MS })
    expect(await page.getByLabel('Name of your friend').inputValue()).toBe(name)
    await page.getByLabel(`You trust ${name} up to`).fill(String(limit))
    if (start !== undefined) {
      await page.locator('summary', { hasText: 'One of you owes already' }).click()
      const who = start.owesMe >= 0 ? `${name} already owes me` : `I already owe ${name}`
      await page.getByLabel(who).check()
      await page.getByLabel('How much').fill(String(Math.abs(start.owesMe)))
    }
    await page.getByRole('button', { name: `Add ${name}` }).click()
    await page.getByRole('heading', { name, level: 1 }).waitFor()
  }

  /** Opens a friend's page from the list. */
  async openFriend(name: string): Promise<void> {
    await this.go('/friends')
    await this.page
      .getByRole('link', { name: new RegExp(`^${name}\\b`) })
      .first()
      .click()
    await this.page.getByRole('heading', { name, level: 1 }).waitFor()
  }

  async waitUntilOnline(name: string): Promise<void> {
    await this.openFriend(name)
    const state = this.page.getByText('On line', { exact: true }).filter({ visible: true })
    await state.first().waitFor({ timeout: SOON_MS })
  }

  /** Lets payments come from this friend, or not. */
  async setOpen(name: string, open: boolean): Promise<void> {
    await this.openFriend(name)
    const through = this.page.getByRole('switch', { name: `Payments through ${name}` })
    if ((await through.getAttribute('aria-checked')) !== String(open)) await through.click()
    await this.page.locator(`[role=switch][aria-checked=${String(open)}]`).waitFor()
  }

  /** Types a new limit of the trust in a friend. */
  async setLimit(name: string, limit: number): Promise<void> {
    await this.openFriend(name)
    await this.page.getByRole('textbox', { name: `You trust ${name} up to` }).fill(String(limit))
    await this.page.keyboard.press('Enter')
    await this.page.getByText(`Limit for ${name} is now ${limit}`).waitFor()
  }

  /** Uses these servers, and none of those before. */
  async useServers(codes: readonly string[]): Promise<void> {
    const { page } = this
    await this.go('/more')
    const rows = page.getByRole('link', { name: /friends reach you here|finds ways for payments/ })
    await rows.first().waitFor()
    const old = await rows.evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''))
    for (const code of codes) {
      await this.go('/servers/add')
      await page.getByRole('button', { name: 'Paste or type it by hand' }).click()
      await page.getByLabel('Code of a server').fill(code)
      await page.getByRole('button', { name: 'Add server' }).click()
      await page.getByRole('heading', { name: 'More', level: 1 }).waitFor()
    }
    for (const link of old) {
      await page.goto(`${this.url}/${link}`)
      await page.getByRole('button', { name: 'Remove server' }).click()
      await page.getByRole('heading', { name: 'More', level: 1 }).waitFor()
    }
    await expect.poll(() => rows.count(), { timeout: SOON_MS }).toBe(codes.length)
  }

  /** All servers of the card answer. */
  async expectServers(): Promise<void> {
    await this.go('/more')
    const rows = this.page.getByRole('link', { name: /friends reach you here|finds ways for payments/ })
    await rows.first().waitFor()
    const states = (): Promise<string[]> => rows.allTextContents()
    const answers = expect.stringMatching(/( ms|connected)\s*$/) as string
    await expect
      .poll(states, { timeout: SOON_MS })
      .toEqual(Array.from({ length: await rows.count() }, () => answers))
  }

  /** The exact terms that the details page shows. */
  async terms(name: string): Promise<Map<string, string>> {
    await this.openFriend(name)
    // Named after the last signed statement once there is one.
    await this.page.locator('a[href$="/details"]').click()
    await this.page.getByRole('heading', { name: 'Exact terms' }).waitFor()
    const rows = await this.page
      .locator('dl > div')
      .evaluateAll((items) =>
        items.map((item) => [
          item.querySelector('dt')?.textContent ?? '',
          item.querySelector('dd')?.textContent ?? '',
        ]),
      )
    return new Map(rows.map(([term, value]) => [(term ?? '').trim(), (value ?? '').trim()]))
  }

  /** What the friend owes me; waits until it is `expected`. */
  async expectBalance(friend: string, expected: number): Promise<void> {
    await expect
      .poll(async () => numberOf((await this.terms(friend)).get('Balance (B)')), { timeout: SOON_MS })
      .toBe(expected)
  }

  /** What all friends owe me together, as Home says it; waits until it is `expected`. */
  async expectTotal(expected: number): Promise<void> {
    await this.go('/')
    const shown = this.page.getByRole('region', { name: 'Balance with friends' }).getByText(/^\S+ credits?$/)
    await expect
      .poll(async () => numberOf((await shown.first().textContent()) ?? ''), { timeout: SOON_MS })
      .toBe(expected)
  }

  /** Nothing is frozen on either side of this friendship; waits for it. */
  async expectNothingPending(friend: string): Promise<void> {
    const pending = async (): Promise<number[]> => {
      const terms = await this.terms(friend)
      return [
        numberOf(terms.get('Local pending debt (LPD)')),
        numberOf(terms.get('Remote pending debt (RPD)')),
      ]
    }
    await expect.poll(pending, { timeout: SOON_MS }).toEqual([0, 0])
  }

  /** Makes an invoice and stays on its page; gives its text. */
  async makeInvoice(amount: number, note?: string): Promise<string> {
    const { page } = this
    await this.go('/receive')
    await page.getByLabel('Amount', { exact: true }).fill(String(amount))
    if (note !== undefined) await page.getByLabel('What for').fill(note)
    await page.getByRole('button', { name: 'Create invoice' }).click()
    return page.getByLabel('Invoice, as text').inputValue()
  }

  /** The invoice on the screen has turned to paid. */
  async expectInvoicePaid(): Promise<void> {
    await this.page.getByText('Paid', { exact: true }).first().waitFor({ timeout: SOON_MS })
  }

  /** Takes in an invoice, code or key on the pay screen and waits for the review of it. */
  async review(text: string): Promise<void> {
    await this.go('/pay')
    await this.page.getByRole('button', { name: 'Paste or type it by hand' }).click()
    await this.page.getByLabel('Invoice, code or public key').fill(text)
    await this.page.getByRole('heading', { name: 'Pay', level: 1 }).waitFor()
  }

  /** Confirms what is under review; `total` with fees, as the button says it. */
  async confirm(total: number): Promise<void> {
    await this.page.getByRole('button', { name: `Pay ${total} credit` }).click({ timeout: SOON_MS })
  }

  /** Waits for a way for what is under review, looking again as long as none is found, e.g. after a restart of servers. */
  async untilThereIsAWay(total: number): Promise<void> {
    const pay = this.page.getByRole('button', { name: `Pay ${total} credit` })
    const again = this.page.getByRole('button', { name: 'Try again' })
    const look = async (): Promise<boolean> => {
      if (await again.isVisible()) await again.click()
      return pay.isEnabled()
    }
    await expect.poll(look, { timeout: SOON_MS, interval: 300 }).toBe(true)
  }

  /** Confirms what is under review if a way is offered, and it fails; gives what is said about it. */
  async failToPay(total: number): Promise<string> {
    const { page } = this
    const pay = page.getByRole('button', { name: `Pay ${total} credit` })
    const alert = page.getByRole('alert').filter({ visible: true })
    const isDecided = async (): Promise<boolean> =>
      (await alert.count()) > 0 || ((await pay.count()) > 0 && (await pay.isEnabled()))
    await expect.poll(isDecided, { timeout: SOON_MS }).toBe(true)
    if ((await alert.count()) === 0) await pay.click()
    await alert.first().waitFor({ timeout: SOON_MS })
    return alert.first().innerText()
  }

  async expectPaid(): Promise<void> {
    await this.page.getByRole('region', { name: 'Receipt' }).waitFor({ timeout: SOON_MS })
  }

  /** Invoice and receipt of the payment on the screen. */
  async proof(): Promise<{ invoice: string; receipt: string }> {
    await this.page.getByText('Receipt and invoice as text').click()
    return {
      invoice: await this.page.getByRole('textbox', { name: 'Invoice text' }).inputValue(),
      receipt: await this.page.getByRole('textbox', { name: 'Receipt text' }).inputValue(),
    }
  }

  async close(): Promise<void> {
    await this.context.close()
  }
}

/** Two people add each other by code; waits until both see the other on line. */
export async function befriend(a: Person, b: Person, limit: number): Promise<void> {
  const [codeOfA, codeOfB] = [await a.code(), await b.code()]
  await a.addFriend(codeOfB, b.name, limit)
  await b.addFriend(codeOfA, a.name, limit)
  await a.waitUntilOnline(b.name)
  await b.waitUntilOnline(a.name)
}

/** A number as the wallet writes it: a real minus sign, groups of digits. */
function numberOf(text: string | undefined): number {
  return Number((text ?? '').replace('\u2212', '-').replace(/[^\d-]/g, ''))
}
