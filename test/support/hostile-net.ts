// Mallory, a friend whose messages are signed with her real key and say what no core says; and her victims.

import * as messages from '../../protocol/channel-messages.ts'
import type { Currency, InvoiceId, RequestId } from '../../protocol/types.ts'
import { decode, toBase64url } from '../../protocol/wire.ts'
import type { PaymentView } from '../../worker/api.ts'
import type { DecodedMessage } from '../../worker/core/inputs.ts'
import type { PendingOut } from '../../worker/core/records.ts'
import { friendView, paymentView } from '../../worker/core/views.ts'
import { CoreNet, type TestNode } from './core-net.ts'

const CREDIT = 'credit' as Currency

/** Alice – Carol – Mallory, all on line. */
export class HostileNet {
  readonly net = new CoreNet('hostile')
  readonly alice = this.net.node('Alice')
  readonly carol = this.net.node('Carol')
  readonly mallory = this.net.node('Mallory')

  constructor() {
    this.net.befriend(this.alice, this.carol)
    this.net.befriend(this.carol, this.mallory)
    this.net.advance(5_000)
  }

  /** Mallory's own node is silent from now on: only what the test signs reaches anybody. */
  takeOver(): void {
    this.net.tamper = (message, from) => (from === this.mallory ? undefined : message)
  }

  id16(): string {
    return toBase64url(this.net.random(16))
  }

  id32(): string {
    return toBase64url(this.net.random(32))
  }

  /** Hands Mallory's message to her friend, as if it came over their session. */
  say(to: TestNode, message: DecodedMessage): void {
    const session = to.friend(this.mallory).session?.number ?? -1
    to.step([{ type: 'friendMessage', friend: this.mallory.key, session, message }])
  }

  sign(kind: messages.SignedKind, to: TestNode, body: Uint8Array): messages.Signed {
    const { key, signer } = this.mallory
    return { body, signature: signer.sign(messages.signedBytes(kind, key, to.key, body)) }
  }

  /** Mallory's next batch with these operations, sound in all else. */
  sendBatch(to: TestNode, operations: readonly messages.Operation[]): void {
    this.say(to, this.nextBatch(to, operations))
  }

  nextBatch(to: TestNode, operations: readonly messages.Operation[]): DecodedMessage {
    const { epoch, receivedSeq, receivedHash, sentSeq, sentHash } = to.friend(this.mallory).record.channel
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
    return { kind: 'batch', ...this.sign('batch', to, body), content: content.value }
  }

  sendReset(to: TestNode, reset: messages.Reset): void {
    this.say(to, { kind: 'reset', ...this.sign('reset', to, messages.reset.encode(reset)) })
  }

  /** A sound request for `to`, changed at will. */
  request(to: TestNode, changes: Partial<messages.Request> = {}): messages.Request {
    return {
      requestId: this.id16() as RequestId,
      route: [],
      currency: CREDIT,
      destPayment: 1n,
      totalDestPayment: 1n,
      invoiceId: this.id32() as InvoiceId,
      leftFees: 0n,
      receiptKey: to.key,
      expires: this.net.now + 60_000,
      ...changes,
    }
  }

  pay(from: TestNode, to: TestNode, amount: string, maxFees = '5'): PaymentView {
    const params = { id: this.id16(), maxFees, destination: to.key, currency: CREDIT, amount }
    return from.call('payments.pay', params) as PaymentView
  }
}

export const asks = (request: messages.Request): messages.Operation => ({ kind: 'request', request })

export function stateOf(node: TestNode, { id }: PaymentView): PaymentView {
  const record = [...node.core.state.payments.values()].find((payment) => payment.id === id)
  if (record === undefined) throw new Error('no such payment')
  return paymentView(node.core.state, record)
}

/** What `node` has asked of `friend` and is not answered. */
export function pendingTo(node: TestNode, friend: TestNode): PendingOut[] {
  return [...node.friend(friend).pendingOut.values()]
}

/** The user of `me` accepts what the other claims now. */
export function accept(me: TestNode, other: TestNode): void {
  const theirsId = friendView(me.core.state, me.friend(other)).disagreement?.theirsId ?? ''
  me.call('friends.acceptReset', { friend: other.key, theirsId })
}
