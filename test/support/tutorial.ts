// The places of the tutorial: its folder with nodes, apps, relay and index server, as processes on free ports.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { CardState } from '../../client/card-state.ts'
import { NodeClient } from '../../client/client.ts'
import { readForm } from '../../cli/files.ts'
import { readIdentity } from '../../cli/identity-file.ts'
import { systemClock, systemRandom } from '../../cli/system.ts'
import { dialWebSocket } from '../../cli/ws-dialler.ts'
import { nobleProvider } from '../../protocol/ed25519.ts'
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
  start(commandLine: string, folder = this.folder): RunningProgram {
    const program = new RunningProgram(folder, commandLine)
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
    let outcome = this.control(number, command)
    for (let left = tries; left > 0 && outcome.out !== expected.out; left--) {
      await new Promise((resolve) => setTimeout(resolve, 100))
      outcome = this.control(number, command)
    }
    expect(outcome, `node${number} ${command}`).toEqual(expected)
  }

  /** What node `number` shows to an app of its own, whose identity is `idfile`. */
  async follow(number: number, idfile: string): Promise<CardState> {
    const signer = await readIdentity(join(this.folder, idfile))
    const node = await readForm(join(this.folder, `node${number}/node${number}.ticket`), 'node')
    if (!signer.ok || !node.ok) throw new Error(`there is no ${idfile}, or no ticket of node${number}`)
    const client = await NodeClient.connect({
      ticket: node.value.ticket,
      signer: signer.value,
      crypto: nobleProvider,
      connect: dialWebSocket,
      clock: systemClock,
      random: systemRandom,
    })
    const state = client.ok ? await CardState.follow(client.value, systemClock) : client
    if (!state.ok) throw new Error(state.error.message)
    return state.value
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
