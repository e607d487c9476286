// A real Chromium for the browser tests, and what its pages complain about.

import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import { expect } from 'vitest'

const ROOT = join(import.meta.dirname, '../../..')
/** What a headless Chromium needs in a container, and what keeps it from calling home. */
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export interface LaunchOptions {
  /** More command line arguments, e.g. a camera that plays a file. */
  readonly args?: readonly string[]
}

export async function launchChromium({ args = [] }: LaunchOptions = {}): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath(), args: [...ARGS, ...args] })
}

/** A browser whose profile stays in `folder`, so that it can be closed or killed and opened again. */
export async function launchProfile(
  folder: string,
  { args = [] }: LaunchOptions = {},
): Promise<BrowserContext> {
  return chromium.launchPersistentContext(folder, {
    executablePath: chromiumPath(),
    args: [...ARGS, ...args],
  })
}

/** Kills every process of a profile's browser at once, as kill -9 or the system would, and waits until they are gone. */
export async function killBrowser(context: BrowserContext): Promise<void> {
  const browser = context.browser()
  if (browser === null) throw new Error('this context has no browser of its own')
  const session = await browser.newBrowserCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  const gone = new Promise((resolve) => context.once('close', resolve))
  for (const { id } of processInfo) process.kill(id, 'SIGKILL')
  await gone
}

/** How much the site that `page` shows may store can be set from now on, as a full disk would; undefined: as before. */
export async function quotaOf(page: Page): Promise<(bytes: number | undefined) => Promise<void>> {
  const session = await page.context().newCDPSession(page)
  const { origin } = new URL(page.url())
  return async (bytes) => {
    await session.send('Storage.overrideQuotaForOrigin', {
      origin,
      ...(bytes === undefined ? {} : { quotaSize: bytes }),
    })
  }
}

/** The Chromium of `npm test`, or the one that it would find. */
function chromiumPath(): string {
  const given = process.env.CHROMIUM_PATH
  if (given !== undefined && given !== '') return given
  const script =
    "import('./scripts/chromium.js').then(async (c) => console.log('\\n' + (await c.getChromium())))"
  const output = execFileSync(process.execPath, ['-e', script], { cwd: ROOT, encoding: 'utf8' })
  const path = output.trim().split('\n').at(-1) ?? ''
  process.env.CHROMIUM_PATH = path
  return path
}

/** Makes this browser one without SharedWorker, like some on phones. Before the first page is opened. */
export async function hideSharedWorker(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    Reflect.deleteProperty(globalThis, 'SharedWorker')
  })
}

/** Everything that the pages of a context write to their consoles as errors, or throw. */
export class Complaints {
  readonly #found: string[] = []

  constructor(context: BrowserContext) {
    for (const page of context.pages()) this.#watch(page)
    context.on('page', (page) => this.#watch(page))
  }

  /** Fails the test if a page complained about something other than what is `expected`. */
  check(expected: readonly RegExp[] = []): void {
    expect(this.#found.filter((line) => !expected.some((pattern) => pattern.test(line)))).toEqual([])
  }

  #watch(page: Page): void {
    page.on('pageerror', (error) => this.#found.push(`thrown: ${error.message}`))
    page.on('console', (message) => {
      if (message.type() === 'error') this.#found.push(`${message.text()} (${message.location().url})`)
    })
  }
}
