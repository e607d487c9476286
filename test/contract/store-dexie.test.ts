// The store contract for Dexie, in a real Chromium; what is left when that Chromium is killed, and when its quota is used up.

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { build } from 'vite'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { RECORDS_VERSION, TABLES } from '../../worker/core/records.ts'
import type { CardEntry } from '../../worker/shell/registry.ts'
import { killBrowser, launchChromium, launchProfile, quotaOf } from '../browser/support/chromium.ts'
import { seededRandom } from '../support/seeded-random.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { valuesOf, type GoldenDatabase } from '../vectors/golden/database.ts'
import { goldenPaths, read } from '../vectors/golden/files.ts'
import { fromJson, toJson } from '../vectors/golden/json.ts'
import { Ledger } from './numbered-commits.ts'
import { STORE_CHECKS } from './store-suite.ts'

/** STORE_KILLS is how often the browser is killed, on one profile; STORE_SEED decides at which moments. */
const KILLS = Number(process.env.STORE_KILLS ?? 3)
const SEED = process.env.STORE_SEED ?? 'kill -9'
const KILL_MS_MAX = 60_000
const COMMITS_BEFORE_KILL_MAX = 60
/** Of the next commit, which takes some milliseconds. */
const KILL_DELAY_MS_MAX = 8
/** Times that the quota is used up. */
const FULL_ROUNDS = 3
/** Room for some dozen commits: Chromium looks at a quota again only when as much as was left has been written. */
const ROOM_BYTES = 500_000
/** A quota that is used up whatever is stored. */
const NO_ROOM_BYTES = 1

let server: Server
let url: string
let browser: Browser
let page: Page

beforeAll(async () => {
  const script = await bundle(fileURLToPath(new URL('./store-page.ts', import.meta.url)))
  server = createServer((request, response) => {
    const isScript = request.url === '/page.js'
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
    response.end(isScript ? script : '<!doctype html><script type="module" src="/page.js"></script>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  browser = await launchChromium()
  page = await open(await browser.newContext())
})

afterAll(async () => {
  await browser.close()
  server.close()
})

it.each(Object.keys(STORE_CHECKS))('Dexie: %s', async (name) => {
  await expect(page.evaluate((check) => globalThis.storePage.check(check), name)).resolves.toBeUndefined()
})

it('STO-2 Dexie: takes back the beginning of a commit whose end fails', async () => {
  await expect(page.evaluate(() => globalThis.storePage.failHalfway())).resolves.toEqual({
    code: 'unreadable',
    name: 'before',
  })
})

it.each(goldenPaths('records'))('STO-6 Dexie: opens the database %s', async (path) => {
  for (const card of (read(path) as GoldenDatabase).cards) {
    const version = card.rows['meta/recordsVersion']?.value
    const tables = TABLES.map((table) => [table, [...valuesOf(card, table)]] as const)
    const rows = toJson({ meta: [['recordsVersion', version]], ...Object.fromEntries(tables) })
    const { loaded, again } = await page.evaluate((text) => globalThis.storePage.openGolden(text), rows)
    // Older ones come out as what they are by now.
    if (version !== RECORDS_VERSION) continue
    const records = tables.map(([table, entries]) => [table, entries.map(([, value]) => value)])
    expect(fromJson(loaded)).toEqual(Object.fromEntries(records))
    expect(fromJson(again)).toEqual(Object.fromEntries(records))
  }
})

it.each(goldenPaths('cards'))('APP-8 Dexie: reads the list of cards %s', async (path) => {
  const entries = Object.values(read(path) as Record<string, CardEntry>)
  const list = await page.evaluate((text) => globalThis.storePage.listGolden(text), toJson(entries))
  expect(fromJson(list)).toEqual(entries.sort((a, b) => (a.publicKey < b.publicKey ? -1 : 1)))
})

it(
  'STO-2 Dexie: keeps every acknowledged commit, whole, however often the browser is killed',
  async () => {
    const folder = await temporaryFolder()
    const random = seededRandom(SEED)
    const ledger = new Ledger()
    for (let round = 1; round <= KILLS; round++) {
      const enough = ledger.last + 1 + ((random(1)[0] ?? 0) % COMMITS_BEFORE_KILL_MAX)
      const delay_ms = (random(1)[0] ?? 0) % KILL_DELAY_MS_MAX
      await writeAndKill(folder, ledger, enough, delay_ms)
      const context = await launchProfile(folder)
      const last = (await open(context)).evaluate(() => globalThis.storePage.readBack())
      await expect(last, `round ${round} of seed "${SEED}"`).resolves.toBeTypeOf('number')
      ledger.found(await last)
      await context.close()
    }
    expect(ledger.last).toBeGreaterThanOrEqual(KILLS)
  },
  KILLS * KILL_MS_MAX,
)

it('STO-2 STO-3 Dexie: a quota that is used up is `full`, nothing is lost, and it goes on when there is room', async () => {
  const context = await browser.newContext()
  const site = await open(context)
  const setQuota = await quotaOf(site)
  const commitUntil = (enough: number): Promise<{ stored: number; refusal?: string }> =>
    site.evaluate((count) => globalThis.storePage.commitUntil(count), enough)
  const ledger = new Ledger()
  for (let round = 1; round <= FULL_ROUNDS; round++) {
    await setQuota(ROOM_BYTES)
    const enough = ledger.last + 3
    expect(await commitUntil(enough)).toEqual({ stored: enough })
    await setQuota(NO_ROOM_BYTES)
    const full = await commitUntil(Infinity)
    expect(full.refusal).toMatch(/^full There is no room left/)
    expect(await commitUntil(Infinity)).toEqual(full)
    ledger.last = full.stored
    expect(await site.evaluate(() => globalThis.storePage.readBack())).toBe(ledger.last)
  }
  await context.close()
})

/** Has a browser on this profile write until `enough` are acknowledged, and kills it `delay_ms` later. */
async function writeAndKill(folder: string, ledger: Ledger, enough: number, delay_ms: number): Promise<void> {
  const context = await launchProfile(folder)
  let tellEnough: () => void = () => undefined
  const heard = new Promise<void>((resolve) => (tellEnough = resolve))
  await context.exposeFunction('acknowledge', (number: number) => {
    ledger.stored(number)
    if (number >= enough) tellEnough()
  })
  const writer = await open(context)
  // Before it is killed, this can only end because something is wrong.
  const end = writer.evaluate(() => globalThis.storePage.commitForever())
  end.catch(() => undefined)
  await Promise.race([heard, end])
  await sleep(delay_ms)
  await killBrowser(context)
}

async function open(context: BrowserContext): Promise<Page> {
  const opened = await context.newPage()
  await opened.goto(url)
  await opened.waitForFunction(() => 'storePage' in globalThis)
  return opened
}

async function bundle(entry: string): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'error',
    build: { write: false, minify: false, lib: { entry, formats: ['es'], fileName: 'page' } },
  })
  const outputs = (Array.isArray(result) ? result : [result]).flatMap((built) =>
    'output' in built ? built.output : [],
  )
  const chunk = outputs.find((output) => output.type === 'chunk')
  if (chunk === undefined) throw new Error('the page was not built')
  return chunk.code
}
