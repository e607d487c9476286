import { describe, expect, it } from 'vitest'
import type { PublicKey } from '../../../protocol/types.ts'
import { AMOUNT_MAX } from '../../../protocol/wire.ts'
import { ABOUT_ERROR, CurrencyGraph, NONE } from '../../../index-server/graph.ts'

const RATE = { mul: 0, add: 1 }
const key = (name: string) => name as PublicKey

function friendsOf(graph: CurrencyGraph, name: string): string[] {
  const friends = []
  for (const report of graph.reportsOf(graph.node(key(name)))) {
    if (graph.mate(report) !== NONE) friends.push(graph.key(graph.friend(report)))
  }
  return friends.sort()
}

describe('graph of one currency', () => {
  it('IDX-4 has an edge only while both ends report each other', () => {
    const graph = new CurrencyGraph()
    graph.set(key('a'), key('b'), 10n, RATE)
    expect(friendsOf(graph, 'a')).toEqual([])
    graph.set(key('b'), key('a'), 0n, RATE)
    expect(friendsOf(graph, 'a')).toEqual(['b'])
    expect(friendsOf(graph, 'b')).toEqual(['a'])
    expect(graph.forget(key('b'))).toBe(1)
    expect(friendsOf(graph, 'a')).toEqual([])
  })

  it('keeps capacities to the last of 128 bits', () => {
    const graph = new CurrencyGraph()
    for (const capacity of [0n, 1n, 2n ** 64n - 1n, 2n ** 64n, 2n ** 64n + 5n, 2n ** 90n + 1n, AMOUNT_MAX]) {
      graph.set(key('a'), key('b'), capacity, RATE)
      const [report = NONE] = graph.reportsOf(graph.node(key('a')))
      expect(graph.capacityOf(report)).toBe(capacity)
      expect(graph.about(report)).toBeLessThanOrEqual(Number(capacity))
      expect(graph.about(report)).toBeGreaterThanOrEqual(Number(capacity) * (1 - ABOUT_ERROR))
    }
  })

  it('replaces a report instead of adding a second one', () => {
    const graph = new CurrencyGraph()
    graph.set(key('a'), key('b'), 1n, RATE)
    graph.set(key('a'), key('b'), 2n, { mul: 3, add: 2 ** 32 - 1 })
    expect(graph.size).toBe(1)
    const [report = NONE, ...others] = graph.reportsOf(graph.node(key('a')))
    expect(others).toEqual([])
    expect(graph.rate(report)).toEqual({ mul: 3, add: 2 ** 32 - 1 })
    expect(graph.capacityOf(report)).toBe(2n)
  })

  it('uses slots and numbers again, and forgets whom nobody names', () => {
    const graph = new CurrencyGraph()
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 40; i++) {
        graph.set(key('hub'), key(`n${round}-${i}`), 1n, RATE)
        graph.set(key(`n${round}-${i}`), key('hub'), 1n, RATE)
      }
      expect(friendsOf(graph, 'hub')).toHaveLength(40)
      for (let i = 0; i < 40; i++) expect(graph.forget(key(`n${round}-${i}`))).toBe(1)
      expect(graph.forget(key('hub'))).toBe(40)
      expect(graph.size).toBe(0)
      expect(graph.node(key('hub'))).toBe(NONE)
      expect(graph.node(key(`n${round}-0`))).toBe(NONE)
    }
    graph.set(key('late'), key('later'), 1n, RATE)
    expect(graph.node(key('late'))).toBeLessThan(41)
  })

  it('unlinks a report from the middle, the start and the end of its list', () => {
    const graph = new CurrencyGraph()
    for (const name of ['b', 'c', 'd']) {
      graph.set(key('a'), key(name), 1n, RATE)
      graph.set(key(name), key('a'), 1n, RATE)
    }
    graph.forget(key('c'))
    expect(friendsOf(graph, 'a')).toEqual(['b', 'd'])
    expect(graph.forget(key('a'))).toBe(3)
    expect(friendsOf(graph, 'b')).toEqual([])
  })
})
