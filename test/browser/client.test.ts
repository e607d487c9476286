// The client library in a real browser, bundled as anybody's page would be, with a real node.

import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { build } from 'vite'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Card } from '../../client/card.ts'
import type * as library from '../../client/index.ts'
import { freeAddress, Tutorial } from '../support/tutorial.ts'
import { launchChromium } from './support/chromium.ts'

const SOON = { timeout: 30_000 }
let tutorial: Tutorial
let site: Server
let browser: Browser
let page: Page

beforeAll(async () => {
  tutorial = new Tutorial()
  await build({
    configFile: false,
    logLevel: 'error',
    build: {
      lib: { entry: join(import.meta.dirname, '../../client/index.ts'), formats: ['es'], fileName: 'client' },
      outDir: join(tutorial.folder, 'site'),
    },
  })
  site = createServer(({ url }, response) => {
    const isScript = url === '/client.js'
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
    response.end(isScript ? readFileSync(join(tutorial.folder, 'site/client.js')) : PAGE)
  })
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
  browser = await launchChromium()
  page = await browser.newPage()
  await page.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}/`)
  await page.waitForFunction(() => 'offst' in globalThis)
})
afterAll(async () => {
  await browser.close()
  site.close()
  await tutorial.end()
})

const PAGE =
  '<!doctype html><script type="module">import * as offst from "/client.js"; globalThis.offst = offst</script>'

declare global {
  // Set by the page, and by this test.
  var offst: typeof library
  var card: Card
}

it('CLI-10 drives a node from a page, and goes on when the node was away', async () => {
  const address = await freeAddress()
  tutorial.prepareNode(0, address)
  const node = await tutorial.startNode(0, address)
  const identity = await page.evaluate(() => offst.createIdentity())
  const ticket = await page.evaluate((of) => offst.unwrap(offst.appTicketOf(of, ['sell'])), identity)
  writeFileSync(join(tutorial.folder, 'node0/trusted/page.ticket'), ticket)
  const opened = await page.evaluate(
    async (options) => {
      globalThis.card = offst.unwrap(await offst.openCard(options))
      return card.state.card?.name
    },
    { ticket: readFileSync(join(tutorial.folder, 'node0/node0.ticket'), 'utf8'), identity },
  )
  expect(opened).toBe('node0')
  expect(await page.evaluate(() => card.call('card.rename', { name: 'mine' }))).toMatchObject({
    ok: false,
    error: { code: 'forbidden' },
  })
  expect(await page.evaluate(() => card.createInvoice({ amount: 60n }))).toMatchObject({ ok: true })

  await node.ends('SIGKILL')
  const waiting = page.evaluate(() => card.createInvoice({ amount: 7n }))
  await tutorial.startNode(0, address)
  expect(await waiting).toMatchObject({ ok: true, value: { amount: '7' } })
  const amounts = () =>
    page.evaluate(() => [...card.state.invoices.values()].map(({ amount }) => amount).sort())
  await expect.poll(amounts, SOON).toEqual(['60', '7'])
})
