// What start.js and test.js share: version check, installing, freshness of the build, running programs.
// Runs before anything is installed, so it uses nothing but Node.js.

import { spawn } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** What the builds read. */
const SOURCES = [
  'cli',
  'client',
  'index-server',
  'package-lock.json',
  'protocol',
  'relay-server',
  'svelte.config.js',
  'tsconfig.client.json',
  'tsconfig.json',
  'vite.cli.config.ts',
  'vite.config.ts',
  'web',
  'worker',
]

/** What the builds leave behind. */
const BUILT = ['dist/web/index.html', 'dist/cli/offst.js', 'dist/client/client/index.js']

/** Milliseconds after a program's end in which what it said last is waited for. */
const LAST_WORDS_MS = 1_000

/** A sentence for people; the scripts print it without a stack and end. */
export class Stop extends Error {}

/** One line about what is going on. */
export function say(line) {
  console.log(`offst: ${line}`)
}

/** Runs `main`, ends with the exit code that it returns, or with 1 and a sentence if it stops. */
export async function runMain(main) {
  try {
    process.exitCode = await main()
  } catch (error) {
    if (!(error instanceof Stop)) throw error
    console.error(`offst: ${error.message}`)
    process.exitCode = 1
  }
}

/** Stops unless this Node.js is as new as package.json asks for. */
export function checkNode() {
  const wanted = readPackage().engines.node.replace('>=', '')
  const [major, minor] = process.versions.node.split('.').map(Number)
  const [majorMin, minorMin] = wanted.split('.').map(Number)
  if (major > majorMin || (major === majorMin && minor >= minorMin)) return
  throw new Stop(`this needs Node.js ${wanted} or newer, and here is ${process.versions.node}.`)
}

/** Runs `npm ci` if the dependencies are missing or older than package-lock.json. */
export async function install() {
  const installed = join(ROOT, 'node_modules/.package-lock.json')
  if (existsSync(installed) && modified(installed) >= modified(join(ROOT, 'package-lock.json'))) return
  say('installing dependencies (npm ci)')
  const code = await npm(['ci', '--include=dev', '--no-audit', '--no-fund'])
  if (code !== 0) throw new Stop(`"npm ci" failed with code ${code}; its message is above.`)
}

/** Builds the wallet and the programs if one is missing or older than the sources. */
export async function build() {
  const built = BUILT.map((path) => join(ROOT, path))
  if (built.every(existsSync) && Math.min(...built.map(modified)) >= newest(SOURCES)) return
  say('building the wallet and the programs (npm run build)')
  const code = await npm(['run', '--silent', 'build'])
  if (code !== 0) throw new Stop(`the build failed with code ${code}; its message is above.`)
  const missing = BUILT.filter((path) => !existsSync(join(ROOT, path)))
  if (missing.length > 0) throw new Stop(`the build left no ${missing.join(' and no ')}.`)
}

/**
 * Runs a program in the repository with our terminal, or with all that it says passed to `onOutput`; resolves to its
 * exit code (-1 if it cannot start).
 */
export function run(command, args, options = {}) {
  const { timeoutMs = 0, onOutput, ...spawnOptions } = options
  const stdio = onOutput === undefined ? 'inherit' : ['inherit', 'pipe', 'pipe']
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: ROOT, stdio, ...spawnOptions })
    const outputs = [child.stdout, child.stderr].filter(Boolean)
    for (const output of outputs) output.on('data', onOutput)
    const timer = timeoutMs > 0 ? setTimeout(stopHung, timeoutMs) : undefined
    function stopHung() {
      say(`${[command, ...args].join(' ')} did not end within ${timeoutMs / 1000} s: stopped`)
      child.kill('SIGKILL')
    }
    let exitCode = -1
    child.on('error', end)
    child.on('exit', (code, signal) => {
      if (signal === null) exitCode = code
      // What it has started may live on, and keep its outputs open.
      setTimeout(end, LAST_WORDS_MS).unref()
    })
    child.on('close', end)
    function end() {
      clearTimeout(timer)
      for (const output of outputs) output.destroy()
      resolve(exitCode)
    }
  })
}

function npm(args) {
  const script = process.env.npm_execpath
  if (script?.endsWith('.js')) return run(process.execPath, [script, ...args])
  return run('npm', args, { shell: process.platform === 'win32' })
}

function readPackage() {
  return JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
}

function newest(paths) {
  const times = paths.filter((path) => existsSync(join(ROOT, path))).map((path) => newestIn(join(ROOT, path)))
  return Math.max(0, ...times)
}

function newestIn(path) {
  if (!statSync(path).isDirectory()) return modified(path)
  return Math.max(0, ...readdirSync(path).map((name) => newestIn(join(path, name))))
}

function modified(path) {
  return statSync(path).mtimeMs
}
