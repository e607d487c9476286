// Numbers for Prometheus. What is counted elsewhere is read when somebody asks, so that nobody pays for it meanwhile;
// the library is loaded only where there is an admin address.

import type { Registry } from 'prom-client'

export type Labels = Readonly<Record<string, string>>

/** One number that is read when Prometheus asks. */
export interface Metric {
  readonly name: string
  readonly help: string
  /** A counter only grows, from 0 at the start. */
  readonly kind: 'gauge' | 'counter'
  /** One value; or several that differ in these labels. */
  readonly read: () => number | Iterable<readonly [value: number, labels: Labels]>
  readonly labels?: readonly string[]
}

/** Seconds: what a message costs a server, from a forwarded packet to a long search. */
const SECONDS_BUCKETS = [0.000_03, 0.000_1, 0.000_3, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1]

export interface Metrics {
  add(metrics: readonly Metric[]): void
  /** @returns what counts one more that took so many seconds. */
  durations(name: string, help: string, labels: Labels): (seconds: number) => void
  /** The text that Prometheus reads, and its content type. */
  text(): Promise<{ readonly type: string; readonly body: string }>
}

export async function createMetrics(): Promise<Metrics> {
  const { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } = await import('prom-client')
  const registry: Registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const histograms = new Map<string, InstanceType<typeof Histogram>>()

  return {
    add: (metrics) => {
      for (const { name, help, kind, read, labels = [] } of metrics) {
        const options = { name, help, labelNames: [...labels], registers: [registry] }
        const samples = (): Iterable<readonly [number, Labels]> => {
          const value = read()
          return typeof value === 'number' ? [[value, {}]] : value
        }
        if (kind === 'gauge') {
          const gauge: InstanceType<typeof Gauge> = new Gauge({
            ...options,
            collect: () => {
              gauge.reset()
              for (const [value, at] of samples()) gauge.set(at, value)
            },
          })
        } else {
          const counter: InstanceType<typeof Counter> = new Counter({
            ...options,
            collect: () => {
              counter.reset()
              for (const [value, at] of samples()) counter.inc(at, value)
            },
          })
        }
      }
    },
    durations: (name, help, labels) => {
      const histogram =
        histograms.get(name) ??
        new Histogram({
          name,
          help,
          labelNames: Object.keys(labels),
          buckets: SECONDS_BUCKETS,
          registers: [registry],
        })
      histograms.set(name, histogram)
      return (seconds) => histogram.observe(labels, seconds)
    },
    text: async () => ({ type: registry.contentType, body: await registry.metrics() }),
  }
}
