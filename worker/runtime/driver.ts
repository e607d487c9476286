// The loop of a card: stamp → process → store → send, strictly one step after the other (STO-1).
// Whatever waits when a step begins goes into it, so that inputs share commits and signatures under load.

import type { SignatureCheck, Signer } from '../../protocol/crypto.ts'
import { fail, type Fault, type Result } from '../../protocol/result.ts'
import type { Clock, Random } from '../../protocol/transport.ts'
import type { PublicKey, Time } from '../../protocol/types.ts'
import type { MethodName } from '../api.ts'
import type { ReceiptToSign, Step } from '../core/actions.ts'
import type { Input, Stamp } from '../core/inputs.ts'
import type { Snapshot } from '../core/records.ts'
import type { AsyncVerifier } from './crypto/verifier.ts'
import { Backoff } from './backoff.ts'
import {
  CALLS_WAITING_MAX,
  FRIEND_MESSAGES_WAITING_MAX,
  STEP_INPUTS_MAX,
  STORE_RETRY_MS_MAX,
  STORE_RETRY_MS_MIN,
  TIMER_MS_MAX,
} from './limits.ts'
import { SteadyClock } from './steady-clock.ts'
import { StoreError, type Store } from './store.ts'

/** Bytes of randomness that every stamp carries. */
const STAMP_RANDOM_BYTES = 32

/** What the driver needs of a core. */
export interface Drivable {
  checks(input: Input): readonly SignatureCheck[]
  process(input: Input, stamp: Stamp, valid: readonly boolean[]): void
  receiptsToSign(): readonly ReceiptToSign[]
  finish(stamp: Stamp): Step
  nextDeadline(): Time | undefined
}

export interface DriverOptions<C extends Drivable> {
  readonly store: Store
  readonly signer: Signer
  readonly verifier: AsyncVerifier
  readonly clock: Clock
  readonly random: Random
  /** @throws {InvariantError} when the records contradict each other. */
  readonly createCore: (snapshot: Snapshot) => C
  readonly events: DriverEvents<C>
}

export interface DriverEvents<C> {
  /** The records are loaded (again, after a failure): what was known of the core before is void. */
  loaded(core: C): void
  /** A step is committed: its actions may be performed now. `reply` is the driver's own. */
  stepped(core: C, step: Step, inputs: readonly Input[]): void
  /**
   * Storage fails: the core is gone until `loaded`; all sessions must end, so that resume repairs them. `stored`, when
   * it can be read and no more, is there to be shown.
   */
  failed(fault: Fault, stored: C | undefined): void
  /** An invariant broke: nothing of that step was stored or sent, and nothing more will be. */
  broken(fault: Fault): void
}

type Answer = (result: Result<unknown>) => void

export class Driver<C extends Drivable> {
  readonly #options: DriverOptions<C>
  readonly #retry: Backoff
  readonly #time: SteadyClock
  /** Missing while storage fails, before it was read, and after the end. */
  #core: C | undefined
  /** Why there is no core. */
  #fault: Fault = { code: 'starting', message: 'This card is still being loaded: try again in a moment.' }
  /** Whether storage has failed and has not yet been seen to take anything since. */
  #isSuspect = false
  #queue: Input[] = []
  readonly #calls = new Map<number, Answer>()
  readonly #waitingMessages = new Map<number, number>()
  #lastCall = 0
  #ended = false
  #isRunning = false
  /** Resolves when the loop that was begun last has returned. */
  #loopEnd: Promise<void> = Promise.resolve()
  #cancelTimer: () => void = () => undefined

  constructor(options: DriverOptions<C>) {
    this.#options = options
    const { clock, random } = options
    this.#time = new SteadyClock(clock)
    this.#retry = new Backoff(STORE_RETRY_MS_MIN, STORE_RETRY_MS_MAX, clock, random)
  }

  /** The core between two steps; missing while the card does not work. */
  get core(): C | undefined {
    return this.#core
  }

  start(): void {
    this.#run()
  }

  /** Lets the running step finish and answers what waits. Nothing happens after it. */
  async stop(fault: Fault): Promise<void> {
    this.#end(fault)
    await this.#loopEnd
  }

  /**
   * Queues an input that is not a call; dropped while there is no core.
   * @returns false when the session of a `friendMessage` has too many waiting: it must be closed (SES-5). Such a
   * bound is enough: an honest friend sends no more than his window before he is acknowledged, that is, processed.
   */
  push(input: Exclude<Input, { type: 'call' }>): boolean {
    if (this.#core === undefined) return true
    if (input.type === 'friendMessage') {
      const waiting = (this.#waitingMessages.get(input.session) ?? 0) + 1
      if (waiting > FRIEND_MESSAGES_WAITING_MAX) return false
      this.#waitingMessages.set(input.session, waiting)
    }
    this.#queue.push(input)
    this.#run()
    return true
  }

  /**
   * Queues a call and answers with its result, or with why it could not be processed. Never rejects.
   * @param app who calls; missing: the owner.
   */
  call(method: MethodName, params: unknown, app?: PublicKey): Promise<Result<unknown>> {
    if (this.#core === undefined) return Promise.resolve({ ok: false, error: this.#fault })
    if (this.#calls.size >= CALLS_WAITING_MAX) {
      return Promise.resolve(fail('busy', 'Too many calls wait for an answer: wait for some of them first.'))
    }
    this.#lastCall += 1
    const call = this.#lastCall
    return new Promise((resolve) => {
      this.#calls.set(call, resolve)
      this.#queue.push({ type: 'call', call, method, params, app })
      this.#run()
    })
  }

  #run(): void {
    if (this.#ended || this.#isRunning) return
    this.#isRunning = true
    this.#loopEnd = this.#loop()
  }

  async #loop(): Promise<void> {
    try {
      // Everything that was said in the same turn goes into the same step.
      await Promise.resolve()
      while (!this.#ended) {
        if (this.#core === undefined) {
          if (!(await this.#load())) return
        } else if (this.#queue.length > 0) {
          if (!(await this.#step(this.#core))) return
        } else {
          this.#setTimer(this.#core)
          return
        }
      }
    } finally {
      // In the same turn as the decision to return, so that no input falls in between.
      this.#isRunning = false
    }
  }

  /** @returns false when it failed, and a timer will try again. */
  async #load(): Promise<boolean> {
    const { store, createCore, events } = this.#options
    let stored: C | undefined
    try {
      const core = createCore(await store.load())
      stored = core
      // A full disk can still be read: a card that came back on it would fall over its next payment, again and again.
      if (this.#isSuspect) await store.commit([])
      if (this.#ended) return false
      this.#isSuspect = false
      this.#core = core
      this.#queue = [{ type: 'start' }]
      events.loaded(core)
      return true
    } catch (error) {
      if (error instanceof StoreError) this.#fail(error, stored)
      else this.#break(error)
      return false
    }
  }

  /** One round of compute, commit, send. @returns false when it failed: a timer will try again, if anything. */
  async #step(core: C): Promise<boolean> {
    const inputs = this.#queue.splice(0, STEP_INPUTS_MAX)
    try {
      for (const input of inputs) await this.#process(core, input)
      const step = core.finish(this.#stamp())
      if (step.changes.length > 0) {
        await this.#options.store.commit(step.changes)
        // Only now is it known that storage works: a full disk can still be read.
        this.#retry.reset()
      }
      // A card that was closed meanwhile has stored the step, and sends it when it is opened again.
      if (this.#ended) return false
      this.#options.events.stepped(core, step, inputs)
      this.#reply(step)
      return true
    } catch (error) {
      if (error instanceof StoreError) this.#fail(error)
      else this.#break(error)
      return false
    }
  }

  async #process(core: C, input: Input): Promise<void> {
    if (input.type === 'friendMessage') this.#countDown(input.session)
    const checks = core.checks(input)
    const valid = checks.length === 0 ? [] : await this.#options.verifier.verifyMany(checks)
    core.process(input, this.#stamp(), valid)
    for (;;) {
      const receipts = core.receiptsToSign()
      if (receipts.length === 0) return
      for (const { reference, message } of receipts) {
        const signature = this.#options.signer.sign(message)
        core.process({ type: 'receiptSigned', reference, signature }, this.#stamp(), [])
      }
    }
  }

  #reply(step: Step): void {
    for (const action of step.actions) {
      if (action.type !== 'reply') continue
      this.#calls.get(action.call)?.(action.result)
      this.#calls.delete(action.call)
    }
  }

  #stamp(): Stamp {
    return { now: this.#time.now(), random: this.#options.random(STAMP_RANDOM_BYTES) }
  }

  #setTimer(core: C): void {
    this.#cancelTimer()
    const deadline = core.nextDeadline()
    if (deadline === undefined) return
    const delay_ms = Math.min(Math.max(0, deadline - this.#time.now()), TIMER_MS_MAX)
    this.#cancelTimer = this.#options.clock.after(delay_ms, () => {
      if (this.#core !== core) return
      if (this.#time.now() >= deadline) this.push({ type: 'tick' })
      else if (!this.#isRunning) this.#setTimer(core)
    })
  }

  #countDown(session: number): void {
    const waiting = (this.#waitingMessages.get(session) ?? 0) - 1
    if (waiting > 0) this.#waitingMessages.set(session, waiting)
    else this.#waitingMessages.delete(session)
  }

  /** STO-3: what the core holds in memory may differ from what is stored, so it is thrown away. */
  #fail(error: StoreError, stored?: C): void {
    if (this.#ended) return
    const fault = storeFault(error)
    this.#isSuspect = true
    this.#drop(fault)
    this.#options.events.failed(fault, stored)
    this.#cancelTimer = this.#retry.wait(() => {
      this.#run()
    })
  }

  /** STO-4: a bug of ours. Going on could lose money; the other cards of this program are not touched. */
  #break(error: unknown): void {
    if (this.#ended) return
    const reason = error instanceof Error ? error.message : String(error)
    const fault: Fault = {
      code: 'broken',
      message: `This card has stopped to keep its balances safe, because of a mistake in this program: ${reason}. Please report it.`,
    }
    this.#end(fault)
    this.#options.events.broken(fault)
  }

  #end(fault: Fault): void {
    if (this.#ended) return
    this.#ended = true
    this.#drop(fault)
  }

  /** Forgets the core and answers every call with `fault`. */
  #drop(fault: Fault): void {
    this.#core = undefined
    this.#fault = fault
    this.#queue = []
    this.#waitingMessages.clear()
    this.#cancelTimer()
    const answers = [...this.#calls.values()]
    this.#calls.clear()
    for (const answer of answers) answer({ ok: false, error: fault })
  }
}

/** The stable codes by which apps tell storage faults apart. */
const STORE_FAULTS = {
  full: 'storageFull',
  tooNew: 'storageTooNew',
  closed: 'storageClosed',
  inUse: 'storageInUse',
  unreadable: 'storageFailed',
} as const

/** What apps are told of a store that failed. */
export function storeFault({ code, message }: StoreError): Fault {
  return { code: STORE_FAULTS[code], message }
}
