// The links of the servers of a program: who connects, how links end, how long messages take.

import { performance } from 'node:perf_hooks'
import type { LinkObserver, ServerStats } from '../../protocol/link-acceptor.ts'
import type { PublicKey } from '../../protocol/types.ts'
import { Counts } from './counts.ts'
import { keyHead, type Log } from './log.ts'
import type { Labels, Metric, Metrics } from './metrics.ts'

/** Ends of open links that need no look: clients go, and networks break. */
const USUAL_ENDS = new Set(['disconnected', 'closedByPeer', 'timedOut', 'expired'])

/** Counts the links of one server, as it hears of them. */
export class LinkCounts implements LinkObserver {
  /** How labels name it: relay, index, app. */
  readonly server: string
  links = 0
  /** Links that were open, by the reason of their end. */
  readonly ends = new Counts(['disconnected', 'closedByPeer', 'tooSlow', 'byServer'])
  /** Handshakes that came to nothing, by the reason. */
  readonly failures = new Counts(['disconnected', 'timedOut', 'turnedAway'])
  readonly #log: Log
  readonly #took: ((seconds: number) => void) | undefined

  constructor(server: string, log: Log, metrics: Metrics | undefined) {
    this.server = server
    this.#log = log
    this.#took = metrics?.durations('offst_message_seconds', 'Time that a message of a client took', {
      server,
    })
  }

  opened(): void {
    this.links++
  }

  ended(reason: string, peer: PublicKey | undefined): void {
    const { server } = this
    if (peer === undefined) {
      this.failures.add(reason)
      this.#log.tally('handshakeFailed', reason, { server })
      return
    }
    this.ends.add(reason)
    if (!USUAL_ENDS.has(reason)) this.#log.tally('linkCut', reason, { server, client: keyHead(peer) })
  }

  handle(handle: () => void): void {
    if (this.#took === undefined) {
      handle()
      return
    }
    const began_ms = performance.now()
    handle()
    this.#took((performance.now() - began_ms) / 1000)
  }
}

export interface CountedServer {
  readonly counts: LinkCounts
  readonly stats: () => ServerStats
}

/** Numbers of the links of all servers of a program, which differ in the label `server`. */
export function linkMetrics(servers: readonly CountedServer[]): Metric[] {
  const each = (read: (server: CountedServer) => number) => () =>
    servers.map((server): [number, Labels] => [read(server), { server: server.counts.server }])
  const all = (pick: (counts: LinkCounts) => Counts) => () =>
    servers.flatMap(({ counts }) => [...pick(counts).samples('reason', { server: counts.server })])
  const labels = ['server']
  const withReason = ['server', 'reason']
  return [
    {
      name: 'offst_links',
      help: 'Clients connected now',
      kind: 'gauge',
      labels,
      read: each(({ stats }) => stats().clients),
    },
    {
      name: 'offst_handshakes',
      help: 'Connections that have not proved a key yet',
      kind: 'gauge',
      labels,
      read: each(({ stats }) => stats().handshakes),
    },
    {
      name: 'offst_turned_away_total',
      help: 'Connections turned away because the server was full, or given up for newer ones',
      kind: 'counter',
      labels,
      read: each(({ stats }) => stats().turnedAway),
    },
    {
      name: 'offst_links_opened_total',
      help: 'Handshakes that succeeded',
      kind: 'counter',
      labels,
      read: each(({ counts }) => counts.links),
    },
    {
      name: 'offst_links_ended_total',
      help: 'Ends of open links, by reason',
      kind: 'counter',
      labels: withReason,
      read: all(({ ends }) => ends),
    },
    {
      name: 'offst_handshakes_failed_total',
      help: 'Handshakes that came to nothing, by reason',
      kind: 'counter',
      labels: withReason,
      read: all(({ failures }) => failures),
    },
  ]
}
