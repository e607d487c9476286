import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import type { PublicKey } from '../../protocol/types.ts'
import { KeyedHash } from '../../index-server/keyed-hash.ts'
import { CurrencyGraph, NONE, type Node } from '../../index-server/graph.ts'

const NODES = 40
const key = (index: number) => `node ${index}` as PublicKey
const node = fc.nat(NODES - 1)

const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ reporter: node, friend: node, capacity: fc.bigInt(0n, 2n ** 128n - 1n) }),
  },
  { weight: 1, arbitrary: fc.record({ forgotten: node }) },
)

it('IDX-4 a graph in typed arrays knows what a plain map knows, whatever was added, replaced and forgotten', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), fc.bigInt(0n, 2n ** 64n - 1n), (steps, seed) => {
      const graph = new CurrencyGraph(new KeyedHash(seed))
      const plain = new Map<string, bigint>()
      for (const one of steps) {
        if ('forgotten' in one) {
          const mine = [...plain.keys()].filter((pair) => pair.startsWith(`${one.forgotten}<`))
          for (const pair of mine) plain.delete(pair)
          expect(graph.forget(key(one.forgotten))).toBe(mine.length)
        } else if (one.reporter !== one.friend) {
          plain.set(`${one.reporter}<${one.friend}`, one.capacity)
          graph.set(key(one.reporter), key(one.friend), one.capacity, { mul: 0, add: 1 })
        }
      }
      for (const one of [graph, graph.copy()]) expectToKnow(one, plain)
    }),
    { numRuns: 150 },
  )
})

/** That a graph says what a plain map does. */
function expectToKnow(graph: CurrencyGraph, plain: ReadonlyMap<string, bigint>): void {
  expect(graph.size).toBe(plain.size)
  for (let a = 0; a < NODES; a++) {
    const friends = new Set<PublicKey>()
    const ways = new Set<PublicKey>()
    const reporter = graph.node(key(a))
    for (let report = graph.firstWay(reporter); report !== NONE; report = graph.next(report)) {
      ways.add(graph.key(graph.friend(report)))
    }
    for (const report of graph.reportsOf(reporter)) {
      if (graph.mate(report) !== NONE) friends.add(graph.key(graph.friend(report)))
    }
    for (let b = 0; b < NODES; b++) {
      const capacity = plain.get(`${a}<${b}`)
      expect(graph.capacity(key(a), key(b))).toBe(capacity)
      expect(friends.has(key(b))).toBe(capacity !== undefined && plain.has(`${b}<${a}`))
      const leadsOn = graph.friendCount(graph.node(key(b))) > 1 || friends.size === 1
      expect(ways.has(key(b))).toBe(friends.has(key(b)) && leadsOn)
    }
    expect(graph.friendCount(reporter)).toBe(friends.size)
  }
}

const crowd = fc.nat(7)
const change = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      reporter: crowd,
      friend: crowd,
      capacity: fc.bigInt(0n, 2n ** 100n),
      add: fc.nat(3),
      // Mostly what it was before: a new share puts the ways in order anew.
      share: fc.oneof({ weight: 20, arbitrary: fc.constant(0) }, fc.constantFrom(1, 2 ** 32 - 1)),
    }),
  },
  { weight: 4, arbitrary: fc.record({ asked: crowd, isForward: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ forgotten: crowd }) },
)

it('IDX-10 the priced ways of a node are its ways, in order and as they are now, however often they were asked for', () => {
  fc.assert(
    fc.property(fc.array(change, { minLength: 100, maxLength: 300 }), (changes) => {
      const graph = new CurrencyGraph()
      for (const one of changes) {
        if ('forgotten' in one) {
          graph.forget(key(one.forgotten))
        } else if ('asked' in one) {
          const node = graph.node(key(one.asked))
          expect(priced(graph, node, one.isForward)).toEqual(inOrder(graph, node, one.isForward))
        } else if (one.reporter !== one.friend) {
          const mul = one.share || (one.reporter * one.friend) % 3
          graph.set(key(one.reporter), key(one.friend), one.capacity, { mul, add: one.add })
        }
      }
    }),
    { numRuns: 200 },
  )
})

function priced(graph: CurrencyGraph, node: Node, isForward: boolean) {
  const ways = graph.pricedWays(node, isForward)
  return Array.from({ length: ways.size }, (_, i) => ({
    way: ways.way(i),
    friend: ways.friend(i),
    mul: ways.rateMul(i),
    add: ways.rateAdd(i),
    about: ways.about(i),
  }))
}

/** The same out of what the graph says of each. */
function inOrder(graph: CurrencyGraph, node: Node, isForward: boolean) {
  const ways = []
  for (let way = graph.firstWay(node); way !== NONE; way = graph.next(way)) {
    const edge = isForward ? graph.mate(way) : way
    ways.push({ way, friend: graph.friend(way), ...graph.rate(edge), about: graph.about(edge) })
  }
  return ways.sort((a, b) => a.mul - b.mul || a.way - b.way)
}
