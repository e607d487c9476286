// What nodes, relays and index servers say to one another.

import {
  federationMessage,
  PARTING_REASONS,
  type FederationMessage,
  type HashList,
} from '../../../protocol/federation-messages.ts'
import {
  fromIndex,
  NO_ROUTE_REASONS,
  REFUSAL_REASONS,
  toIndex,
  update,
  type FromIndex,
  type Query,
  type Room,
  type Route,
  type ToIndex,
  type Update,
} from '../../../protocol/index-messages.ts'
import {
  FEDERATION_HOPS_MAX,
  FEDERATION_MESSAGE_BYTES_MAX,
  MESSAGE_BYTES_MAX,
  NEIGHBOURS_MAX,
  OLD_SESSIONS_MAX,
  PAYMENT_PARTS_MAX,
  QUERY_EXCLUSIONS_MAX,
  QUERY_ROOMS_MAX,
  ROUTE_NODES_MAX,
  UPDATE_BYTES_MAX,
} from '../../../protocol/limits.ts'
import { readUpdate } from '../../../protocol/read-update.ts'
import {
  fromRelay,
  GONE_REASONS,
  toRelay,
  type FromRelay,
  type ToRelay,
} from '../../../protocol/relay-messages.ts'
import { decodePiece, snapshotPiece, type SnapshotPiece } from '../../../protocol/snapshot-pieces.ts'
import type { Hash, PublicKey, RequestId } from '../../../protocol/types.ts'
import type { FuzzTarget } from '../fuzzer.ts'
import { codecTarget } from './codec.ts'
import * as sample from './samples.ts'

const { ALICE, BOB, CAROL, CREDIT, LONGEST_CURRENCY, U128_MAX, bytes, id16, id32 } = sample

const TO_RELAY: readonly ToRelay[] = [
  { kind: 'send', to: ALICE, payload: bytes(30) },
  { kind: 'send', to: ALICE, payload: bytes(0) },
  { kind: 'allow', keys: [] },
  { kind: 'allow', keys: [ALICE, BOB, CAROL] },
]

const FROM_RELAY: readonly FromRelay[] = [
  { kind: 'limits', payloadBytesMax: 60_000, allowedKeysMax: 1_000, bytesPerSecondMax: 0xffff_ffff },
  { kind: 'received', from: BOB, payload: bytes(30) },
  ...GONE_REASONS.map((reason): FromRelay => ({ kind: 'peerGone', key: BOB, reason })),
  { kind: 'replaced' },
]

const EDGE = { friend: BOB, currency: CREDIT, capacity: U128_MAX, rate: { mul: 1, add: 0xffff_ffff } }
const UPDATES: readonly Update[] = [
  [],
  [EDGE],
  [EDGE, { ...EDGE, currency: LONGEST_CURRENCY, capacity: 0n }],
].map((edges, counter) => ({
  node: ALICE,
  session: id16(3),
  counter,
  freshness: id32(4),
  full: edges.length === 1,
  edges,
}))

const QUERY: Query = {
  id: 7,
  currency: CREDIT,
  amount: 1n,
  source: ALICE,
  destination: CAROL,
  excludedNodes: [BOB],
  excludedEdges: [{ from: ALICE, to: BOB }],
  rooms: [{ friend: BOB, capacity: U128_MAX }],
  maxParts: 16,
}
const CYCLE: Query = { ...QUERY, amount: undefined, destination: ALICE, cycle: { first: BOB, last: CAROL } }
/** As long as lists may be: one more is too many. */
const FULL_EXCLUSIONS = {
  excludedNodes: new Array<PublicKey>(QUERY_EXCLUSIONS_MAX).fill(BOB),
  excludedEdges: new Array<{ from: PublicKey; to: PublicKey }>(QUERY_EXCLUSIONS_MAX).fill({
    from: ALICE,
    to: BOB,
  }),
  rooms: new Array<Room>(QUERY_ROOMS_MAX).fill({ friend: BOB, capacity: 0n }),
}
const ROUTE = { nodes: [ALICE, BOB, CAROL], amount: 1n, fees: U128_MAX }

const TO_INDEX: readonly ToIndex[] = [
  ...UPDATES.map((content): ToIndex => ({
    kind: 'update',
    body: update.encode(content),
    signature: sample.signature,
  })),
  { kind: 'query', ...QUERY },
  { kind: 'query', ...CYCLE },
  { kind: 'query', ...QUERY, ...FULL_EXCLUSIONS },
]

const FROM_INDEX: readonly FromIndex[] = [
  { kind: 'freshness', hash: id32(1) },
  { kind: 'routes', id: 1, routes: [] },
  { kind: 'routes', id: 1, routes: [ROUTE] },
  { kind: 'routes', id: 1, routes: new Array<Route>(PAYMENT_PARTS_MAX).fill(ROUTE) },
  {
    kind: 'routes',
    id: 1,
    routes: [{ ...ROUTE, nodes: new Array<PublicKey>(ROUTE_NODES_MAX + 1).fill(BOB) }],
  },
  ...NO_ROUTE_REASONS.map((reason): FromIndex => ({ kind: 'noRoute', id: 2, reason })),
  ...REFUSAL_REASONS.map((reason): FromIndex => ({ kind: 'refused', reason })),
]

const SIGNED = { body: update.encode(UPDATES[1]!), signature: sample.signature }
const LIST: HashList = { random: bytes(32), neighbours: [id32(5)] }
const FULL_LIST: HashList = { ...LIST, neighbours: new Array<Hash>(NEIGHBOURS_MAX).fill(id32(6)) }

const FEDERATION: readonly FederationMessage[] = [
  { kind: 'freshness', hash: id32(1) },
  { kind: 'update', ...SIGNED, chain: [LIST], digest: undefined },
  { kind: 'update', ...SIGNED, chain: [LIST, { ...LIST, neighbours: [] }], digest: (1n << 64n) - 1n },
  { kind: 'update', ...SIGNED, chain: new Array<HashList>(FEDERATION_HOPS_MAX).fill(FULL_LIST), digest: 0n },
  { kind: 'known', ...SIGNED },
  { kind: 'need', node: ALICE },
  { kind: 'gone', node: ALICE, session: id16(3), counter: Number.MAX_SAFE_INTEGER },
  ...PARTING_REASONS.map((reason): FederationMessage => ({ kind: 'parting', reason })),
]

const KNOWN = { node: ALICE, session: id16(3), counter: 7, oldSessions: [], heard: 1_000_000 }
const SNAPSHOT: readonly SnapshotPiece[] = [
  { kind: 'node', ...KNOWN },
  { kind: 'node', ...KNOWN, oldSessions: new Array<RequestId>(OLD_SESSIONS_MAX).fill(id16(4)) },
  ...UPDATES.map(({ edges }): SnapshotPiece => ({ kind: 'edges', edges })),
  { kind: 'end', signature: sample.signature },
]

export const serverTargets: readonly FuzzTarget[] = [
  codecTarget({ name: 'to-relay', coder: toRelay, seeds: TO_RELAY, sizeMax: MESSAGE_BYTES_MAX }),
  codecTarget({ name: 'from-relay', coder: fromRelay, seeds: FROM_RELAY, sizeMax: MESSAGE_BYTES_MAX }),
  codecTarget({ name: 'to-index', coder: toIndex, seeds: TO_INDEX, sizeMax: UPDATE_BYTES_MAX + 128 }),
  codecTarget({ name: 'from-index', coder: fromIndex, seeds: FROM_INDEX, sizeMax: MESSAGE_BYTES_MAX }),
  codecTarget({
    name: 'index-update',
    coder: update,
    seeds: UPDATES,
    sizeMax: UPDATE_BYTES_MAX,
    reader: readUpdate,
  }),
  codecTarget({
    name: 'index-snapshot',
    coder: snapshotPiece,
    seeds: SNAPSHOT,
    sizeMax: UPDATE_BYTES_MAX,
    reader: decodePiece,
  }),
  codecTarget({
    name: 'federation',
    coder: federationMessage,
    seeds: FEDERATION,
    sizeMax: FEDERATION_MESSAGE_BYTES_MAX,
  }),
]
