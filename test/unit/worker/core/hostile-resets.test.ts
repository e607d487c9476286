// What a hostile friend can try with resets, and what becomes of payments that are under way meanwhile.

import { beforeEach, describe, expect, it } from 'vitest'
import * as messages from '../../../../protocol/channel-messages.ts'
import { BATCHES_IN_FLIGHT_MAX, CURRENCIES_MAX } from '../../../../protocol/limits.ts'
import type { Currency, Hash } from '../../../../protocol/types.ts'
import { mirrored, startHashOf } from '../../../../worker/core/channel/start.ts'
import { friendView } from '../../../../worker/core/views.ts'
import { type CoreNet, onlyRoute, type TestNode } from '../../../support/core-net.ts'
import { accept, HostileNet, pendingTo } from '../../../support/hostile-net.ts'

const credit = 'credit' as Currency

let hostile: HostileNet
let net: CoreNet
let alice: TestNode
let carol: TestNode
let mallory: TestNode

beforeEach(() => {
  hostile = new HostileNet()
  ;({ net, alice, carol, mallory } = hostile)
})

describe('a reset', () => {
  beforeEach(() => hostile.takeOver())

  it('binds nobody to claims that were put in the place of those he accepted (CH-41, CH-44)', () => {
    hostile.sendReset(carol, { epoch: 1, claims: [{ currency: credit, balance: 5n }] })
    accept(carol, mallory)
    const claims = [{ currency: credit, balance: 1_000_000n }]
    hostile.sendReset(carol, { epoch: 1, claims })
    hostile.say(carol, {
      kind: 'resume',
      epoch: 1,
      startHash: startHashOf(carol.key, mallory.key, 1, mirrored(claims)),
      lastSent: 0,
      received: 0,
      receivedHash: hostile.id32() as Hash,
    })
    expect(carol.status(mallory)).toBe('inconsistent')
    expect(carol.balance(mallory)).toBe(0n)
  })

  it('of absurd numbers stops no node (CH-40)', () => {
    const { startHash } = carol.friend(mallory).record.channel
    for (const epoch of [0xffff_ffff, 0x8000_0000, 0x7fff_ffff]) {
      const positions = { lastSent: 0, received: 0, receivedHash: startHash }
      hostile.say(carol, { kind: 'resume', epoch, startHash, ...positions })
    }
    expect(carol.status(mallory)).toBe('ready')
    const lowest = messages.reset.encode({
      epoch: 1,
      claims: [{ currency: credit, balance: 1n - (1n << 127n) }],
    })
    expect(lowest.slice(-17, -1)).toEqual(new Uint8Array([0x80, ...Array<number>(14).fill(0), 1]))
    const below = lowest.slice()
    below[below.length - 2] = 0
    hostile.say(carol, { kind: 'reset', ...hostile.sign('reset', carol, below) })
    expect(carol.status(mallory)).toBe('ready')
    hostile.say(carol, { kind: 'reset', ...hostile.sign('reset', carol, lowest) })
    expect(carol.status(mallory)).toBe('inconsistent')
    accept(carol, mallory)
    carol.restart()
    expect(carol.status(mallory)).toBe('inconsistent')
  })

  it('cannot make one keep more currencies than a friendship may have (CH-14, CH-41)', () => {
    const claims = Array.from({ length: CURRENCIES_MAX }, (_, i) => ({
      currency: `c${String(i).padStart(2, '0')}` as Currency,
      balance: 1n,
    }))
    hostile.sendReset(carol, { epoch: 1, claims })
    expect(() => accept(carol, mallory)).toThrow('tooManyCurrencies')
    hostile.sendReset(carol, { epoch: 1, claims: claims.slice(1) })
    accept(carol, mallory)
    const startHash = startHashOf(carol.key, mallory.key, 1, mirrored(claims.slice(1)))
    hostile.say(carol, {
      kind: 'resume',
      epoch: 1,
      startHash,
      lastSent: 0,
      received: 0,
      receivedHash: startHash,
    })
    expect(carol.status(mallory)).toBe('ready')
    const shown = friendView(carol.core.state, carol.friend(mallory)).currencies
    expect(shown).toHaveLength(CURRENCIES_MAX)
    expect(shown.find(({ currency }) => currency === 'c01')?.balance).toBe('-1')
  })

  it('is settled without a user only so often in an hour, whatever was stated in between (CH-42)', () => {
    const settleOnce = (): boolean => {
      const { epoch } = carol.friend(mallory).record.channel
      hostile.sendReset(carol, { epoch: epoch + 1, claims: [] })
      const { channel } = carol.friend(mallory).record
      const { startHash } = channel
      const positions = { lastSent: 0, received: 0, receivedHash: startHash }
      hostile.say(carol, { kind: 'resume', epoch: channel.epoch, startHash, ...positions })
      const body = messages.note.encode({
        epoch: channel.epoch,
        signerSeq: 0,
        signerHash: startHash,
        receiverSeq: 0,
        receiverHash: startHash,
        statements: [],
        time: net.now,
      })
      hostile.say(carol, { kind: 'note', ...hostile.sign('note', carol, body) })
      return channel.status === 'ready'
    }
    const settled = Array.from({ length: 20 }, settleOnce).filter(Boolean)
    expect(settled.length).toBeLessThan(5)
  })
})

describe('what was claimed by a reset and is cancelled further down', () => {
  /** Alice pays Mallory through Carol, who breaks with Alice; Mallory gives the request back meanwhile. */
  function release(): void {
    alice.findRoutes = onlyRoute([alice, carol, mallory], 1n)
    hostile.takeOver()
    hostile.pay(alice, mallory, '10')
    net.settle()
    net.disconnect(alice)
    carol.call('friends.reset', { friend: alice.key })
    const [pending] = pendingTo(carol, mallory)
    if (pending === undefined) throw new Error('not forwarded')
    const { requestId } = pending.request
    hostile.sendBatch(carol, [{ kind: 'cancel', requestId, reason: 'overLimit', reporter: mallory.key }])
  }

  it('before it is settled is given back as soon as the friend can take it (CH-46)', () => {
    release()
    net.connect(alice, carol)
    net.settle()
    accept(alice, carol)
    net.settle()
    net.advance(120_000)
    expect(alice.balance(carol)).toBe(0n)
    expect(carol.balance(alice)).toBe(0n)
  })

  it('is given back through restarts, absences and closed doors (CH-46)', () => {
    release()
    net.connect(alice, carol)
    net.settle()
    accept(alice, carol)
    net.settle()
    alice.call('friends.setOpen', { friend: carol.key, currency: 'credit', open: false })
    net.advance(120_000)
    net.disconnect(alice)
    carol.restart()
    net.advance(120_000)
    alice.call('friends.setOpen', { friend: carol.key, currency: 'credit', open: true })
    net.connect(alice, carol)
    net.advance(120_000)
    expect(alice.balance(carol)).toBe(0n)
    expect(carol.balance(alice)).toBe(0n)
  })
})

describe('what nobody upstream pays for any more', () => {
  beforeEach(() => {
    alice.findRoutes = onlyRoute([alice, carol, mallory], 1n)
  })

  it('is not sent on when the friend who had asked for it is removed (PAY-43)', () => {
    hostile.takeOver()
    for (let i = 0; i < BATCHES_IN_FLIGHT_MAX + 4; i++) {
      hostile.pay(alice, mallory, '1')
      net.settle()
    }
    const unsealed = pendingTo(carol, mallory).filter(({ queued }) => queued !== undefined).length
    expect(unsealed).toBeGreaterThan(0)
    carol.call('friends.remove', { friend: alice.key })
    expect(pendingTo(carol, mallory)).toHaveLength(BATCHES_IN_FLIGHT_MAX)
    expect(pendingTo(carol, mallory).every(({ askedCancel }) => askedCancel)).toBe(true)
  })

  it('is asked back when the epoch starts at the friend’s claims (CH-46)', () => {
    hostile.takeOver()
    hostile.pay(alice, mallory, '1')
    net.settle()
    carol.call('friends.reset', { friend: alice.key })
    net.settle()
    accept(carol, alice)
    net.settle()
    expect(carol.balance(alice)).toBe(0n)
    expect(pendingTo(carol, mallory).map(({ askedCancel }) => askedCancel)).toEqual([true])
  })
})

describe('an open reset', () => {
  it('outlives that friends go on and off line, and restarts (CH-40, CH-41)', () => {
    hostile.pay(alice, carol, '10')
    net.advance(5_000)
    carol.friend(alice).record.channel.ledgers[0]!.balance -= 3n
    carol.call('friends.reset', { friend: alice.key })
    for (let i = 0; i < 10; i++) {
      net.disconnect(alice)
      if (i % 3 === 0) alice.restart()
      if (i % 3 === 1) carol.restart()
      net.connect(alice, carol)
      net.settle()
      expect([alice.status(carol), carol.status(alice)]).toEqual(['inconsistent', 'inconsistent'])
    }
    accept(carol, alice)
    net.settle()
    expect([alice.balance(carol), carol.balance(alice)]).toEqual([-10n, 10n])
  })
})
