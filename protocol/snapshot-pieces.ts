// The parts of the file in which an index server keeps what it knows for its next start (docs/PROTOCOL.md, IDX-26):
// a head, pieces, and as the last piece a signature over the hash of everything before.

import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import * as P from 'micro-packed'
import { edgeReports, type EdgeReport } from './index-messages.ts'
import { OLD_SESSIONS_MAX } from './limits.ts'
import type { PublicKey, RequestId, Signature, Time } from './types.ts'
import * as wire from './wire.ts'

/** What an index server remembers of a node when it starts again. */
export interface KnownNode {
  readonly node: PublicKey
  readonly session: RequestId
  readonly counter: number
  /** The latest last. */
  readonly oldSessions: readonly RequestId[]
  readonly heard: Time
}

export type SnapshotPiece =
  | ({ readonly kind: 'node' } & KnownNode)
  /** Of the node before. */
  | { readonly kind: 'edges'; readonly edges: readonly EdgeReport[] }
  | { readonly kind: 'end'; readonly signature: Signature }

export const SNAPSHOT_MAGIC = 'offst index snapshot'
export const SNAPSHOT_VERSION = 1
export const SNAPSHOT_HEAD_BYTES = SNAPSHOT_MAGIC.length + 1 + 32

export const snapshotHead: P.CoderType<{
  /** `SNAPSHOT_MAGIC`, if it is one. */
  readonly magic: string
  readonly version: number
  /** Whose it is. */
  readonly server: PublicKey
}> = P.struct({
  magic: P.apply(P.bytes(SNAPSHOT_MAGIC.length), {
    encode: (bytes: Uint8Array) => String.fromCharCode(...bytes),
    decode: (text: string) => utf8ToBytes(text),
  }),
  version: P.U8,
  server: wire.publicKey,
})

export const snapshotPiece: P.CoderType<SnapshotPiece> = wire.union({
  node: [
    0x01,
    P.struct({
      node: wire.publicKey,
      session: wire.requestId,
      counter: wire.counter,
      oldSessions: wire.list(wire.requestId, OLD_SESSIONS_MAX),
      heard: wire.counter,
    }),
  ],
  edges: [0x02, P.struct({ edges: edgeReports })],
  end: [0x03, P.struct({ signature: wire.signature })],
})

/** Hashes a snapshot while it comes. */
export class SnapshotHash {
  readonly #hash = sha256.create()

  add(bytes: Uint8Array): void {
    this.#hash.update(bytes)
  }

  /** What is signed when all was added. */
  signedBytes(): Uint8Array {
    return wire.tagged('offst/snapshot/v1', this.#hash.digest())
  }
}
