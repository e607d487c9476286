// What index servers that trust one another say inside their link (docs/PROTOCOL.md, section 8, IDX-16 and on).

import { utf8ToBytes } from '@noble/hashes/utils.js'
import * as P from 'micro-packed'
import { freshnessHash, oneOf, type SignedUpdate } from './index-messages.ts'
import { FEDERATION_HOPS_MAX, NEIGHBOURS_MAX, UPDATE_BYTES_MAX } from './limits.ts'
import type { Hash, PublicKey, RequestId } from './types.ts'
import * as wire from './wire.ts'

/** Prologue of the handshake: the door for servers is not the door for nodes. */
export const FEDERATION_PROLOGUE = utf8ToBytes('offst/federation/v1')

/** What a server hashed when it published a freshness hash. */
export interface HashList {
  /** 32 bytes of its own. */
  readonly random: Uint8Array
  /** The latest hashes of its neighbours at that time. */
  readonly neighbours: readonly Hash[]
}

/** An update that a node has signed, and that it did so only now. */
export interface ProvenUpdate extends SignedUpdate {
  /**
   * The first list hashes to the `freshness` that the node signed, each next one to a hash of the list before it,
   * and the last one names a hash of the receiver: so the node signed after the receiver had published that.
   */
  readonly chain: readonly HashList[]
  /** Of all that the sender knows of this node; missing while that is not everything. */
  readonly digest?: bigint | undefined
}

/** The end of a node's session here: its server saw it leave for good. */
export interface Gone {
  readonly node: PublicKey
  readonly session: RequestId
  /** Of the last update that the sender took. */
  readonly counter: number
}

/** Why a server ends a link. The order is the wire's: append only. */
export const PARTING_REASONS = [
  /** It has no ticket of the other one. */
  'notListed',
  /** The other one broke the rules, and is served again after some time. */
  'misbehaved',
] as const
export type PartingReason = (typeof PARTING_REASONS)[number]

/**
 * Both sides say: `freshness = 0x01` every second, `update = 0x02` and `known = 0x03` (without proof) of nodes,
 * `need = 0x04` to hear all of a node, `gone = 0x05`, and before they end the link `parting = 0x06`.
 */
export type FederationMessage =
  | { readonly kind: 'freshness'; readonly hash: Hash }
  | ({ readonly kind: 'update' } & ProvenUpdate)
  | ({ readonly kind: 'known' } & SignedUpdate)
  | { readonly kind: 'need'; readonly node: PublicKey }
  | ({ readonly kind: 'gone' } & Gone)
  | { readonly kind: 'parting'; readonly reason: PartingReason }

/** The hash that a server published of this list. */
export function hashOfList({ random, neighbours }: HashList): Hash {
  return freshnessHash(random, neighbours)
}

const hashList: P.CoderType<HashList> = P.struct({
  random: P.bytes(32),
  neighbours: wire.list(wire.hash, NEIGHBOURS_MAX),
})

const chain: P.CoderType<readonly HashList[]> = P.validate(
  wire.list(hashList, FEDERATION_HOPS_MAX),
  (lists) => {
    if (lists.length === 0) throw new Error('a proof without a list')
    return lists
  },
)

const signedUpdate = { body: wire.blob(UPDATE_BYTES_MAX), signature: wire.signature }

export const federationMessage: P.CoderType<FederationMessage> = wire.union({
  freshness: [0x01, P.struct({ hash: wire.hash })],
  update: [0x02, P.struct({ ...signedUpdate, chain, digest: wire.maybe(P.U64BE) })],
  known: [0x03, P.struct(signedUpdate)],
  need: [0x04, P.struct({ node: wire.publicKey })],
  gone: [0x05, P.struct({ node: wire.publicKey, session: wire.requestId, counter: wire.counter })],
  parting: [0x06, P.struct({ reason: oneOf(PARTING_REASONS) })],
})
