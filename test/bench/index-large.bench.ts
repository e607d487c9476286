// A network of a million accounts: how much memory it takes, and how soon a route is found in it.

import type { Currency } from '../../protocol/types.ts'
import { Solver } from '../../index-server/solver.ts'
import { graphOf, keyOf, madeLinks } from './credit-network.ts'
import { seededNumbers } from './numbers.ts'
import { line, memory, percentile, timed, type Bench } from './report.ts'

const ACCOUNTS = 1_000_000
/** Each is an edge in both directions. */
const LINKS = 2_500_000
const QUERIES = 10_000
const AMOUNT_MAX = 1e6

export const indexLarge: Bench = (say) => {
  const before = memory()
  const graph = graphOf(madeLinks(ACCOUNTS, LINKS), () => ({ mul: 0, add: 1 }))
  const solver = new Solver()
  const next = seededNumbers(2)
  const times: number[] = []
  let found = 0
  for (let i = 0; i < QUERIES; i++) {
    const [source, destination] = [Math.floor(next() * ACCOUNTS), Math.floor(next() * ACCOUNTS)]
    if (source === destination) continue
    const query = {
      id: 0,
      currency: 'credit' as Currency,
      amount: BigInt(1 + Math.floor(next() * AMOUNT_MAX)),
      source: keyOf(source),
      destination: keyOf(destination),
      excludedNodes: [],
      excludedEdges: [],
      rooms: [],
      maxParts: 1,
    }
    times.push(timed(() => (found += Number(solver.solve(graph, query).ok))))
  }
  const of = `${ACCOUNTS} accounts, ${graph.size} reports`
  say(line('index.large.memory', (memory() - before) / 2 ** 20, 'MiB', undefined, of))
  say(line('index.large.found', found / times.length, 'of the queries', undefined, of))
  say(line('index.large.p50', percentile(times, 0.5), 'ms', undefined, of))
  say(line('index.large.p99', percentile(times, 0.99), 'ms', undefined, of))
}
