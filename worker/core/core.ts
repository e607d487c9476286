// The deterministic core of one card: inputs in, changed records and actions out. No clock, no randomness, no I/O.

import type { SignatureCheck } from '../../protocol/crypto.ts'
import type { PublicKey, RelayAddress, Time } from '../../protocol/types.ts'
import type { Connections, EdgeReport, ReceiptToSign, Step } from './actions.ts'
import type { Input, Stamp } from './inputs.ts'
import type { Change, NamedServer, Snapshot } from './records.ts'

export declare class Core {
  /** Rebuilds the working state from what was stored. @throws {InvariantError} when the records contradict each other. */
  constructor(snapshot: Snapshot)
  readonly publicKey: PublicKey
  /** The signatures that must be verified, right before `process` is called with the same input. */
  checks(input: Input): readonly SignatureCheck[]
  /** @param valid what verifying each of `checks(input)` gave, in order. */
  process(input: Input, stamp: Stamp, valid: readonly boolean[]): void
  /** Receipts to sign before `finish`; empties the list. */
  receiptsToSign(): readonly ReceiptToSign[]
  /** Ends a group of inputs: seals the queued operations into batches and hands out all changes and actions. */
  finish(stamp: Stamp): Step
  /** When the input `tick` is due; undefined when nothing waits. */
  nextDeadline(): Time | undefined
  connections(): Connections
  /** For one friend, or for all. */
  edges(friend?: PublicKey): EdgeReport[]
}

/** The records of a new card. */
export declare function newCard(card: {
  publicKey: PublicKey
  name: string
  now: Time
  relays: readonly NamedServer[]
  indexServers: readonly NamedServer[]
}): Change[]
export type { RelayAddress }
