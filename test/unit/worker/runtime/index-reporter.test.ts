// When an index server is told what: how soon a change goes out, and how often.

import { beforeEach, describe, expect, it } from 'vitest'
import { nobleProvider } from '../../../../protocol/ed25519.ts'
import { toIndex, update as updateCodec, type Update } from '../../../../protocol/index-messages.ts'
import { INDEX_REFRESH_MS } from '../../../../protocol/limits.ts'
import type { Currency, PublicKey, RequestId } from '../../../../protocol/types.ts'
import { taggedHash, toBase64url } from '../../../../protocol/wire.ts'
import { EdgeTable } from '../../../../worker/runtime/edge-table.ts'
import { IndexReporter } from '../../../../worker/runtime/index-reporter.ts'
import { EDGES_DEBOUNCE_MS, EDGES_PAUSE_MS } from '../../../../worker/runtime/limits.ts'
import { seededRandom } from '../../../support/seeded-random.ts'
import { VirtualClock } from '../../../support/virtual-clock.ts'

const random = seededRandom('index reporter')
const [card, bob, carol] = [1, 2, 3].map(() => nobleProvider.signer(random(32)))
const session = toBase64url(random(16)) as RequestId

interface Said {
  readonly at: number
  readonly update: Update
}

describe('IDX-14 an index server is told', () => {
  let clock: VirtualClock
  let edges: EdgeTable
  let said: Said[]
  let reporter: IndexReporter

  /** A friend can send so much from now on. */
  function change(friend: PublicKey, capacity: bigint): void {
    const report = { friend, currency: 'credit' as Currency, capacity, rate: { mul: 0, add: 1 } }
    reporter.changed(edges.set(friend, [report]))
  }

  /** When the server heard something since, in ms from now on, and what of whom. */
  function since(from: number): [number, bigint[]][] {
    return said
      .filter(({ at }) => at > from)
      .map(({ at, update }) => [at - from, update.edges.map(({ capacity }) => capacity)])
  }

  beforeEach(() => {
    clock = new VirtualClock()
    edges = new EdgeTable()
    said = []
    let counter = 0
    reporter = new IndexReporter({
      signer: card!,
      clock,
      edges,
      session: () => session,
      nextCounter: () => ++counter,
      send: (bytes) => {
        const message = toIndex.decode(bytes)
        if (message.kind === 'update')
          said.push({ at: clock.now(), update: updateCodec.decode(message.body) })
      },
      onReported: () => undefined,
    })
    reporter.fresh(taggedHash('any'))
    clock.advance(EDGES_PAUSE_MS)
  })

  it('of an isolated change, and of those that come with it, after a moment', () => {
    const now = clock.now()
    change(bob!.publicKey, 5n)
    clock.advance(EDGES_DEBOUNCE_MS - 1)
    change(carol!.publicKey, 7n)
    clock.advance(EDGES_PAUSE_MS)
    expect(since(now)).toEqual([[EDGES_DEBOUNCE_MS, [5n, 7n]]])
  })

  it('of what changes all the time once a second, the latest of all friends, none later than that', () => {
    const now = clock.now()
    let capacity = 0n
    const every_ms = 50
    for (let passed = 0; passed < 3 * EDGES_PAUSE_MS; passed += every_ms) {
      for (const friend of [bob!, carol!]) change(friend.publicKey, ++capacity)
      clock.advance(every_ms)
    }
    const at = [0, 1, 2].map((pause) => EDGES_DEBOUNCE_MS + pause * EDGES_PAUSE_MS)
    const changes = at.map((time) => BigInt(2 * (time / every_ms)))
    expect(since(now)).toEqual(at.map((time, index) => [time, [changes[index]! - 1n, changes[index]!]]))
    const last = clock.now()
    clock.advance(INDEX_REFRESH_MS - 1)
    expect(since(last)).toEqual([[EDGES_DEBOUNCE_MS, [capacity - 1n, capacity]]])
  })

  it('of a change soon after another one when a second has passed since that was told', () => {
    const now = clock.now()
    change(bob!.publicKey, 5n)
    clock.advance(EDGES_DEBOUNCE_MS + 100)
    change(bob!.publicKey, 6n)
    clock.advance(2 * EDGES_PAUSE_MS)
    expect(since(now).map(([at]) => at)).toEqual([EDGES_DEBOUNCE_MS, EDGES_DEBOUNCE_MS + EDGES_PAUSE_MS])
  })

  it('of changes in time though the clock was set back', () => {
    let offset_ms = 0
    const skewed = {
      now: () => clock.now() + offset_ms,
      after: (delay_ms: number, callback: () => void) => clock.after(delay_ms, callback),
    }
    const messages: number[] = []
    reporter = new IndexReporter({
      signer: card!,
      clock: skewed,
      edges,
      session: () => session,
      nextCounter: () => messages.length,
      send: () => messages.push(clock.now()),
      onReported: () => undefined,
    })
    reporter.fresh(taggedHash('any'))
    offset_ms = -3_600_000
    const now = clock.now()
    change(bob!.publicKey, 5n)
    clock.advance(INDEX_REFRESH_MS - 1)
    expect(messages.filter((at) => at > now)).toEqual([now + EDGES_PAUSE_MS])
  })
})
