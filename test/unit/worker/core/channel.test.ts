import { beforeEach, describe, expect, it } from 'vitest'
import * as messages from '../../../../protocol/channel-messages.ts'
import {
  BATCHES_IN_FLIGHT_MAX,
  BATCH_BYTES_MAX,
  BATCH_OPERATIONS_MAX,
  PENDING_REQUESTS_MAX,
  REPAIRS_MAX,
} from '../../../../protocol/limits.ts'
import { nobleProvider } from '../../../../protocol/ed25519.ts'
import type { RequestId } from '../../../../protocol/types.ts'
import { toText } from '../../../../protocol/forms.ts'
import { toBase64url } from '../../../../protocol/wire.ts'
import { batchHash } from '../../../../worker/core/channel/seal.ts'
import { startHashOf } from '../../../../worker/core/channel/start.ts'
import { DEFAULT_CURRENCY } from '../../../../worker/core/friends.ts'
import { friendView } from '../../../../worker/core/views.ts'
import { CoreNet, onlyRoute, type TestNode } from '../../../support/core-net.ts'

let net: CoreNet
let alice: TestNode
let bob: TestNode

beforeEach(() => {
  net = new CoreNet('channel')
  alice = net.node('Alice')
  bob = net.node('Bob')
})

const id16 = () => toBase64url(net.random(16))

function pay(from: TestNode, to: TestNode, amount: string): void {
  from.call('payments.pay', { id: id16(), maxFees: '0', destination: to.key, currency: 'credit', amount })
}

function disagreement(me: TestNode, other: TestNode) {
  return friendView(me.core.state, me.friend(other)).disagreement
}

function accept(me: TestNode, other: TestNode): void {
  const theirsId = disagreement(me, other)?.theirsId ?? ''
  me.call('friends.acceptReset', { friend: other.key, theirsId })
}

function expectRepaired(balance: bigint): void {
  net.advance(5_000)
  expect([alice.status(bob), bob.status(alice)]).toEqual(['ready', 'ready'])
  expect(alice.balance(bob)).toBe(balance)
  expect(bob.balance(alice)).toBe(-balance)
  pay(alice, bob, '1')
  net.settle()
  expect(alice.balance(bob)).toBe(balance - 1n)
  expect(bob.balance(alice)).toBe(1n - balance)
}

describe('start balances', () => {
  it('that agree are where the friendship begins (CH-2)', () => {
    net.befriend(alice, bob, 1_000n, 100n)
    expect([alice.balance(bob), bob.balance(alice)]).toEqual([100n, -100n])
    expect(alice.status(bob)).toBe('ready')
  })

  it('that differ are an inconsistency, which accepting one side repairs (CH-3, CH-41)', () => {
    alice.call('friends.add', {
      ticket: bob.ticket(),
      name: 'Bob',
      balances: [{ currency: 'credit', balance: '100' }],
    })
    bob.call('friends.add', {
      ticket: alice.ticket(),
      name: 'Alice',
      balances: [{ currency: 'credit', balance: '-90' }],
    })
    for (const [me, other] of [
      [alice, bob],
      [bob, alice],
    ] as const) {
      me.call('friends.setMaxDebt', { friend: other.key, currency: 'credit', maxDebt: '500' })
      me.call('friends.setOpen', { friend: other.key, currency: 'credit', open: true })
    }
    net.connect(alice, bob)
    net.settle()
    expect(disagreement(alice, bob)).toMatchObject({
      mine: [{ currency: 'credit', balance: '100' }],
      theirs: [{ currency: 'credit', balance: '90' }],
    })
    expect(disagreement(bob, alice)).toMatchObject({
      mine: [{ currency: 'credit', balance: '-90' }],
      theirs: [{ currency: 'credit', balance: '-100' }],
    })
    accept(alice, bob)
    expectRepaired(90n)
  })
})

describe('an inconsistent channel', () => {
  beforeEach(() => {
    net.befriend(alice, bob)
    pay(alice, bob, '30')
    net.advance(5_000)
    bob.friend(alice).record.channel.ledgers[0]!.balance += 5n
    pay(alice, bob, '1')
    net.advance(5_000)
  })

  it('is found by the notes when the balances differ (CH-31)', () => {
    expect([alice.status(bob), bob.status(alice)]).toEqual(['inconsistent', 'inconsistent'])
    expect(disagreement(alice, bob)?.mine).toEqual([{ currency: 'credit', balance: '-31' }])
    expect(disagreement(alice, bob)?.theirs).toEqual([{ currency: 'credit', balance: '-36' }])
  })

  it('refuses payments until it is settled (CH-40)', () => {
    pay(alice, bob, '1')
    net.advance(20_000)
    expect(alice.friend(bob).pendingOut.size).toBe(0)
  })

  it('starts a new epoch at the accepted claims, whoever accepts (CH-41)', () => {
    accept(bob, alice)
    expectRepaired(-31n)
    expect(alice.friend(bob).record.channel.epoch).toBe(1)
  })

  it('takes the lower key’s claims when acceptances cross (CH-43)', () => {
    accept(alice, bob)
    accept(bob, alice)
    const lower = alice.core.state.publicKey
    const aliceIsLower =
      Buffer.compare(Buffer.from(lower, 'base64url'), Buffer.from(bob.key, 'base64url')) < 0
    expectRepaired(aliceIsLower ? -31n : -36n)
  })

  it('remembers an acceptance that never arrived (CH-41)', () => {
    net.disconnect(alice)
    accept(alice, bob)
    alice.restart()
    bob.restart()
    net.connect(alice, bob)
    expectRepaired(-36n)
  })

  it('follows a friend who is in the new epoch already (CH-44)', () => {
    accept(alice, bob)
    net.deliverOne()
    net.disconnect(alice)
    alice.restart()
    net.connect(bob, alice)
    expectRepaired(-36n)
  })

  it('does not accept claims that were not shown (CH-41)', () => {
    expect(() =>
      alice.call('friends.acceptReset', { friend: bob.key, theirsId: toBase64url(net.random(32)) }),
    ).toThrow('claimsChanged')
  })

  it('can be left by removing the friend, and made anew (CH-47)', () => {
    alice.call('friends.remove', { friend: bob.key })
    bob.call('friends.remove', { friend: alice.key })
    net.disconnect(alice)
    net.befriend(alice, bob)
    expectRepaired(0n)
  })
})

describe('data that is older than what was signed', () => {
  it('is recognised by my own signature, and nothing is guessed (CH-34)', () => {
    net.befriend(alice, bob)
    const backup = alice.backup()
    pay(alice, bob, '30')
    net.advance(5_000)
    alice.restart(backup)
    net.connect(alice, bob)
    net.advance(5_000)
    expect(alice.status(bob)).toBe('stale')
    expect(bob.status(alice)).toBe('inconsistent')
    accept(alice, bob)
    expectRepaired(-30n)
  })

  it('is recognised from before a reset, too (CH-34, CH-44)', () => {
    net.befriend(alice, bob)
    const backup = alice.backup()
    pay(alice, bob, '30')
    net.advance(5_000)
    alice.call('friends.reset', { friend: bob.key })
    net.advance(5_000)
    expect(alice.friend(bob).record.channel.epoch).toBe(1)
    alice.restart(backup)
    net.connect(alice, bob)
    net.advance(5_000)
    expect(alice.status(bob)).not.toBe('ready')
    expect(disagreement(alice, bob)?.theirs).toEqual([{ currency: 'credit', balance: '-30' }])
    accept(alice, bob)
    expectRepaired(-30n)
  })

  it('is repaired by retransmission when nothing that was lost had been signed for (CH-33)', () => {
    net.befriend(alice, bob)
    net.advance(5_000)
    pay(alice, bob, '30')
    net.disconnect(alice)
    bob.restart()
    alice.restart()
    net.connect(alice, bob)
    net.advance(5_000)
    expect(bob.balance(alice)).toBe(30n)
  })
})

describe('what was pending when a channel is reset', () => {
  let carol: TestNode

  beforeEach(() => {
    carol = net.node('Carol')
    net.befriend(alice, carol)
    net.befriend(carol, bob)
    alice.findRoutes = onlyRoute([alice, carol, bob], 1n)
    alice.call('payments.pay', {
      id: id16(),
      maxFees: '1',
      destination: bob.key,
      currency: 'credit',
      amount: '10',
    })
    net.deliverOne()
  })

  it('is cancelled upstream when the channel toward the seller is reset (CH-45)', () => {
    net.disconnect(bob)
    bob.restart()
    carol.call('friends.reset', { friend: bob.key })
    net.connect(carol, bob)
    net.advance(5_000)
    expect(alice.friend(carol).pendingOut.size).toBe(0)
    expect([...alice.core.state.payments.values()][0]?.state).toBe('failed')
    expect(carol.status(bob)).toBe('ready')
  })

  it('counts as owed in my claim, and is given back when it is cancelled further down (CH-46)', () => {
    net.disconnect(bob)
    carol.call('friends.reset', { friend: alice.key })
    net.settle()
    expect(disagreement(carol, alice)?.mine).toEqual([{ currency: 'credit', balance: '11' }])
    expect(disagreement(alice, carol)?.mine).toEqual([])
    accept(alice, carol)
    net.settle()
    expect(alice.balance(carol)).toBe(-11n)
    carol.call('friends.remove', { friend: bob.key })
    net.settle()
    expect(alice.balance(carol)).toBe(0n)
    expect(carol.balance(alice)).toBe(0n)
  })

  it('stays owed when it is answered further down (CH-46)', () => {
    net.disconnect(alice, carol)
    net.connect(alice, carol)
    const number = carol.friend(alice).session?.number
    expect(number).toBeDefined()
    carol.call('friends.reset', { friend: alice.key })
    net.settle()
    accept(alice, carol)
    net.advance(5_000)
    expect(bob.balance(carol)).toBe(10n)
    expect(carol.balance(alice)).toBe(11n)
    expect(alice.balance(carol)).toBe(-11n)
  })
})

describe('a hostile friend breaks his own channel and nothing else', () => {
  type Forge = (content: messages.Batch) => messages.Batch

  /** Lets Bob sign an altered batch instead of his next one. */
  function forgeNext(forge: Forge): void {
    let done = false
    net.tamper = (message, from) => {
      if (done || from !== bob || message.kind !== 'batch') return message
      done = true
      const body = messages.batch.encode(forge(messages.batch.decode(message.body)))
      const bytes = messages.signedBytes('batch', bob.key, alice.key, body)
      return { kind: 'batch', body, signature: bob.signer.sign(bytes) }
    }
  }

  const request = (changes: Partial<messages.Request> = {}): messages.Operation => ({
    kind: 'request',
    request: {
      requestId: id16() as RequestId,
      route: [],
      currency: 'credit' as never,
      destPayment: 1n,
      totalDestPayment: 1n,
      invoiceId: toBase64url(net.random(32)) as never,
      leftFees: 0n,
      receiptKey: alice.key,
      expires: net.now + 60_000,
      ...changes,
    },
  })

  const strangerKey = () => nobleProvider.signer(net.random(32)).publicKey

  const attacks: Record<string, (content: messages.Batch) => messages.Batch> = {
    'a batch out of order': (content) => ({ ...content, seq: content.seq + 1 }),
    'a batch that does not chain': (content) => ({ ...content, prevHash: content.ackHash }),
    'an acknowledgement of what was never sent': (content) => ({ ...content, ackSeq: content.ackSeq + 9 }),
    'an answer to nothing': (content) => ({
      ...content,
      operations: [
        { kind: 'response', requestId: id16() as RequestId, signature: toBase64url(net.random(64)) as never },
      ],
    }),
    'a cancel of nothing': (content) => ({
      ...content,
      operations: [
        { kind: 'cancel', requestId: id16() as RequestId, reason: 'overLimit', reporter: bob.key },
      ],
    }),
    'one id twice': (content) => {
      const twice = request()
      return { ...content, operations: [twice, twice] }
    },
    'a route through me': (content) => {
      const end = strangerKey()
      return {
        ...content,
        operations: [request({ route: [strangerKey(), alice.key, end], receiptKey: end })],
      }
    },
    'a route with a node twice': (content) => {
      const node = strangerKey()
      return { ...content, operations: [request({ route: [node, strangerKey(), node], receiptKey: node })] }
    },
    'a receipt key that is not the destination': (content) => ({
      ...content,
      operations: [request({ receiptKey: strangerKey() })],
    }),
    'a part larger than the whole': (content) => ({
      ...content,
      operations: [request({ destPayment: 2n, totalDestPayment: 1n })],
    }),
    'amounts over 128 bits': (content) => ({
      ...content,
      operations: [
        request({
          destPayment: (1n << 128n) - 1n,
          totalDestPayment: (1n << 128n) - 1n,
          leftFees: 1n,
        }),
      ],
    }),
    'sums over 128 bits': (content) => {
      const huge = { destPayment: (1n << 128n) - 1n, totalDestPayment: (1n << 128n) - 1n }
      return { ...content, operations: [request(huge), request(huge)] }
    },
    'a currency never added': (content) => ({
      ...content,
      operations: [request({ currency: 'hours' as never })],
    }),
  }

  for (const [name, forge] of Object.entries(attacks)) {
    it(`with ${name} (CH-21, CH-22)`, () => {
      net.befriend(alice, bob)
      net.advance(5_000)
      forgeNext(forge)
      bob.call('friends.setMaxDebt', { friend: alice.key, currency: 'credit', maxDebt: '7' })
      while (alice.status(bob) === 'ready' && net.deliverOne());
      expect(alice.status(bob)).toBe('inconsistent')
      expect(alice.balance(bob)).toBe(0n)
      expect(alice.ledger(bob).remotePending).toBe(0n)
      net.advance(5_000)
      expect(alice.friend(bob).record.channel.epoch).toBe(1)
      expect([alice.status(bob), bob.status(alice)]).toEqual(['ready', 'ready'])
    })
  }

  it('with a wrong signature, and with a fault that keeps coming back the users are asked (CH-20, CH-42)', () => {
    net.befriend(alice, bob)
    net.advance(5_000)
    net.tamper = (message, from) =>
      from === bob && message.kind === 'batch'
        ? { ...message, signature: bob.signer.sign(message.body) }
        : message
    bob.call('friends.setMaxDebt', { friend: alice.key, currency: 'credit', maxDebt: '7' })
    net.settle()
    expect(alice.status(bob)).toBe('inconsistent')
    expect(alice.friend(bob).record.channel.epoch).toBe(REPAIRS_MAX)
    net.tamper = (message) => message
    accept(alice, bob)
    expectRepaired(0n)
  })

  it('with two different batches under one number (CH-21)', () => {
    net.befriend(alice, bob)
    net.advance(5_000)
    net.tamper = (message, from) => {
      if (from !== bob || message.kind !== 'ack') return message
      const content = messages.batch.decode(
        alice.friend(bob).record.channel.lastBatch?.body ?? new Uint8Array(),
      )
      const body = messages.batch.encode({ ...content, operations: [] })
      expect(batchHash(bob.key, alice.key, body)).not.toBe(alice.friend(bob).record.channel.receivedHash)
      const bytes = messages.signedBytes('batch', bob.key, alice.key, body)
      return { kind: 'batch', body, signature: bob.signer.sign(bytes) }
    }
    alice.call('friends.setMaxDebt', { friend: bob.key, currency: 'credit', maxDebt: '7' })
    while (alice.status(bob) === 'ready' && net.deliverOne());
    expect(alice.status(bob)).toBe('inconsistent')
  })

  it('not when it merely asks too much: that is refused (CH-23)', () => {
    net.befriend(alice, bob, 10n)
    net.advance(5_000)
    forgeNext((content) => ({
      ...content,
      operations: [request({ destPayment: 1_000n, totalDestPayment: 1_000n })],
    }))
    bob.call('friends.setMaxDebt', { friend: alice.key, currency: 'credit', maxDebt: '7' })
    net.deliverOne()
    expect(alice.status(bob)).toBe('ready')
    expect(alice.ledger(bob).remotePending).toBe(0n)
    expect(alice.balance(bob)).toBe(0n)
  })
})

describe('terms and relays', () => {
  it('that were taken off the list stay in use until every friend knows the new list (SES-8)', () => {
    const relay = (host: string) => ({
      publicKey: nobleProvider.signer(net.random(32)).publicKey,
      address: `${host}:80`,
    })
    const [old, next] = [relay('old'), relay('next')]
    const ticket = (each: typeof old) => toText({ kind: 'relay', ticket: each })
    alice.call('servers.addRelay', { ticket: ticket(old), name: 'old' })
    net.befriend(alice, bob)
    expect(bob.friend(alice).record.relays).toEqual([old])
    net.disconnect(alice)
    alice.call('servers.addRelay', { ticket: ticket(next), name: 'next' })
    alice.call('servers.removeRelay', { publicKey: old.publicKey })
    expect(alice.core.connections().relays).toEqual([next, old])
    net.connect(alice, bob)
    net.settle()
    expect(bob.friend(alice).record.relays).toEqual([next])
    expect(alice.core.connections().relays).toEqual([next])
  })

  it('reach a friend who was off line when they changed, as they are by then (CH-13)', () => {
    net.befriend(alice, bob)
    net.disconnect(alice)
    for (const maxDebt of ['1', '2', '3']) {
      alice.call('friends.setMaxDebt', { friend: bob.key, currency: 'credit', maxDebt })
    }
    expect(alice.friend(bob).queue.size).toBe(0)
    net.connect(alice, bob)
    net.settle()
    expect(bob.ledger(alice).remoteTerms?.remoteMaxDebt).toBe(3n)
  })

  it('of a currency that both have added carry payments in it (CH-14)', () => {
    net.befriend(alice, bob)
    for (const [me, other] of [
      [alice, bob],
      [bob, alice],
    ] as const) {
      me.call('friends.addCurrency', { friend: other.key, currency: 'hours' })
      me.call('friends.setMaxDebt', { friend: other.key, currency: 'hours', maxDebt: '40' })
      me.call('friends.setOpen', { friend: other.key, currency: 'hours', open: true })
    }
    net.settle()
    alice.call('payments.pay', {
      id: id16(),
      maxFees: '0',
      destination: bob.key,
      currency: 'hours',
      amount: '3',
    })
    net.settle()
    expect(bob.ledger(alice, 'hours' as never).balance).toBe(3n)
    expect(bob.balance(alice)).toBe(0n)
    expect(() => bob.call('friends.removeCurrency', { friend: alice.key, currency: 'hours' })).toThrow(
      'currencyInUse',
    )
  })
})

describe('the log of a side', () => {
  it('starts at a hash that both sides compute alike (CH-1)', () => {
    net.befriend(alice, bob, 1_000n, 100n)
    expect(alice.friend(bob).record.channel.startHash).toBe(bob.friend(alice).record.channel.startHash)
    expect(alice.friend(bob).record.channel.startHash).not.toBe(
      startHashOf(alice.key, bob.key, 0, [{ currency: DEFAULT_CURRENCY, balance: -100n }]),
    )
  })

  it('has only so many batches in flight, and what waits leaves together (CH-11, CH-12)', () => {
    net.befriend(alice, bob)
    net.advance(5_000)
    const held: messages.FriendMessage[] = []
    net.tamper = (message, from) => {
      if (from !== bob) held.push(message)
      return undefined
    }
    for (let i = 0; i < 400; i++) pay(alice, bob, '1')
    const { channel } = alice.friend(bob).record
    expect(channel.sentSeq - channel.ackedSeq).toBe(BATCHES_IN_FLIGHT_MAX)
    expect(alice.friend(bob).queue.size).toBe(400 - BATCHES_IN_FLIGHT_MAX)
    net.tamper = (message, from) => {
      if (from === alice) held.push(message)
      return message
    }
    net.connect(alice, bob)
    net.settle()
    expect(bob.balance(alice)).toBe(400n)
    const sizes = held
      .filter((message) => message.kind === 'batch')
      .map(({ body }) => ({ bytes: body.length, operations: messages.batch.decode(body).operations.length }))
    expect(Math.max(...sizes.map(({ bytes }) => bytes))).toBeLessThanOrEqual(BATCH_BYTES_MAX)
    expect(Math.max(...sizes.map(({ operations }) => operations))).toBeLessThanOrEqual(BATCH_OPERATIONS_MAX)
    expect(Math.max(...sizes.map(({ operations }) => operations))).toBeGreaterThan(50)
  })

  it('does not take more pending requests than a friend may have, even if he never acknowledges (CH-24)', () => {
    net.befriend(alice, bob)
    net.advance(5_000)
    bob.call('friends.setOpen', { friend: alice.key, currency: 'credit', open: false })
    net.settle()
    // Alice's node is made to send on, and to acknowledge nothing.
    net.tamper = (message, from) => (from === alice ? message : undefined)
    const { channel } = alice.friend(bob).record
    for (let i = 0; i <= PENDING_REQUESTS_MAX; i++) {
      const ledger = alice.ledger(bob)
      ledger.remoteTerms = { ...ledger.remoteTerms!, open: true }
      channel.ackedSeq = channel.sentSeq
      alice.friend(bob).pendingOut.clear()
      pay(alice, bob, '1')
      alice.friend(bob).batches.length = Math.min(alice.friend(bob).batches.length, 0)
      net.deliverOne()
      if (bob.status(alice) !== 'ready') break
    }
    expect(bob.status(alice)).toBe('inconsistent')
    expect(bob.friend(alice).record.channel.reset?.cause.code).toBe('tooManyPending')
  })
})

describe('notes and resumption', () => {
  it('are signed soon after the channel falls quiet, and cover the batches before them (CH-30)', () => {
    net.befriend(alice, bob)
    pay(alice, bob, '30')
    net.settle()
    expect(alice.friend(bob).record.channel.lastNote).toBeUndefined()
    net.advance(2_000)
    const { lastNote, signedAckSeq, sentSeq } = alice.friend(bob).record.channel
    expect(lastNote?.claims).toEqual([{ currency: 'credit', balance: -30n }])
    expect(signedAckSeq).toBe(sentSeq)
    expect(alice.friend(bob).batches.length).toBeLessThanOrEqual(1)
  })

  it('let batches flow only after both resumes (CH-32)', () => {
    net.befriend(alice, bob)
    net.disconnect(alice)
    pay(bob, alice, '1')
    bob.call('friends.setMaxDebt', { friend: alice.key, currency: 'credit', maxDebt: '7' })
    net.connect(alice, bob)
    const said = net.packets.filter(({ from }) => from === bob).map(({ bytes }) => bytes[0])
    expect(said).toEqual([1])
  })

  it('believe no claim to have more of my log without proof (CH-35)', () => {
    net.befriend(alice, bob)
    net.disconnect(alice)
    net.tamper = (message, from) =>
      from === bob && message.kind === 'resume' ? { ...message, received: message.received + 5 } : message
    net.connect(alice, bob)
    net.advance(5_000)
    expect(alice.status(bob)).toBe('ready')
    expect(alice.friend(bob).session?.ready).toBe(false)
    net.tamper = (message) => message
    net.connect(alice, bob)
    expectRepaired(0n)
  })
})
