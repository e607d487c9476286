// What no source may contain: ways around the type checker, notes to self, stray output, hidden tests.

import ts from 'typescript'
import { expect, it } from 'vitest'
import { complaints, shipped, sources, tests } from './sources.ts'

// Written in two halves, so that this file does not find itself.
const NOTES_TO_SELF = new RegExp(
  ['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX', 'HA' + 'CK'].map((word) => `\\b${word}\\b`).join('|'),
)
const CHECKER_OFF = new RegExp(['ignore', 'expect-error', 'nocheck'].map((word) => `@ts-${word}`).join('|'))

it('has no note to self and no switched-off check in any source', () => {
  const found = sources.flatMap(({ path, text }) =>
    text
      .split('\n')
      .map((line, index) => ({ line, where: `${path}:${index + 1}` }))
      .filter(({ line }) => NOTES_TO_SELF.test(line) || CHECKER_OFF.test(line))
      .map(({ line, where }) => `${where} ${line.trim()}`),
  )
  expect(found).toEqual([])
})

it('has no `any` in what ships', () => {
  expect(complaints(shipped, (node) => (node.kind === ts.SyntaxKind.AnyKeyword ? 'any' : undefined))).toEqual(
    [],
  )
})

it('writes nothing to the console: programs use their output streams, the node tells its app', () => {
  const found = complaints(shipped, (node) =>
    ts.isIdentifier(node) && node.text === 'console' ? 'console' : undefined,
  )
  expect(found).toEqual([])
})

it('skips no test, and singles none out', () => {
  const hiding = new Set(['skip', 'skipIf', 'only', 'todo', 'fails', 'runIf'])
  const runners = new Set(['it', 'test', 'describe', 'suite'])
  const found = complaints(tests, (node) => {
    if (!ts.isPropertyAccessExpression(node) || !ts.isIdentifier(node.expression)) return undefined
    return runners.has(node.expression.text) && hiding.has(node.name.text) ? node.getText() : undefined
  })
  expect(found).toEqual([])
})
