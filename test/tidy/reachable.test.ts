// No dead files: everything that ships is reached from a program, everything in test/ from a test.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { importsOf, listFiles, readText, ROOT, shipped, sources, tests } from './sources.ts'

/** `offst/client` for browsers and for Node.js. */
const LIBRARY = ['client/index.ts', 'client/node.ts']

const byPath = new Map(sources.map((source) => [source.path, source]))

it('reaches every shipped file from the wallet page, from a program or from the client library', () => {
  const reached = reachableFrom([...walletEntries(), ...programs(), ...LIBRARY])
  expect(shipped.map(({ path }) => path).filter((path) => !reached.has(path))).toEqual([])
})

it('reaches every file of test/ from a test', () => {
  const reached = reachableFrom(tests.map(({ path }) => path).filter((path) => path.endsWith('.test.ts')))
  const spawned = tests.filter(({ path }) => path.endsWith('.child.ts')).map(({ path }) => path)
  const all = new Set([...reached, ...reachableFrom(spawned)])
  expect(tests.map(({ path }) => path).filter((path) => !all.has(path))).toEqual([])
})

it('has a source for every program and library that the package promises', () => {
  expect([...programs(), ...LIBRARY].filter((path) => !byPath.has(path))).toEqual([])
})

it('imports only files that exist', () => {
  const existing = new Set(
    ['protocol', 'worker', 'web', 'relay-server', 'index-server', 'cli', 'client', 'test'].flatMap(listFiles),
  )
  const folder = /^(protocol|worker|web|relay-server|index-server|cli|client)\//
  const missing = sources.flatMap((source) =>
    importsOf(source)
      .filter(({ to }) => folder.test(to) && !existing.has(to))
      .map(({ to, line }) => `${source.path}:${line} imports ${to}`),
  )
  expect(missing).toEqual([])
})

/** The scripts that web/index.html loads, and the service worker, which is registered by its URL. */
function walletEntries(): string[] {
  const scripts = [...readText('web/index.html').matchAll(/<script[^>]*src="\/?([^"]+)"/g)].map(
    (match) => `web/${match[1]}`,
  )
  return [
    ...scripts,
    ...shipped.map(({ path }) => path).filter((path) => /^web\/(service-worker|.*\.d)\.ts$/.test(path)),
  ]
}

function programs(): string[] {
  const packageFile = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    bin: Record<string, string>
  }
  return Object.keys(packageFile.bin).map((name) => `cli/${name}.ts`)
}

function reachableFrom(entries: readonly string[]): Set<string> {
  const reached = new Set<string>()
  const queue = [...entries]
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    const source = byPath.get(path)
    if (source === undefined || reached.has(path)) continue
    reached.add(path)
    queue.push(...importsOf(source).map(({ to }) => to))
  }
  return reached
}
