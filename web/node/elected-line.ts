// The line for browsers without SharedWorker: every tab brings a worker of its own, one of which is elected to
// run the node and serves all tabs over BroadcastChannels. When its tab closes, another takes over.

import * as v from 'valibot'
import {
  channels,
  Elected,
  lockOfBoot,
  lockOfTab,
  WelcomeMessage,
  type PageMessage,
  type TabMessage,
} from '../../worker/api.ts'
import { BUILD } from './build.ts'
import { newId16 } from './ids.ts'
import type { Line, LineEvents } from './line.ts'
import { holdForever, whenFree } from './locks.ts'
import { Worker } from './trusted-workers.ts'

const NO_WORKER = {
  code: 'noAnswer',
  message: 'The node of this browser could not be started. Reload the page.',
}

/** This page's own worker, elected or not; referenced, so that it is not collected. */
const workers: Worker[] = []

export function openElectedLine(events: LineEvents): Line {
  const line = new ElectedLine(events)
  void line.open()
  return line
}

class ElectedLine implements Line {
  readonly #events: LineEvents
  readonly #tab = newId16()
  readonly #calls = new BroadcastChannel(channels.calls)
  /** The boot of the worker that serves this page. */
  #boot: string | undefined
  /** Once per page: the new worker may come from a cache, and be as old. */
  #mayRetire = true
  #stopWatching: () => void = () => undefined

  constructor(events: LineEvents) {
    this.#events = events
  }

  async open(): Promise<void> {
    // Held before the hello, or the worker would take this page for gone.
    await holdForever(lockOfTab(this.#tab))
    new BroadcastChannel(channels.ofTab(this.#tab)).onmessage = ({ data }: MessageEvent<unknown>) =>
      this.#receive(data)
    new BroadcastChannel(channels.elected).onmessage = ({ data }: MessageEvent<unknown>) => {
      if (v.is(Elected, data)) this.#hello()
    }
    // Lives and stands for election as long as this page does.
    const worker = new Worker(new URL('../../worker/shell/fallback.worker.ts', import.meta.url), {
      type: 'module',
      name: 'offst-node',
    })
    worker.onerror = () => this.#events.onLost(NO_WORKER)
    workers.push(worker)
    // To the worker that was elected before this page came; a later one says so.
    this.#hello()
  }

  send(message: unknown): void {
    if (this.#boot !== undefined) this.#post(message)
  }

  #hello(): void {
    const hello: PageMessage = { hello: { tab: this.#tab, build: BUILD } }
    this.#post(hello)
  }

  #post(message: unknown): void {
    const envelope: TabMessage = { tab: this.#tab, message }
    this.#calls.postMessage(envelope)
  }

  #receive(data: unknown): void {
    const parsed = v.safeParse(WelcomeMessage, data)
    if (parsed.success) this.#meet(parsed.output.welcome)
    else this.#events.onMessage(data)
  }

  #meet({ boot, build }: WelcomeMessage['welcome']): void {
    // Both the first hello and the one after the election may be answered.
    if (this.#boot === boot) return
    if (build < BUILD && this.#mayRetire) {
      this.#mayRetire = false
      // The worker of an older page: it makes room, and the next one elected says so.
      const retire: PageMessage = { retire: true }
      this.#post(retire)
      return
    }
    if (this.#boot !== undefined) this.#lose(this.#boot)
    this.#boot = boot
    this.#stopWatching = whenFree(lockOfBoot(boot), () => this.#lose(boot))
    this.#events.onWelcome()
  }

  #lose(boot: string): void {
    if (this.#boot !== boot) return
    this.#stopWatching()
    this.#boot = undefined
    this.#events.onLost()
  }
}
