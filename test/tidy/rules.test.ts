// The spec and the tests name the same rules: none untested, none invented, none forgotten in a comment.

import ts from 'typescript'
import { expect, it } from 'vitest'
import { readText, sources, tests, walk } from './sources.ts'

const spec = readText('docs/PROTOCOL.md')
const definitions = [...spec.matchAll(/\*\*([A-Z]{2,4}-\d+[a-z]?)\*\*/g)].map((match) => match[1] ?? '')
const defined = new Set(definitions)
const areas = [...new Set(definitions.map((rule) => rule.replace(/-.*/, '')))]
const RULE = new RegExp(`\\b(?:${areas.join('|')})-\\d+[a-z]?\\b`, 'g')

it('defines each rule of the spec once', () => {
  expect(definitions.filter((rule, index) => definitions.indexOf(rule) !== index)).toEqual([])
  expect(defined.size).toBeGreaterThan(0)
})

it('names every rule of the spec in the title of a test', () => {
  const tested = new Set(tests.flatMap(({ tree }) => titles(tree)).flatMap(rulesIn))
  expect([...defined].filter((rule) => !tested.has(rule))).toEqual([])
})

it('cites no rule that the spec does not define', () => {
  const unknown = sources.flatMap(({ path, text }) =>
    rulesIn(text)
      .filter((rule) => !defined.has(rule))
      .map((rule) => `${path} cites ${rule}`),
  )
  expect([...new Set(unknown)]).toEqual([])
})

function rulesIn(text: string): string[] {
  return text.match(RULE) ?? []
}

/**
 * The first argument of every `it(…)`, `test(…)` and `describe(…)`, `.each` and the like included; and the keys of
 * tables of checks (`{ 'STO-2 does …': check }`), which are the titles of the tests made of them.
 */
function titles(tree: ts.SourceFile): string[] {
  const found: string[] = []
  walk(tree, (node) => {
    if (ts.isPropertyAssignment(node) && ts.isStringLiteral(node.name)) found.push(node.name.text)
    if (!ts.isCallExpression(node) || !/^(it|test|describe)\b/.test(node.expression.getText(tree))) return
    const title = node.arguments[0]
    if (title !== undefined && (ts.isStringLiteralLike(title) || ts.isTemplateExpression(title))) {
      found.push(title.getText(tree))
    }
  })
  return found
}
