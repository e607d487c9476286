// A relay or an index server as people start it: the built program in a process of its own, on a port of its own.

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const PROGRAMS = join(import.meta.dirname, '../../../dist/cli')
const KINDS = {
  relay: { program: 'strelay.js', address: '--laddr', code: /offstrelay1\w+/ },
  index: { program: 'stindex.js', address: '--lclient', code: /offstindex1\w+/ },
} as const
type Kind = keyof typeof KINDS

export class OwnServer {
  readonly #kind: Kind
  readonly #folder: string
  #child: ChildProcess
  #port = 0
  #code = ''

  private constructor(kind: Kind, folder: string, child: ChildProcess) {
    this.#kind = kind
    this.#folder = folder
    this.#child = child
  }

  static async start(kind: Kind): Promise<OwnServer> {
    const folder = await mkdtemp(join(tmpdir(), `offst-${kind}-`))
    const server = new OwnServer(kind, folder, run(kind, folder, 0))
    await server.#untilReady()
    return server
  }

  /** Its ticket, as people hand it on. */
  get code(): string {
    return this.#code
  }

  /** Kills it as a power cut would. Its key stays. */
  async kill(): Promise<void> {
    const gone = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await gone
  }

  /** Starts it again on the same port with the same key, after `kill`. */
  async restart(): Promise<void> {
    this.#child = run(this.#kind, this.#folder, this.#port)
    await this.#untilReady()
  }

  /** Makes it hang: connections stay, nothing is passed on. */
  freeze(): void {
    this.#child.kill('SIGSTOP')
  }

  thaw(): void {
    this.#child.kill('SIGCONT')
  }

  /** Ends it and removes its key. */
  async stop(): Promise<void> {
    this.thaw()
    await this.kill()
    await rm(this.#folder, { recursive: true, force: true })
  }

  /** Reads port and ticket from what it says. */
  async #untilReady(): Promise<void> {
    for await (const line of createInterface({ input: this.#child.stdout! })) {
      this.#port = Number(/listens on port (\d+)/.exec(line)?.[1] ?? this.#port)
      this.#code = KINDS[this.#kind].code.exec(line)?.[0] ?? ''
      if (this.#code !== '') return
    }
    throw new Error(`the ${this.#kind} did not start`)
  }
}

function run(kind: Kind, folder: string, port: number): ChildProcess {
  const { program, address } = KINDS[kind]
  const args = [join(PROGRAMS, program), '--idfile', join(folder, 'identity'), address, `127.0.0.1:${port}`]
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
}
