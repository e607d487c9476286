// A line to the node worker, whichever way it goes: the client above it sees welcomes, messages and losses.

import { openElectedLine } from './elected-line.ts'
import { openSharedLine } from './shared-line.ts'

export interface Line {
  /** Sends a call. Dropped while there is no connection: the client repeats it after the next welcome. */
  send(message: unknown): void
}

export interface LineEvents {
  /** A node worker (the first, or another after a loss) serves this page from now on. */
  readonly onWelcome: () => void
  readonly onMessage: (message: unknown) => void
  /** The worker has gone; the line looks for another one by itself, unless there can be none (see the fault). */
  readonly onLost: (fault?: { readonly code: string; readonly message: string }) => void
}

/** Opens the line that this browser allows. */
export function openLine(events: LineEvents): Line {
  if (!('locks' in navigator)) {
    queueMicrotask(() =>
      events.onLost({
        code: 'insecure',
        message: 'The wallet needs a secure address: open it by https, or at localhost.',
      }),
    )
    return { send: () => undefined }
  }
  return 'SharedWorker' in globalThis ? openSharedLine(events) : openElectedLine(events)
}
