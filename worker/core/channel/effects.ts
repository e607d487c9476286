// What a channel tells the payments: the one way from the second room of a node to the third.

import type { CancelReason, Request } from '../../../protocol/channel-messages.ts'
import type { Currency, PublicKey, RequestId, Signature } from '../../../protocol/types.ts'
import type { PendingOut } from '../records.ts'

export type Effect =
  /** The friend's request was taken into the books (`pendingIn`) and waits for an answer. */
  | {
      readonly kind: 'requestArrived'
      readonly friend: PublicKey
      readonly request: Request
      /** Whether it kept within my limit where it stood in its batch. */
      readonly fits: boolean
    }
  /** A request of mine was answered with a valid signature; its credits have moved. */
  | { readonly kind: 'responded'; readonly pending: PendingOut; readonly signature: Signature }
  /** A request of mine has come back; its credits are free again. */
  | {
      readonly kind: 'cancelled'
      readonly pending: PendingOut
      readonly reason: CancelReason
      readonly reporter: PublicKey
    }
  | { readonly kind: 'cancelAsked'; readonly friend: PublicKey; readonly requestId: RequestId }
  /** A part of a payment to me that I had not signed for ended with its channel. */
  | { readonly kind: 'partLost'; readonly friend: PublicKey; readonly request: Request }
  /** A reset gave me what I had claimed for a request that was cancelled further down: it is not mine. */
  | {
      readonly kind: 'refundDue'
      readonly friend: PublicKey
      readonly currency: Currency
      readonly amount: bigint
      readonly requestId: RequestId
    }
