// The options of a command: described once, for the parser, for help and for completion; parsed strictly.

import { parseArgs, type ParseArgsConfig } from 'node:util'
import { fail, ok, type Result } from '../protocol/result.ts'

export interface Option {
  readonly type: 'string' | 'boolean'
  /** One letter. */
  readonly short?: string
  /** Another name for the same. */
  readonly alias?: string
  readonly required?: true
  /** Given by its place, without its name; a command has at most one such. */
  readonly positional?: true
  /** What stands for the value in help; completion offers files for FILE and folders for DIR. */
  readonly value?: string
  /** The only values there are, for completion. */
  readonly words?: readonly string[]
  /** What it is for: a few words of the help. */
  readonly about: string
}

export type Options = Readonly<Record<string, Option>>

export type Values<O extends Options> = {
  readonly [K in keyof O]: O[K]['type'] extends 'boolean'
    ? boolean
    : O[K] extends { readonly required: true }
      ? string
      : string | undefined
}

/** Parses strictly: no unknown option, no argument without a place, nothing twice, nothing empty (fault `usage`). */
export function parseOptions<O extends Options>(args: readonly string[], options: O): Result<Values<O>> {
  const parsed = tryParse(args, options)
  if (!parsed.ok) return parsed
  const values: Record<string, string | boolean | undefined> = {}
  for (const [name, option] of Object.entries(options)) {
    const other = option.alias === undefined ? [] : (parsed.value[option.alias] ?? [])
    const given = [...(parsed.value[name] ?? []), ...other]
    const shown = option.positional === true ? (option.value ?? name) : `option --${name}`
    if (given.length > 1) return fail('usage', `The ${shown} is given twice.`)
    if (given[0] === '') return fail('usage', `The ${shown} is empty.`)
    if (option.required && given[0] === undefined) return fail('usage', `The ${shown} is missing.`)
    values[name] = option.type === 'boolean' ? given[0] === true : given[0]
  }
  return ok(values as Values<O>)
}

function tryParse(
  args: readonly string[],
  options: Options,
): Result<Readonly<Record<string, readonly (string | boolean)[]>>> {
  const config: NonNullable<ParseArgsConfig['options']> = {}
  let place: string | undefined
  for (const [name, { type, short, alias, positional }] of Object.entries(options)) {
    if (positional === true) place = name
    else config[name] = { type, multiple: true, ...(short === undefined ? {} : { short }) }
    if (alias !== undefined) config[alias] = { type, multiple: true }
  }
  try {
    const { values, positionals } = parseArgs({
      args: joinDashed(args, options),
      options: config,
      strict: true,
      allowPositionals: place !== undefined,
    })
    const named = values as Record<string, (string | boolean)[]>
    return ok(place === undefined ? named : { ...named, [place]: positionals })
  } catch (error) {
    const [sentence] = (error instanceof Error ? error.message : String(error)).split(/[.\n]\s/)
    return fail('usage', `${(sentence ?? '').replace(/\.$/, '')}: see --help.`)
  }
}

/**
 * Joins an option and a value that starts with a dash and can only be a value: a public key (one in 64 does) or
 * a negative number. parseArgs would take it for options.
 */
function joinDashed(args: readonly string[], options: Options): string[] {
  const joined: string[] = []
  for (const arg of args) {
    const owner = optionOf(joined.at(-1) ?? '', options)
    if (owner?.option.type === 'string' && /^-(?:[\w-]{42}|\d+)$/.test(arg))
      joined[joined.length - 1] = `--${owner.name}=${arg}`
    else joined.push(arg)
  }
  return joined
}

/** The words that name an option: its letter, its name, its other name. */
export function flagsOf(name: string, { short, alias }: Option): string[] {
  return [
    ...(short === undefined ? [] : [`-${short}`]),
    `--${name}`,
    ...(alias === undefined ? [] : [`--${alias}`]),
  ]
}

/** The option that a word such as `-n` or `--name` names. */
export function optionOf(
  word: string,
  options: Options,
): { readonly name: string; readonly option: Option } | undefined {
  for (const [name, option] of Object.entries(options)) {
    if (flagsOf(name, option).includes(word)) return { name, option }
  }
  return undefined
}
