// Everything that the core asks of the world, as data. The driver performs actions only after the changes of the
// same step are committed.

import type { FriendMessage, SignedKind } from '../../protocol/channel-messages.ts'
import type { Result } from '../../protocol/result.ts'
import type { Currency, PublicKey, Rate, RelayAddress } from '../../protocol/types.ts'
import type { Change } from './records.ts'
import type { RouteQuery } from './routes.ts'

/** A message to a friend; bodies of batches, notes and resets are signed by the driver. */
export type OutgoingMessage =
  Exclude<FriendMessage, { kind: SignedKind }> | { readonly kind: SignedKind; readonly body: Uint8Array }

export type Action =
  /** Dropped when `session` has ended in the meantime: the next resume makes up for it. */
  | {
      readonly type: 'sendFriend'
      readonly friend: PublicKey
      readonly session: number
      readonly message: OutgoingMessage
    }
  /** Ends a session whose friend broke the rules below the channel, or who is disabled or removed. */
  | { readonly type: 'closeSession'; readonly friend: PublicKey; readonly session: number }
  /** Answers a call; the value is the method's result. */
  | { readonly type: 'reply'; readonly call: number; readonly result: Result<unknown> }
  | { readonly type: 'queryRoutes'; readonly query: number; readonly request: RouteQuery }
  /** Which friends and servers the card wants to be connected to has changed: read `core.connections()`. */
  | { readonly type: 'connectionsChanged' }
  /** What the index servers should know about this friend has changed: read `core.edges(friend)`. */
  | { readonly type: 'edgesChanged'; readonly friend: PublicKey }

/** What one group of inputs led to: commit all changes in one transaction, then perform the actions in order. */
export interface Step {
  readonly changes: readonly Change[]
  readonly actions: readonly Action[]
}

/** A receipt that the destination is about to sign; answered by the input `receiptSigned` before the step ends. */
export interface ReceiptToSign {
  readonly reference: string
  readonly message: Uint8Array
}

/** Whom the card wants to reach now. */
export interface Connections {
  /** Relays that the card listens on (its own and retiring ones). */
  readonly relays: readonly RelayAddress[]
  readonly indexServers: readonly RelayAddress[]
  /** Enabled friends and the relays at which they listen. */
  readonly friends: readonly { readonly publicKey: PublicKey; readonly relays: readonly RelayAddress[] }[]
  /** Accepted apps, which may come over the card's relays. */
  readonly apps: readonly PublicKey[]
}

/** One line of an index update: what I can still receive from this friend, and what I take to forward it. */
export interface EdgeReport {
  readonly friend: PublicKey
  readonly currency: Currency
  /** 0 when closed, off line or not agreed. */
  readonly capacity: bigint
  readonly rate: Rate
}
