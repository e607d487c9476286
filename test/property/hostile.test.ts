// Carol is honest and pays nobody; Mallory, her friend, signs whatever she likes. Carol's node goes on, serves Alice,
// keeps her books, and never has less than she began with.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as messages from '../../protocol/channel-messages.ts'
import { nobleProvider } from '../../protocol/ed25519.ts'
import { receiptBytes, receiptCheck } from '../../protocol/payment.ts'
import type { Currency, Hash, InvoiceId, RequestId, Signature } from '../../protocol/types.ts'
import { decode, toBase64url } from '../../protocol/wire.ts'
import { resetHash } from '../../worker/core/channel/reset.ts'
import { mirrored, startHashOf } from '../../worker/core/channel/start.ts'
import { expectAccounted, expectStored, wealthOf } from '../support/books.ts'
import { onlyRoute, type TestNode } from '../support/core-net.ts'
import { HostileNet } from '../support/hostile-net.ts'

const CREDIT = 'credit' as Currency
/** What Carol and Mallory let each other owe. */
const LIMIT = 1_000n

const pick = fc.constantFrom(0, 0, 0, 1, 1, 2, 5)
const huge = fc.constantFrom((1n << 128n) - 1n, 1n << 127n, (1n << 127n) - 1n)
const amount = fc.oneof({ weight: 8, arbitrary: fc.bigInt(1n, 400n) }, { weight: 1, arbitrary: huge })
const kind = <K extends string>(name: K) => fc.constant(name)

/** One operation of Mallory's; `pick` chooses among what is pending, and 5 an id that nobody knows. */
const operation = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: kind('request'),
      to: fc.constantFrom('carol', 'alice', 'nobody', 'loop'),
      amount,
      total: fc.option(amount, { nil: undefined }),
      fees: fc.bigInt(0n, 3n),
      id: fc.constantFrom('new', 'new', 'new', 'hers', 'mine', 'last'),
      late: fc.boolean(),
      pick,
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: kind('response'),
      pick,
      signs: fc.constantFrom('it', 'it', 'it', 'other', 'nothing'),
    }),
  },
  /** One signature for two requests, and a request together with the wish to cancel it. */
  { weight: 2, arbitrary: fc.record({ kind: kind('reuse'), pick }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('regret'), amount }) },
  { weight: 3, arbitrary: fc.record({ kind: kind('cancel'), pick }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('askCancel'), pick }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: kind('terms'), limit: fc.constantFrom(0n, 50n, LIMIT), open: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: kind('currency'), name: fc.constantFrom('credit', 'x'), add: fc.boolean() }),
  },
)
type Trick = typeof operation extends fc.Arbitrary<infer T> ? T : never

const event = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      kind: kind('batch'),
      tricks: fc.array(operation, { minLength: 1, maxLength: 4 }),
      header: fc.constantFrom(
        'sound',
        'sound',
        'sound',
        'sound',
        'sound',
        'sound',
        'gap',
        'again',
        'ack',
        'epoch',
      ),
    }),
  },
  { weight: 14, arbitrary: fc.record({ kind: kind('pay'), amount: fc.integer({ min: 1, max: 80 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('note'), off: fc.constantFrom(0n, 0n, 1n) }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('ack'), off: fc.integer({ min: -2, max: 1 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: kind('reset'),
      claims: fc.constantFrom('mirrored', 'mirrored', 'greedy', 'none', 'absurd'),
      accepts: fc.boolean(),
      ahead: fc.constantFrom(1, 1, 1, 7, 0x7fff_fffe, 0xffff_ffff),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: kind('resume'),
      off: fc.constantFrom(0, 0, 0, -1, 3),
      start: fc.constantFrom('same', 'same', 'theirs', 'greedy'),
      ahead: fc.constantFrom(0, 0, 0, 1, 0xffff_ffff),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: kind('proof'), pick }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('reconnect') }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('restart') }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('wait'), ms: fc.constantFrom(1_500, 31_000, 61_000) }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('toggle'), enabled: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('reask') }) },
  /** Mallory makes up, so that she can go on. */
  { weight: 6, arbitrary: fc.record({ kind: kind('makeUp') }) },
)
type Event = typeof event extends fc.Arbitrary<infer E> ? E : never

class Attack extends HostileNet {
  readonly #said: { kind: 'batch' | 'note'; body: Uint8Array; signature: Signature }[] = []
  #lastId = this.id16() as RequestId

  constructor() {
    super()
    this.alice.findRoutes = onlyRoute([this.alice, this.carol, this.mallory], 1n)
    // Mallory's own node hears nothing and says nothing.
    this.net.tamper = (message, from, to) => {
      if (from === this.mallory) return undefined
      if (to === this.mallory && (message.kind === 'batch' || message.kind === 'note'))
        this.#said.push(message)
      return to === this.mallory ? undefined : message
    }
  }

  run(event: Event): void {
    const { net, alice, carol, mallory } = this
    switch (event.kind) {
      case 'batch':
        return this.#batch(event.tricks, event.header)
      case 'pay':
        this.pay(alice, mallory, String(event.amount))
        return net.settle()
      case 'reconnect':
        net.connect(carol, mallory)
        return this.run({ kind: 'resume', off: 0, start: 'same', ahead: 0 })
      case 'restart':
        carol.restart()
        net.connect(alice, carol)
        return this.run({ kind: 'reconnect' })
      case 'wait':
        return net.advance(event.ms)
      case 'toggle':
        carol.call('friends.setEnabled', { friend: mallory.key, enabled: event.enabled })
        return this.run({ kind: 'reconnect' })
      case 'reask':
        carol.call('friends.reset', { friend: mallory.key })
        return
      case 'makeUp': {
        if (carol.status(mallory) === 'inconsistent') {
          net.advance(3_700_000)
          this.#lie({ kind: 'reset', claims: 'mirrored', accepts: true, ahead: 1 })
        }
        this.#lie({ kind: 'resume', off: 0, start: 'same', ahead: 0 })
        this.#lie({ kind: 'note', off: 0n })
        const limit = { remoteMaxDebt: LIMIT, currency: CREDIT, open: true, rate: { mul: 0, add: 1 } }
        return this.sendBatch(carol, [
          { kind: 'addCurrency', currency: CREDIT },
          { kind: 'terms', terms: limit },
        ])
      }
      default:
        return this.#lie(event)
    }
  }

  #lie(event: Extract<Event, { kind: 'note' | 'ack' | 'reset' | 'resume' | 'proof' }>): void {
    const { carol, mallory } = this
    const { channel } = carol.friend(mallory).record
    const { epoch, receivedSeq, receivedHash, sentSeq, sentHash, startHash, reset } = channel
    switch (event.kind) {
      case 'note': {
        const queued = [...carol.friend(mallory).queue.values()].length > 0
        const statements = channel.ledgers
          .filter(
            ({ balance, localPending, remotePending }) => balance !== 0n || localPending + remotePending > 0n,
          )
          .map(({ currency, balance, localPending, remotePending }) => ({
            currency,
            balance: event.off - balance,
            localPending: remotePending,
            remotePending: localPending,
          }))
        if (queued) return
        const positions = { signerSeq: receivedSeq, signerHash: receivedHash }
        const body = messages.note.encode({
          epoch,
          ...positions,
          receiverSeq: sentSeq,
          receiverHash: sentHash,
          statements,
          time: this.net.now,
        })
        return this.say(carol, { kind: 'note', ...this.sign('note', carol, body) })
      }
      case 'ack':
        return this.say(carol, { kind: 'ack', epoch, seq: Math.max(0, sentSeq + event.off), hash: sentHash })
      case 'reset': {
        const mine = reset?.claims ?? channel.ledgers.filter(({ balance }) => balance !== 0n)
        const claims = {
          mirrored: mirrored(mine.map(({ currency, balance }) => ({ currency, balance }))),
          greedy: [{ currency: CREDIT, balance: 900n }],
          none: [],
          absurd: [{ currency: CREDIT, balance: (1n << 127n) - 1n }],
        }[event.claims]
        const accepts =
          reset === undefined || !event.accepts ? {} : { accepts: resetHash(carol.key, mallory.key, reset) }
        return this.sendReset(carol, {
          epoch: Math.min(epoch + event.ahead, 0xffff_ffff),
          claims,
          ...accepts,
        })
      }
      case 'resume': {
        const next = Math.min(epoch + event.ahead, 0xffff_ffff)
        const greedy = [{ currency: CREDIT, balance: -900n }]
        const theirs = mirrored(reset?.remote?.claims ?? [])
        const start =
          event.start === 'same'
            ? startHash
            : startHashOf(carol.key, mallory.key, next, event.start === 'greedy' ? greedy : theirs)
        const received = Math.max(0, sentSeq + event.off)
        const lastSent = Math.max(0, receivedSeq + event.off)
        const positions = { lastSent, received, receivedHash: received === 0 ? startHash : sentHash }
        return this.say(carol, { kind: 'resume', epoch: next, startHash: start, ...positions })
      }
      case 'proof': {
        const said = this.#said[this.#said.length - 1 - event.pick]
        if (said === undefined) return
        const { body, signature } = said
        return this.say(carol, { kind: said.kind === 'batch' ? 'staleBatch' : 'staleNote', body, signature })
      }
    }
  }

  #batch(tricks: readonly Trick[], header: string): void {
    const { carol, mallory } = this
    const message = this.nextBatch(
      carol,
      tricks.flatMap((trick) => this.#operations(trick)),
    )
    if (message.kind !== 'batch' || message.content === undefined) return
    const { content } = message
    const changed = {
      sound: content,
      gap: { ...content, seq: content.seq + 1 },
      again: { ...content, seq: Math.max(1, content.seq - 1) },
      ack: { ...content, ackHash: this.id32() as Hash },
      epoch: { ...content, epoch: content.epoch + 1 },
    }[header]
    if (changed === undefined) return
    const body = messages.batch.encode(changed)
    const decoded = decode(messages.batch, body)
    this.say(carol, {
      kind: 'batch',
      ...this.sign('batch', carol, body),
      content: decoded.ok ? decoded.value : undefined,
    })
    expect(carol.friend(mallory).pendingIn.size).toBeLessThan(513)
  }

  #operations(trick: Trick): messages.Operation[] {
    const hers = [...this.carol.friend(this.mallory).pendingOut.values()]
    if (trick.kind === 'reuse') {
      const [signed, other] = [hers[trick.pick], hers[trick.pick + 1] ?? hers[0]]
      if (signed === undefined || other === undefined) return []
      const signature = this.mallory.signer.sign(receiptBytes(signed.request))
      return [signed, other].map(({ request: { requestId } }) => ({ kind: 'response', requestId, signature }))
    }
    if (trick.kind === 'regret') {
      const request = this.request(this.carol, { destPayment: trick.amount, totalDestPayment: trick.amount })
      return [
        { kind: 'request', request },
        { kind: 'askCancel', requestId: request.requestId },
      ]
    }
    return [this.#operation(trick)]
  }

  #operation(trick: Exclude<Trick, { kind: 'reuse' | 'regret' }>): messages.Operation {
    const { carol, mallory, net } = this
    const hers = [...carol.friend(mallory).pendingOut.values()]
    const mine = [...carol.friend(mallory).pendingIn.values()]
    const idOf = (list: typeof hers | typeof mine, pick: number) =>
      list[pick]?.request.requestId ?? (toBase64url(net.random(16)) as RequestId)
    switch (trick.kind) {
      case 'request':
        return this.#request(trick, { hers: idOf(hers, trick.pick), mine: idOf(mine, trick.pick) })
      case 'response': {
        const signed = trick.signs === 'it' ? hers[trick.pick] : hers[(trick.pick + 1) % 5]
        const bytes =
          signed === undefined || trick.signs === 'nothing' ? net.random(5) : receiptBytes(signed.request)
        return { kind: 'response', requestId: idOf(hers, trick.pick), signature: mallory.signer.sign(bytes) }
      }
      case 'cancel':
        return {
          kind: 'cancel',
          requestId: idOf(hers, trick.pick),
          reason: 'overLimit',
          reporter: mallory.key,
        }
      case 'askCancel':
        return { kind: 'askCancel', requestId: idOf(mine, trick.pick) }
      case 'terms': {
        const rate = { mul: 0, add: 1 }
        return {
          kind: 'terms',
          terms: { currency: CREDIT, remoteMaxDebt: trick.limit, open: trick.open, rate },
        }
      }
      case 'currency':
        return { kind: trick.add ? 'addCurrency' : 'removeCurrency', currency: trick.name as Currency }
    }
  }

  #request(
    trick: Extract<Trick, { kind: 'request' }>,
    ids: { hers: RequestId; mine: RequestId },
  ): messages.Operation {
    const { alice, carol, mallory } = this
    const stranger = this.id32() as typeof alice.key
    const route = { carol: [], alice: [alice.key], nobody: [stranger], loop: [alice.key, mallory.key] }[
      trick.to
    ]
    const ids2 = { ...ids, new: this.id16() as RequestId, last: this.#lastId }
    const requestId = ids2[trick.id]
    this.#lastId = requestId
    const request = this.request(carol, {
      requestId,
      route,
      receiptKey: route.at(-1) ?? carol.key,
      destPayment: trick.amount,
      totalDestPayment: trick.total ?? trick.amount,
      leftFees: trick.fees,
      invoiceId: (trick.total === undefined ? this.id32() : toBase64url(new Uint8Array(32))) as InvoiceId,
      expires: trick.late ? this.net.now - 1 : this.net.now + 50_000,
    })
    return { kind: 'request', request }
  }
}

/** Books that were never opened, or were left empty, are none. */
function owedBy(me: TestNode, other: TestNode): bigint {
  return me.friend(other).record.channel.ledgers.find(({ currency }) => currency === CREDIT)?.balance ?? 0n
}

const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 25)

describe('whatever a friend signs', () => {
  it('costs an honest card nothing, stops nothing, and holds nobody’s payment for ever (CH-20, CH-22, CH-40)', () => {
    fc.assert(
      fc.property(fc.array(event, { minLength: 5, maxLength: 50, size: 'max' }), (events) => {
        const attack = new Attack()
        const { net, alice, carol, mallory } = attack
        for (const each of events) {
          attack.run(each)
          net.settle()
          expectStored(carol)
          expectAccounted(carol)
          expect(wealthOf(carol) >= 0n, 'Carol has lost').toBe(true)
          expect(owedBy(carol, mallory) <= LIMIT, 'Mallory owes more than she may').toBe(true)
          expect([alice.status(carol), carol.status(alice)]).toEqual(['ready', 'ready'])
        }
        carol.call('friends.remove', { friend: mallory.key })
        net.connect(alice, carol)
        net.advance(400_000)
        expect(alice.balance(carol)).toBe(-carol.balance(alice))
        for (const { finished, state, receipt } of alice.core.state.payments.values()) {
          expect(finished).toBeDefined()
          const isProven = receipt !== undefined && nobleProvider.verify(receiptCheck(receipt))
          expect(isProven, 'paid with a receipt that proves it').toBe(state === 'paid')
        }
        for (const [me, other] of [
          [alice, carol],
          [carol, alice],
        ] as const) {
          expect(me.friend(other).pendingOut.size + me.friend(other).pendingIn.size).toBe(0)
        }
      }),
      { numRuns: RUNS },
    )
  })
})
