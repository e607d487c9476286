// Finds a Chromium for the browser tests, or gets one: from the distribution, else Playwright's own.

import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { ROOT, run, say, Stop } from './tools.js'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']
const FIXED_PLACES = [
  '/usr/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

/** Resolves to the path of a Chromium that starts; stops with what was tried when there is none. */
export async function getChromium() {
  const given = process.env.CHROMIUM_PATH
  if (given !== undefined && given !== '') {
    if (starts(given)) return given
    throw new Stop(`CHROMIUM_PATH is ${given}, which does not start. Correct or unset it.`)
  }
  const path = (await find()) ?? (await installFromDebian()) ?? (await installFromPlaywright())
  if (path !== undefined) return path
  throw new Stop(
    'the browser tests need a Chromium: none is installed, and neither the system packages nor Playwright ' +
      'could install one. Install Chromium or Google Chrome, or set CHROMIUM_PATH to one.',
  )
}

async function find() {
  const inPath = (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((dir) => NAMES.map((name) => join(dir, name)))
  return [...FIXED_PLACES, ...inPath, await playwrightsPath()].find(
    (path) => existsSync(path) && starts(path),
  )
}

async function installFromDebian() {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return undefined
  say('installing Chromium (apt-get install chromium)')
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  await run('apt-get', ['update', '-q'], { env })
  await run('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'chromium'], { env })
  return await find()
}

async function installFromPlaywright() {
  say("installing Playwright's Chromium (playwright-core install chromium)")
  const asRoot = process.platform === 'linux' && process.getuid?.() === 0
  const playwright = join(ROOT, 'node_modules/playwright-core/cli.js')
  await run(process.execPath, [playwright, 'install', ...(asRoot ? ['--with-deps'] : []), 'chromium'])
  return await find()
}

async function playwrightsPath() {
  const { chromium } = await import('playwright-core')
  return chromium.executablePath()
}

function starts(path) {
  try {
    execFileSync(path, ['--version'], { stdio: 'ignore', timeout: 30_000 })
    return true
  } catch {
    return false
  }
}
