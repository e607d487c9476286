// Where a program writes: whole lines, and on a real terminal colours and the progress of what takes long.

/** Exit codes, the same in every program. */
export const EXIT = {
  /** Done; what was checked is valid. */
  ok: 0,
  /** Refused, invalid or failed: stderr says why. */
  refused: 1,
  /** The command line is not understood. */
  usage: 2,
} as const

/** The process's streams, or a test's lists. */
export interface Terminal {
  out(line: string): void
  error(line: string): void
  /** A line of a log, for stderr, without the program's name; an error where it is missing. */
  log?(line: string): void
  /** Missing where nobody looks on, such as in a pipe. */
  readonly screen?: Screen
}

export interface Screen {
  /** Shows what is being done, in place of what was shown before; undefined takes it away. */
  status(text: string | undefined): void
}

/** What is done in less time needs no words. */
const QUIET_MS = 1_000

const COLOURS = { good: '32', bad: '31' } as const
const ERASE_LINE = '\r\u001b[2K'

interface Stream {
  readonly isTTY?: boolean
  write(text: string): unknown
}

/** Whether colours are welcome: on a terminal that knows them, unless the user wants none (no-color.org). */
export function hasColours(stream: Pick<Stream, 'isTTY'>, env: NodeJS.ProcessEnv = process.env): boolean {
  return stream.isTTY === true && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb'
}

/** The terminal of this process. */
export function processTerminal(
  out: Stream = process.stdout,
  error: Stream = process.stderr,
  env: NodeJS.ProcessEnv = process.env,
): Terminal {
  const screen = error.isTTY === true && env['TERM'] !== 'dumb' ? new StatusLine(error) : undefined
  const write = (stream: Stream, colour: string | undefined, line: string): void => {
    screen?.status(undefined)
    const isPainted = colour !== undefined && hasColours(stream, env)
    stream.write(isPainted ? `\u001b[${colour}m${line}\u001b[0m\n` : `${line}\n`)
  }
  return {
    out: (line) => write(out, GOOD_NEWS.test(line) ? COLOURS.good : undefined, line),
    error: (line) => write(error, COLOURS.bad, line),
    log: (line) => write(error, undefined, line),
    ...(screen === undefined ? {} : { screen }),
  }
}

/** Lines that say that something went well, and are worth seeing at a glance. */
const GOOD_NEWS = /^(Payment successful|Receipt is valid)!$/

/** One line that is written over; it appears only when something takes long. */
class StatusLine implements Screen {
  readonly #stream: Stream
  #timer: NodeJS.Timeout | undefined
  #text: string | undefined
  #isShown = false

  constructor(stream: Stream) {
    this.#stream = stream
  }

  status(text: string | undefined): void {
    this.#text = text
    if (text === undefined) {
      clearTimeout(this.#timer)
      this.#timer = undefined
      if (this.#isShown) this.#stream.write(ERASE_LINE)
      this.#isShown = false
    } else if (this.#isShown) {
      this.#show()
    } else {
      // The clock runs from the first word, whatever was said since.
      this.#timer ??= setTimeout(() => this.#show(), QUIET_MS).unref()
    }
  }

  #show(): void {
    this.#stream.write(`${ERASE_LINE}${this.#text ?? ''}`)
    this.#isShown = true
  }
}
