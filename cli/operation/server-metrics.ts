// What relay and index server say of their work. A number that a server's statistics get is a row here.

import type { IndexStats } from '../../index-server/server.ts'
import type { RelayTraffic } from '../../relay-server/server.ts'
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

export function indexMetrics(index: { stats(): IndexStats }): Metric[] {
  return [
    {
      name: 'offst_index_nodes',
      help: 'Nodes that have edges here',
      kind: 'gauge',
      read: () => index.stats().nodes,
    },
  ]
}
