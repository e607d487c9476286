// How often an index server did what its clients asked for, and how often not, and why.

import {
  NO_ROUTE_REASONS,
  REFUSAL_REASONS,
  type NoRouteReason,
  type RefusalReason,
} from '../protocol/index-messages.ts'

export interface IndexCounts {
  readonly updates: Record<RefusalReason | 'taken', number>
  readonly queries: Record<NoRouteReason | 'answered', number>
}

export function newCounts(): IndexCounts {
  return { updates: zeros(['taken', ...REFUSAL_REASONS]), queries: zeros(['answered', ...NO_ROUTE_REASONS]) }
}

function zeros<N extends string>(names: readonly N[]): Record<N, number> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<N, number>
}
