// The completion for bash, run by bash itself; that for zsh is made of the same tables.

import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bashCompletion, zshCompletion } from '../../../cli/completion.ts'
import { offst } from '../../../cli/offst.ts'
import { isProgram, type Program } from '../../../cli/program.ts'
import { stctrl } from '../../../cli/stctrl.ts'

let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'offst-completion-'))
  await writeFile(join(folder, 'c.bash'), bashCompletion(offst))
  await writeFile(join(folder, 'node0 one.ticket'), '')
  await mkdir(join(folder, 'node0'))
})

afterAll(() => rm(folder, { recursive: true }))

/** What bash offers for the last word. */
function complete(...words: readonly string[]): string[] {
  const script = `
    source ./c.bash
    COMP_WORDS=("$@")
    COMP_CWORD=$(($# - 1))
    _offst
    for word in "\${COMPREPLY[@]}"; do printf '%s\\n' "$word"; done`
  const { status, stdout, stderr } = spawnSync('bash', ['-c', script, 'bash', ...words], {
    cwd: folder,
    encoding: 'utf8',
  })
  expect([status, stderr]).toEqual([0, ''])
  return stdout.split('\n').filter((word) => word !== '')
}

describe('CLI-15 completion', () => {
  it('offers the commands of programs, groups and the umbrella', () => {
    expect(complete('offst', '')).toEqual(expect.arrayContaining(Object.keys(offst.commands)))
    expect(complete('offst', 'ctl', 'sel')).toEqual(['seller'])
    expect(complete('/usr/bin/stctrl', '-I', 'a', '-T', 'info', 'config', 'add-')).toEqual([
      'add-relay',
      'add-index',
      'add-friend',
      'add-currency',
    ])
  })

  it('offers the options of the command, and what they take', () => {
    expect(complete('stctrl', 'funds', 'cancel', '--')).toEqual([
      '--idfile',
      '--ticket',
      '--payment',
      '--help',
      '--version',
    ])
    expect(complete('stctrl', '-T', 'node')).toEqual(['node0', 'node0 one.ticket'])
    expect(complete('stnode', '--trusted', '')).toEqual(['node0'])
    expect(complete('stnode', '--trusted', '=', 'n')).toEqual(['node0'])
    expect(complete('stctrl', 'info', 'balance', '-c', '')).toEqual([])
    expect(complete('offst', 'ticket', 'show', 'node')).toEqual(['node0', 'node0 one.ticket'])
    expect(complete('offst', 'completion', 'z')).toEqual(['zsh'])
  })

  it('knows every command of stctrl in both shells', () => {
    const texts = [bashCompletion(offst), zshCompletion(offst)]
    for (const [word, group] of Object.entries(stctrl.commands) as [string, Program][]) {
      expect(isProgram(group)).toBe(true)
      for (const name of Object.keys(group.commands)) {
        for (const text of texts) expect(text).toContain(`'stctrl ${word} ${name}') place=`)
      }
    }
  })
})
