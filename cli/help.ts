// What `--help` says, from the descriptions of programs and commands: on one screen of 24 lines and 80 columns.

import type { Option, Options } from './args.ts'
import { isProgram, type Entry, type Found, type Program } from './program.ts'

const COLUMNS = 80
/** A usage line that would be longer than this many lines says `[OPTIONS]` instead: they follow below. */
const USAGE_LINES_MAX = 3

export function helpOf({ entry, name, leading }: Found): string {
  const [yes, no] = entry.exits ?? ['done', 'refused or failed']
  const isGroup = isProgram(entry) && entry.leading === undefined
  const parts = [
    wrap(`${name} ${entry.about}.`),
    isProgram(entry) ? listOf(entry) : usageOf(name, entry.options, leading),
    optionLines(isGroup ? {} : isProgram(entry) ? leading : entry.options),
    (entry.notes ?? []).flatMap(wrap),
    exampleLines(entry),
    [
      ...(isProgram(entry) ? [`"${name} COMMAND --help" says more about a command.`] : []),
      ...wrap(`Exit codes: 0 ${yes}, 1 ${no}, 2 wrong usage. Also: --help, --version.`),
    ],
  ]
  return parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')
}

/** The commands of a program, each with the first thing that it does; groups of commands with their commands. */
function listOf({ commands }: Program): string[] {
  const entries = Object.entries(commands)
  const groups = entries.every(([, entry]) => isProgram(entry))
  return columns(
    entries.map(([word, entry]) => {
      const names = isProgram(entry) ? Object.keys(entry.commands).join(', ') : ''
      return [word, groups ? names : entry.about.replace(/[:;,] .*$/, '')]
    }),
  )
}

function usageOf(name: string, options: Options, leading: Options): string[] {
  const [program = '', ...words] = name.split(' ')
  const given = Object.entries(options)
  const before = given.filter(([option]) => Object.hasOwn(leading, option))
  const after = given.filter(([option]) => !Object.hasOwn(leading, option))
  const parts = [
    program,
    ...before.map(([option, description]) => synopsis(option, description)),
    ...words,
    ...after.map(([option, description]) => synopsis(option, description)),
  ]
  const lines = wrapParts(parts, '  ', '      ')
  if (lines.length <= USAGE_LINES_MAX) return lines
  const needed = after.filter(([, option]) => option.required === true)
  const short = [program, ...words, ...needed.map((option) => synopsis(...option)), '[OPTIONS]']
  return wrapParts(short, '  ', '      ')
}

function synopsis(name: string, option: Option): string {
  const value = option.value ?? 'VALUE'
  if (option.positional === true) return value
  const flag = option.short === undefined ? `--${name}` : `-${option.short}`
  const shown = option.type === 'boolean' ? flag : `${flag} ${value}`
  return option.required === true ? shown : `[${shown}]`
}

function optionLines(options: Options): string[] {
  const gap = Object.values(options).some(({ short }) => short !== undefined) ? '    ' : ''
  const rows = Object.entries(options).map(([name, option]): [string, string] => {
    if (option.positional === true) return [option.value ?? name, option.about]
    const short = option.short === undefined ? gap : `-${option.short}, `
    const value = option.type === 'boolean' ? '' : ` ${option.value ?? 'VALUE'}`
    const other = option.alias === undefined ? '' : `, --${option.alias}`
    return [`${short}--${name}${other}${value}`, option.about]
  })
  return columns(rows)
}

function exampleLines({ examples }: Entry): string[] {
  const [first = '', ...others] = examples
  const lines = [wrapCommand(`Example: ${first}`), ...others.map((line) => wrapCommand(`         ${line}`))]
  return lines.flat()
}

/** Two columns; the second one is wrapped. */
function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(0, ...rows.map(([left]) => left.length)) + 2
  return rows.flatMap(([left, right]) => {
    const [first = '', ...others] = wrapParts(right.split(' '), '', '', COLUMNS - width - 2)
    return [`  ${left.padEnd(width)}${first}`, ...others.map((line) => `  ${' '.repeat(width)}${line}`)]
  })
}

function wrap(text: string): string[] {
  return wrapParts(text.split(' '), '', '')
}

/** A command line that is too long goes on behind a backslash, as in a shell. */
function wrapCommand(text: string): string[] {
  const indent = /^\s*/.exec(text)?.[0] ?? ''
  // An option stays with its value.
  const parts = text.trim().match(/-\S+ [^-\s]\S*|\S+/g) ?? []
  const lines = wrapParts(parts, indent, ' '.repeat(13), COLUMNS - 2)
  return lines.map((line, index) => (index < lines.length - 1 ? `${line} \\` : line))
}

/** Lays parts, none of which is broken, into lines. */
function wrapParts(parts: readonly string[], first: string, other: string, width = COLUMNS): string[] {
  const lines: string[] = []
  let line = first
  let isEmpty = true
  for (const part of parts) {
    if (!isEmpty && line.length + 1 + part.length > width) {
      lines.push(line)
      line = other
      isEmpty = true
    }
    line += isEmpty ? part : ` ${part}`
    isEmpty = false
  }
  return [...lines, line]
}
