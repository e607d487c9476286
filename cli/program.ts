// Programs and their commands, described once: what runs, what help says and what completion offers come from here.

import { parse as parsePath } from 'node:path'
import { optionOf, parseOptions, type Options, type Values } from './args.ts'
import { helpOf } from './help.ts'
import { EXIT, processTerminal, type Terminal } from './terminal.ts'
import { packageVersion } from './version.ts'

interface Described {
  /** What it does, in a few words that follow its name: "makes identities". */
  readonly about: string
  /** Command lines that work, the most usual first. */
  readonly examples: readonly string[]
  /** Lines that a user should know beside. */
  readonly notes?: readonly string[]
  /** What the exit codes 0 and 1 mean here, if it is not "done" and "refused or failed". */
  readonly exits?: readonly [string, string]
}

/** What can be run. */
export interface Command extends Described {
  readonly options: Options
  /** Resolves to the exit code. */
  run(args: readonly string[], terminal: Terminal): Promise<number>
}

/** A command with a name of its own: a whole program. */
export interface NamedCommand extends Command {
  readonly name: string
}

export interface Program extends Described {
  /** As it is typed; that of a group of commands starts with its program's: "stctrl info". */
  readonly name: string
  readonly commands: Readonly<Record<string, Entry>>
  /** Options of every command that may also stand before its name. */
  readonly leading?: Options
}

export type Entry = Command | NamedCommand | Program

/** A command that gets its options parsed, and a usage error told. */
export function command<const O extends Options>(
  description: Described & {
    readonly options: O
    readonly run: (values: Values<O>, terminal: Terminal) => Promise<number>
  },
): Command {
  return {
    ...description,
    run: async (args, terminal) => {
      const values = parseOptions(args, description.options)
      if (values.ok) return description.run(values.value, terminal)
      terminal.error(values.error.message)
      return EXIT.usage
    },
  }
}

export function isProgram(entry: Entry): entry is Program {
  return 'commands' in entry
}

/** What an entry of a program is called: a program within it has a name of its own. */
export function nameOf(parent: string, word: string, entry: Entry): string {
  return 'name' in entry ? entry.name : `${parent} ${word}`
}

/** What a command line names, as far as it is understood. */
export interface Found {
  readonly entry: Entry
  readonly name: string
  /** Options that may stand before the command. */
  readonly leading: Options
  /** What is left of the command line: the arguments of a command, or what names no command. */
  readonly args: readonly string[]
}

/** Follows the words of a command line to the command that they name. */
export function findCommand(program: Program | NamedCommand, args: readonly string[]): Found {
  return follow({ entry: program, name: program.name, leading: {}, args }, [])
}

function follow(found: Found, before: readonly string[]): Found {
  const { entry, name } = found
  if (!isProgram(entry)) return { ...found, args: [...before, ...found.args] }
  const leading = { ...found.leading, ...entry.leading }
  const start = endOfOptions(found.args, leading)
  const [word = '', ...rest] = found.args.slice(start)
  const next = Object.hasOwn(entry.commands, word) ? entry.commands[word] : undefined
  if (next === undefined) return { entry, name, leading, args: found.args.slice(start) }
  const taken = [...before, ...found.args.slice(0, start)]
  return follow({ entry: next, name: nameOf(name, word, next), leading, args: rest }, taken)
}

/** How many of the first words are options of these, with their values. */
function endOfOptions(args: readonly string[], options: Options): number {
  let end = 0
  for (let word = args[end]; word !== undefined; word = args[end]) {
    const owner = optionOf(word.replace(/=.*$/s, ''), options)
    if (owner === undefined) break
    end += owner.option.type === 'boolean' || word.includes('=') ? 1 : 2
  }
  return Math.min(end, args.length)
}

/** Runs a program in this process: `--help`, `--version`, its command, or a sentence about what is wrong. */
export async function runProgram(
  program: Program | NamedCommand,
  args: readonly string[],
  terminal: Terminal,
): Promise<number> {
  const found = findCommand(program, args)
  const { entry, name } = found
  const [programName = ''] = name.split(' ')
  if (found.args.includes('--help') || found.args.includes('-h')) {
    terminal.out(helpOf(found))
    return EXIT.ok
  }
  if (found.args.includes('--version')) {
    terminal.out(`${programName} ${packageVersion()}`)
    return EXIT.ok
  }
  const signed: Terminal = { ...terminal, error: (line) => terminal.error(`${programName}: ${line}`) }
  if (!isProgram(entry)) return entry.run(found.args, signed)
  const [word] = found.args
  const group = name === programName ? '' : ` for ${name}`
  const problem = word === undefined ? `No command is given${group}` : `There is no command "${word}"${group}`
  signed.error(`${problem}: use one of ${Object.keys(entry.commands).join(', ')}, or --help.`)
  return EXIT.usage
}

/**
 * Runs `program` as this process, if it is the one that was started (and not imported by another or by a test):
 * the bundler may move a program into a shared file, so its name decides, not its URL.
 */
export function runIfStarted(program: Program | NamedCommand): void {
  if (parsePath(process.argv[1] ?? '').name !== program.name) return
  const terminal = processTerminal()
  // Whoever reads our lines may have seen enough, such as `head`.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
  void runProgram(program, process.argv.slice(2), terminal).then((code) => {
    terminal.screen?.status(undefined)
    process.exitCode = code
  })
}
