// Attack: a mediator who passes requests on otherwise than he got them: another amount, other fees, another way,
// another invoice, another key; with a log and books that are right.

import type { Operation, Request } from '../../../../protocol/channel-messages.ts'
import type { InvoiceId, PublicKey, RequestId } from '../../../../protocol/types.ts'
import type { Friend } from '../../../../worker/core/state.ts'
import { HostileCore } from './hostile-core.ts'

export class Meddling extends HostileCore {
  protected override meddle(operation: Operation, friend: Friend): readonly Operation[] {
    if (operation.kind !== 'request' || !this.dice.chance(this.eagerness)) return [operation]
    return [
      { kind: 'request', request: { ...operation.request, ...this.#change(operation.request, friend) } },
    ]
  }

  #change(request: Request, friend: Friend): Partial<Request> {
    const { destPayment, totalDestPayment, leftFees, route } = request
    switch (
      this.dice.pick(['less', 'more', 'whole', 'noFees', 'way', 'longer', 'invoice', 'key', 'id'] as const)
    ) {
      case 'less':
        return destPayment > 1n ? { destPayment: destPayment - 1n, leftFees: leftFees + 1n } : {}
      case 'more':
        return { destPayment: destPayment + leftFees, leftFees: 0n }
      case 'whole':
        return { totalDestPayment: totalDestPayment + 1n }
      case 'noFees':
        return { leftFees: 0n }
      case 'way':
        return { route: this.routeFrom(friend) }
      case 'longer':
        return { route: [this.hash() as string as PublicKey, ...route].slice(0, 31) }
      case 'invoice':
        return { invoiceId: this.hash() as string as InvoiceId }
      case 'key':
        return { receiptKey: this.publicKey }
      case 'id':
        return { requestId: this.dice.id16() as RequestId }
    }
  }
}
