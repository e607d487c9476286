// Options, strictly parsed.

import { describe, expect, it } from 'vitest'
import { parseOptions } from '../../../cli/args.ts'

const options = {
  output: { type: 'string', short: 'o', required: true, about: 'where' },
  currency: { type: 'string', about: 'which' },
  force: { type: 'boolean', about: 'whether' },
} as const

const withPlace = {
  file: { type: 'string', positional: true, required: true, value: 'FILE', about: 'what' },
  qr: { type: 'boolean', about: 'whether' },
} as const

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

  it('knows an option by its other name, and not by both at once', () => {
    const named = { laddr: { type: 'string', alias: 'listen', about: 'where' } } as const
    for (const name of ['--laddr', '--listen'])
      expect(parseOptions([name, 'x:1'], named)).toEqual({ ok: true, value: { laddr: 'x:1' } })
    expect(parseOptions(['--laddr', 'x:1', '--listen', 'y:1'], named)).toMatchObject({
      error: { message: 'The option --laddr is given twice.' },
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

  it('takes what has its place without a name, once', () => {
    expect(parseOptions(['--qr', 'x'], withPlace)).toEqual({ ok: true, value: { file: 'x', qr: true } })
    expect(parseOptions(['-'], withPlace)).toMatchObject({ value: { file: '-' } })
    expect(parseOptions(['--qr'], withPlace)).toMatchObject({ error: { message: 'The FILE is missing.' } })
    expect(parseOptions(['x', 'y'], withPlace)).toMatchObject({
      error: { message: 'The FILE is given twice.' },
    })
  })
})
