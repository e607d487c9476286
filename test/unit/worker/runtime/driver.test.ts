// The driver's loop with a core that only counts: what is stored and sent when, and what happens when that fails.

import { beforeEach, expect, it } from 'vitest'
import { nobleProvider } from '../../../../protocol/ed25519.ts'
import { invariant, ok, type Fault } from '../../../../protocol/result.ts'
import type { PublicKey, Signature } from '../../../../protocol/types.ts'
import type { Action, ReceiptToSign, Step } from '../../../../worker/core/actions.ts'
import type { Input, Stamp } from '../../../../worker/core/inputs.ts'
import type { Change, Snapshot } from '../../../../worker/core/records.ts'
import { asyncVerifier } from '../../../../worker/runtime/crypto/verifier.ts'
import { Driver, type Drivable } from '../../../../worker/runtime/driver.ts'
import {
  CALLS_WAITING_MAX,
  FRIEND_MESSAGES_WAITING_MAX,
  STEP_INPUTS_MAX,
} from '../../../../worker/runtime/limits.ts'
import { StoreError } from '../../../../worker/runtime/store.ts'
import { cardChange } from '../../../contract/store-suite.ts'
import { MemoryDisk, MemoryStore } from '../../../support/memory-store.ts'
import { seededRandom } from '../../../support/seeded-random.ts'
import { VirtualClock } from '../../../support/virtual-clock.ts'

const signer = nobleProvider.signer(new Uint8Array(32).fill(7))
const FRIEND = 'F'.repeat(43) as PublicKey

/** Notes what it gets; every call is answered, and changes the card's name to how many there were. */
class CountingCore implements Drivable {
  readonly inputs: Input[] = []
  readonly stamps: Stamp[] = []
  readonly valid: (readonly boolean[])[] = []
  deadline: number | undefined
  calls: number
  #receipts: ReceiptToSign[] = []
  #actions: Action[] = []
  #changes: Change[] = []

  constructor(snapshot: Snapshot) {
    this.calls = Number(snapshot.card[0]?.name ?? 0)
  }

  checks(input: Input) {
    if (input.type !== 'friendMessage') return []
    const message = Uint8Array.of(1)
    const { publicKey } = signer
    return [
      { publicKey, message, signature: signer.sign(message) },
      { publicKey, message, signature: 'A'.repeat(86) as Signature },
    ]
  }

  process(input: Input, stamp: Stamp, valid: readonly boolean[]): void {
    this.inputs.push(input)
    this.stamps.push(stamp)
    this.valid.push(valid)
    if (input.type === 'tick') this.deadline = undefined
    if (input.type !== 'call') return
    invariant(input.params !== 'bug', 'a bug')
    if (input.params === 'sign') this.#receipts.push({ reference: 'r', message: Uint8Array.of(2) })
    this.calls += 1
    this.#changes.push(cardChange(String(this.calls)))
    if (input.params !== 'later') {
      this.#actions.push({ type: 'reply', call: input.call, result: ok(this.calls) })
    }
  }

  receiptsToSign() {
    return this.#receipts.splice(0)
  }

  finish(): Step {
    return { changes: this.#changes.splice(0), actions: this.#actions.splice(0) }
  }

  nextDeadline() {
    return this.deadline
  }
}

let clock: VirtualClock
let disk: MemoryDisk
let store: MemoryStore
let cores: CountingCore[]
let story: string[]
let faults: Fault[]
let driver: Driver<CountingCore>

beforeEach(() => {
  clock = new VirtualClock()
  disk = new MemoryDisk()
  store = new MemoryStore({ disk })
  cores = []
  story = []
  faults = []
  driver = new Driver({
    store,
    signer,
    verifier: asyncVerifier(nobleProvider),
    clock,
    random: seededRandom('driver'),
    createCore: (snapshot) => new CountingCore(snapshot),
    events: {
      loaded: (core) => cores.push(core),
      stepped: (_, step, inputs) =>
        story.push(
          `${inputs.length} in, stored ${disk.tables.card.get('card')?.name ?? 'nothing'}, ${step.actions.length} to do`,
        ),
      failed: (fault) => faults.push(fault),
      broken: (fault) => faults.push(fault),
    },
  })
})

async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}

async function start(): Promise<CountingCore> {
  driver.start()
  await settle()
  story = []
  return core()
}

function core(): CountingCore {
  return cores.at(-1)!
}

it('STO-1 performs actions only after their changes are stored', async () => {
  await start()
  expect(await driver.call('card.rename', {})).toEqual(ok(1))
  expect(story).toEqual(['1 in, stored 1, 1 to do'])
})

it('STO-1 puts everything that waits into one commit, up to the limit of a step', async () => {
  await start()
  const before = store.commits
  await Promise.all(Array.from({ length: STEP_INPUTS_MAX + 1 }, () => driver.call('card.rename', {})))
  expect(store.commits - before).toBe(2)
})

it('verifies the signatures that the core asks for, and tells it which are good', async () => {
  await start()
  driver.push({
    type: 'friendMessage',
    friend: FRIEND,
    session: 1,
    message: { kind: 'ack', epoch: 0, seq: 1, hash: 'H'.repeat(43) as never },
  })
  await settle()
  expect(core().valid.at(-1)).toEqual([true, false])
})

it('signs receipts before the step is stored', async () => {
  await start()
  await driver.call('card.rename', 'sign')
  expect(core().inputs.at(-1)).toEqual({
    type: 'receiptSigned',
    reference: 'r',
    signature: signer.sign(Uint8Array.of(2)),
  })
  expect(story).toHaveLength(1)
})

it('wakes the core at its deadline, not before', async () => {
  const { inputs } = await start()
  core().deadline = clock.now() + 5_000
  await driver.call('card.rename', {})
  await settle()
  clock.advance(4_999)
  await settle()
  expect(inputs.at(-1)?.type).toBe('call')
  clock.advance(1)
  await settle()
  expect(inputs.at(-1)?.type).toBe('tick')
})

it('never stamps an input with a time before the one of the input before it', async () => {
  await start()
  clock.advance(10_000)
  await driver.call('card.rename', {})
  const late = clock.now()
  const backwards = new VirtualClock(late - 5_000)
  Object.assign(clock, { now: () => backwards.now() })
  await driver.call('card.rename', {})
  expect(core().stamps.at(-1)?.now).toBe(late)
})

it('gives every input random bytes of its own', async () => {
  await start()
  await Promise.all([driver.call('card.rename', {}), driver.call('card.rename', {})])
  const random = core().stamps.map((stamp) => stamp.random.join())
  expect(new Set(random).size).toBe(random.length)
})

it('STO-3 throws away what could not be stored, answers with the fault, and reads again', async () => {
  await start()
  await driver.call('card.rename', {})
  store.fault = 'full'
  const failed = await driver.call('card.rename', {})
  expect(failed).toMatchObject({ ok: false, error: { code: 'storageFull' } })
  expect(faults.map(({ code }) => code)).toEqual(['storageFull'])
  expect(await driver.call('card.rename', {})).toMatchObject({ error: { code: 'storageFull' } })
  store.fault = undefined
  await settle()
  clock.advance(60_000)
  await settle()
  expect(cores).toHaveLength(2)
  expect(core().inputs.map(({ type }) => type)).toEqual(['start'])
  expect(await driver.call('card.rename', {})).toEqual(ok(2))
})

it('STO-3 tries a store that keeps failing again and again, more and more slowly', async () => {
  store.fault = 'unreadable'
  driver.start()
  await settle()
  const times = [clock.now()]
  while (times.length < 8) {
    clock.advance(100)
    await settle()
    if (faults.length > times.length) times.push(clock.now())
  }
  const waits = times.slice(1).map((time, index) => time - times[index]!)
  expect(Math.max(...waits.slice(0, 2))).toBeLessThan(Math.min(...waits.slice(-2)))
})

it('STO-3 waits longer and longer for a store that reads but does not write, whatever needs no writing', async () => {
  store.commit = () => Promise.reject(new StoreError('full', 'The disk is full.'))
  driver.start()
  await settle()
  const before = clock.now()
  while (clock.now() < before + 120_000) {
    if (driver.core !== undefined) void driver.call('card.rename', {})
    await settle()
    clock.advance(100)
  }
  expect(faults.length).toBeGreaterThan(5)
  expect(faults.length).toBeLessThan(15)
})

it('STO-3 answers a call that waited for the network when storage fails', async () => {
  await start()
  const waiting = driver.call('payments.quote', 'later')
  await settle()
  store.fault = 'full'
  await driver.call('card.rename', {})
  expect(await waiting).toMatchObject({ error: { code: 'storageFull' } })
})

it('STO-4 stops for good when an invariant breaks, and stores and sends nothing of that step', async () => {
  await start()
  const results = await Promise.all([driver.call('card.rename', {}), driver.call('card.rename', 'bug')])
  expect(results.map((result) => !result.ok && result.error.code)).toEqual(['broken', 'broken'])
  expect(disk.tables.card.size).toBe(0)
  expect(story).toEqual([])
  expect(faults[0]?.message).toContain('a bug')
  clock.advance(600_000)
  await settle()
  expect(cores).toHaveLength(1)
  expect(await driver.call('card.rename', {})).toMatchObject({ error: { code: 'broken' } })
})

it('SES-5 refuses more messages of one session than an honest friend has under way', async () => {
  await start()
  const message = { kind: 'ack', epoch: 0, seq: 1, hash: 'H'.repeat(43) as never } as const
  const push = (session: number) => driver.push({ type: 'friendMessage', friend: FRIEND, session, message })
  const taken = Array.from({ length: FRIEND_MESSAGES_WAITING_MAX + 1 }, () => push(1))
  expect(taken.indexOf(false)).toBe(FRIEND_MESSAGES_WAITING_MAX)
  expect(push(2)).toBe(true)
  await settle()
  expect(push(1)).toBe(true)
})

it('refuses more calls than it has room for', async () => {
  await start()
  const calls = Array.from({ length: CALLS_WAITING_MAX }, () => driver.call('payments.quote', 'later'))
  expect(await driver.call('card.rename', {})).toMatchObject({ error: { code: 'busy' } })
  await driver.stop({ code: 'stopped', message: 'The end.' })
  expect((await Promise.all(calls)).every((result) => !result.ok)).toBe(true)
})

it('lets the running step finish when it is stopped, and does nothing after it', async () => {
  await start()
  const call = driver.call('card.rename', {})
  const stopped = driver.stop({ code: 'stopped', message: 'This card was closed.' })
  expect(await call).toMatchObject({ error: { code: 'stopped' } })
  await stopped
  await settle()
  expect(story).toEqual([])
  expect(driver.core).toBeUndefined()
})
