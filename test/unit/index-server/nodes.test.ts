import { describe, expect, it } from 'vitest'
import type { EdgeReport, SignedUpdate, Update } from '../../../protocol/index-messages.ts'
import { UPDATE_EDGES_MAX } from '../../../protocol/limits.ts'
import type { Currency, Hash, PublicKey, RequestId, Signature } from '../../../protocol/types.ts'
import { toBase64url } from '../../../protocol/wire.ts'
import {
  DISCONNECT_GRACE_MS,
  NETWORK_CURRENCIES_MAX,
  NETWORK_LOGS_BYTES_MAX,
  NETWORK_REPORTS_MAX,
  NODE_REPORTS_MAX,
} from '../../../index-server/limits.ts'
import { Nodes } from '../../../index-server/nodes.ts'

const NODE = 'node' as PublicKey

function update(counter: number, full: boolean, first: number, count: number): Update {
  const edges: EdgeReport[] = Array.from({ length: count }, (_, i) => ({
    friend: `friend${(first + i) % 1000}` as PublicKey,
    currency: `c${Math.floor((first + i) / 1000)}` as Currency,
    capacity: 1n,
    rate: { mul: 0, add: 1 },
  }))
  return { node: NODE, session: 's' as RequestId, counter, freshness: 'h' as Hash, full, edges }
}

/** Of a node at a network: edges with one friend in these currencies, all that it has. */
function currencies(node: string, counter: number, first: number, count: number): Update {
  const edges = Array.from({ length: count }, (_, i) => ({
    friend: 'friend'.padEnd(43, '-') as PublicKey,
    currency: `c${first + i}` as Currency,
    capacity: 1n,
    rate: { mul: 0, add: 1 },
  }))
  return { ...update(counter, true, 0, 0), node: node as PublicKey, edges }
}

/** Takes updates of nodes at one network, or says why not. */
function taker(nodes: Nodes, network: string | undefined, signed?: (one: Update) => SignedUpdate) {
  return (one: Update): string => {
    const refusal = nodes.refusalOf(one, network)
    if (refusal === undefined) nodes.take(one, { source: one.node.length, network }, 0, signed?.(one))
    return refusal ?? 'taken'
  }
}

/** As large as it may be for its edges, or larger, so that it fills the table of logs. */
function padded(bytes: number): (one: Update) => SignedUpdate {
  return ({ node, counter }) => {
    const signature = new TextEncoder().encode(`${node} ${counter}`.padEnd(64))
    return { body: new Uint8Array(bytes), signature: toBase64url(signature) as Signature }
  }
}

describe('nodes of the index server', () => {
  it('IDX-8 a node may report as many edges as friends and currencies allow, and no more', () => {
    const nodes = new Nodes()
    let counter = 0
    const take = (one: Update): string => {
      const refusal = nodes.refusalOf(one)
      if (refusal === undefined) nodes.take(one, { source: 1 }, 0)
      return refusal ?? 'taken'
    }
    for (let first = 0; first < NODE_REPORTS_MAX; first += UPDATE_EDGES_MAX) {
      const count = Math.min(UPDATE_EDGES_MAX, NODE_REPORTS_MAX - first)
      expect(take(update(++counter, first === 0, first, count))).toBe('taken')
    }
    expect(take(update(++counter, false, NODE_REPORTS_MAX, 1))).toBe('tooManyEdges')
    expect(take(update(++counter, false, 0, UPDATE_EDGES_MAX))).toBe('taken')
    expect(take(update(++counter, true, 0, 1))).toBe('taken')
    expect(nodes.graph('c0' as Currency)?.size).toBe(1)
    expect(nodes.graph('c1' as Currency)).toBeUndefined()
  })
  it('IDX-28 nodes of one network report so many edges together, and no more', () => {
    const nodes = new Nodes()
    const [crowd, village] = [taker(nodes, 'crowd'), taker(nodes, 'village')]
    const of = (node: number, first: number, count: number): Update => {
      return { ...update(first + 1, first === 0, first, count), node: `node${node}` as PublicKey }
    }
    let [node, first] = [0, 0]
    for (let all = 0; all < NETWORK_REPORTS_MAX; all += UPDATE_EDGES_MAX) {
      if (first + UPDATE_EDGES_MAX > NODE_REPORTS_MAX) [node, first] = [node + 1, 0]
      expect(crowd(of(node, first, Math.min(UPDATE_EDGES_MAX, NETWORK_REPORTS_MAX - all)))).toBe('taken')
      first += UPDATE_EDGES_MAX
    }
    expect(nodes.reports).toBe(NETWORK_REPORTS_MAX)
    expect(crowd(of(node, first, 1))).toBe('overloaded')
    expect(crowd({ ...of(0, 0, 10), counter: 1_000_000, full: false })).toBe('taken')
    expect(village(of(node + 1, 0, 10))).toBe('taken')
    expect(crowd({ ...of(node + 1, 0, 10), counter: 2 })).toBe('overloaded')
    expect(taker(nodes, undefined)(of(node + 2, 0, 10))).toBe('taken')
  })

  it.each([
    ['alone', undefined],
    ['in a federation', padded(100)],
  ])(
    'IDX-28 who leaves, or says less than before, makes room at his network (server %s)',
    (_where, signed) => {
      const nodes = new Nodes()
      const crowd = taker(nodes, 'crowd', signed)
      const half = NETWORK_CURRENCIES_MAX / 2
      expect(crowd(currencies('a', 1, 0, half))).toBe('taken')
      expect(crowd(currencies('bb', 1, half, half))).toBe('taken')
      expect(crowd(currencies('ccc', 1, 2 * half, 1))).toBe('overloaded')
      // New ones for old ones, again and again: nothing of the old ones stays.
      for (let i = 1; i < 9; i++) {
        expect(crowd(currencies('a', 2 * i, 0, 0))).toBe('taken')
        expect(crowd(currencies('a', 2 * i + 1, 4 * i * half, half))).toBe('taken')
      }
      expect(crowd(currencies('ccc', 2, 2 * half, 1))).toBe('overloaded')
      nodes.disconnected('bb' as PublicKey, 2, 0)
      nodes.expire(DISCONNECT_GRACE_MS)
      expect(crowd(currencies('ccc', 3, 2 * half, half))).toBe('taken')
      expect(crowd(currencies('dddd', 1, 3 * half, 1))).toBe('overloaded')
      expect(taker(nodes, 'village', signed)(currencies('a', 99, 0, 1))).toBe('taken')
      expect(crowd(currencies('dddd', 2, 3 * half, 1))).toBe('taken')
    },
  )

  it('IDX-28 what is kept for neighbours of the nodes of one network is bounded', () => {
    const nodes = new Nodes()
    const crowd = taker(nodes, 'crowd', padded(NETWORK_LOGS_BYTES_MAX / 2))
    expect(crowd(currencies('a', 1, 0, 1))).toBe('taken')
    expect(crowd(currencies('bb', 1, 0, 1))).toBe('taken')
    expect(crowd(currencies('ccc', 1, 0, 1))).toBe('overloaded')
    expect(taker(nodes, 'village', padded(100))(currencies('ccc', 2, 0, 1))).toBe('taken')
    nodes.disconnected('a' as PublicKey, 1, 0)
    nodes.expire(DISCONNECT_GRACE_MS)
    expect(crowd(currencies('dddd', 1, 0, 1))).toBe('taken')
  })
  it('IDX-28 who comes from another network brings along what he has, and takes no room from those who are there', () => {
    const nodes = new Nodes()
    const [crowd, village] = [taker(nodes, 'crowd'), taker(nodes, 'village')]
    const half = NETWORK_CURRENCIES_MAX / 2
    expect(village(currencies('a', 1, 0, half + 1))).toBe('taken')
    expect(crowd(currencies('bb', 1, NETWORK_CURRENCIES_MAX, half))).toBe('taken')
    const sign = { ...currencies('bb', 2, 0, 0), full: false }
    expect(village(sign)).toBe('overloaded')
    expect(crowd(sign)).toBe('taken')
    expect(village({ ...currencies('a', 2, 0, 0), full: false })).toBe('taken')
    expect(village({ ...currencies('bb', 3, NETWORK_CURRENCIES_MAX, half - 1) })).toBe('taken')
  })

  it('IDX-28 only the newest update says where a node is', () => {
    const nodes = new Nodes()
    const half = NETWORK_CURRENCIES_MAX / 2
    nodes.take(currencies('a', 1, 0, half + 1), { source: 1, network: 'crowd' }, 0)
    const neighbour = 'neighbour' as PublicKey
    nodes.take({ ...currencies('a', 5, 0, 0), full: false }, { source: neighbour }, 0)
    nodes.take({ ...currencies('a', 4, 0, 0), full: false }, { source: 1, network: 'crowd' }, 0)
    expect(taker(nodes, 'crowd')(currencies('bb', 1, NETWORK_CURRENCIES_MAX, half))).toBe('taken')
  })
  it('IDX-28 a currency that few still use takes little memory again', () => {
    const nodes = new Nodes()
    const take = taker(nodes, 'crowd')
    for (let i = 0; i < 8; i++)
      expect(take({ ...update(1, true, 0, 500), node: `node${i}` as PublicKey })).toBe('taken')
    const currency = 'c0' as Currency
    const most = nodes.graph(currency)!.nodeBound
    for (let i = 1; i < 8; i++)
      expect(take({ ...update(2, true, 0, 0), node: `node${i}` as PublicKey })).toBe('taken')
    expect(nodes.graph(currency)!.size).toBe(500)
    expect(take({ ...update(3, true, 0, 3), node: 'node0' as PublicKey })).toBe('taken')
    expect(nodes.graph(currency)!.nodeBound).toBeLessThan(most / 4)
    expect(nodes.graph(currency)!.capacity('node0' as PublicKey, 'friend2' as PublicKey)).toBe(1n)
    expect(nodes.reports).toBe(3)
  })
})
