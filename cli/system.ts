// The real clock and randomness, for programs that run under Node.js.

import { randomBytes } from 'node:crypto'
import type { Clock, Random } from '../protocol/transport.ts'

export const systemClock: Clock = {
  now: () => Date.now(),
  after(delay_ms, callback) {
    const timer = setTimeout(callback, delay_ms)
    return () => clearTimeout(timer)
  },
}

export const systemRandom: Random = (size) => new Uint8Array(randomBytes(size))
