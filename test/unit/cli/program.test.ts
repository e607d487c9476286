// Programs: which command a command line names, and what is said when it names none.

import { describe, expect, it } from 'vitest'
import { command, runProgram, type Program } from '../../../cli/program.ts'
import { EXIT } from '../../../cli/terminal.ts'

const node = { type: 'string', short: 'T', required: true, value: 'FILE', about: 'which node' } as const
const echo = command({
  about: 'says what it was given',
  options: { node, output: { type: 'string', short: 'o', about: 'where to' } },
  examples: ['st info echo -T x'],
  run: (values, terminal) => {
    terminal.out(JSON.stringify(values))
    return Promise.resolve(EXIT.ok)
  },
})
const program: Program = {
  name: 'st',
  about: 'does it',
  leading: { node },
  commands: {
    info: { name: 'st info', about: 'shows', commands: { echo }, examples: ['st info echo -T x'] },
  },
  examples: ['st info echo -T x'],
}
const umbrella: Program = { name: 'all', about: 'has it', commands: { one: program }, examples: ['all one'] }

async function run(root: Program, commandLine: string) {
  const out: string[] = []
  const error: string[] = []
  const args = commandLine === '' ? [] : commandLine.split(' ')
  const terminal = { out: (line: string) => out.push(line), error: (line: string) => error.push(line) }
  return { code: await runProgram(root, args, terminal), out, error }
}

describe('runProgram', () => {
  it.each(['-T x info echo', 'info -T x echo', 'info echo -T x', '--node=x info echo', '--node x info echo'])(
    'runs the command that the words name, wherever the options stand that all commands have: %s',
    async (commandLine) => {
      expect(await run(program, commandLine)).toEqual({ code: 0, out: ['{"node":"x"}'], error: [] })
    },
  )

  it('runs a program within a program under its own name', async () => {
    expect(await run(umbrella, 'one info echo -T x -o y')).toMatchObject({ code: 0 })
    expect(await run(umbrella, 'one info echo')).toEqual({
      code: 2,
      out: [],
      error: ['st: The option --node is missing.'],
    })
  })

  it('CLI-14 prints the help of what is named, wherever it is asked for, and the version', async () => {
    for (const commandLine of ['info echo --help', 'info echo -T x -h', '-T x info echo --help -o']) {
      const { code, out } = await run(program, commandLine)
      expect([code, out.join('\n')]).toEqual([0, expect.stringContaining('st info echo says what')])
    }
    expect((await run(program, 'info --help')).out.join('\n')).toContain('st info shows.')
    expect((await run(umbrella, '--help')).out.join('\n')).toContain('all has it.')
    expect(await run(umbrella, 'one --version')).toEqual({
      code: 0,
      out: [expect.stringMatching(/^st \d+\.\d+\.\d+$/)],
      error: [],
    })
  })

  it.each([
    ['', 'st: No command is given: use one of info, or --help.'],
    ['-T x', 'st: No command is given: use one of info, or --help.'],
    ['toString', 'st: There is no command "toString": use one of info, or --help.'],
    ['--loud info echo', 'st: There is no command "--loud": use one of info, or --help.'],
    ['info', 'st: No command is given for st info: use one of echo, or --help.'],
    ['info dance', 'st: There is no command "dance" for st info: use one of echo, or --help.'],
  ])(
    'tells what is wrong with "%s" on stderr, with its name before it, and exits with 2',
    async (line, error) => {
      expect(await run(program, line)).toEqual({ code: 2, out: [], error: [error] })
    },
  )
})
