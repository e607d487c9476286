// `offst/client` for Node.js, which has no WebSocket of its own before version 22: the package `ws` dials.

import { dialWebSocket } from '../cli/ws-dialler.ts'
import type { Result } from '../protocol/result.ts'
import { Card, type OpenCardOptions } from './card.ts'
import { systemClock, systemRandom } from './system.ts'

export * from './public.ts'

/** Connects to a node as an app, and mirrors its card. See `Card.open` for the faults. */
export function openCard(options: OpenCardOptions): Promise<Result<Card>> {
  return Card.open(options, { connect: dialWebSocket, clock: systemClock, random: systemRandom })
}
