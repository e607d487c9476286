// What happens to a server, one line an event: JSON for programs, text for people, or only complaints, as sentences.
// Keys of users are named by their first characters, addresses only where the operator wants them.

import type { Clock } from '../../protocol/transport.ts'

export type Level = 'info' | 'warn' | 'error'
export type LogFormat = 'json' | 'text' | 'off'
export type Fields = Readonly<Record<string, string | number | boolean>>

/** What happens often is told at once, and then counted and told this often. */
export const TALLY_MS = 10_000

export interface LogOptions {
  /** Missing: only what needs attention, by `complain`. */
  readonly format: LogFormat | undefined
  readonly program: string
  readonly clock: Clock
  /** Takes a line. */
  readonly write: (line: string) => void
  /** Takes a sentence for people. */
  readonly complain: (sentence: string) => void
}

interface Tally {
  count: number
  readonly cancel: () => void
  readonly tell: (count: number) => void
}

export class Log {
  readonly #options: LogOptions
  readonly #tallies = new Map<string, Tally>()

  constructor(options: LogOptions) {
    this.#options = options
  }

  info(event: string, fields: Fields = {}): void {
    this.#write('info', event, fields)
  }

  /** @param sentence says what is wrong, and what to do. */
  warn(event: string, sentence: string, fields: Fields = {}): void {
    this.#write('warn', event, fields, sentence)
  }

  /** The server does not do what it is there for. */
  error(event: string, sentence: string, fields: Fields = {}): void {
    this.#write('error', event, fields, sentence)
  }

  /** Something that strangers can make happen: told once, then how often, every `TALLY_MS`. */
  tally(event: string, reason: string, fields: Fields = {}): void {
    const name = `${event} ${reason} ${String(fields['server'] ?? '')}`
    const tally = this.#tallies.get(name)
    if (tally !== undefined) {
      tally.count++
      return
    }
    const tell = (count: number): void => this.#write('warn', event, { ...fields, reason, count })
    tell(1)
    this.#count(name, tell)
  }

  /** Tells what was only counted so far, and sets no more timers. */
  close(): void {
    for (const { cancel, count, tell } of this.#tallies.values()) {
      cancel()
      if (count > 0) tell(count)
    }
    this.#tallies.clear()
  }

  #count(name: string, tell: (count: number) => void): void {
    const cancel = this.#options.clock.after(TALLY_MS, () => {
      const { count } = this.#tallies.get(name) ?? { count: 0 }
      this.#tallies.delete(name)
      if (count === 0) return
      tell(count)
      this.#count(name, tell)
    })
    this.#tallies.set(name, { count: 0, cancel, tell })
  }

  #write(level: Level, event: string, fields: Fields, sentence?: string): void {
    const { format, program, clock, write, complain } = this.#options
    const time = new Date(clock.now()).toISOString()
    const message = sentence === undefined ? {} : { message: sentence }
    if (format === 'json') write(JSON.stringify({ time, level, program, event, ...fields, ...message }))
    else if (format === 'text') {
      const words = Object.entries(fields).map(([name, value]) => `${name}=${plain(value)}`)
      write([time, level, event, ...words, ...(sentence === undefined ? [] : [sentence])].join(' '))
    } else if (format === undefined && sentence !== undefined) complain(sentence)
  }
}

/** Enough of a key to tell two apart in a log, and too little to find its owner by. */
export function keyHead(key: string): string {
  return key.slice(0, 8)
}

/** A value of a line of text: nothing in it can look like another field or line. */
function plain(value: string | number | boolean): string {
  return typeof value === 'string' && !/^[\w.:/[\]-]+$/.test(value) ? JSON.stringify(value) : String(value)
}
