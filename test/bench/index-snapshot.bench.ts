// How long an index server takes to write down all that it knows and to read it again, and for how long at a time that
// keeps it from everything else. The floor: hashing as many bytes.

import type { Update } from '../../protocol/index-messages.ts'
import { SnapshotHash } from '../../protocol/snapshot-pieces.ts'
import type { Currency, Hash, PublicKey, RequestId } from '../../protocol/types.ts'
import { toBase64url } from '../../protocol/wire.ts'
import { Nodes } from '../../index-server/nodes.ts'
import { SnapshotReader, snapshotOf } from '../../index-server/snapshot.ts'
import { nodeProvider } from '../../worker/runtime/crypto/node.ts'
import { line, timed, type Bench } from './report.ts'

const NODES = 200_000
const FRIENDS = 5
/** As `cli/snapshot-file.ts` hands them to the disk. */
const SLICE_BYTES = 65_536

export const indexSnapshot: Bench = (say) => {
  const keys = Array.from({ length: NODES }, (_, i) => keyOf(i))
  const nodes = new Nodes()
  for (let i = 0; i < NODES; i++) nodes.take(updateOf(keys, i), { source: 1 }, 0)
  const signer = nodeProvider.signer(new Uint8Array(32).fill(1))

  const slices: Uint8Array[] = []
  const stalls: number[] = []
  const pieces = snapshotOf(nodes, signer)
  for (let isDone = false; !isDone;) {
    stalls.push(
      timed(() => {
        const slice: Uint8Array[] = []
        for (let size = 0; size < SLICE_BYTES && !isDone;) {
          const next = pieces.next()
          if (next.done === true) isDone = true
          else size += slice[slice.push(next.value) - 1]!.length
        }
        slices.push(Buffer.concat(slice))
      }),
    )
  }
  const restored = new Nodes()
  const reader = new SnapshotReader({
    nodes: restored,
    verifier: nodeProvider,
    server: signer.publicKey,
    now: 0,
  })
  const reading = timed(() => {
    for (const slice of slices) reader.take(slice)
    reader.end()
  })
  const hash = new SnapshotHash()
  const hashing = timed(() => slices.forEach((slice) => hash.add(slice)))
  const writing = stalls.reduce((sum, ms) => sum + ms, 0)
  const bytes = slices.reduce((sum, { length }) => sum + length, 0)
  const of = `${NODES} nodes, ${restored.reports} reports, ${Math.round(bytes / 2 ** 20)} MiB`
  say(line('index.snapshot.write', writing / 1_000, 's', hashing / 1_000, of))
  say(line('index.snapshot.read', reading / 1_000, 's', hashing / 1_000, of))
  say(line('index.snapshot.stall', Math.max(...stalls), 'ms at most', undefined, of))
}

function updateOf(keys: readonly PublicKey[], index: number): Update {
  return {
    node: keys[index]!,
    session: toBase64url(new Uint8Array(16)) as RequestId,
    counter: 1,
    freshness: toBase64url(new Uint8Array(32)) as Hash,
    full: true,
    edges: Array.from({ length: FRIENDS }, (_, k) => ({
      friend: keys[(index + 1 + k * 17) % keys.length]!,
      currency: 'credit' as Currency,
      capacity: BigInt(index) << 20n,
      rate: { mul: 0, add: 1 },
    })),
  }
}

function keyOf(index: number): PublicKey {
  const bytes = new Uint8Array(32)
  new DataView(bytes.buffer).setUint32(0, index + 1)
  return toBase64url(bytes) as PublicKey
}
