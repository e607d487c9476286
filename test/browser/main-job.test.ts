// The main job: three people, each in a browser of their own, a route, an invoice, a payment, a receipt.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cameraFilm } from './support/camera.ts'
import { launchChromium } from './support/chromium.ts'
import { startOffstUp, type OffstUp } from './support/offst-up.ts'
import { befriend, Person, SOON_MS } from './support/person.ts'

let up: OffstUp
let folder: string
let browser: Browser
/** Carol's browser, whose camera sees Bob's code. */
let withCamera: Browser
let alice: Person
let carol: Person
let bob: Person

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'offst-camera-'))
  up = await startOffstUp()
  browser = await launchChromium()
  const film = join(folder, 'camera.y4m')
  bob = await Person.meet(browser, up.url, 'Bob')
  await bob.go('/friends/add')
  const picture = await bob.page.getByRole('img', { name: 'My friend code' }).screenshot()
  await writeFile(film, await cameraFilm(bob.page, picture))
  withCamera = await launchChromium({
    args: [
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      `--use-file-for-fake-video-capture=${film}`,
    ],
  })
  alice = await Person.meet(browser, up.url, 'Alice')
  carol = await Person.meet(withCamera, up.url, 'Carol')
}, 120_000)

afterAll(async () => {
  await browser.close()
  await withCamera.close()
  await up.stop()
  await rm(folder, { recursive: true, force: true })
})

describe('three people', () => {
  it('become friends by exchanging codes, one of them through the camera', async () => {
    await carol.go('/friends/add')
    await carol.page.getByRole('button', { name: 'Scan', exact: true }).click()
    await carol.finishAdding('Bob', 200)
    await bob.addFriend(await carol.code(), 'Carol', 200)
    await bob.waitUntilOnline('Carol')
    await befriend(alice, carol, 150)
  }, 120_000)

  it('pay an invoice through the one in the middle, who earns one credit (PAY-10)', async () => {
    const invoice = await bob.makeInvoice(60, 'two sourdough loaves')
    await alice.review(invoice)
    await alice.page.getByText('two sourdough loaves').waitFor()
    await alice.page.getByText('takes 1').waitFor({ timeout: SOON_MS })
    await alice.confirm(61)
    await alice.expectPaid()
    await bob.expectInvoicePaid()

    await alice.expectBalance('Carol', -61)
    await carol.expectBalance('Alice', 61)
    await carol.expectBalance('Bob', -60)
    await bob.expectBalance('Carol', 60)
    // What each of them has with everybody: it adds up to zero.
    await alice.expectTotal(-61)
    await carol.expectTotal(1)
    await bob.expectTotal(60)
    await carol.go('/activity')
    await carol.page.getByText('+1', { exact: true }).first().waitFor()
  }, 90_000)

  it('prove it to a fourth who knows none of them, and a tampered receipt proves nothing (PAY-2)', async () => {
    await alice.go('/')
    await alice.page
      .getByRole('link', { name: /two sourdough loaves/ })
      .first()
      .click()
    await alice.page
      .getByRole('link', { name: /receipt/i })
      .first()
      .click()
    const proof = await alice.proof()
    const judge = await Person.meet(browser, up.url, 'Judge')
    const verdict = async (receipt: string): Promise<string> => {
      await judge.go('/')
      await judge.go('/verify')
      await judge.page.getByLabel('Invoice', { exact: true }).fill(proof.invoice)
      await judge.page.getByLabel('Receipt', { exact: true }).fill(receipt)
      await judge.page.getByRole('button', { name: 'Check', exact: true }).click()
      const shown = judge.page.getByRole('heading', { level: 2 }).or(judge.page.getByRole('alert'))
      return (await shown.first().textContent()) ?? ''
    }
    expect(await verdict(proof.receipt)).toMatch(/valid/i)
    const at = proof.receipt.length - 20
    const letter = proof.receipt[at] === 'q' ? 'p' : 'q'
    const tampered = proof.receipt.slice(0, at) + letter + proof.receipt.slice(at + 1)
    expect(await verdict(tampered)).toMatch(/damaged|not/i)
    await judge.close()
  }, 60_000)

  it('pay each other without an invoice, and straight to a friend without a fee (PAY-23, PAY-31)', async () => {
    await bob.go('/more')
    await carol.openFriend('Bob')
    await carol.page.getByRole('link', { name: 'Pay Bob' }).click()
    await carol.page.getByLabel('Amount', { exact: true }).fill('7')
    await carol.page.getByRole('button', { name: 'Find a way' }).click()
    await carol.page.getByText('No fee').waitFor({ timeout: SOON_MS })
    await carol.confirm(7)
    await carol.expectPaid()
    await bob.expectBalance('Carol', 67)
    await carol.expectBalance('Bob', -67)
  }, 60_000)

  it('see no error in any console', () => {
    for (const person of [alice, bob, carol]) person.complaints.check()
  })
})
