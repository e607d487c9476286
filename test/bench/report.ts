// What a benchmark says: one number, and beside it one of the same run that shows what this machine can do.

/** One line of `npm run bench -- --json`. */
export interface Line {
  /** `index.real.any.p50`, say. */
  readonly bench: string
  readonly value: number
  readonly unit: string
  /** The same measured of something plain, in this run. */
  readonly floor?: number
  /** `value / floor`. */
  readonly ratio?: number
  /** What it was measured on. */
  readonly of?: string
}

/** Runs one benchmark, and says its lines as soon as it has them. */
export type Bench = (say: (line: Line) => void) => void

export function line(bench: string, value: number, unit: string, floor?: number, of?: string): Line {
  return {
    bench,
    value: rounded(value),
    unit,
    ...(floor === undefined ? {} : { floor: rounded(floor), ratio: rounded(value / floor) }),
    ...(of === undefined ? {} : { of }),
  }
}

/** @param share 0..1: 0.5 is the median. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Milliseconds that `work` takes. */
export function timed(work: () => void): number {
  const start = performance.now()
  work()
  return performance.now() - start
}

/** Bytes in use, of objects and of typed arrays. */
export function memory(): number {
  // Twice: the memory of typed arrays that were given up is freed beside the program, and waited for by the second.
  globalThis.gc?.()
  globalThis.gc?.()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

function rounded(value: number): number {
  return Number(value.toPrecision(4))
}
