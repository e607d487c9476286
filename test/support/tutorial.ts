// The places of the tutorial: its folder with nodes, apps, relay and index server, as processes on free ports.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { DONE, run, RunningProgram, type Outcome } from './program.ts'

export class Tutorial {
  readonly folder = mkdtempSync(join(tmpdir(), 'offst-tutorial-'))
  readonly #running: RunningProgram[] = []

  run(commandLine: string): Outcome {
    return run(this.folder, commandLine)
  }

  /** Runs what has to work and says nothing. */
  quietly(commandLine: string): void {
    expect(this.run(commandLine), commandLine).toEqual(DONE)
  }

  /** Starts what the tutorial starts with `&`. */
  start(commandLine: string): RunningProgram {
    const program = new RunningProgram(this.folder, commandLine)
    this.#running.push(program)
    return program
  }

  makeFolders(...names: readonly string[]): void {
    for (const name of names) mkdirSync(join(this.folder, name), { recursive: true })
  }

  /** Identity, database, node ticket and trusted app of node `number`, as the tutorial makes them. */
  prepareNode(number: number, address: string): void {
    const [node, app] = [`node${number}`, `app${number}`]
    this.makeFolders(`${node}/trusted`, app)
    this.quietly(`stmgr gen-ident --output ${node}/${node}.ident`)
    this.quietly(`stmgr gen-ident --output ${app}/${app}.ident`)
    this.quietly(`stmgr init-node-db --idfile ${node}/${node}.ident --output ${node}/${node}.db`)
    this.quietly(
      `stmgr node-ticket --address ${address} --idfile ${node}/${node}.ident --output ${node}/${node}.ticket`,
    )
    this.quietly(
      `stmgr app-ticket --idfile ${app}/${app}.ident --pconfig --pfunds --proutes --output ${node}/trusted/${app}.ticket`,
    )
  }

  async startNode(number: number, address: string): Promise<RunningProgram> {
    const node = `node${number}`
    const program = this.start(
      `stnode --database ${node}/${node}.db --idfile ${node}/${node}.ident --laddr ${address} --trusted ${node}/trusted`,
    )
    await program.says(/listens on/)
    return program
  }

  /** `stctrl` as the app of node `number`. */
  control(number: number, command: string): Outcome {
    return this.run(
      `stctrl -I app${number}/app${number}.ident -T node${number}/node${number}.ticket ${command}`,
    )
  }

  /** A `stctrl` command that has to work and says nothing. */
  configure(number: number, command: string): void {
    expect(this.control(number, command), `node${number} ${command}`).toEqual(DONE)
  }

  /** Repeats a `stctrl` command until it answers as expected: what others have to hear of takes a moment. */
  async controlUntil(number: number, command: string, expected: Outcome, tries = 40): Promise<void> {
    for (let left = tries; left > 0; left--) {
      if (this.control(number, command).out === expected.out) break
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    expect(this.control(number, command), `node${number} ${command}`).toEqual(expected)
  }

  /** Ends all processes and forgets the folder. */
  async end(): Promise<void> {
    for (const program of this.#running) await program.ends('SIGKILL')
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** `127.0.0.1:port` where nobody listens now. */
export async function freeAddress(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return `127.0.0.1:${port}`
}

/** What a command prints that worked. */
export function says(...lines: readonly string[]): Outcome {
  return { ...DONE, out: lines.map((line) => `${line}\n`).join('') }
}
