// What relay and index server say of their work. A number that a server's statistics get is a row here.

import type { FederationStats } from '../../index-server/server.ts'
import type { RelayTraffic } from '../../relay-server/server.ts'
import type { SharingIndex } from '../sharing-index.ts'
import type { SnapshotCounts } from '../snapshot-file.ts'
import type { Metric } from './metrics.ts'

export function relayMetrics(relay: { traffic(): RelayTraffic }): Metric[] {
  return [
    {
      name: 'offst_relay_packets_total',
      help: 'Packets passed on',
      kind: 'counter',
      read: () => relay.traffic().packets,
    },
    {
      name: 'offst_relay_bytes_total',
      help: 'Bytes of the packets passed on',
      kind: 'counter',
      read: () => relay.traffic().bytes,
    },
    {
      name: 'offst_relay_packets_lost_total',
      help: 'Packets not passed on, by reason',
      kind: 'counter',
      labels: ['reason'],
      read: () => [
        [relay.traffic().notConnected, { reason: 'notConnected' }],
        [relay.traffic().overloaded, { reason: 'overloaded' }],
      ],
    },
  ]
}

export function indexMetrics(index: Pick<SharingIndex, 'stats' | 'snapshots'>): Metric[] {
  return [
    {
      name: 'offst_index_nodes',
      help: 'Nodes that have edges here',
      kind: 'gauge',
      read: () => index.stats().nodes,
    },
    {
      name: 'offst_index_reports',
      help: 'Edges that they report, at either end',
      kind: 'gauge',
      read: () => index.stats().reports,
    },
    {
      name: 'offst_index_updates_total',
      help: 'Updates of nodes, taken and refused by reason',
      kind: 'counter',
      labels: ['outcome'],
      read: () => byName(index.stats().updates, 'outcome'),
    },
    {
      name: 'offst_index_queries_total',
      help: 'Queries, answered and not by reason',
      kind: 'counter',
      labels: ['outcome'],
      read: () => byName(index.stats().queries, 'outcome'),
    },
    ...snapshotMetrics(() => index.snapshots()),
    ...federationMetrics(() => index.stats().federation),
  ]
}

/** None for a server that keeps no snapshot. */
function snapshotMetrics(counts: () => SnapshotCounts | undefined): Metric[] {
  if (counts() === undefined) return []
  return [
    {
      name: 'offst_index_snapshots_total',
      help: 'Snapshots for the next start, by outcome',
      kind: 'counter',
      labels: ['outcome'],
      read: () => byName({ ...counts() }, 'outcome'),
    },
  ]
}

/** None for a server that shares with no other. */
function federationMetrics(stats: () => FederationStats | undefined): Metric[] {
  const first = stats()
  if (first === undefined) return []
  const now = (): FederationStats => stats() ?? first
  return [
    {
      name: 'offst_index_servers',
      help: 'Other index servers that are trusted, and of them connected',
      kind: 'gauge',
      labels: ['state'],
      read: () => [
        [now().trusted, { state: 'trusted' }],
        [now().connected, { state: 'connected' }],
      ],
    },
    {
      name: 'offst_index_forwarded_total',
      help: 'What other index servers sent, by what became of it',
      kind: 'counter',
      labels: ['outcome'],
      read: () => {
        const { trusted: _trusted, connected: _connected, ...outcomes } = now()
        return byName(outcomes, 'outcome')
      },
    },
  ]
}

function byName(counts: Readonly<Record<string, number>>, label: string): [number, Record<string, string>][] {
  return Object.entries(counts).map(([name, count]) => [count, { [label]: name }])
}
