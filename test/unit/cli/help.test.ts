// The help of every program and command: fits a screen, and its examples are command lines that are understood.

import { describe, expect, it } from 'vitest'
import { parseOptions } from '../../../cli/args.ts'
import { helpOf } from '../../../cli/help.ts'
import { offst } from '../../../cli/offst.ts'
import { findCommand, isProgram, type Entry, type NamedCommand, type Program } from '../../../cli/program.ts'
import { stctrl } from '../../../cli/stctrl.ts'
import { stindex } from '../../../cli/stindex.ts'
import { stmgr } from '../../../cli/stmgr.ts'
import { stnode } from '../../../cli/stnode.ts'
import { stregister } from '../../../cli/stregister.ts'
import { strelay } from '../../../cli/strelay.ts'

const PROGRAMS: readonly (Program | NamedCommand)[] = [
  offst,
  stctrl,
  stindex,
  stmgr,
  stnode,
  stregister,
  strelay,
]
const SCREEN = { lines: 24, columns: 80 }

/** Every command line that names a program, a group or a command. */
function wordsOf(root: Program | NamedCommand): string[] {
  const found: string[] = []
  const visit = (entry: Entry, words: string): void => {
    found.push(words)
    if (!isProgram(entry)) return
    for (const [word, next] of Object.entries(entry.commands)) visit(next, `${words} ${word}`)
  }
  visit(root, root.name)
  return found
}

function find(commandLine: string) {
  const [name, ...args] = commandLine.split(' ')
  const program = PROGRAMS.find((one) => one.name === name)
  if (program === undefined) throw new Error(`there is no program ${name}`)
  return findCommand(program, args)
}

const all = PROGRAMS.flatMap(wordsOf)

describe('CLI-14 --help', () => {
  it('is there for every program and command', () => {
    expect(all).toContain('offst ctl config add-friend')
    expect(all.length).toBeGreaterThan(80)
  })

  it.each(all)('fits a screen, with an example and the exit codes: %s', (words) => {
    const found = find(words)
    expect(found.args).toEqual([])
    const lines = helpOf(found).split('\n')
    expect(lines.length).toBeLessThanOrEqual(SCREEN.lines)
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(SCREEN.columns)
    const text = lines.join('\n')
    expect(text).toMatch(/\n\nExample: \S/)
    expect(text.replaceAll('\n', ' ')).toMatch(/Exit codes: 0 .+, 1 .+, 2 wrong usage\./)
    if (!isProgram(found.entry)) {
      for (const name of Object.keys(found.entry.options)) {
        const { positional, value } = found.entry.options[name]!
        expect(text).toContain(positional === true ? value : `--${name}`)
      }
    }
  })

  it.each(all)('has examples that are understood: %s', (words) => {
    for (const example of find(words).entry.examples) {
      // What a shell does with the line around the program is the shell's.
      const line = example.replace(/^.*\| /, '').replace(/ > .*$/, '')
      const { entry, args } = find(line)
      if (isProgram(entry)) throw new Error(`${example} names no command`)
      expect(parseOptions(args, entry.options)).toMatchObject({ ok: true })
    }
  })
})
