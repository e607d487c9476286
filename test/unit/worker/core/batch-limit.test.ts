// Several requests in one batch, of which not all keep within the limit: each is judged where it stands.

import { beforeEach, describe, expect, it } from 'vitest'
import { batch, type Operation } from '../../../../protocol/channel-messages.ts'
import { SETTLING_MS } from '../../../../protocol/limits.ts'
import { receiptBytes } from '../../../../protocol/payment.ts'
import type { InvoiceId } from '../../../../protocol/types.ts'
import type { CoreNet, TestNode } from '../../../support/core-net.ts'
import { asks, HostileNet, pendingTo, stateOf } from '../../../support/hostile-net.ts'

let hostile: HostileNet
let net: CoreNet
let alice: TestNode
let carol: TestNode
let mallory: TestNode

beforeEach(() => {
  hostile = new HostileNet()
  ;({ net, alice, carol, mallory } = hostile)
})

/** Mallory's request for Carol, who keeps it: the rest of the payment never comes. */
function part(amount: bigint, invoiceId = hostile.id32() as InvoiceId): Operation {
  return asks(hostile.request(carol, { invoiceId, destPayment: amount, totalDestPayment: amount + 1n }))
}

function heldOfMallory(): bigint[] {
  return [...carol.friend(mallory).pendingIn.values()].map(({ request }) => request.destPayment)
}

describe('the requests of one batch', () => {
  it('are taken as far as they fit, in their order, and only those over the limit are refused (PAY-18)', () => {
    hostile.takeOver()
    const said: string[] = []
    net.tamper = (message, from) => {
      if (from === carol && message.kind === 'batch') {
        for (const operation of batch.decode(message.body).operations) {
          said.push(operation.kind === 'cancel' ? operation.reason : operation.kind)
        }
      }
      return from === mallory ? undefined : message
    }
    hostile.sendBatch(carol, [part(600n), part(300n), part(200n), part(100n), part(1n)])
    expect(heldOfMallory()).toEqual([600n, 300n, 100n])
    expect(carol.ledger(mallory).remotePending).toBe(1_000n)
    expect(said).toEqual(['overLimit', 'overLimit'])
  })

  it('are judged after the answers that come before them, not after those that follow (PAY-18)', () => {
    hostile.takeOver()
    hostile.pay(carol, mallory, '100')
    const [mine] = pendingTo(carol, mallory)
    if (mine === undefined) throw new Error('not sent')
    const { requestId } = mine.request
    const signature = mallory.signer.sign(receiptBytes(mine.request))
    hostile.sendBatch(carol, [part(1_050n), { kind: 'response', requestId, signature }, part(1_060n)])
    expect(carol.balance(mallory)).toBe(-100n)
    expect(heldOfMallory()).toEqual([1_060n])
  })

  it('get no room by the wish to cancel one that follows (PAY-18, PAY-35)', () => {
    hostile.takeOver()
    const invoiceId = hostile.id32() as InvoiceId
    const begun = { invoiceId, destPayment: 1n, totalDestPayment: 500n }
    hostile.sendBatch(carol, [asks(hostile.request(carol, begun))])
    const next = hostile.request(carol, { ...begun, destPayment: 60n })
    hostile.sendBatch(carol, [
      { kind: 'askCancel', requestId: next.requestId },
      part(1_000n),
      asks(next),
      asks(hostile.request(carol, { ...begun, destPayment: 40n })),
    ])
    expect(carol.status(mallory)).toBe('ready')
    expect(heldOfMallory()).toEqual([1n, 40n])
  })

  it('of an honest friend, whose limit was lowered meanwhile, are paid as far as it goes (PAY-11, PAY-18)', () => {
    const order = (amount: string) => ({ id: hostile.id16(), maxFees: '0', currency: 'credit', amount })
    const orders = ['60', '60', '30'].map((amount) => ({ ...order(amount), destination: carol.key }))
    alice.step(
      orders.map((params, call) => ({ type: 'call', call: 1_000 + call, method: 'payments.pay', params })),
    )
    carol.call('friends.setMaxDebt', { friend: alice.key, currency: 'credit', maxDebt: '100' })
    net.settle()
    net.advance(SETTLING_MS)
    const views = [...alice.core.state.payments.values()].map(({ id }) => stateOf(alice, { id } as never))
    expect(views.map(({ state, fault }) => fault?.code ?? state)).toEqual(['paid', 'overLimit', 'paid'])
    expect([alice.balance(carol), carol.balance(alice)]).toEqual([-90n, 90n])
  })
})
