// Options, exit codes and sentences that all programs share.

import { describe, expect, it } from 'vitest'
import { EXIT, parseOptions, runProgram, withOptions, type Program } from '../../../cli/args.ts'

const options = {
  output: { type: 'string', short: 'o', required: true },
  currency: { type: 'string' },
  force: { type: 'boolean' },
} as const

const program: Program = {
  name: 'st',
  help: '\nst does it.\n\nExample: st go -o x\n',
  commands: {
    go: withOptions(options, (values, terminal) => {
      terminal.out(JSON.stringify(values))
      return Promise.resolve(EXIT.ok)
    }),
  },
}

async function run(...args: string[]): Promise<{ code: number; out: string[]; error: string[] }> {
  const out: string[] = []
  const error: string[] = []
  const code = await runProgram(program, args, {
    out: (line) => out.push(line),
    error: (line) => error.push(line),
  })
  return { code, out, error }
}

describe('parseOptions', () => {
  it('gives required, optional and boolean options by name', () => {
    expect(parseOptions(['-o', 'x', '--force'], options)).toEqual({
      ok: true,
      value: { output: 'x', currency: undefined, force: true },
    })
    expect(parseOptions(['--output=x', '--currency=usd'], options)).toEqual({
      ok: true,
      value: { output: 'x', currency: 'usd', force: false },
    })
  })

  it('takes a public key or a number that starts with a dash for the value that it is', () => {
    const key = `-${'-k'.repeat(21)}`
    expect(parseOptions(['-o', key, '--currency', '-100'], options)).toMatchObject({
      value: { output: key, currency: '-100' },
    })
    expect(parseOptions(['--force', '-100'], options)).toMatchObject({ error: { code: 'usage' } })
  })

  it.each([
    [[], 'The option --output is missing.'],
    [['-o', 'x', '-o', 'y'], 'The option --output is given twice.'],
    [['--output='], 'The option --output is empty.'],
    [['-o'], "Option '-o, --output <value>' argument missing: see --help."],
    [['-o', '--force'], "Option '-o' argument is ambiguous: see --help."],
    [['-o', 'x', '--force=yes'], "Option '--force' does not take an argument: see --help."],
    [['-o', 'x', '--nonsense'], "Unknown option '--nonsense': see --help."],
    [['-o', 'x', 'y'], "Unexpected argument 'y': see --help."],
  ])('refuses %j with one sentence', (args, message) => {
    expect(parseOptions(args, options)).toEqual({ ok: false, error: { code: 'usage', message } })
  })
})

describe('runProgram', () => {
  it('runs the command that the first argument names', async () => {
    expect(await run('go', '-o', 'x')).toEqual({
      code: 0,
      out: ['{"output":"x","force":false}'],
      error: [],
    })
  })

  it('prints its help and its version, wherever they are asked for', async () => {
    const help = { code: 0, out: ['st does it.\n\nExample: st go -o x'], error: [] }
    expect(await run('--help')).toEqual(help)
    expect(await run('go', '-h')).toEqual(help)
    expect(await run('--version')).toEqual({
      code: 0,
      out: [expect.stringMatching(/^st \d+\.\d+\.\d+$/)],
      error: [],
    })
  })

  it('tells what is wrong on stderr, with its name before it, and exits with 2', async () => {
    expect(await run()).toEqual({
      code: 2,
      out: [],
      error: ['st: No command is given: use one of go, or --help.'],
    })
    expect(await run('toString')).toMatchObject({
      code: 2,
      error: ['st: There is no command "toString": use one of go, or --help.'],
    })
    expect(await run('go')).toEqual({ code: 2, out: [], error: ['st: The option --output is missing.'] })
  })
})
