// Giving back what a reset credited to me and was then cancelled further down (PROTOCOL.md, CH-46).

import type { Currency, InvoiceId, PaymentId, PublicKey, RequestId } from '../../../protocol/types.ts'
import type { State } from '../state.ts'
import { startPayment } from './buyer.ts'

/** A payment of my own, straight to the friend. */
export function payBack(
  s: State,
  refund: { friend: PublicKey; currency: Currency; amount: bigint; requestId: RequestId },
): void {
  const { friend, currency, amount, requestId } = refund
  startPayment(s, {
    id: s.drawId() as PaymentId,
    state: 'searching',
    destination: friend,
    currency,
    amount,
    maxFees: 0n,
    invoiceId: s.drawHash() as InvoiceId,
    refundOf: requestId,
    parts: [],
    attempts: 0,
    excludedNodes: [],
    excludedEdges: [],
    created: s.now,
  })
}
