// Credit networks for benchmarks: the real one of ../shared/data, or a made one of the same shape.

import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { Rate, PublicKey } from '../../protocol/types.ts'
import { CurrencyGraph } from '../../index-server/graph.ts'
import { seededNumbers } from './numbers.ts'

const REAL_NETWORK = '../shared/data/ripple-credit-links.txt.gz'
/** Credits for one unit of the file, whose amounts are fractions. */
const UNIT = 1e6
const REAL_ACCOUNTS = 67_149
const REAL_LINKS = 99_787

/** Credit that can flow between two accounts, each way. */
export interface Link {
  readonly a: number
  readonly b: number
  readonly forth: bigint
  readonly back: bigint
}

export interface Network {
  readonly name: string
  readonly accounts: number
  readonly links: readonly Link[]
}

export function realNetwork(): Network {
  const file = resolve(REAL_NETWORK)
  if (!existsSync(file)) return madeNetwork(REAL_ACCOUNTS, REAL_LINKS)
  const links = gunzipSync(readFileSync(file))
    .toString()
    .split('\n')
    .filter((text) => text !== '')
    .map((text) => {
      const [a = 0, b = 0, min = 0, balance = 0, max = 0] = text.split(' ').map(Number)
      return { a, b, forth: credits(max - balance), back: credits(balance - min) }
    })
  return { name: 'real', accounts: 1 + Math.max(...links.map(({ a, b }) => Math.max(a, b))), links }
}

function madeNetwork(accounts: number, linkCount: number): Network {
  return { name: 'made', accounts, links: [...madeLinks(accounts, linkCount)] }
}

/** Each new account befriends some that have friends already, rather those that have many. */
export function* madeLinks(accounts: number, linkCount: number): Generator<Link> {
  const next = seededNumbers(1)
  const ends = new Int32Array(2 * linkCount + 1)
  for (let account = 1, count = 0; count < linkCount; account++) {
    const a = account < accounts ? account : Math.floor(next() * accounts)
    const b = ends[Math.floor(next() * (2 * count + 1))] ?? 0
    if (a === b) continue
    ends[2 * count + 1] = a
    ends[2 * count + 2] = b
    count++
    const trust = 10 ** (next() * 8)
    const used = next()
    yield { a, b, forth: credits(trust * used), back: credits(trust * (1 - used)) }
  }
}

/** @param rateOf the rate at which a report is made. */
export function graphOf(links: Iterable<Link>, rateOf: () => Rate): CurrencyGraph {
  const graph = new CurrencyGraph()
  for (const { a, b, forth, back } of links) {
    graph.set(keyOf(b), keyOf(a), forth, rateOf())
    graph.set(keyOf(a), keyOf(b), back, rateOf())
  }
  return graph
}

export function keyOf(account: number): PublicKey {
  return String(account).padStart(43, '0') as PublicKey
}

function credits(amount: number): bigint {
  return BigInt(Math.max(0, Math.floor(amount * UNIT)))
}
