// Everything that can happen to a card, as data. The driver stamps time and random bytes, so a run replays exactly.

import type { Batch, FriendMessage } from '../../protocol/channel-messages.ts'
import type { RouteQueryAnswer } from './routes.ts'
import type { PublicKey, Signature, Time } from '../../protocol/types.ts'
import type { MethodName } from '../api.ts'
import type { AppGrant } from './apps.ts'

/** A friend's message as decoded by the session; `content` is missing when a signed body does not decode. */
export type DecodedMessage =
  | Exclude<FriendMessage, { kind: 'batch' }>
  | (Extract<FriendMessage, { kind: 'batch' }> & { readonly content: Batch | undefined })

export type Input =
  /** Once, after the records were loaded. */
  | { readonly type: 'start' }
  /** A call of the app API, its parameters already checked against the schema. Answered by the action `reply`. */
  | {
      readonly type: 'call'
      readonly call: number
      readonly method: MethodName
      readonly params: unknown
      /** Who calls; missing: the owner. */
      readonly app?: PublicKey | undefined
    }
  /** An accepted app has connected. */
  | { readonly type: 'appSeen'; readonly app: PublicKey }
  /** The apps are these, says the folder of their tickets. */
  | { readonly type: 'apps'; readonly grants: readonly AppGrant[] }
  /** A session with the friend is open. `session` names it in actions. */
  | { readonly type: 'friendOnline'; readonly friend: PublicKey; readonly session: number }
  | { readonly type: 'friendOffline'; readonly friend: PublicKey; readonly session: number }
  | {
      readonly type: 'friendMessage'
      readonly friend: PublicKey
      readonly session: number
      readonly message: DecodedMessage
    }
  /** Answer to the action `queryRoutes`. */
  | { readonly type: 'routes'; readonly query: number; readonly answer: RouteQueryAnswer }
  /** Answer to `core.receiptsToSign`, in the same step. */
  | { readonly type: 'receiptSigned'; readonly reference: string; readonly signature: Signature }
  /** The deadline of `nextDeadline` has come. */
  | { readonly type: 'tick' }

export interface Stamp {
  /** Never before the stamp of the input before. */
  readonly now: Time
  /** 32 random bytes, from which the core derives what ids this input needs. */
  readonly random: Uint8Array
}
