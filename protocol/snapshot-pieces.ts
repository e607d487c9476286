// The parts of the file in which an index server keeps what it knows for its next start (docs/PROTOCOL.md, IDX-26):
// a head, pieces, and as the last piece a signature over the hash of everything before.

import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import * as P from 'micro-packed'
import { readEdges, writeEdges } from './edge-bytes.ts'
import { edgeReports, type EdgeReport } from './index-messages.ts'
import { OLD_SESSIONS_MAX } from './limits.ts'
import { ok, type Result } from './result.ts'
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

const EDGES_TAG = 0x02

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
  edges: [EDGES_TAG, P.struct({ edges: edgeReports })],
  end: [0x03, P.struct({ signature: wire.signature })],
})

const EDGES_HEAD = Uint8Array.of(EDGES_TAG)

/** What the codec makes of it. */
export function encodePiece(piece: SnapshotPiece): Uint8Array {
  const plain = piece.kind === 'edges' ? writeEdges(EDGES_HEAD, piece.edges) : undefined
  return plain ?? snapshotPiece.encode(piece)
}

/** What the codec makes of it. */
export function decodePiece(bytes: Uint8Array): Result<SnapshotPiece> {
  const edges = bytes[0] === EDGES_TAG ? readEdges(bytes, EDGES_HEAD.length) : undefined
  return edges === undefined ? wire.decode(snapshotPiece, bytes) : ok({ kind: 'edges', edges })
}

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
