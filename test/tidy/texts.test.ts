// Every word that the wallet shows comes from the message catalogue: none is written in the markup.

import { parse, type AST } from 'svelte/compiler'
import { expect, it } from 'vitest'
import { shipped } from './sources.ts'

/** Attributes that people see or hear. */
const SPOKEN = new Set(['alt', 'aria-description', 'aria-label', 'label', 'placeholder', 'title'])
const components = shipped.filter(({ path }) => path.endsWith('.svelte'))

it('has no words in the markup of the wallet', () => {
  expect(components.flatMap(({ path, text }) => wordsIn(path, text))).toEqual([])
})

it('finds the components of the wallet', () => {
  expect(components.length).toBeGreaterThan(0)
})

function wordsIn(path: string, text: string): string[] {
  const found: string[] = []
  visit(parse(text, { modern: true }).fragment, (node) => {
    const words = node.type === 'Text' ? node.data : node.type === 'Attribute' ? spoken(node) : ''
    if (/\p{L}{2}/u.test(words)) found.push(`${path}:${lineAt(text, node.start)} ${words.trim()}`)
  })
  return found
}

function spoken(attribute: AST.Attribute): string {
  if (!SPOKEN.has(attribute.name) || !Array.isArray(attribute.value)) return ''
  return attribute.value.map((part) => (part.type === 'Text' ? part.data : '')).join('')
}

type Node = AST.Text | AST.Attribute | { readonly type: 'other'; readonly start: number }

/** Visits markup; text inside an attribute belongs to its attribute. */
function visit(value: unknown, tell: (node: Node) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) visit(item, tell)
    return
  }
  if (typeof value !== 'object' || value === null) return
  if ('type' in value && value.type === 'StyleDirective') return
  if ('type' in value && (value.type === 'Text' || value.type === 'Attribute')) {
    tell(value as AST.Text | AST.Attribute)
    return
  }
  for (const child of Object.values(value)) visit(child, tell)
}

function lineAt(text: string, position: number): number {
  return text.slice(0, position).split('\n').length
}
