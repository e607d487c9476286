// A file has one job and a function fits a screen.

import ts from 'typescript'
import { expect, it } from 'vitest'
import { complaints, shipped, sources } from './sources.ts'

const FILE_LINES_MAX = 500
const FUNCTION_LINES_MAX = 70

it(`has no file over ${FILE_LINES_MAX} lines`, () => {
  const long = sources
    .map(({ path, text }) => ({ path, lines: text.trimEnd().split('\n').length }))
    .filter(({ lines }) => lines > FILE_LINES_MAX)
  expect(long).toEqual([])
})

it(`has no function over ${FUNCTION_LINES_MAX} lines in what ships`, () => {
  const long = complaints(shipped, (node, { tree }) => {
    if (!ts.isFunctionLike(node)) return undefined
    const first = tree.getLineAndCharacterOfPosition(node.getStart(tree)).line
    const lines = tree.getLineAndCharacterOfPosition(node.getEnd()).line - first + 1
    return lines > FUNCTION_LINES_MAX ? `function of ${lines} lines` : undefined
  })
  expect(long).toEqual([])
})

it('says at the top of each TypeScript file that ships what it is for', () => {
  const mute = shipped.filter(({ path, text }) => path.endsWith('.ts') && !/^(#!.*\n)?(\/\/|\/\*)/.test(text))
  expect(mute.map(({ path }) => path)).toEqual([])
})
