// What a hostile friend, app or backup can try, and what an honest node makes of it: his own channel may break, but
// the node neither stops nor pays for it. Mallory's messages are signed with her real key and say what no core says.

import { beforeEach, describe, expect, it } from 'vitest'
import * as messages from '../../../../protocol/channel-messages.ts'
import { nobleProvider } from '../../../../protocol/ed25519.ts'
import { BATCHES_IN_FLIGHT_MAX, CURRENCIES_MAX, PENDING_REQUESTS_MAX } from '../../../../protocol/limits.ts'
import { receiptBytes } from '../../../../protocol/payment.ts'
import type { Currency, Hash, InvoiceId, PublicKey, RequestId } from '../../../../protocol/types.ts'
import { toText } from '../../../../protocol/forms.ts'
import { decode, toBase64url } from '../../../../protocol/wire.ts'
import { parseParams, type InvoiceView, type PaymentView } from '../../../../worker/api.ts'
import type { DecodedMessage } from '../../../../worker/core/inputs.ts'
import { mirrored, startHashOf } from '../../../../worker/core/channel/start.ts'
import { friendView, paymentView } from '../../../../worker/core/views.ts'
import { CoreNet, onlyRoute, type TestNode } from '../../../support/core-net.ts'

let net: CoreNet
let alice: TestNode
let carol: TestNode
let mallory: TestNode

beforeEach(() => {
  net = new CoreNet('hostile')
  alice = net.node('Alice')
  carol = net.node('Carol')
  mallory = net.node('Mallory')
  net.befriend(alice, carol)
  net.befriend(carol, mallory)
  net.advance(5_000)
})

const credit = 'credit' as Currency
const id16 = () => toBase64url(net.random(16))
const id32 = () => toBase64url(net.random(32))

/** Hands Mallory's message to her friend, as if it came over their session. */
function say(to: TestNode, message: DecodedMessage): void {
  const session = to.friend(mallory).session?.number ?? -1
  to.step([{ type: 'friendMessage', friend: mallory.key, session, message }])
}

function sign(kind: messages.SignedKind, to: TestNode, body: Uint8Array): messages.Signed {
  return { body, signature: mallory.signer.sign(messages.signedBytes(kind, mallory.key, to.key, body)) }
}

/** Mallory's next batch with these operations, sound in all else. */
function sendBatch(to: TestNode, operations: readonly messages.Operation[]): void {
  const { epoch, receivedSeq, receivedHash, sentSeq, sentHash } = to.friend(mallory).record.channel
  const body = messages.batch.encode({
    epoch,
    seq: receivedSeq + 1,
    prevHash: receivedHash,
    ackSeq: sentSeq,
    ackHash: sentHash,
    operations,
  })
  const content = decode(messages.batch, body)
  if (!content.ok) throw new Error('not a batch')
  say(to, { kind: 'batch', ...sign('batch', to, body), content: content.value })
}

function sendReset(to: TestNode, reset: messages.Reset): void {
  say(to, { kind: 'reset', ...sign('reset', to, messages.reset.encode(reset)) })
}

function request(to: TestNode, changes: Partial<messages.Request> = {}): messages.Request {
  return {
    requestId: id16() as RequestId,
    route: [],
    currency: credit,
    destPayment: 1n,
    totalDestPayment: 1n,
    invoiceId: id32() as InvoiceId,
    leftFees: 0n,
    receiptKey: to.key,
    expires: net.now + 60_000,
    ...changes,
  }
}

const asks = (content: messages.Request): messages.Operation => ({ kind: 'request', request: content })

function pay(from: TestNode, to: TestNode, amount: string, maxFees = '5'): PaymentView {
  const params = { id: id16(), maxFees, destination: to.key, currency: 'credit', amount }
  return from.call('payments.pay', params) as PaymentView
}

function stateOf(node: TestNode, { id }: PaymentView): PaymentView {
  const record = [...node.core.state.payments.values()].find((payment) => payment.id === id)
  if (record === undefined) throw new Error('no such payment')
  return paymentView(record)
}

/** Mallory's own node is silent from now on: only what the test signs reaches anybody. */
function takeOverMallory(): void {
  net.tamper = (message, from) => (from === mallory ? undefined : message)
}

function pendingTo(node: TestNode, friend: TestNode) {
  return [...node.friend(friend).pendingOut.values()]
}

function accept(me: TestNode, other: TestNode): void {
  const theirsId = friendView(me.core.state, me.friend(other)).disagreement?.theirsId ?? ''
  me.call('friends.acceptReset', { friend: other.key, theirsId })
}

describe('a receipt', () => {
  it('answers the request that it was signed for and no other in the same batch (CH-22, PAY-20)', () => {
    alice.findRoutes = onlyRoute([alice, carol, mallory], 1n)
    takeOverMallory()
    pay(alice, mallory, '10')
    pay(alice, mallory, '500')
    net.settle()
    const [cheap, dear] = pendingTo(carol, mallory)
    if (cheap === undefined || dear === undefined) throw new Error('not forwarded')
    const signature = mallory.signer.sign(receiptBytes(cheap.request))
    sendBatch(carol, [
      { kind: 'response', requestId: cheap.request.requestId, signature },
      { kind: 'response', requestId: dear.request.requestId, signature },
    ])
    net.settle()
    expect(carol.status(mallory)).toBe('inconsistent')
    expect(carol.status(alice)).toBe('ready')
    expect(alice.balance(carol)).toBe(0n)
    expect(carol.balance(mallory)).toBe(0n)
  })
})

describe('ids', () => {
  it('of requests in both directions have nothing to do with each other (CH-22)', () => {
    takeOverMallory()
    pay(carol, mallory, '10')
    net.settle()
    const [mine] = pendingTo(carol, mallory)
    if (mine === undefined) throw new Error('not sent')
    const { requestId } = mine.request
    sendBatch(carol, [
      asks(request(carol, { requestId })),
      { kind: 'cancel', requestId, reason: 'overLimit', reporter: mallory.key },
    ])
    expect(carol.status(mallory)).toBe('ready')
    expect(carol.friend(mallory).pendingOut.size).toBe(0)
    expect(carol.balance(mallory)).toBe(1n)
  })

  it('of parts that came over another friendship are left alone when one ends (PAY-21)', () => {
    const invoiceId = id32() as InvoiceId
    const part = request(carol, { invoiceId, totalDestPayment: 3n })
    net.befriend(mallory, alice)
    carol.step([
      {
        type: 'friendOffline',
        friend: alice.key,
        session: carol.friend(alice).session?.number ?? -1,
      },
    ])
    net.connect(alice, carol)
    net.settle()
    takeOverMallory()
    sendBatch(carol, [asks(part)])
    sendBatch(alice, [asks({ ...part, route: [carol.key], leftFees: 1n })])
    net.settle()
    expect(carol.core.state.income.get(invoiceId)?.parts).toHaveLength(2)
    carol.call('friends.remove', { friend: mallory.key })
    expect(carol.core.state.income.get(invoiceId)?.parts).toHaveLength(1)
    net.advance(61_000)
    expect(alice.friend(carol).pendingOut.size).toBe(0)
    expect(carol.friend(alice).pendingIn.size).toBe(0)
  })
})

describe('the destination', () => {
  it('signs what was complete before the wish to cancel it came (PAY-20, PAY-35)', () => {
    const part = request(carol, { destPayment: 7n, totalDestPayment: 7n })
    sendBatch(carol, [asks(part), { kind: 'askCancel', requestId: part.requestId }])
    expect(carol.balance(mallory)).toBe(7n)
    expect(carol.status(mallory)).toBe('ready')
  })

  it('gives back only the part whose payer wishes it (PAY-35)', () => {
    const invoice = carol.call('invoices.create', {
      nonce: id16(),
      currency: 'credit',
      amount: '60',
    }) as InvoiceView
    const invoiceId = invoice.id as InvoiceId
    const half = request(carol, { invoiceId, destPayment: 30n, totalDestPayment: 60n })
    sendBatch(carol, [asks(half)])
    const crumb = request(carol, { invoiceId, destPayment: 1n, totalDestPayment: 60n })
    sendBatch(carol, [asks(crumb), { kind: 'askCancel', requestId: crumb.requestId }])
    expect(carol.core.state.income.get(invoiceId)?.parts.map(({ amount }) => amount)).toEqual([30n])
  })

  it('takes the whole amount at once although somebody began to pay in parts (PAY-20)', () => {
    const invoice = carol.call('invoices.create', {
      nonce: id16(),
      currency: 'credit',
      amount: '60',
    }) as InvoiceView
    const invoiceId = invoice.id as InvoiceId
    sendBatch(carol, [asks(request(carol, { invoiceId, destPayment: 1n, totalDestPayment: 60n }))])
    const payment = alice.call('payments.pay', {
      id: id16(),
      maxFees: '0',
      invoice: invoice.text,
    }) as PaymentView
    net.settle()
    expect(stateOf(alice, payment).state).toBe('paid')
    expect(carol.friend(mallory).pendingIn.size).toBe(0)
    expect(carol.balance(mallory)).toBe(0n)
  })
})

describe('a reset', () => {
  beforeEach(takeOverMallory)

  it('binds nobody to claims that were put in the place of those he accepted (CH-41, CH-44)', () => {
    sendReset(carol, { epoch: 1, claims: [{ currency: credit, balance: 5n }] })
    accept(carol, mallory)
    const claims = [{ currency: credit, balance: 1_000_000n }]
    sendReset(carol, { epoch: 1, claims })
    say(carol, {
      kind: 'resume',
      epoch: 1,
      startHash: startHashOf(carol.key, mallory.key, 1, mirrored(claims)),
      lastSent: 0,
      received: 0,
      receivedHash: id32() as Hash,
    })
    expect(carol.status(mallory)).toBe('inconsistent')
    expect(carol.balance(mallory)).toBe(0n)
  })

  it('of absurd numbers stops no node (CH-40)', () => {
    const { startHash } = carol.friend(mallory).record.channel
    for (const epoch of [0xffff_ffff, 0x8000_0000, 0x7fff_ffff]) {
      const positions = { lastSent: 0, received: 0, receivedHash: startHash }
      say(carol, { kind: 'resume', epoch, startHash, ...positions })
    }
    expect(carol.status(mallory)).toBe('ready')
    const lowest = messages.reset.encode({
      epoch: 1,
      claims: [{ currency: credit, balance: 1n - (1n << 127n) }],
    })
    expect(lowest.slice(-17, -1)).toEqual(new Uint8Array([0x80, ...Array<number>(14).fill(0), 1]))
    const below = lowest.slice()
    below[below.length - 2] = 0
    say(carol, { kind: 'reset', ...sign('reset', carol, below) })
    expect(carol.status(mallory)).toBe('ready')
    say(carol, { kind: 'reset', ...sign('reset', carol, lowest) })
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
    sendReset(carol, { epoch: 1, claims })
    expect(() => accept(carol, mallory)).toThrow('tooManyCurrencies')
    sendReset(carol, { epoch: 1, claims: claims.slice(1) })
    accept(carol, mallory)
    const startHash = startHashOf(carol.key, mallory.key, 1, mirrored(claims.slice(1)))
    say(carol, { kind: 'resume', epoch: 1, startHash, lastSent: 0, received: 0, receivedHash: startHash })
    expect(carol.status(mallory)).toBe('ready')
    const shown = friendView(carol.core.state, carol.friend(mallory)).currencies
    expect(shown).toHaveLength(CURRENCIES_MAX)
    expect(shown.find(({ currency }) => currency === 'c01')?.balance).toBe('-1')
  })

  it('is settled without a user only so often in an hour, whatever was stated in between (CH-42)', () => {
    const settleOnce = (): boolean => {
      const { epoch } = carol.friend(mallory).record.channel
      sendReset(carol, { epoch: epoch + 1, claims: [] })
      const { channel } = carol.friend(mallory).record
      const { startHash } = channel
      const positions = { lastSent: 0, received: 0, receivedHash: startHash }
      say(carol, { kind: 'resume', epoch: channel.epoch, startHash, ...positions })
      const body = messages.note.encode({
        epoch: channel.epoch,
        signerSeq: 0,
        signerHash: startHash,
        receiverSeq: 0,
        receiverHash: startHash,
        statements: [],
        time: net.now,
      })
      say(carol, { kind: 'note', ...sign('note', carol, body) })
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
    takeOverMallory()
    pay(alice, mallory, '10')
    net.settle()
    net.disconnect(alice)
    carol.call('friends.reset', { friend: alice.key })
    const [pending] = pendingTo(carol, mallory)
    if (pending === undefined) throw new Error('not forwarded')
    const { requestId } = pending.request
    sendBatch(carol, [{ kind: 'cancel', requestId, reason: 'overLimit', reporter: mallory.key }])
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
    takeOverMallory()
    for (let i = 0; i < BATCHES_IN_FLIGHT_MAX + 4; i++) {
      pay(alice, mallory, '1')
      net.settle()
    }
    const unsealed = pendingTo(carol, mallory).filter(({ queued }) => queued !== undefined).length
    expect(unsealed).toBeGreaterThan(0)
    carol.call('friends.remove', { friend: alice.key })
    expect(pendingTo(carol, mallory)).toHaveLength(BATCHES_IN_FLIGHT_MAX)
    expect(pendingTo(carol, mallory).every(({ askedCancel }) => askedCancel)).toBe(true)
  })

  it('is asked back when the epoch starts at the friend’s claims (CH-46)', () => {
    takeOverMallory()
    pay(alice, mallory, '1')
    net.settle()
    carol.call('friends.reset', { friend: alice.key })
    net.settle()
    accept(carol, alice)
    net.settle()
    expect(carol.balance(alice)).toBe(0n)
    expect(pendingTo(carol, mallory).map(({ askedCancel }) => askedCancel)).toEqual([true])
  })
})

describe('a friend who never acknowledges', () => {
  it('gets no more than may be pending, also by a payment in parts (CH-24)', () => {
    takeOverMallory()
    for (let i = 0; i < PENDING_REQUESTS_MAX - 1; i++) pay(carol, mallory, '1')
    const dan = net.node('Dan')
    const nodes = [carol.key, mallory.key, dan.key]
    carol.findRoutes = ({ amount, excludedEdges }) =>
      excludedEdges.length > 0
        ? { ok: false, fault: { code: 'noRoute', message: 'none' } }
        : { ok: true, routes: [1n, amount - 1n].map((part) => ({ nodes, amount: part, fees: 1n })) }
    pay(carol, dan, '10')
    expect(carol.friend(mallory).pendingOut.size).toBe(PENDING_REQUESTS_MAX - 1)
  })

  it('cannot hold what expires before it is sent (PAY-14)', () => {
    alice.findRoutes = onlyRoute([alice, carol, mallory], 1n)
    takeOverMallory()
    for (let i = 0; i < BATCHES_IN_FLIGHT_MAX + 4; i++) {
      pay(alice, mallory, '1')
      net.settle()
    }
    // Alice never asks for anything back.
    net.tamper = (message, from) => (from === carol ? message : undefined)
    carol.restart()
    net.advance(301_000)
    expect(pendingTo(carol, mallory).filter(({ queued }) => queued !== undefined)).toEqual([])
    expect(carol.friend(alice).pendingIn.size).toBe(BATCHES_IN_FLIGHT_MAX)
  })
})

describe('honest friends', () => {
  it('may replace one currency by another when they have as many as there may be (CH-13, CH-14)', () => {
    for (let i = 1; i < CURRENCIES_MAX; i++) {
      carol.call('friends.addCurrency', { friend: alice.key, currency: `c${i}` })
    }
    net.settle()
    net.disconnect(alice)
    carol.call('friends.removeCurrency', { friend: alice.key, currency: 'c3' })
    carol.call('friends.addCurrency', { friend: alice.key, currency: 'hours' })
    net.connect(alice, carol)
    net.settle()
    expect(alice.friend(carol).record.channel.epoch).toBe(0)
    expect(alice.ledger(carol, 'hours' as Currency).remoteAdded).toBe(true)
  })

  it('who are away keep a relay in use that was taken off the list (SES-8)', () => {
    const relay = (host: string) => ({
      publicKey: nobleProvider.signer(net.random(32)).publicKey,
      address: `${host}:80`,
    })
    const [old, next] = [relay('old'), relay('next')]
    const add = (each: typeof old) => {
      const ticket = toText({ kind: 'relay', ticket: each })
      carol.call('servers.addRelay', { ticket, name: each.address })
    }
    add(old)
    net.settle()
    net.disconnect(alice)
    add(next)
    carol.call('servers.removeRelay', { publicKey: old.publicKey })
    net.settle()
    expect(carol.core.connections().relays).toEqual([next, old])
    net.connect(alice, carol)
    // The acknowledgement is lost; the next session makes up for it.
    net.tamper = (message, from) => (from === alice && message.kind === 'ack' ? undefined : message)
    net.settle()
    expect(carol.core.connections().relays).toEqual([next, old])
    net.connect(alice, carol)
    net.settle()
    expect(carol.core.connections().relays).toEqual([next])
  })

  it('find everything in their history however much happened at once (STO-2)', () => {
    const calls = Array.from({ length: 300 }, (_, call) => ({
      type: 'call' as const,
      call: 1_000 + call,
      method: 'friends.setMaxDebt' as const,
      params: { friend: carol.key, currency: 'credit', maxDebt: String(call) },
    }))
    alice.step(calls)
    const stored = [...(alice.backup().activity as Map<string, { kind: string; amount?: bigint }>).values()]
    const limits = stored.filter(({ kind }) => kind === 'limitChanged').map(({ amount }) => amount)
    expect(limits.slice(-300)).toEqual(calls.map((_, call) => BigInt(call)))
  })
})

describe('a call', () => {
  const badKey = (key: PublicKey) => `${key.slice(0, -1)}${key.endsWith('B') ? 'D' : 'B'}`

  it('with ids or keys that no bytes give is refused before it is stored (APP-2)', () => {
    const nonce = `${'A'.repeat(21)}B`
    expect(parseParams('invoices.create', { nonce, currency: 'credit', amount: '1' }).ok).toBe(false)
    const route = { nodes: [alice.key, badKey(carol.key), mallory.key], amount: '5', fees: '1' }
    const target = { destination: mallory.key, currency: 'credit', amount: '5' }
    expect(parseParams('payments.pay', { id: id16(), maxFees: '5', route, ...target }).ok).toBe(false)
    const sound = { ...route, nodes: [alice.key, carol.key, mallory.key] }
    expect(parseParams('payments.pay', { id: id16(), maxFees: '5', route: sound, ...target }).ok).toBe(true)
  })

  it('with a text that cannot be encoded is refused (APP-2)', () => {
    const base = { nonce: id16(), currency: 'credit', amount: '1' }
    expect(() => alice.call('invoices.create', { ...base, description: 'two\nloaves' })).toThrow(
      'badDescription',
    )
    expect(() => alice.call('invoices.create', { ...base, description: '\ud800' })).toThrow('badDescription')
  })

  it('with the lowest balance of 128 bits, which has no mirror, is refused (CH-2)', () => {
    const dan = net.node('Dan')
    const balances = [{ currency: 'credit', balance: String(-(1n << 127n)) }]
    for (const [me, other] of [
      [alice, dan],
      [dan, alice],
    ] as const) {
      expect(() => me.call('friends.add', { ticket: other.ticket(), name: 'x', balances })).toThrow(
        'badBalances',
      )
    }
  })
})
