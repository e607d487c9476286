// No dead exports: a name that is exported is used somewhere.

import ts from 'typescript'
import { expect, it } from 'vitest'
import { shipped, sources, walk, type Source } from './sources.ts'

/** How often each word occurs, in all sources; of components also in the markup. */
const uses = new Map<string, number>()
for (const source of sources) {
  for (const word of wordsIn(source)) uses.set(word, (uses.get(word) ?? 0) + 1)
}

it('exports nothing that no source uses', () => {
  const dead = shipped.flatMap((source) =>
    exportsOf(source)
      .filter((name) => (uses.get(name) ?? 0) < 2)
      .map((name) => `${source.path} exports ${name}`),
  )
  expect(dead).toEqual([])
})

function wordsIn({ path, text, tree }: Source): string[] {
  if (path.endsWith('.svelte')) return text.match(/[\w$]+/g) ?? []
  const words: string[] = []
  walk(tree, (node) => {
    if (ts.isIdentifier(node)) words.push(node.text)
  })
  return words
}

function exportsOf({ tree }: Source): string[] {
  return tree.statements.filter(isExported).flatMap((statement) => {
    if (!ts.isVariableStatement(statement)) return [statement.name?.text ?? ''].filter((name) => name !== '')
    return statement.declarationList.declarations.map((declaration) => declaration.name.getText(tree))
  })
}

type Declaration =
  | ts.VariableStatement
  | ts.FunctionDeclaration
  | ts.ClassDeclaration
  | ts.InterfaceDeclaration
  | ts.TypeAliasDeclaration

function isExported(statement: ts.Statement): statement is Declaration {
  const isDeclaration =
    ts.isVariableStatement(statement) ||
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement)
  return isDeclaration && (statement.modifiers ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
}
