// Keeps one index server informed: everything after it connects, changes as they come, a sign of life in between
// (docs/PROTOCOL.md, section 7).

import type { Signer } from '../../protocol/crypto.ts'
import {
  toIndex,
  update as updateCodec,
  updateBytes,
  type RefusalReason,
  type Update,
} from '../../protocol/index-messages.ts'
import { INDEX_REFRESH_MS, UPDATE_EDGES_MAX } from '../../protocol/limits.ts'
import type { Fault } from '../../protocol/result.ts'
import type { Clock } from '../../protocol/transport.ts'
import type { Hash, RequestId } from '../../protocol/types.ts'
import type { EdgeReport } from '../core/actions.ts'
import type { EdgeTable } from './edge-table.ts'
import { EDGES_DEBOUNCE_MS, EDGES_PAUSE_MS, INDEX_REFUSED_RETRY_MS } from './limits.ts'

export interface IndexReporterOptions {
  readonly signer: Signer
  readonly clock: Clock
  readonly edges: EdgeTable
  readonly session: () => RequestId
  /** Grows with every update of the session, whatever server it goes to. */
  readonly nextCounter: () => number
  readonly send: (message: Uint8Array) => void
  /** The server knows all now: route queries make sense. */
  readonly onReported: () => void
}

export class IndexReporter {
  readonly #options: IndexReporterOptions
  #freshness: Hash | undefined
  #needsFull = true
  /** Names of the reports that the server does not know yet. */
  readonly #changed = new Set<string>()
  /** When something was sent last. */
  #reportedAt = -Infinity
  #cancelTimer: () => void = () => undefined
  #isClosed = false

  constructor(options: IndexReporterOptions) {
    this.#options = options
  }

  get hasReported(): boolean {
    return !this.#needsFull
  }

  /** The server has published a hash: the first one is what the first report waits for. */
  fresh(hash: Hash): void {
    const isFirst = this.#freshness === undefined
    this.#freshness = hash
    if (isFirst) this.#report()
  }

  changed(names: readonly string[]): void {
    if (this.#needsFull || names.length === 0) return
    const isWaiting = this.#changed.size > 0
    for (const name of names) this.#changed.add(name)
    if (isWaiting) return
    const left_ms = this.#reportedAt + EDGES_PAUSE_MS - this.#options.clock.now()
    // Of a clock that was set back meanwhile not more is believed.
    this.#reportAfter(Math.max(EDGES_DEBOUNCE_MS, Math.min(left_ms, EDGES_PAUSE_MS)))
  }

  /** Everything again, after a reload or a refusal. */
  reportAll(delay_ms: number): void {
    // What is due already is not put off: a server that refuses all the time would keep the others in the dark.
    const isDue = this.#needsFull
    this.#needsFull = true
    if (this.#freshness !== undefined && !isDue) this.#reportAfter(delay_ms)
  }

  /** @returns what to show of the server, for the refusals that are not overcome by telling everything again. */
  refused(reason: RefusalReason): Fault | undefined {
    this.reportAll(INDEX_REFUSED_RETRY_MS)
    return REFUSALS[reason]
  }

  close(): void {
    this.#isClosed = true
    this.#cancelTimer()
  }

  #reportAfter(delay_ms: number): void {
    this.#cancelTimer()
    if (!this.#isClosed) this.#cancelTimer = this.#options.clock.after(delay_ms, () => this.#report())
  }

  /** Without changes it is the sign of life. */
  #report(): void {
    const { clock, edges, onReported } = this.#options
    const wasFull = this.#needsFull
    const reports = wasFull ? edges.all() : [...this.#changed].map((name) => edges.get(name))
    const pending = reports.filter((report) => report !== undefined)
    this.#needsFull = false
    this.#changed.clear()
    this.#reportedAt = clock.now()
    for (let start = 0; start === 0 || start < pending.length; start += UPDATE_EDGES_MAX) {
      this.#send(pending.slice(start, start + UPDATE_EDGES_MAX), wasFull && start === 0)
    }
    this.#reportAfter(INDEX_REFRESH_MS)
    if (wasFull) onReported()
  }

  #send(edges: readonly EdgeReport[], full: boolean): void {
    const { signer, session, nextCounter, send } = this.#options
    if (this.#freshness === undefined) return
    const update: Update = {
      node: signer.publicKey,
      session: session(),
      counter: nextCounter(),
      freshness: this.#freshness,
      full,
      edges,
    }
    const body = updateCodec.encode(update)
    send(toIndex.encode({ kind: 'update', body, signature: signer.sign(updateBytes(body)) }))
  }
}

/** Refusals that a person may have to know of. */
const REFUSALS: Partial<Record<RefusalReason, Fault>> = {
  overloaded: { code: 'overloaded', message: 'This index server is full: add another one.' },
  tooManyEdges: {
    code: 'tooManyEdges',
    message: 'This index server takes fewer friends than this card has: add another one.',
  },
  malformed: { code: 'refused', message: 'This index server does not understand this program: update it.' },
  badSignature: { code: 'refused', message: 'This index server refuses the signature of this card.' },
  notYours: { code: 'refused', message: 'This index server takes this card for another one.' },
}
