// The test runner's projects, one a folder of test/; scripts/test.js runs them one after the other.
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'

/** Milliseconds that one test of each kind may take before it counts as hung. */
const TIMEOUT_MS = {
  tidy: 30_000,
  unit: 10_000,
  property: 60_000,
  vectors: 30_000,
  fuzz: 60_000,
  contract: 60_000,
  integration: 60_000,
  simulation: 300_000,
  browser: 180_000,
}

/** Kinds that own processes, ports or a browser: one file at a time. */
const ONE_AT_A_TIME = new Set(['contract', 'integration', 'browser'])

export default defineConfig({
  test: {
    projects: Object.entries(TIMEOUT_MS).map(([name, timeoutMs]) => ({
      // Only unit tests load the wallet's reactive state (`*.svelte.ts`).
      plugins: name === 'unit' ? [svelte({ configFile: false })] : [],
      test: {
        name,
        include: [`test/${name}/**/*.test.ts`],
        testTimeout: timeoutMs,
        hookTimeout: Math.max(timeoutMs, 30_000),
        ...(ONE_AT_A_TIME.has(name) ? { maxWorkers: 1, fileParallelism: false } : { maxWorkers: '100%' }),
      },
    })),
    allowOnly: false,
    passWithNoTests: true,
  },
})
