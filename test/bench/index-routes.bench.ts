// How many payments the routes of an index server make possible, what they cost, and how soon they are there.

import type { Currency, Rate } from '../../protocol/types.ts'
import { Solver, type Solution } from '../../index-server/solver.ts'
import { graphOf, keyOf, realNetwork, type Network } from './credit-network.ts'
import { seededNumbers } from './numbers.ts'
import { PlainGraph } from './plain-search.ts'
import { line, mean, memory, percentile, timed, type Bench } from './report.ts'

const QUERIES = 10_000
/** Of the queries, those for which the slow plain methods are run as well: one in so many. */
const PLAIN_EVERY = 50
const PARTS = 16

/** Who pays whom how much. */
interface Payment {
  readonly source: number
  readonly destination: number
  readonly amount: bigint
}

export const ONE_CREDIT: () => Rate = () => ({ mul: 0, add: 1 })

/** Up to a hundredth, and up to a hundred credits. */
function anyRate(): () => Rate {
  const next = seededNumbers(3)
  return () => ({ mul: Math.floor((next() * 2 ** 32) / 100), add: Math.floor(next() * 100) })
}

export const indexRoutes: Bench = (say) => {
  const network = realNetwork()
  const plain = new PlainGraph(network)
  const samples = { any: payments(network, 1), threeLinks: payments(network, 3) }
  const before = memory()
  const graphs = { oneCredit: graphOf(network.links, ONE_CREDIT), anyRate: graphOf(network.links, anyRate()) }
  say(line('index.memory', (memory() - before) / 2 / graphs.anyRate.size, 'bytes/report'))
  for (const [rates, graph] of Object.entries(graphs)) {
    for (const [sample, list] of Object.entries(samples)) {
      const solver = new Solver()
      const times: number[] = []
      const solutions = list.map((payment) => {
        let solution: Solution | undefined
        times.push(timed(() => (solution = solver.solve(graph, queryOf(payment)))))
        return solution!
      })
      const name = `index.${network.name}.${sample}.${rates}`
      const floor = plainly(plain, list, solutions)
      const answered = solutions.filter(({ ok }) => ok).length / QUERIES
      const routes = solutions.flatMap((solution) => (solution.ok ? [solution.routes] : []))
      const of = `${QUERIES} queries, ${floor.count} of them plainly`
      say(line(`${name}.success`, floor.success, 'of what the maximum flow allows', floor.single, of))
      say(line(`${name}.answered`, answered, 'of all queries'))
      say(line(`${name}.several`, mean(routes.map((set) => Number(set.length > 1))), 'of the answers'))
      say(line(`${name}.parts`, mean(routes.map((set) => set.length)), 'routes'))
      say(line(`${name}.p50`, percentile(times, 0.5), 'ms', percentile(floor.times, 0.5), of))
      say(line(`${name}.p99`, percentile(times, 0.99), 'ms', percentile(floor.times, 0.99), of))
    }
  }
}

/** Pairs of accounts with at least so many links that carry something; amounts up to what the two ends allow. */
export function payments({ accounts, links }: Network, linksMin: number): Payment[] {
  const out = new Array<bigint>(accounts).fill(0n)
  const into = new Array<bigint>(accounts).fill(0n)
  const usable = new Array<number>(accounts).fill(0)
  for (const { a, b, forth, back } of links) {
    out[a]! += forth
    into[b]! += forth
    out[b]! += back
    into[a]! += back
    if (forth + back > 0n) for (const end of [a, b]) usable[end]! += 1
  }
  const chosen = usable.flatMap((count, account) => (count >= linksMin ? [account] : []))
  const next = seededNumbers(2)
  const one = (): number => chosen[Math.floor(next() * chosen.length)]!
  const result: Payment[] = []
  while (result.length < QUERIES) {
    const [source, destination] = [one(), one()]
    const most = out[source]! < into[destination]! ? out[source]! : into[destination]!
    if (source === destination || most === 0n) continue
    const amount = (most * BigInt(Math.ceil((1 - next()) * 2 ** 30))) >> 30n
    result.push({ source, destination, amount: amount === 0n ? 1n : amount })
  }
  return result
}

export function queryOf({ source, destination, amount }: Payment) {
  return {
    id: 0,
    currency: 'credit' as Currency,
    amount,
    source: keyOf(source),
    destination: keyOf(destination),
    excludedNodes: [],
    excludedEdges: [],
    rooms: [],
    maxParts: PARTS,
  }
}

/** The same by plain methods, for some of the queries: a search of one route, and what the maximum flow would allow. */
function plainly(plain: PlainGraph, list: readonly Payment[], solutions: readonly Solution[]) {
  const times: number[] = []
  let possible = 0
  let answered = 0
  let single = 0
  let count = 0
  for (let i = 0; i < list.length; i += PLAIN_EVERY) {
    const { source, destination, amount } = list[i]!
    const found = solutions[i]!
    count += 1
    times.push(
      timed(() => (single += Number(plain.shortestRoute(source, destination, Number(amount)) !== undefined))),
    )
    const fees = found.ok ? found.routes.reduce((sum, route) => sum + route.fees, 0n) : 0n
    const wanted = Number(amount + fees)
    // Where routes were found, they are the proof.
    if (found.ok || plain.maxFlow(source, destination, wanted) >= wanted) possible += 1
    answered += Number(found.ok)
  }
  return { times, count, success: answered / possible, single: single / possible }
}
