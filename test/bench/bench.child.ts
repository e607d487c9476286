// `npm run bench`: runs the benchmarks that were named, or all, and says each number as it comes.

import { parseArgs } from 'node:util'
import { indexCoarse } from './index-coarse.bench.ts'
import { indexLarge } from './index-large.bench.ts'
import { indexRoutes } from './index-routes.bench.ts'
import { indexSnapshot } from './index-snapshot.bench.ts'
import { indexUpdates } from './index-updates.bench.ts'
import type { Bench, Line } from './report.ts'

const BENCHES: Readonly<Record<string, Bench>> = {
  index: indexRoutes,
  coarse: indexCoarse,
  large: indexLarge,
  snapshot: indexSnapshot,
  updates: indexUpdates,
}

const USAGE = `usage: npm run bench -- [NAME ...] [--json]

  NAME    ${Object.keys(BENCHES).join(', ')}; without: all
  --json  one object a line: bench, value, unit, and where there is one the floor of this run and the ratio to it`

function main(): number {
  const options = parseOptions()
  if (options === undefined) {
    process.stderr.write(`${USAGE}\n`)
    return 2
  }
  const say = (line: Line): void => {
    process.stdout.write(`${options.isJson ? JSON.stringify(line) : sentence(line)}\n`)
  }
  for (const name of options.names) BENCHES[name]?.(say)
  return 0
}

function parseOptions(): { readonly names: readonly string[]; readonly isJson: boolean } | undefined {
  try {
    const { values, positionals } = parseArgs({
      options: { json: { type: 'boolean' } },
      allowPositionals: true,
    })
    if (!positionals.every((name) => Object.hasOwn(BENCHES, name))) return undefined
    const names = positionals.length === 0 ? Object.keys(BENCHES) : positionals
    return { names, isJson: values.json === true }
  } catch {
    return undefined
  }
}

function sentence({ bench, value, unit, floor, ratio, of }: Line): string {
  const beside = floor === undefined ? '' : `; plainly ${floor}, so ${ratio} times that`
  return `${bench}: ${value} ${unit}${beside}${of === undefined ? '' : ` (${of})`}`
}

process.exitCode = main()
