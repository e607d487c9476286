// What the programs of the command line share: options, exit codes, one-sentence errors, --help and --version.

import { parse as parsePath } from 'node:path'
import { parseArgs, type ParseArgsConfig } from 'node:util'
import { fail, ok, type Result } from '../protocol/result.ts'
import { packageVersion } from './version.ts'

/** Exit codes, the same in every program. */
export const EXIT = {
  /** Done; what was checked is valid. */
  ok: 0,
  /** Refused, invalid or failed: stderr says why. */
  refused: 1,
  /** The command line is not understood. */
  usage: 2,
} as const

/** Where a program writes whole lines: the process's streams, or a test's lists. */
export interface Terminal {
  out(line: string): void
  error(line: string): void
}

export interface Option {
  readonly type: 'string' | 'boolean'
  /** One letter. */
  readonly short?: string
  readonly required?: true
}

export type Values<O extends Readonly<Record<string, Option>>> = {
  readonly [K in keyof O]: O[K]['type'] extends 'boolean'
    ? boolean
    : O[K] extends { readonly required: true }
      ? string
      : string | undefined
}

/** What a command does with its arguments; resolves to the exit code. */
export type Run = (args: readonly string[], terminal: Terminal) => Promise<number>

export interface Program {
  readonly name: string
  /** Fits a screen, with an example. */
  readonly help: string
  /** The command, or whole program, that the first argument names; or one for a program without commands. */
  readonly commands: Readonly<Record<string, Run | Program>> | Run
}

/** Runs a program in this process: `--help`, `--version`, its command, or a sentence about what is wrong. */
export async function runProgram(
  program: Program,
  args: readonly string[],
  terminal: Terminal,
): Promise<number> {
  const { commands, name } = program
  const [command = '', ...rest] = args
  const named =
    typeof commands === 'object' && Object.hasOwn(commands, command) ? commands[command] : undefined
  // A program within this one has its own help, and its own name in its errors.
  if (typeof named === 'object') return runProgram(named, rest, terminal)
  if (args.includes('--help') || args.includes('-h')) {
    terminal.out(program.help.trim())
    return EXIT.ok
  }
  if (args.includes('--version')) {
    terminal.out(`${name} ${packageVersion()}`)
    return EXIT.ok
  }
  const signed: Terminal = { ...terminal, error: (line) => terminal.error(`${name}: ${line}`) }
  if (typeof commands === 'function') return commands(args, signed)
  if (named !== undefined) return named(rest, signed)
  const problem = command === '' ? 'No command is given' : `There is no command "${command}"`
  signed.error(`${problem}: use one of ${Object.keys(commands).join(', ')}, or --help.`)
  return EXIT.usage
}

/** A command that gets its options parsed, and a usage error told. */
export function withOptions<const O extends Readonly<Record<string, Option>>>(
  options: O,
  run: (values: Values<O>, terminal: Terminal) => Promise<number>,
): Run {
  return async (args, terminal) => {
    const values = parseOptions(args, options)
    if (values.ok) return run(values.value, terminal)
    terminal.error(values.error.message)
    return EXIT.usage
  }
}

/** Parses strictly: no unknown option, no positional argument, nothing twice, nothing empty (fault `usage`). */
export function parseOptions<O extends Readonly<Record<string, Option>>>(
  args: readonly string[],
  options: O,
): Result<Values<O>> {
  const parsed = tryParse(args, options)
  if (!parsed.ok) return parsed
  const values: Record<string, string | boolean | undefined> = {}
  for (const [name, option] of Object.entries(options)) {
    const given = parsed.value[name] ?? []
    if (given.length > 1) return fail('usage', `The option --${name} is given twice.`)
    if (given[0] === '') return fail('usage', `The option --${name} is empty.`)
    if (option.required && given[0] === undefined) return fail('usage', `The option --${name} is missing.`)
    values[name] = option.type === 'boolean' ? given[0] === true : given[0]
  }
  return ok(values as Values<O>)
}

function tryParse(
  args: readonly string[],
  options: Readonly<Record<string, Option>>,
): Result<Readonly<Record<string, readonly (string | boolean)[]>>> {
  const config: NonNullable<ParseArgsConfig['options']> = {}
  for (const [name, { type, short }] of Object.entries(options)) {
    config[name] = { type, multiple: true, ...(short === undefined ? {} : { short }) }
  }
  try {
    const { values } = parseArgs({
      args: joinDashed(args, options),
      options: config,
      strict: true,
      allowPositionals: false,
    })
    return ok(values as Record<string, (string | boolean)[]>)
  } catch (error) {
    const [sentence] = (error instanceof Error ? error.message : String(error)).split(/[.\n]\s/)
    return fail('usage', `${(sentence ?? '').replace(/\.$/, '')}: see --help.`)
  }
}

/**
 * Joins an option and a value that starts with a dash and can only be a value: a public key (one in 64 does) or
 * a negative number. parseArgs would take it for options.
 */
function joinDashed(args: readonly string[], options: Readonly<Record<string, Option>>): string[] {
  const joined: string[] = []
  for (const arg of args) {
    const last = joined.at(-1) ?? ''
    const owner = Object.entries(options).find(
      ([name, { type, short }]) => type === 'string' && (last === `--${name}` || last === `-${short ?? '-'}`),
    )
    if (owner !== undefined && /^-(?:[\w-]{42}|\d+)$/.test(arg))
      joined[joined.length - 1] = `--${owner[0]}=${arg}`
    else joined.push(arg)
  }
  return joined
}

/**
 * Runs `program` as this process, if it is the one that was started (and not imported by another or by a test):
 * the bundler may move a program into a shared file, so its name decides, not its URL.
 */
export function runIfStarted(program: Program): void {
  if (parsePath(process.argv[1] ?? '').name !== program.name) return
  const terminal: Terminal = {
    out: (line) => process.stdout.write(`${line}\n`),
    error: (line) => process.stderr.write(`${line}\n`),
  }
  void runProgram(program, process.argv.slice(2), terminal).then((code) => {
    process.exitCode = code
  })
}
