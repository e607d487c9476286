import { describe, expect, it } from 'vitest'
import type { EdgeReport, Update } from '../../../protocol/index-messages.ts'
import { UPDATE_EDGES_MAX } from '../../../protocol/limits.ts'
import type { Currency, Hash, PublicKey, RequestId } from '../../../protocol/types.ts'
import { NODE_REPORTS_MAX } from '../../../index-server/limits.ts'
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

describe('nodes of the index server', () => {
  it('IDX-8 a node may report as many edges as friends and currencies allow, and no more', () => {
    const nodes = new Nodes()
    let counter = 0
    const take = (one: Update): string => {
      const refusal = nodes.refusalOf(one)
      if (refusal === undefined) nodes.take(one, 1, 0)
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
})
