// The line to the SharedWorker that all tabs share. A worker that has gone is started again.

import * as v from 'valibot'
import { lockOfBoot, lockOfTab, WelcomeMessage, type PageMessage } from '../../worker/api.ts'
import { BUILD } from './build.ts'
import { newId16 } from './ids.ts'
import type { Line, LineEvents } from './line.ts'
import { holdForever, whenFree } from './locks.ts'
import { SharedWorker } from './trusted-workers.ts'

/** A worker that is silent so long is taken for dead; one starts in 300 ms, or some seconds on a busy phone. */
const WELCOME_MS_MAX = 10_000

export function openSharedLine(events: LineEvents): Line {
  const line = new SharedLine(events)
  void line.open()
  return line
}

class SharedLine implements Line {
  readonly #events: LineEvents
  readonly #tab = newId16()
  /** Of the worker that has welcomed this page. */
  #welcomed: MessagePort | undefined
  /** Once per page: the new worker may come from a cache, and be as old. */
  #mayRetire = true

  constructor(events: LineEvents) {
    this.#events = events
  }

  async open(): Promise<void> {
    // Held before the hello, or the worker would take this page for gone.
    await holdForever(lockOfTab(this.#tab))
    this.#connect()
  }

  send(message: unknown): void {
    this.#welcomed?.postMessage(message)
  }

  #connect(): void {
    // Written out where it is used, so that the build finds the worker.
    const { port } = new SharedWorker(new URL('../../worker/shell/node.worker.ts', import.meta.url), {
      type: 'module',
      name: 'offst-node',
    })
    const timer = setTimeout(() => {
      port.close()
      this.#events.onLost({
        code: 'noAnswer',
        message:
          'The node of this browser does not answer and is started again. If this stays, close all tabs of the wallet.',
      })
      this.#connect()
    }, WELCOME_MS_MAX)
    port.onmessage = ({ data }: MessageEvent<unknown>) => {
      const parsed = v.safeParse(WelcomeMessage, data)
      if (!parsed.success) {
        this.#events.onMessage(data)
        return
      }
      clearTimeout(timer)
      this.#meet(port, parsed.output.welcome)
    }
    const hello: PageMessage = { hello: { tab: this.#tab, build: BUILD } }
    port.postMessage(hello)
  }

  #meet(port: MessagePort, { boot, build }: WelcomeMessage['welcome']): void {
    whenFree(lockOfBoot(boot), () => this.#lose(port))
    if (build < BUILD && this.#mayRetire) {
      this.#mayRetire = false
      const retire: PageMessage = { retire: true }
      port.postMessage(retire)
      return
    }
    this.#welcomed = port
    this.#events.onWelcome()
  }

  #lose(port: MessagePort): void {
    port.close()
    if (this.#welcomed === port) {
      this.#welcomed = undefined
      this.#events.onLost()
    }
    this.#connect()
  }
}
