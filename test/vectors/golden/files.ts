// The golden files: what some version of this program wrote or said, and every later one must understand. They are
// written by `GOLDEN_WRITE=1 npx vitest run --project vectors golden`, which adds what is missing and changes nothing.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fromJson, toJson } from './json.ts'

const FOLDER = import.meta.dirname
const IS_WRITING = process.env['GOLDEN_WRITE'] === '1'

/**
 * The entries of a golden file, by name.
 * @param fresh what this version writes; entries that the file lacks are added to it when files are written.
 */
export function goldenEntries<T>(path: string, fresh: Readonly<Record<string, T>>): Record<string, T> {
  const found = existsSync(join(FOLDER, path)) ? (read(path) as Record<string, T>) : {}
  if (!IS_WRITING) return found
  const all = { ...fresh, ...found }
  if (Object.keys(all).length > Object.keys(found).length) write(path, all)
  return all
}

/** A golden file as a whole; made by `fresh` if it is missing and files are written. */
export async function goldenFile<T>(path: string, fresh: () => Promise<T>): Promise<T> {
  if (IS_WRITING && !existsSync(join(FOLDER, path))) write(path, await fresh())
  return read(path) as T
}

/** Every golden file of every version of `kind`, oldest first: `records-v1/trade.json`. */
export function goldenPaths(kind: string): string[] {
  const folders = readdirSync(FOLDER).filter((name) => versionIn(kind, name) !== undefined)
  folders.sort((a, b) => (versionIn(kind, a) ?? 0) - (versionIn(kind, b) ?? 0))
  return folders.flatMap((folder) =>
    readdirSync(join(FOLDER, folder))
      .sort()
      .map((name) => `${folder}/${name}`),
  )
}

/** The newest version of `kind` that has golden files. */
export function newestVersion(kind: string): number {
  return Math.max(...readdirSync(FOLDER).map((name) => versionIn(kind, name) ?? 0))
}

function versionIn(kind: string, folder: string): number | undefined {
  const match = /^(.+)-v(\d+)$/.exec(folder)
  return match?.[1] === kind ? Number(match[2]) : undefined
}

/** @throws {Error} when there is no such file: write it. */
export function read(path: string): unknown {
  return fromJson(readFileSync(join(FOLDER, path), 'utf8'))
}

function write(path: string, value: unknown): void {
  const file = join(FOLDER, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${toJson(value)}\n`)
}
