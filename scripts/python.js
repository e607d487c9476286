// Finds a Python for the test of the app that is written in it, or gets its packages: the distribution's.

import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { run, say, Stop } from './tools.js'

const PLACES = ['/usr/bin/python3', 'python3', 'python']
const PACKAGES = ['python3-cryptography', 'python3-websockets']

/** Resolves to a Python that has what test/python needs; undefined when there is none: its test is then skipped. */
export async function getPython() {
  const given = process.env.PYTHON_PATH
  if (given !== undefined && given !== '') {
    if (serves(given)) return given
    throw new Stop(`PYTHON_PATH is ${given}, which lacks ${PACKAGES.join(' or ')}. Correct or unset it.`)
  }
  const found = PLACES.find(serves) ?? (await installFromDebian())
  if (found === undefined)
    say(`no Python here has ${PACKAGES.join(' and ')}: the test that needs it is skipped`)
  return found
}

async function installFromDebian() {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return undefined
  say(`installing what the test in Python needs (apt-get install ${PACKAGES.join(' ')})`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  await run('apt-get', ['update', '-q'], { env })
  await run('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...PACKAGES], { env })
  return PLACES.find(serves)
}

/** The program needs tomllib, which came with Python 3.11. */
function serves(path) {
  try {
    execFileSync(path, ['-c', 'import cryptography, tomllib, websockets'], {
      stdio: 'ignore',
      timeout: 30_000,
    })
    return true
  } catch {
    return false
  }
}
