// Pages are reloaded and servers die while people pay: it ends well, and goes on by itself.

import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchChromium } from './support/chromium.ts'
import { startOffstUp, type OffstUp } from './support/offst-up.ts'
import { OwnServer } from './support/own-server.ts'
import { befriend, Person } from './support/person.ts'

/** A part that got lost is asked back after 30 s. */
const ANSWER = { timeout: 60_000, interval: 200 }
const AMOUNT = 10
const FEE = 1

let up: OffstUp
let relay: OwnServer
let index: OwnServer
let browser: Browser
let alice: Person
let carol: Person
let bob: Person
/** Payments to Bob that were made. */
let paid = 0

beforeAll(async () => {
  up = await startOffstUp()
  relay = await OwnServer.start('relay')
  index = await OwnServer.start('index')
  browser = await launchChromium()
  alice = await Person.meet(browser, up.url, 'Alice')
  carol = await Person.meet(browser, up.url, 'Carol')
  bob = await Person.meet(browser, up.url, 'Bob')
  await befriend(alice, carol, 500)
  await befriend(carol, bob, 500)
}, 120_000)

afterAll(async () => {
  await browser.close()
  for (const server of [up, relay, index]) await server.stop()
})

/** All friends see each other again, without anybody doing anything. */
async function expectEverybodyOnline(): Promise<void> {
  await alice.waitUntilOnline('Carol')
  await carol.waitUntilOnline('Alice')
  await carol.waitUntilOnline('Bob')
  await bob.waitUntilOnline('Carol')
}

/** Alice has Bob's invoice before her, and a way to pay it. */
async function prepare(): Promise<void> {
  await alice.review(await bob.makeInvoice(AMOUNT))
  await alice.untilThereIsAWay(AMOUNT + FEE)
}

async function pay(): Promise<void> {
  await prepare()
  await alice.confirm(AMOUNT + FEE)
  await alice.expectPaid()
  await bob.expectInvoicePaid()
  paid += 1
  await expectAgreement()
}

/** Waits until the payment on Alice's page has ended; presses Pay again where it had not even begun. */
async function expectEnd(): Promise<void> {
  const { page } = alice
  const button = page.getByRole('button', { name: `Pay ${AMOUNT + FEE} credit` })
  const end = async (): Promise<string | undefined> => {
    if (await page.getByRole('region', { name: 'Receipt' }).isVisible()) return 'paid'
    if (await page.getByText('Not paid to').isVisible()) return 'failed'
    const again = page.getByRole('button', { name: 'Try again' })
    if (await again.isVisible()) await again.click()
    else if ((await button.isVisible()) && (await button.isEnabled())) await button.click()
    return undefined
  }
  await expect.poll(end, ANSWER).toMatch(/paid|failed/)
  if ((await end()) === 'paid') {
    paid += 1
    await bob.expectInvoicePaid()
  } else {
    await bob.page.getByText('Waiting for payment').waitFor()
  }
  await expectAgreement()
}

/** All six sides have the same numbers, and nothing is frozen. */
async function expectAgreement(): Promise<void> {
  await alice.expectBalance('Carol', -paid * (AMOUNT + FEE))
  await carol.expectBalance('Alice', paid * (AMOUNT + FEE))
  await carol.expectBalance('Bob', -paid * AMOUNT)
  await bob.expectBalance('Carol', paid * AMOUNT)
  await alice.expectNothingPending('Carol')
  await carol.expectNothingPending('Alice')
  await carol.expectNothingPending('Bob')
  await bob.expectNothingPending('Carol')
}

function reloadAll(): Promise<unknown> {
  return Promise.all([alice, carol, bob].map(({ page }) => page.reload()))
}

describe('with wallet, relay and index server in one process', () => {
  it('a payment succeeds after that process was killed and started again', async () => {
    await up.kill()
    await alice.page.getByText('Off line', { exact: true }).filter({ visible: true }).first().waitFor()
    await up.restart()
    await expectEverybodyOnline()
    await pay()
  }, 90_000)

  it('a payment in the middle of which that process is killed ends well (PAY-34)', async () => {
    await prepare()
    await alice.confirm(AMOUNT + FEE)
    await up.kill()
    await up.restart()
    await expectEnd()
    await expectEverybodyOnline()
  }, 120_000)
})

describe('with a relay and an index server of their own', () => {
  it('friends who change to other servers, one after the other, stay in touch', async () => {
    const codes = [relay.code, index.code]
    for (const person of [alice, carol, bob]) await person.useServers(codes)
    for (const person of [alice, carol, bob]) await person.expectServers()
    await expectEverybodyOnline()
    await pay()
  }, 120_000)

  it('a payment during which all three pages are reloaded ends well (PAY-34)', async () => {
    await prepare()
    relay.freeze()
    await alice.confirm(AMOUNT + FEE)
    await alice.page.getByRole('button', { name: 'Cancel payment' }).waitFor()
    await reloadAll()
    relay.thaw()
    await expectEnd()
  }, 120_000)

  it('a payment ends well if all three pages are reloaded as soon as it is confirmed (PAY-34)', async () => {
    await prepare()
    await alice.confirm(AMOUNT + FEE)
    await reloadAll()
    await expectEnd()
  }, 120_000)

  it('a payment succeeds after the relay was killed and started again', async () => {
    await expectEverybodyOnline()
    await relay.kill()
    await relay.restart()
    await expectEverybodyOnline()
    await pay()
  }, 90_000)

  it('a payment succeeds after the index server was killed and started again', async () => {
    await index.kill()
    await index.restart()
    await alice.expectServers()
    await pay()
  }, 90_000)
})
