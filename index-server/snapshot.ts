// What an index server writes down of the nodes it knows, so that it can answer at once when it starts again
// (IDX-26): in pieces, so that neither of the two ways needs more memory than the graph, or stops everything else.
//
// The file is a head, pieces with their length before them, and as the last piece the server's signature over the
// hash of everything before. So a file that is damaged, cut off, made by somebody or of another server is told from
// what this server has written itself, and holds only what was proved to it once.

import type { Signer, Verifier } from '../protocol/crypto.ts'
import { UPDATE_BYTES_MAX, UPDATE_EDGES_MAX } from '../protocol/limits.ts'
import { fail, ok, type Result } from '../protocol/result.ts'
import {
  decodePiece,
  encodePiece,
  SNAPSHOT_HEAD_BYTES,
  SNAPSHOT_MAGIC,
  SNAPSHOT_VERSION,
  SnapshotHash,
  snapshotHead,
  type SnapshotPiece,
} from '../protocol/snapshot-pieces.ts'
import type { PublicKey, Signature, Time } from '../protocol/types.ts'
import type { Nodes } from './nodes.ts'

const LENGTH_BYTES = 4

/** The bytes of a snapshot, the next of them whenever they are asked for; updates may be taken between two. */
export function* snapshotOf(nodes: Nodes, signer: Signer): Generator<Uint8Array> {
  const hash = new SnapshotHash()
  const hashed = (bytes: Uint8Array): Uint8Array => {
    hash.add(bytes)
    return bytes
  }
  const head = { magic: SNAPSHOT_MAGIC, version: SNAPSHOT_VERSION, server: signer.publicKey }
  yield hashed(snapshotHead.encode(head))
  for (const { edges, ...node } of nodes.known()) {
    yield hashed(framed({ kind: 'node', ...node }))
    for (let start = 0; start < edges.length; start += UPDATE_EDGES_MAX) {
      yield hashed(framed({ kind: 'edges', edges: edges.slice(start, start + UPDATE_EDGES_MAX) }))
    }
  }
  yield framed({ kind: 'end', signature: signer.sign(hash.signedBytes()) })
}

function framed(piece: SnapshotPiece): Uint8Array {
  const bytes = encodePiece(piece)
  const frame = new Uint8Array(LENGTH_BYTES + bytes.length)
  new DataView(frame.buffer).setUint32(0, bytes.length)
  frame.set(bytes, LENGTH_BYTES)
  return frame
}

export interface SnapshotReaderOptions {
  /** Empty: what a snapshot holds is put there, and counts only if the snapshot is whole. */
  readonly nodes: Nodes
  readonly verifier: Verifier
  /** Whose snapshot it has to be. */
  readonly server: PublicKey
  readonly now: Time
}

export class SnapshotReader {
  readonly #options: SnapshotReaderOptions
  readonly #hash = new SnapshotHash()
  /** What came and is not a whole piece yet. */
  #rest = new Uint8Array(0)
  #hasHead = false
  #node: PublicKey | undefined
  #signature: Signature | undefined

  constructor(options: SnapshotReaderOptions) {
    this.#options = options
  }

  /** Takes the next bytes; after a fault there is nothing more to take. Faults `noSnapshot`, `foreign`, `damaged`. */
  take(bytes: Uint8Array): Result<void> {
    const all = new Uint8Array(this.#rest.length + bytes.length)
    all.set(this.#rest)
    all.set(bytes, this.#rest.length)
    let start = 0
    if (!this.#hasHead) {
      if (all.length < SNAPSHOT_HEAD_BYTES) return this.#keep(all)
      const fault = this.#takeHead(all.subarray(0, SNAPSHOT_HEAD_BYTES))
      if (!fault.ok) return fault
      start = SNAPSHOT_HEAD_BYTES
    }
    const view = new DataView(all.buffer)
    while (all.length - start >= LENGTH_BYTES) {
      const length = view.getUint32(start)
      if (length > UPDATE_BYTES_MAX) return damaged()
      const end = start + LENGTH_BYTES + length
      if (end > all.length) break
      const taken = this.#takePiece(all.subarray(start, end))
      if (!taken.ok) return taken
      start = end
    }
    return this.#keep(all.slice(start))
  }

  /** There are no more bytes; only now the nodes count. */
  end(): Result<Nodes> {
    const { nodes, verifier, server } = this.#options
    if (!this.#hasHead) return noSnapshot()
    if (this.#signature === undefined || this.#rest.length > 0) return damaged()
    const message = this.#hash.signedBytes()
    return verifier.verify({ publicKey: server, message, signature: this.#signature }) ? ok(nodes) : damaged()
  }

  #keep(rest: Uint8Array<ArrayBuffer>): Result<void> {
    this.#rest = rest
    return ok(undefined)
  }

  #takeHead(bytes: Uint8Array): Result<void> {
    const { magic, version, server } = snapshotHead.decode(bytes)
    if (magic !== SNAPSHOT_MAGIC) return noSnapshot()
    if (version !== SNAPSHOT_VERSION)
      return fail('foreign', 'it was written by another version of this program')
    if (server !== this.#options.server) return fail('foreign', 'it is of a server with another key')
    this.#hash.add(bytes)
    this.#hasHead = true
    return ok(undefined)
  }

  #takePiece(frame: Uint8Array): Result<void> {
    const { nodes, now } = this.#options
    const decoded = decodePiece(frame.subarray(LENGTH_BYTES))
    if (!decoded.ok || this.#signature !== undefined) return damaged()
    const piece = decoded.value
    if (piece.kind === 'end') {
      this.#signature = piece.signature
      return ok(undefined)
    }
    this.#hash.add(frame)
    if (piece.kind === 'node') {
      this.#node = piece.node
      nodes.restore(piece, now)
    } else {
      if (this.#node === undefined) return damaged()
      nodes.restoreEdges(this.#node, piece.edges)
    }
    return ok(undefined)
  }
}

function noSnapshot(): Result<never> {
  return fail('noSnapshot', 'it is no snapshot of an index server')
}

function damaged(): Result<never> {
  return fail('damaged', 'it is damaged')
}
