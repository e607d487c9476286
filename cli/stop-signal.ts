// Programs that run until the user or the system asks them to stop.

import type { Result } from '../protocol/result.ts'
import { EXIT, type Terminal } from './terminal.ts'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Starts something and ends it in order at the first signal, also one that comes while it starts; a second one ends
 * the process at once, as usual.
 * @param farewell said when it has stopped.
 * @returns the exit code.
 */
export async function runUntilStopped(
  start: () => Promise<Result<{ stop(): Promise<void> }>>,
  farewell: string,
  terminal: Terminal,
): Promise<number> {
  const { given, forget } = listenForSignals()
  const running = await start()
  if (!running.ok) {
    forget()
    terminal.error(running.error.message)
    return running.error.code === 'usage' ? EXIT.usage : EXIT.refused
  }
  await given
  await running.value.stop()
  terminal.out(farewell)
  return EXIT.ok
}

function listenForSignals(): { readonly given: Promise<void>; readonly forget: () => void } {
  let resolve: () => void
  const given = new Promise<void>((resolveGiven) => (resolve = resolveGiven))
  const hear = (): void => {
    forget()
    resolve()
  }
  const forget = (): void => {
    for (const signal of SIGNALS) process.off(signal, hear)
  }
  for (const signal of SIGNALS) process.on(signal, hear)
  return { given, forget }
}
