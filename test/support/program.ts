// The built programs as processes: run to their end, or kept running until the test is over.

import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const PROGRAMS = join(import.meta.dirname, '../../dist/cli')

export interface Outcome {
  readonly code: number | null
  readonly out: string
  readonly error: string
}

/** What a program leaves that did what it was asked, and had nothing to say. */
export const DONE: Outcome = { code: 0, out: '', error: '' }

/** Splits a command line at spaces, which the tutorial never quotes. */
function parse(commandLine: string): string[] {
  const [program = '', ...args] = commandLine.trim().split(/\s+/)
  return [join(PROGRAMS, `${program}.js`), ...args]
}

/** Runs a command line in `folder` to its end. */
export function run(folder: string, commandLine: string): Outcome {
  const { status, stdout, stderr } = spawnSync(process.execPath, parse(commandLine), {
    cwd: folder,
    encoding: 'utf8',
  })
  return { code: status, out: stdout, error: stderr }
}

/** A program that runs until it is asked to stop. */
export class RunningProgram {
  readonly lines: string[] = []
  readonly #child: ChildProcess
  readonly #exit: Promise<number | null>

  constructor(folder: string, commandLine: string) {
    this.#child = spawn(process.execPath, parse(commandLine), { cwd: folder })
    this.#exit = once(this.#child, 'exit').then(([code]) => code as number | null)
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      createInterface({ input: stream! }).on('line', (line) => this.lines.push(line))
    }
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** The first line that fits; fails when the program ends without it. */
  async says(pattern: RegExp): Promise<string> {
    for (;;) {
      const line = this.lines.find((one) => pattern.test(one))
      if (line !== undefined) return line
      if (this.#child.exitCode !== null) throw new Error(`it ended with: ${this.lines.join('\n')}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  /** Waits for its end. */
  exitCode(): Promise<number | null> {
    return this.#exit
  }

  /** Sends a signal and waits for the exit code. */
  async ends(signal: NodeJS.Signals): Promise<number | null> {
    this.#child.kill(signal)
    return this.#exit
  }
}
