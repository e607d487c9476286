// `offst up` as people start it: the built program in a process of its own, on a port of its own.

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const PROGRAM = join(import.meta.dirname, '../../../dist/cli/offst.js')
const START_MS_MAX = 20_000

export interface OffstUp {
  /** Of the wallet, without a slash at its end. */
  readonly url: string
  readonly port: number
  /** Kills it as a power cut would, and waits until it is gone. Its keys stay. */
  kill(): Promise<void>
  /** Starts it again on the same port with the same keys, after `kill`. */
  restart(): Promise<void>
  /** Ends it and removes its keys. */
  stop(): Promise<void>
}

/** Starts relay, index server and wallet with fresh keys. */
export async function startOffstUp(): Promise<OffstUp> {
  const data = await mkdtemp(join(tmpdir(), 'offst-up-'))
  let running = await start(data, 0)
  const { port } = running
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    kill: () => end(running.child, 'SIGKILL'),
    restart: async () => {
      running = await start(data, port)
    },
    stop: async () => {
      await end(running.child, 'SIGTERM')
      await rm(data, { recursive: true, force: true })
    },
  }
}

async function start(data: string, port: number): Promise<{ child: ChildProcess; port: number }> {
  const child = spawn(process.execPath, [PROGRAM, 'up', '--port', String(port), '--data', data], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const found = new Promise<number>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      output += chunk.toString()
      const match = /http:\/\/[^\s:]+:(\d+)/.exec(output)
      if (match !== null) resolve(Number(match[1]))
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.on('exit', () => reject(new Error(`offst up ended: ${output}`)))
    setTimeout(() => reject(new Error(`offst up did not start: ${output}`)), START_MS_MAX).unref()
  })
  try {
    return { child, port: await found }
  } catch (error) {
    await end(child, 'SIGKILL')
    throw error
  }
}

async function end(child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill(signal)
  await once(child, 'exit')
}
