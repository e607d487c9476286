import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import type { PublicKey } from '../../protocol/types.ts'
import { CurrencyGraph, NONE } from '../../index-server/graph.ts'

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
    fc.property(fc.array(step, { maxLength: 400 }), fc.nat(2 ** 32 - 1), (steps, seed) => {
      const graph = new CurrencyGraph(seed)
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
    }),
    { numRuns: 150 },
  )
})
