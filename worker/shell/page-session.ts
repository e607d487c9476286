// One page of the wallet and this worker: the hello, the page's life, and its app.

import * as v from 'valibot'
import { lockOfTab, PageMessage, type WelcomeMessage } from '../api.ts'
import { ALL_PERMISSIONS, App } from './app.ts'
import type { Host } from './host.ts'
import { whenFree, type Locks } from './locks.ts'

/** The worker that serves pages. */
export interface ServingWorker {
  readonly host: Host
  readonly locks: Locks
  readonly boot: string
  readonly build: number
  /** Resolves when `lockOfBoot(boot)` is held: before that, pages would take this worker for dead. */
  readonly alive: Promise<void>
  /** By the tab that said hello. */
  readonly sessions: Map<string, PageSession>
  /** Stops the host and ends this worker. */
  readonly retire: () => void
}

export class PageSession {
  readonly #worker: ServingWorker
  readonly #post: (message: unknown) => void
  readonly #onGone: () => void
  #app: App | undefined

  /** @param onGone called when the page that said hello has gone. */
  constructor(worker: ServingWorker, post: (message: unknown) => void, onGone: () => void) {
    this.#worker = worker
    this.#post = post
    this.#onGone = onGone
  }

  receive(data: unknown): void {
    const parsed = v.safeParse(PageMessage, data)
    if (!parsed.success) this.#receiveCall(data)
    else if ('hello' in parsed.output) void this.#welcome(parsed.output.hello.tab)
    else if ('taken' in parsed.output) this.#app?.taken(parsed.output.taken)
    else this.#worker.retire()
  }

  async #welcome(tab: string): Promise<void> {
    const { host, boot, build, alive, locks, sessions } = this.#worker
    await alive
    const welcome: WelcomeMessage = { welcome: { boot, build } }
    this.#post(welcome)
    // Said hello before: its subscriptions stand.
    if (this.#app !== undefined) return
    this.#app = new App({ host, permissions: ALL_PERMISSIONS, send: this.#post })
    // A page that was not welcomed in time tries again over another line.
    sessions.get(tab)?.close()
    sessions.set(tab, this)
    await whenFree(locks, lockOfTab(tab))
    if (sessions.get(tab) === this) sessions.delete(tab)
    this.close()
  }

  /** Ends what this page subscribed to. */
  close(): void {
    this.#app?.close()
    this.#onGone()
  }

  #receiveCall(data: unknown): void {
    if (this.#app !== undefined) {
      this.#app.receive(data)
      return
    }
    this.#post({ id: -1, error: { code: 'badCall', message: 'Say hello first.' } })
  }
}
