// `offst/client` for browsers and other platforms with a WebSocket of their own: nothing of Node.js.

import type { Result } from '../protocol/result.ts'
import { connectBrowserSocket } from '../worker/shell/browser-socket.ts'
import { Card, type OpenCardOptions } from './card.ts'
import { systemClock, systemRandom } from './system.ts'

export * from './public.ts'

/** Connects to a node as an app, and mirrors its card. See `Card.open` for the faults. */
export function openCard(options: OpenCardOptions): Promise<Result<Card>> {
  return Card.open(options, { connect: connectBrowserSocket, clock: systemClock, random: systemRandom })
}
