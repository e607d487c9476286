// The programs run in this process, in a folder of their own: many commands in the time of one process's start.

import { mkdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { startNode, type RunningNode } from '../../cli/node/run.ts'
import { offst } from '../../cli/offst.ts'
import { runProgram, type NamedCommand, type Program } from '../../cli/program.ts'
import { stctrl } from '../../cli/stctrl.ts'
import { stmgr } from '../../cli/stmgr.ts'
import { stnode } from '../../cli/stnode.ts'
import { stregister } from '../../cli/stregister.ts'
import { DONE, type Outcome } from './program.ts'

const PROGRAMS: Readonly<Record<string, Program | NamedCommand>> = {
  offst,
  stctrl,
  stmgr,
  stnode,
  stregister,
}

/** Makes a folder and goes there: commands name files as the tutorial does. @returns what goes back and removes it. */
export async function enterFolder(): Promise<() => Promise<void>> {
  const home = process.cwd()
  const folder = await mkdtemp(join(tmpdir(), 'offst-in-process-'))
  process.chdir(folder)
  return async () => {
    process.chdir(home)
    await rm(folder, { recursive: true })
  }
}

/** Runs a command line, split at spaces; the last argument may hold some. */
export async function runHere(commandLine: string, ...last: readonly string[]): Promise<Outcome> {
  const [name = '', ...args] = commandLine.split(' ')
  const program = PROGRAMS[name]
  if (program === undefined) throw new Error(`there is no program ${name}`)
  const outcome = { out: '', error: '' }
  const code = await runProgram(program, [...args, ...last], {
    out: (line) => (outcome.out += `${line}\n`),
    error: (line) => (outcome.error += `${line}\n`),
  })
  return { code, ...outcome }
}

/** Runs what has to work and says nothing. */
export async function doneHere(commandLine: string, ...last: readonly string[]): Promise<void> {
  expect(await runHere(commandLine, ...last), commandLine).toEqual(DONE)
}

/** Identity, database, node ticket and an app with `permissions`, as the tutorial makes them. */
export async function prepareNodeHere(number: number, address: string, permissions: string): Promise<void> {
  for (const path of [`node${number}/trusted`, `app${number}`]) mkdirSync(path, { recursive: true })
  const [node, app] = [`node${number}/node${number}`, `app${number}/app${number}`]
  await doneHere(`stmgr gen-ident --output ${node}.ident`)
  await doneHere(`stmgr gen-ident --output ${app}.ident`)
  await doneHere(`stmgr init-node-db --idfile ${node}.ident --output ${node}.db`)
  await doneHere(`stmgr node-ticket --address ${address} --idfile ${node}.ident --output ${node}.ticket`)
  await doneHere(
    `stmgr app-ticket --idfile ${app}.ident ${permissions} --output node${number}/trusted/app.ticket`,
  )
}

/** Starts what `prepareNodeHere` has prepared. */
export async function startNodeHere(number: number, address: string): Promise<RunningNode> {
  const node = `node${number}/node${number}`
  const started = await startNode(
    { database: `${node}.db`, idfile: `${node}.ident`, address, trusted: `node${number}/trusted` },
    { out: () => undefined, error: () => undefined },
  )
  if (!started.ok) throw new Error(started.error.message)
  return started.value
}
