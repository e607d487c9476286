import { beforeEach, describe, expect, it } from 'vitest'
import * as messages from '../../../../protocol/channel-messages.ts'
import { nobleProvider } from '../../../../protocol/ed25519.ts'
import { REPAIRS_MAX } from '../../../../protocol/limits.ts'
import type { RequestId } from '../../../../protocol/types.ts'
import { toBase64url } from '../../../../protocol/wire.ts'
import { batchHash } from '../../../../worker/core/channel/seal.ts'
import type { CoreNet, TestNode } from '../../../support/core-net.ts'
import { Pair } from '../../../support/pair.ts'

let pair: Pair
let net: CoreNet
let alice: TestNode
let bob: TestNode

beforeEach(() => {
  pair = new Pair()
  ;({ net, alice, bob } = pair)
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
      requestId: pair.id16() as RequestId,
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
        {
          kind: 'response',
          requestId: pair.id16() as RequestId,
          signature: toBase64url(net.random(64)) as never,
        },
      ],
    }),
    'a cancel of nothing': (content) => ({
      ...content,
      operations: [
        { kind: 'cancel', requestId: pair.id16() as RequestId, reason: 'overLimit', reporter: bob.key },
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
    'a route straight back to its sender': (content) => ({
      ...content,
      operations: [request({ route: [alice.key], receiptKey: alice.key })],
    }),
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
    pair.accept(alice, bob)
    pair.expectRepaired(0n)
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
