import { expect } from 'vitest'
import type { Outcome } from './engine/simulation.ts'

/** That nothing was wrong in a world, or its story. */
export function expectSound({ violations, story }: Outcome): void {
  expect({ violations, story: violations.length === 0 ? [] : story }).toEqual({ violations: [], story: [] })
}
