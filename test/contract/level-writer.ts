// A process that writes numbered commits into a LevelDB until it is killed; what it says is held against the ledger.

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { build } from 'vite'
import type { Ledger } from './numbered-commits.ts'

const SOURCE = join(import.meta.dirname, 'level-writer.child.ts')
const MODULES = join(import.meta.dirname, '../../node_modules')

export class LevelWriter {
  /** Codes and sentences of the commits and loads that were refused. */
  readonly refused: string[] = []
  /** Lines that it has said. */
  said = 0
  readonly #child: ChildProcess
  readonly #ledger: Ledger
  #listen: () => void = () => undefined
  readonly #end: Promise<void>

  /** @param script from `bundleWriter`. */
  constructor(script: string, database: string, ledger: Ledger) {
    this.#ledger = ledger
    this.#child = spawn(process.execPath, [script, database], {
      env: { ...process.env, NODE_PATH: MODULES },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.#end = this.#follow()
    // It is awaited later, by `until` or `kill`.
    this.#end.catch(() => undefined)
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** Resolves when `condition` holds, which is asked after each line. @throws {Error} when the promise is broken. */
  async until(condition: () => boolean): Promise<void> {
    const held = new Promise<void>((resolve) => {
      this.#listen = () => {
        if (condition()) resolve()
      }
      this.#listen()
    })
    await Promise.race([
      held,
      this.#end.then(() => {
        throw new Error('the writer ended by itself')
      }),
    ])
  }

  /** kill -9; resolves when it is gone and all that it has said was heard. @throws {Error} when the promise is broken. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#end
  }

  async #follow(): Promise<void> {
    const exit = once(this.#child, 'exit')
    for await (const line of createInterface({ input: this.#child.stdout! })) {
      this.#hear(line)
      this.#listen()
    }
    const [code, signal] = (await exit) as [number | null, NodeJS.Signals | null]
    if (signal !== 'SIGKILL') throw new Error(`the writer ended with ${code ?? signal}`)
  }

  #hear(line: string): void {
    const [event, value = ''] = line.split(/ (.*)/)
    this.said += 1
    if (event === 'found') this.#ledger.found(Number(value))
    if (event === 'stored') this.#ledger.stored(Number(value))
    if (event === 'refused') this.refused.push(value)
  }
}

/** Makes a script of the writer, in `folder`; the packages stay outside. */
export async function bundleWriter(folder: string): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'error',
    ssr: { external: ['classic-level'], noExternal: true },
    build: { ssr: SOURCE, write: false, target: 'node20', rolldownOptions: { output: { format: 'cjs' } } },
  })
  const outputs = (Array.isArray(result) ? result : [result]).flatMap((built) =>
    'output' in built ? built.output : [],
  )
  const chunk = outputs.find((output) => output.type === 'chunk')
  if (chunk === undefined) throw new Error('the writer was not built')
  const script = join(folder, 'writer.cjs')
  await writeFile(script, chunk.code)
  return script
}
