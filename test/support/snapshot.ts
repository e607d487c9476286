// Reading the snapshot of an index server, as its program does at its start.

import { Nodes } from '../../index-server/nodes.ts'
import { SnapshotReader } from '../../index-server/snapshot.ts'
import type { Result } from '../../protocol/result.ts'
import type { PublicKey } from '../../protocol/types.ts'
import { nodeProvider } from '../../worker/runtime/crypto/node.ts'

/** @param size of the slices in which it is read. */
export function readSnapshot(
  bytes: Uint8Array,
  server: PublicKey,
  now: number,
  size = 65_536,
): Result<Nodes> {
  const reader = new SnapshotReader({ nodes: new Nodes(), verifier: nodeProvider, server, now })
  for (let start = 0; start < bytes.length; start += size) {
    const taken = reader.take(bytes.subarray(start, start + size))
    if (!taken.ok) return taken
  }
  return reader.end()
}

/** The nodes in a snapshot that is whole. */
export function nodesOf(bytes: Uint8Array, server: PublicKey, now: number): Nodes {
  const nodes = readSnapshot(bytes, server, now)
  if (!nodes.ok) throw new Error(nodes.error.message)
  return nodes.value
}
