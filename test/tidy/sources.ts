// Reads the repository's own sources for the tidy tests: every file with its syntax tree and its imports.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import ts from 'typescript'

export const ROOT = join(import.meta.dirname, '../..')
const FOLDERS = ['protocol', 'worker', 'web', 'relay-server', 'index-server', 'cli', 'client', 'test']

export interface Source {
  /** Relative to the root of the repository, with `/`. */
  readonly path: string
  readonly text: string
  /** Of a `.svelte` file: of its scripts, at their lines. */
  readonly tree: ts.SourceFile
}

export interface Import {
  /** The path of a file of ours, or the name of a package. */
  readonly to: string
  readonly line: number
  /** Whether it is a `new URL('./x.ts', import.meta.url)`, which is how a worker is started. */
  readonly asUrl: boolean
}

export const sources: readonly Source[] = FOLDERS.flatMap(listFiles)
  .filter((path) => /\.(ts|svelte)$/.test(path))
  .map(read)

/** What ships: everything but the tests. */
export const shipped = sources.filter((source) => !source.path.startsWith('test/'))
export const tests = sources.filter((source) => source.path.startsWith('test/'))

export function readText(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}

/** All files under a folder of the repository, as paths from its root. */
export function listFiles(folder: string): string[] {
  const at = join(ROOT, folder)
  if (!existsSync(at)) return []
  return readdirSync(at, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => normalize(join(entry.parentPath, entry.name)).slice(ROOT.length + 1))
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
}

/** Calls `visit` for every node of the tree, parents first. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node)
  node.forEachChild((child) => walk(child, visit))
}

export function lineOf(source: Source, node: ts.Node): number {
  return source.tree.getLineAndCharacterOfPosition(node.getStart(source.tree)).line + 1
}

/** `path:line what`, as editors open it. */
export function at(source: Source, node: ts.Node, what: string): string {
  return `${source.path}:${lineOf(source, node)} ${what}`
}

/** Every node of the sources for which `describe` has something to say. */
export function complaints(
  among: readonly Source[],
  describe: (node: ts.Node, source: Source) => string | undefined,
): string[] {
  const found: string[] = []
  for (const source of among) {
    walk(source.tree, (node) => {
      const what = describe(node, source)
      if (what !== undefined) found.push(at(source, node, what))
    })
  }
  return found
}

export function importsOf(source: Source): Import[] {
  const found: Import[] = []
  walk(source.tree, (node) => {
    const asUrl = ts.isNewExpression(node)
    const specifier = asUrl ? urlSpecifier(node) : importSpecifier(node)
    if (specifier !== undefined)
      found.push({ to: target(source, specifier), line: lineOf(source, node), asUrl })
  })
  return found
}

function importSpecifier(node: ts.Node): string | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return literal(node.moduleSpecifier)
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return literal(node.argument.literal)
  const isImportCall = ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
  return isImportCall ? literal(node.arguments[0]) : undefined
}

function urlSpecifier(node: ts.NewExpression): string | undefined {
  const [path, base] = node.arguments ?? []
  const isModuleUrl = node.expression.getText() === 'URL' && base?.getText() === 'import.meta.url'
  return isModuleUrl ? literal(path) : undefined
}

function literal(node: ts.Node | undefined): string | undefined {
  return node !== undefined && ts.isStringLiteralLike(node) ? node.text : undefined
}

function target(source: Source, specifier: string): string {
  if (!specifier.startsWith('.')) return specifier
  return join(dirname(source.path), specifier.replace(/\?.*$/, '')).replaceAll('\\', '/')
}

function read(path: string): Source {
  const text = readText(path)
  const script = path.endsWith('.svelte') ? onlyScripts(text) : text
  return {
    path,
    text,
    tree: ts.createSourceFile(path, script, ts.ScriptTarget.ES2023, true, ts.ScriptKind.TS),
  }
}

/** Blanks all but the contents of the script tags, so that positions and lines stay. */
function onlyScripts(text: string): string {
  let blanked = text.replace(/[^\n]/g, ' ')
  for (const match of text.matchAll(/(<script[^>]*>)(.*?)<\/script>/gs)) {
    const start = match.index + (match[1]?.length ?? 0)
    const script = match[2] ?? ''
    blanked = blanked.slice(0, start) + script + blanked.slice(start + script.length)
  }
  return blanked
}
