// The store contract for Dexie, in a real Chromium; and what is left when that Chromium is killed.

import { createServer, type Server } from 'node:http'
import { mkdtemp, readlink, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { build } from 'vite'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { launchChromium, launchProfile } from '../browser/support/chromium.ts'
import { STORE_CHECKS } from './store-suite.ts'

/** Commits before the browser is killed: long enough that some are under way. */
const COMMITS_BEFORE_KILL = 200

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

it('STO-2 Dexie: keeps every acknowledged commit, whole, when the browser is killed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'offst-killed-'))
  let acknowledged = 0
  let tellEnough: () => void = () => undefined
  const enough = new Promise<void>((resolve) => (tellEnough = resolve))
  const first = await launchProfile(folder)
  await first.exposeFunction('acknowledge', (number: number) => {
    acknowledged = number
    if (number >= COMMITS_BEFORE_KILL) tellEnough()
  })
  const closed = new Promise((resolve) => first.once('close', resolve))
  const writer = await open(first)
  void writer.evaluate(() => globalThis.storePage.commitForever()).catch(() => undefined)
  await enough
  process.kill(await browserProcess(folder), 'SIGKILL')
  await closed

  const second = await launchProfile(folder)
  const left = await (await open(second)).evaluate(() => globalThis.storePage.readKilled())
  await second.close()
  await rm(folder, { recursive: true, force: true })
  expect(left.card).toBeGreaterThanOrEqual(acknowledged)
  expect(left.entries).toBe(left.card)
})

async function open(context: BrowserContext): Promise<Page> {
  const opened = await context.newPage()
  await opened.goto(url)
  await opened.waitForFunction(() => 'storePage' in globalThis)
  return opened
}

/** Chromium notes in its profile which process uses it: a link to `host-pid`. */
async function browserProcess(folder: string): Promise<number> {
  const lock = await readlink(join(folder, 'SingletonLock'))
  return Number(lock.slice(lock.lastIndexOf('-') + 1))
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
