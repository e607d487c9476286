// The version of the package that this program came with.

import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Looks upwards from this file, which is in cli/ or somewhere below dist/cli/. */
export function packageVersion(folder: string = import.meta.dirname): string {
  const path = join(folder, 'package.json')
  if (!existsSync(path)) return folder === dirname(folder) ? 'unknown' : packageVersion(dirname(folder))
  const content: unknown = JSON.parse(readFileSync(path, 'utf8'))
  const isObject = typeof content === 'object' && content !== null
  return isObject && 'version' in content ? String(content.version) : 'unknown'
}
