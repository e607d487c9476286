// Time and randomness as browsers and Node.js both have them.

import type { Clock, Random } from '../protocol/transport.ts'

/** Timers count in 32 bits: longer ones would ring at once. */
const DELAY_MS_MAX = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => Date.now(),
  after(delay_ms, callback) {
    const timer = setTimeout(callback, Math.min(delay_ms, DELAY_MS_MAX))
    return () => clearTimeout(timer)
  },
}

export const systemRandom: Random = (size) => crypto.getRandomValues(new Uint8Array(size))
