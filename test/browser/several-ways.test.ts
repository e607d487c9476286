// A payment that is too large for any one way: over two ways at once, and how much could get there when that is too little.

import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readAs } from '../../protocol/forms.ts'
import { launchChromium } from './support/chromium.ts'
import { startOffstUp, type OffstUp } from './support/offst-up.ts'
import { befriend, Person, SOON_MS } from './support/person.ts'

let up: OffstUp
let browser: Browser
let people: readonly [Person, Person, Person, Person]

/** Alice has two ways to Bob, each for 100. */
beforeAll(async () => {
  up = await startOffstUp()
  browser = await launchChromium()
  const meet = (name: string) => Person.meet(browser, up.url, name)
  people = [await meet('Alice'), await meet('Carol'), await meet('Dan'), await meet('Bob')]
  const [alice, carol, dan, bob] = people
  for (const mediator of [carol, dan]) {
    await befriend(alice, mediator, 100)
    await befriend(mediator, bob, 100)
  }
}, 240_000)

afterAll(async () => {
  await browser.close()
  await up.stop()
})

it('IDX-22 pays over two ways at once what none of them carries alone', async () => {
  const [alice, carol, dan, bob] = people
  const invoice = await bob.makeInvoice(150, 'a bicycle')
  await alice.review(invoice)
  await alice.page.getByText(/Carol, Dan|Dan, Carol/).waitFor({ timeout: SOON_MS })
  await alice.page.getByText('on 2 ways').waitFor()
  await alice.confirm(152)
  await alice.expectPaid()
  await bob.expectInvoicePaid()
  await alice.expectTotal(-152)
  await carol.expectTotal(1)
  await dan.expectTotal(1)
  await bob.expectTotal(150)
}, 90_000)

it('IDX-23 says how much could get there when it is too much for all ways together', async () => {
  const [alice, , , bob] = people
  const invoice = await bob.makeInvoice(100, 'a saddle')
  await alice.review(invoice)
  const most = alice.page.getByText(/Up to \d+ credits? would get there/)
  await most.waitFor({ timeout: SOON_MS })
  const [amount] = /\d+/.exec((await most.textContent()) ?? '') ?? []
  expect(Number(amount)).toBeGreaterThan(30)
  expect(Number(amount)).toBeLessThan(50)

  const read = readAs(invoice, 'invoice')
  await alice.go(`/pay/to/${read.ok ? read.value.invoice.destination : ''}`)
  await alice.page.getByText(`Up to ${amount ?? ''} credits can get there now`).waitFor({ timeout: SOON_MS })
  for (const { complaints } of people) complaints.check()
}, 90_000)
