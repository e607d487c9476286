// What a node and an index server say to each other inside their link (docs/PROTOCOL.md, section 7).

import { utf8ToBytes } from '@noble/hashes/utils.js'
import * as P from 'micro-packed'
import type { SignatureCheck } from './crypto.ts'
import {
  PAYMENT_PARTS_MAX,
  QUERY_EXCLUSIONS_MAX,
  QUERY_ROOMS_MAX,
  ROUTE_NODES_MAX,
  UPDATE_BYTES_MAX,
  UPDATE_EDGES_MAX,
} from './limits.ts'
import type { Currency, Hash, PublicKey, Rate, RequestId, Signature } from './types.ts'
import * as wire from './wire.ts'

/** Prologue of the handshake: a link that was meant for another kind of server does not open. */
export const INDEX_PROLOGUE = utf8ToBytes('offst/index/v1')

/** What a node reports of one friend in one currency: the edge `friend → node`. */
export interface EdgeReport {
  readonly friend: PublicKey
  readonly currency: Currency
  /** What the node can still receive from this friend; 0 when closed or off line. */
  readonly capacity: bigint
  /** What the node takes to forward what arrives over this edge. */
  readonly rate: Rate
}

/** A node's report, signed by it. Without edges and not `full` it only says that the node is still there. */
export interface Update {
  readonly node: PublicKey
  /** 16 random bytes, new whenever the node starts. */
  readonly session: RequestId
  /** Grows by at least one with every update of a session. */
  readonly counter: number
  /** The latest hash that the server gave. */
  readonly freshness: Hash
  /** Whether it replaces everything that the node reported before; else only the edges that it names. */
  readonly full: boolean
  readonly edges: readonly EdgeReport[]
}

export interface SignedUpdate {
  /** An encoded `Update`. */
  readonly body: Uint8Array
  readonly signature: Signature
}

/** The first and the last mediator of a way from a node to itself: two friends of it. */
export interface Cycle {
  readonly first: PublicKey
  readonly last: PublicKey
}

/** What the asker of a query can send to a friend. */
export interface Room {
  readonly friend: PublicKey
  readonly capacity: bigint
}

export interface Query {
  /** Chosen by the asker, comes back with the answer. */
  readonly id: number
  readonly currency: Currency
  /** What the destination shall get; missing: as much as it can get now. */
  readonly amount?: bigint | undefined
  readonly source: PublicKey
  /** The source itself for a cycle. */
  readonly destination: PublicKey
  /** Over which friends a cycle leaves the source and comes back. */
  readonly cycle?: Cycle | undefined
  readonly excludedNodes: readonly PublicKey[]
  readonly excludedEdges: readonly { readonly from: PublicKey; readonly to: PublicKey }[]
  /** What the source can send to friends by its own books: counts instead of what was reported. */
  readonly rooms: readonly Room[]
  /** 1..PAYMENT_PARTS_MAX: how many routes the asker can use together. */
  readonly maxParts: number
}

export interface Route {
  /** From the source to the destination, both inclusive. */
  readonly nodes: readonly PublicKey[]
  /** What the destination gets by this route. */
  readonly amount: bigint
  /** What the mediators take together, on top of the amount. */
  readonly fees: bigint
}

/** Why no route was found. The order is the wire's: append only. */
export const NO_ROUTE_REASONS = [
  /** The source has reported nothing here in this currency. */
  'unknownSource',
  /** The destination has reported nothing here in this currency. */
  'unknownDestination',
  /** Source and destination are not connected by friends. */
  'notConnected',
  /** They are, but by more than ROUTE_NODES_MAX nodes. */
  'tooLong',
  /** They are, but no path can carry the amount and its fees. */
  'noCapacity',
  /** The asker asks too fast, or the search outgrew its budget. */
  'overloaded',
  /** More routes than the asker can use together might carry it. */
  'tooManyParts',
] as const
export type NoRouteReason = (typeof NO_ROUTE_REASONS)[number]

/** Why an update was not taken. The order is the wire's: append only. */
export const REFUSAL_REASONS = [
  'malformed',
  /** The signer is not the key that opened this link. */
  'notYours',
  'badSignature',
  /** The freshness hash is none of the server's recent ones. */
  'notFresh',
  /** The counter has not grown, or the session has ended. */
  'stale',
  /** The server has no full update of this node to change; send one. */
  'needFull',
  /** More edges than one node may report. */
  'tooManyEdges',
  /** More updates than a node may send in this time. */
  'tooFast',
  /** The server is full. */
  'overloaded',
] as const
export type RefusalReason = (typeof REFUSAL_REASONS)[number]

/** A client says: `update = 0x01`, `query = 0x02`. */
export type ToIndex = ({ readonly kind: 'update' } & SignedUpdate) | ({ readonly kind: 'query' } & Query)

/** A server says: `freshness = 0x81` every second, `routes = 0x82`, `noRoute = 0x83`, `refused = 0x84`. */
export type FromIndex =
  | { readonly kind: 'freshness'; readonly hash: Hash }
  | { readonly kind: 'routes'; readonly id: number; readonly routes: readonly Route[] }
  | { readonly kind: 'noRoute'; readonly id: number; readonly reason: NoRouteReason }
  | { readonly kind: 'refused'; readonly reason: RefusalReason }

/** The bytes under the signature of an update. */
export function updateBytes(body: Uint8Array): Uint8Array {
  return wire.tagged('offst/update/v1', body)
}

export function updateCheck(node: PublicKey, signed: SignedUpdate): SignatureCheck {
  return { publicKey: node, message: updateBytes(signed.body), signature: signed.signature }
}

/** The hash that a server publishes: of a random value of its own and of its neighbours' latest hashes. */
export function freshnessHash(random: Uint8Array, neighbours: readonly Hash[]): Hash {
  return wire.taggedHash('offst/freshness/v1', random, ...neighbours.map((hash) => wire.hash.encode(hash)))
}

/** One byte on the wire: the place of a word in a list that only grows. */
export function oneOf<T extends string>(names: readonly T[]): P.CoderType<T> {
  return P.apply(P.U8, {
    encode: (index: number) => {
      const name = names[index]
      if (name === undefined) throw new Error(`unknown reason ${index}`)
      return name
    },
    decode: (name: T) => names.indexOf(name),
  })
}

export const edgeReports: P.CoderType<readonly EdgeReport[]> = wire.list(
  P.struct({
    friend: wire.publicKey,
    currency: wire.currency,
    capacity: wire.amount,
    rate: wire.rate,
  }),
  UPDATE_EDGES_MAX,
)

export const update: P.CoderType<Update> = P.struct({
  node: wire.publicKey,
  session: wire.requestId,
  counter: wire.counter,
  freshness: wire.hash,
  full: P.bool,
  edges: edgeReports,
})

const parts: P.CoderType<number> = P.validate(P.U8, (value) => {
  if (value < 1 || value > PAYMENT_PARTS_MAX)
    throw new Error(`${value} parts, allowed 1..${PAYMENT_PARTS_MAX}`)
  return value
})

const query = P.struct({
  id: P.U32BE,
  currency: wire.currency,
  amount: wire.maybe(wire.positiveAmount),
  source: wire.publicKey,
  destination: wire.publicKey,
  cycle: wire.maybe(P.struct({ first: wire.publicKey, last: wire.publicKey })),
  excludedNodes: wire.list(wire.publicKey, QUERY_EXCLUSIONS_MAX),
  excludedEdges: wire.list(P.struct({ from: wire.publicKey, to: wire.publicKey }), QUERY_EXCLUSIONS_MAX),
  rooms: wire.list(P.struct({ friend: wire.publicKey, capacity: wire.amount }), QUERY_ROOMS_MAX),
  maxParts: parts,
})

const route = P.struct({
  nodes: wire.list(wire.publicKey, ROUTE_NODES_MAX + 1),
  amount: wire.positiveAmount,
  fees: wire.amount,
})

export const toIndex: P.CoderType<ToIndex> = wire.union({
  update: [0x01, P.struct({ body: wire.blob(UPDATE_BYTES_MAX), signature: wire.signature })],
  query: [0x02, query],
})

export const fromIndex: P.CoderType<FromIndex> = wire.union({
  freshness: [0x81, P.struct({ hash: wire.hash })],
  routes: [0x82, P.struct({ id: P.U32BE, routes: wire.list(route, PAYMENT_PARTS_MAX) })],
  noRoute: [0x83, P.struct({ id: P.U32BE, reason: oneOf(NO_ROUTE_REASONS) })],
  refused: [0x84, P.struct({ reason: oneOf(REFUSAL_REASONS) })],
})
