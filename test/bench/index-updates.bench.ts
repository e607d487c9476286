// How many updates of nodes an index server takes a second, with and without their signatures.

import { update as updateCodec, updateCheck, type Update } from '../../protocol/index-messages.ts'
import { readUpdate } from '../../protocol/read-update.ts'
import type { Currency, Hash, PublicKey, RequestId } from '../../protocol/types.ts'
import { decode, toBase64url } from '../../protocol/wire.ts'
import { Nodes } from '../../index-server/nodes.ts'
import { nodeProvider } from '../../worker/runtime/crypto/node.ts'
import { line, timed, type Bench } from './report.ts'

const NODES = 10_000
const FRIENDS = 4
const ROUNDS = 10
const SIGNED = 5_000
const ORIGIN = { source: 1 }

export const indexUpdates: Bench = (say) => {
  const keys = Array.from({ length: NODES }, (_, i) => keyOf(i))
  const bodies = Array.from({ length: ROUNDS + 1 }, (_, round) =>
    keys.map((_key, i) => updateCodec.encode(updateOf(keys, i, round))),
  )
  const nodes = new Nodes()
  for (const body of bodies[0]!) take(nodes, body)
  const ms = timed(() => {
    for (const round of bodies.slice(1)) for (const body of round) take(nodes, body)
  })
  const decoding = timed(() => {
    for (const round of bodies.slice(1)) for (const body of round) decode(updateCodec, body)
  })
  const count = NODES * ROUNDS
  say(line('index.updates.unverified', (count / ms) * 1_000, 'per second', (count / decoding) * 1_000))

  const signer = nodeProvider.signer(new Uint8Array(32).fill(1))
  const signed = Array.from({ length: SIGNED }, (_, i) => {
    const body = updateCodec.encode({ ...updateOf(keys, 0, i), node: signer.publicKey, full: i === 0 })
    return {
      body,
      signature: signer.sign(updateCheck(signer.publicKey, { body, signature: '' as never }).message),
    }
  })
  const checks = signed.map((one) => updateCheck(signer.publicKey, one))
  const bare = timed(() => checks.forEach((check) => nodeProvider.verify(check)))
  const whole = timed(() => {
    signed.forEach((one) => {
      if (nodeProvider.verify(updateCheck(signer.publicKey, one))) take(nodes, one.body)
    })
  })
  say(line('index.updates.verified', (SIGNED / whole) * 1_000, 'per second', (SIGNED / bare) * 1_000))
}

function take(nodes: Nodes, body: Uint8Array): void {
  const update = readUpdate(body)
  if (update.ok && nodes.refusalOf(update.value) === undefined) nodes.take(update.value, ORIGIN, 0)
}

/** In the first round all edges, later one of them. */
function updateOf(keys: readonly PublicKey[], index: number, round: number): Update {
  const friends = Array.from({ length: FRIENDS }, (_, k) => keys[(index + 1 + k * 17) % keys.length]!)
  const named = round === 0 ? friends : friends.slice(round % FRIENDS, (round % FRIENDS) + 1)
  return {
    node: keys[index]!,
    session: toBase64url(new Uint8Array(16)) as RequestId,
    counter: round,
    freshness: toBase64url(new Uint8Array(32)) as Hash,
    full: round === 0,
    edges: named.map((friend) => ({
      friend,
      currency: 'credit' as Currency,
      capacity: BigInt(round + 1) << 40n,
      rate: { mul: 0, add: 1 },
    })),
  }
}

function keyOf(index: number): PublicKey {
  const bytes = new Uint8Array(32)
  new DataView(bytes.buffer).setUint32(0, index + 1)
  return toBase64url(bytes) as PublicKey
}
