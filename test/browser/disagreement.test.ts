// Friends who owed each other before they started: both say the same, or they do not, and agree in the wallet.

import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchChromium } from './support/chromium.ts'
import { startOffstUp, type OffstUp } from './support/offst-up.ts'
import { Person, SOON_MS } from './support/person.ts'

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
  carol = await Person.meet(browser, up.url, 'Carol')
}, 90_000)

afterAll(async () => {
  await browser.close()
  await up.stop()
})

/** Adds each other; `owed` is what the second owes the first, as each of them says. */
async function befriendWith(a: Person, b: Person, owed: { first: number; second: number }): Promise<void> {
  const [codeOfA, codeOfB] = [await a.code(), await b.code()]
  await a.addFriend(codeOfB, b.name, 200, { owesMe: owed.first })
  await b.addFriend(codeOfA, a.name, 200, { owesMe: -owed.second })
}

/** Both claims as the screen shows them: mine, then the friend's. */
async function claims(person: Person, friend: string): Promise<(string | null)[]> {
  const { page } = person
  await person.openFriend(friend)
  await page.getByRole('heading', { name: 'Your balances don’t match' }).waitFor({ timeout: SOON_MS })
  await page.getByText(`${friend} says`, { exact: true }).waitFor({ timeout: SOON_MS })
  return page.locator('.claims .figure').allTextContents()
}

describe('start balances', () => {
  it('that both friends give alike stand on both sides, and payments go on top of them', async () => {
    await befriendWith(alice, bob, { first: 100, second: 100 })
    await alice.waitUntilOnline('Bob')
    await alice.expectBalance('Bob', 100)
    await bob.expectBalance('Alice', -100)

    await alice.review(await bob.makeInvoice(30))
    await alice.confirm(30)
    await alice.expectPaid()
    await alice.expectBalance('Bob', 70)
    await bob.expectBalance('Alice', -70)
  }, 60_000)

  it('that do not match end in a disagreement which shows both claims on both sides (CH-40)', async () => {
    await befriendWith(alice, carol, { first: 100, second: 90 })
    expect(await claims(alice, 'Carol')).toEqual(['+100', '+90'])
    expect(await claims(carol, 'Alice')).toEqual(['\u221290', '\u2212100'])
    await alice.page.getByText('10 credits').first().waitFor()
  }, 60_000)

  it('are repaired when one friend accepts the other’s claim: both see one number, and pay again (CH-41)', async () => {
    await carol.openFriend('Alice')
    await carol.page.getByText('Accepting costs you 10 credits').waitFor()
    await carol.page.getByRole('button', { name: 'Accept \u2212100' }).click()
    await carol.waitUntilOnline('Alice')
    await carol.expectBalance('Alice', -100)
    await alice.expectBalance('Carol', 100)

    await alice.review(await carol.makeInvoice(30))
    await alice.confirm(30)
    await alice.expectPaid()
    await alice.expectBalance('Carol', 70)
    await carol.expectBalance('Alice', -70)
  }, 60_000)

  it('bring no error to any console', () => {
    for (const person of [alice, bob, carol]) person.complaints.check()
  })
})
