// The built programs of the servers, as processes.

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from '../support/temporary-folder.ts'

const PROGRAMS = join(import.meta.dirname, '../../dist/cli')

class Process {
  readonly lines: string[] = []
  readonly #child: ChildProcess
  readonly #exit: Promise<number | null>

  constructor(program: string, args: readonly string[]) {
    this.#child = spawn(process.execPath, [join(PROGRAMS, `${program}.js`), ...args])
    this.#exit = once(this.#child, 'exit').then(([code]) => code as number | null)
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      createInterface({ input: stream! }).on('line', (line) => this.lines.push(line))
    }
    onTestFinished(() => void this.#child.kill('SIGKILL'))
  }

  async says(pattern: RegExp): Promise<string> {
    for (;;) {
      const line = this.lines.find((one) => pattern.test(one))
      if (line !== undefined) return line
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  /** Sends a signal, or none, and waits for the exit code. */
  async ends(signal?: NodeJS.Signals): Promise<number | null> {
    if (signal !== undefined) this.#child.kill(signal)
    return this.#exit
  }
}

describe('programs of the servers', () => {
  it('strelay runs until it is asked to stop, and is the same relay the next time', async () => {
    const args = ['--idfile', join(await temporaryFolder(), 'relay.ident'), '--laddr', '127.0.0.1:0']
    const named = [...args, '--public-url', 'wss://relay.example.org']
    const first = new Process('strelay', named)
    const ticket = await first.says(/^offstrelay1/)
    expect(await first.ends('SIGTERM')).toBe(0)
    expect(first.lines.at(-1)).toBe('The relay has stopped.')
    const second = new Process('strelay', named)
    expect(await second.says(/^offstrelay1/)).toBe(ticket)
    expect(await second.ends('SIGINT')).toBe(0)
  })

  it('CLI-22 stops in order when it is asked to while it starts', async () => {
    const args = ['--idfile', join(await temporaryFolder(), 'relay.ident'), '--laddr', '127.0.0.1:0']
    const relay = new Process('strelay', args)
    await relay.says(/^Made a new identity/)
    expect(await relay.ends('SIGTERM')).toBe(0)
    expect(relay.lines.at(-1)).toBe('The relay has stopped.')
  })

  it('stindex draws its ticket when asked, and refuses a port that is taken', async () => {
    const folder = await temporaryFolder()
    const args = (port: string) => [
      '--idfile',
      join(folder, 'index.ident'),
      '--lclient',
      `127.0.0.1:${port}`,
      '--qr',
    ]
    const first = new Process('stindex', args('0'))
    const [port = ''] = /[0-9]+/.exec(await first.says(/listens on port/)) ?? []
    await first.says(/█/)
    const second = new Process('stindex', args(port))
    expect(await second.ends()).toBe(1)
    expect(await second.says(/^stindex: /)).toContain(`127.0.0.1:${port} already`)
    expect(await first.ends('SIGTERM')).toBe(0)
  })

  it('offst knows its commands and ends with 2 on a wrong one', async () => {
    const wrong = new Process('offst', ['dance'])
    expect(await wrong.ends()).toBe(2)
    expect(await wrong.says(/There is no command/)).toContain('up, relay, index')
  })
})
