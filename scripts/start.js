// `npm start`: from a fresh clone to a running wallet, relay and index server on one port.
// Installs and builds what is missing, then runs `offst up` with the arguments that were given.

import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { build, checkNode, install, ROOT, runMain, say } from './tools.js'

/** The shell's exit codes for a program that a signal ended. */
const SIGNAL_CODES = { SIGHUP: 129, SIGINT: 130, SIGKILL: 137, SIGTERM: 143 }

/** How soon the server ends after npm was killed. */
const PARENT_CHECK_MS = 500

await runMain(async () => {
  checkNode()
  await install()
  await build()
  say('starting (offst up)')
  return await up(process.argv.slice(2))
})

/** Runs `offst up` until it ends; resolves to its exit code, or 128 + n if signal n ended it. */
function up(args) {
  const program = join(ROOT, 'dist/cli/offst.js')
  const child = spawn(process.execPath, [program, 'up', ...args], { stdio: 'inherit' })
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  process.on('SIGHUP', () => child.kill('SIGHUP'))
  // Ctrl-C in a terminal reaches the whole process group: the program has it already.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'))
  endWithNpm(child)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code, signal) => resolve(code ?? SIGNAL_CODES[signal] ?? 1))
  })
}

/** npm runs us in a shell that dies of a signal without passing it on: then our parent changes. */
function endWithNpm(child) {
  if (process.env.npm_lifecycle_event === undefined) return
  const parent = process.ppid
  setInterval(() => process.ppid === parent || child.kill('SIGTERM'), PARENT_CHECK_MS).unref()
}
