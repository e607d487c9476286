import { describe, expect, it } from 'vitest'
import type { Query } from '../../../protocol/index-messages.ts'
import { ROUTE_NODES_MAX } from '../../../protocol/limits.ts'
import { creditsForOne } from '../../../protocol/reserve.ts'
import type { Currency, PublicKey, Rate } from '../../../protocol/types.ts'
import { AMOUNT_MAX } from '../../../protocol/wire.ts'
import { CurrencyGraph } from '../../../index-server/graph.ts'
import { Solver } from '../../../index-server/solver.ts'

const FREE: Rate = { mul: 0, add: 0 }
const key = (name: string) => name as PublicKey

/** Both ends report each other: `capacity` flows from `from` to `to`, nothing back. */
function edge(graph: CurrencyGraph, from: string, to: string, capacity: bigint, rate: Rate = FREE): void {
  graph.set(key(to), key(from), capacity, rate)
  if (!graph.has(key(from), key(to))) graph.set(key(from), key(to), 0n, FREE)
}

function query(
  source: string,
  destination: string,
  amount: bigint | undefined,
  more: Partial<Query> = {},
): Query {
  return {
    id: 1,
    currency: 'credit' as Currency,
    amount,
    source: key(source),
    destination: key(destination),
    excludedNodes: [],
    excludedEdges: [],
    rooms: [],
    maxParts: 1,
    ...more,
  }
}

/** The route as text, e.g. `a-b-c +1`, or the reason why there is none. */
function route(graph: CurrencyGraph, asked: Query, edgesMax?: number): string {
  const found = new Solver().solve(graph, asked, edgesMax)
  if (!found.ok) return found.reason
  return found.routes.map(({ nodes, fees }) => `${nodes.join('-')} +${fees}`).join(' and ')
}

describe('one route', () => {
  it('IDX-9 Alice pays 61 for Bob to get 60 through Carol, who takes one', () => {
    const graph = new CurrencyGraph()
    edge(graph, 'alice', 'carol', 61n, { mul: 0, add: 1 })
    edge(graph, 'carol', 'bob', 100n, { mul: 0, add: 1 })
    expect(route(graph, query('alice', 'bob', 60n))).toBe('alice-carol-bob +1')
    expect(route(graph, query('alice', 'bob', 61n))).toBe('noCapacity')
  })

  it('IDX-15 of what a mediator can send on, a sixteenth stays in reserve; the source has all for itself', () => {
    const graph = new CurrencyGraph()
    edge(graph, 'alice', 'carol', 100n)
    edge(graph, 'carol', 'bob', 100n)
    expect(route(graph, query('alice', 'bob', 94n))).toBe('alice-carol-bob +0')
    expect(route(graph, query('alice', 'bob', 95n))).toBe('noCapacity')
    expect(route(graph, query('carol', 'bob', 100n))).toBe('carol-bob +0')
    edge(graph, 'alice', 'carol', 15n)
    edge(graph, 'carol', 'bob', 15n)
    expect(route(graph, query('alice', 'bob', 15n))).toBe('alice-carol-bob +0')
  })

  it('IDX-15 what the buyer says of his own edges counts, be it more or less than what his friends reported', () => {
    const graph = new CurrencyGraph()
    edge(graph, 'a', 'b', 10n)
    edge(graph, 'b', 'z', 100n)
    const rooms = (friend: string, capacity: bigint) => ({ rooms: [{ friend: key(friend), capacity }] })
    expect(route(graph, query('a', 'z', 40n))).toBe('noCapacity')
    expect(route(graph, query('a', 'z', 40n, rooms('b', 40n)))).toBe('a-b-z +0')
    expect(route(graph, query('a', 'z', 41n, rooms('b', 40n)))).toBe('noCapacity')
    expect(route(graph, query('a', 'z', 4n, rooms('b', 3n)))).toBe('noCapacity')
    expect(route(graph, query('a', 'z', 1n, rooms('b', 0n)))).toBe('noCapacity')
    // Of the edges of others he knows nothing.
    expect(route(graph, query('a', 'z', 40n, rooms('z', 40n)))).toBe('noCapacity')
    expect(route(graph, query('a', 'b', 10n, rooms('nobody', 1n)))).toBe('a-b +0')
  })

  it('IDX-4 the word of the buyer alone makes no edge', () => {
    const graph = new CurrencyGraph()
    edge(graph, 'a', 'b', 10n)
    edge(graph, 'c', 'z', 10n)
    graph.set(key('a'), key('c'), 10n, FREE)
    const rooms = ['b', 'c', 'z'].map((friend) => ({ friend: key(friend), capacity: 10n }))
    expect(route(graph, query('a', 'z', 1n, { rooms }))).toBe('notConnected')
    edge(graph, 'a', 'c', 0n)
    expect(route(graph, query('a', 'z', 9n, { rooms }))).toBe('a-c-z +0')
  })

  it('IDX-9 a direct payment costs nothing, whatever rate the destination takes', () => {
    const graph = new CurrencyGraph()
    edge(graph, 'alice', 'bob', 60n, { mul: 2 ** 31, add: 9 })
    expect(route(graph, query('alice', 'bob', 60n))).toBe('alice-bob +0')
  })

  it('IDX-9 the fees of those behind a mediator count in what he forwards', () => {
    const graph = new CurrencyGraph()
    edge(graph, 'a', 'b', 1000n, { mul: 2 ** 31, add: 0 })
    edge(graph, 'b', 'c', 1000n, { mul: 2 ** 31, add: 0 })
    edge(graph, 'c', 'd', 1000n)
    // c forwards 100 and takes 50; b forwards 150 and takes 75.
    expect(route(graph, query('a', 'd', 100n))).toBe('a-b-c-d +125')
  })

  it('IDX-10 takes the cheaper of two routes, and the shorter of two that cost the same', () => {
    const graph = new CurrencyGraph()
    edge(graph, 'a', 'dear', 100n, { mul: 0, add: 5 })
    edge(graph, 'dear', 'z', 100n)
    edge(graph, 'a', 'cheap', 100n, { mul: 0, add: 2 })
    edge(graph, 'cheap', 'cheap2', 100n, { mul: 0, add: 2 })
    edge(graph, 'cheap2', 'z', 100n)
    expect(route(graph, query('a', 'z', 10n))).toBe('a-cheap-cheap2-z +4')
    edge(graph, 'a', 'short', 100n, { mul: 0, add: 4 })
    edge(graph, 'short', 'z', 100n)
    expect(route(graph, query('a', 'z', 10n))).toBe('a-short-z +4')
  })

  it('IDX-10 goes around a cheap edge that cannot carry amount and fees', () => {
    const graph = new CurrencyGraph()
    edge(graph, 'a', 'narrow', 10n, { mul: 0, add: 1 })
    edge(graph, 'narrow', 'z', 100n)
    edge(graph, 'a', 'wide', 100n, { mul: 0, add: 7 })
    edge(graph, 'wide', 'z', 100n)
    expect(route(graph, query('a', 'z', 9n))).toBe('a-narrow-z +1')
    expect(route(graph, query('a', 'z', 10n))).toBe('a-wide-z +7')
  })

  it('IDX-10 keeps away from excluded nodes and edges, in their direction', () => {
    const graph = new CurrencyGraph()
    edge(graph, 'a', 'b', 100n, { mul: 0, add: 1 })
    edge(graph, 'b', 'z', 100n)
    edge(graph, 'a', 'c', 100n, { mul: 0, add: 2 })
    edge(graph, 'c', 'z', 100n)
    const excludedEdges = [{ from: key('b'), to: key('z') }]
    expect(route(graph, query('a', 'z', 1n, { excludedNodes: [key('b'), key('nobody')] }))).toBe('a-c-z +2')
    expect(route(graph, query('a', 'z', 1n, { excludedEdges }))).toBe('a-c-z +2')
    const reverse = [
      { from: key('z'), to: key('b') },
      { from: key('nobody'), to: key('b') },
    ]
    expect(route(graph, query('a', 'z', 1n, { excludedEdges: reverse }))).toBe('a-b-z +1')
    expect(route(graph, query('a', 'z', 1n, { excludedNodes: [key('z')] }))).toBe('notConnected')
    expect(route(graph, query('a', 'z', 1n, { excludedNodes: [key('a')] }))).toBe('notConnected')
  })

  it('IDX-10 finds a dear short route where the cheap one has too many nodes', () => {
    const graph = new CurrencyGraph()
    for (let i = 0; i < ROUTE_NODES_MAX + 1; i++) edge(graph, `n${i}`, `n${i + 1}`, 100n)
    const last = `n${ROUTE_NODES_MAX + 1}`
    expect(route(graph, query('n1', last, 1n))).toMatch(/^n1-.*\+0$/)
    expect(route(graph, query('n0', last, 1n))).toBe('tooLong')
    edge(graph, 'n0', 'n5', 100n, { mul: 0, add: 50 })
    expect(route(graph, query('n0', last, 1n))).toMatch(/^n0-n5-.*\+50$/)
  })

  it('IDX-11 says why there is no route', () => {
    const graph = new CurrencyGraph()
    edge(graph, 'a', 'b', 100n)
    edge(graph, 'c', 'd', 100n)
    graph.set(key('a'), key('silent'), 5n, FREE)
    expect(route(graph, query('a', 'nobody', 1n))).toBe('unknownDestination')
    expect(route(graph, query('a', 'silent', 1n))).toBe('unknownDestination')
    expect(route(graph, query('nobody', 'a', 1n))).toBe('unknownSource')
    expect(route(graph, query('a', 'd', 1n))).toBe('notConnected')
    expect(route(graph, query('a', 'a', 1n))).toBe('notConnected')
    expect(route(graph, query('b', 'a', 1n))).toBe('noCapacity')
    expect(new Solver().solve(undefined, query('a', 'b', 1n))).toEqual({
      ok: false,
      reason: 'unknownDestination',
    })
  })

  it('IDX-11 gives up when the search outgrows its budget', () => {
    const graph = new CurrencyGraph()
    for (let i = 0; i < 20; i++) edge(graph, `n${i}`, `n${i + 1}`, 100n)
    expect(route(graph, query('n0', 'n20', 1n), 10)).toBe('overloaded')
    expect(route(graph, query('n0', 'n20', 1n), 100)).toMatch(/^n0-/)
  })

  it('amounts at the end of 128 bits do not wrap', () => {
    const graph = new CurrencyGraph()
    edge(graph, 'a', 'b', AMOUNT_MAX, { mul: 0, add: 1 })
    edge(graph, 'b', 'c', AMOUNT_MAX)
    expect(route(graph, query('a', 'b', AMOUNT_MAX))).toBe('a-b +0')
    expect(route(graph, query('a', 'c', AMOUNT_MAX))).toBe('noCapacity')
    expect(route(graph, query('a', 'c', AMOUNT_MAX - 1n))).toBe('noCapacity')
    const most = creditsForOne(AMOUNT_MAX)
    expect(route(graph, query('a', 'c', most))).toBe('a-b-c +1')
    expect(route(graph, query('a', 'c', most + 1n))).toBe('noCapacity')
  })

  it('IDX-10 goes straight from one who has many friends to another, though both look at cheaper ways first', () => {
    const graph = new CurrencyGraph()
    const thousandths = (share: number): Rate => ({ mul: Math.ceil((share * 2 ** 32) / 1_000), add: 0 })
    edge(graph, 's', 'h1', 10n ** 9n)
    edge(graph, 'h2', 'z', 10n ** 9n)
    for (let i = 0; i < 110; i++) {
      const share = i < 70 ? 5 : 7
      edge(graph, 'h1', `a${i}`, 10n ** 9n, thousandths(share))
      edge(graph, `a${i}`, `a${i + 1}`, 0n)
      edge(graph, `b${i}`, 'h2', 10n ** 9n, thousandths(share))
      edge(graph, `b${i}`, `b${i + 1}`, 0n)
    }
    edge(graph, 'h1', 'x', 10n ** 9n, thousandths(6))
    edge(graph, 'x', 'h2', 10n ** 9n, thousandths(6))
    edge(graph, 'h1', 'h2', 10n ** 9n, thousandths(10))
    expect(route(graph, query('s', 'z', 1_000_000n))).toBe('s-h1-h2-z +10000')
  })
})

describe('several routes', () => {
  const SOME = { maxParts: 16 }

  /** Two ways of 60 from a to z. */
  function twoWays(): CurrencyGraph {
    const graph = new CurrencyGraph()
    for (const name of ['b', 'c']) {
      edge(graph, 'a', name, 60n, { mul: 0, add: 1 })
      edge(graph, name, 'z', 100n)
    }
    return graph
  }

  it('IDX-22 carry together what none carries alone', () => {
    const graph = twoWays()
    expect(route(graph, query('a', 'z', 59n, SOME))).toMatch(/^a-[bc]-z \+1$/)
    expect(route(graph, query('a', 'z', 118n, SOME))).toMatch(/^a-[bc]-z \+1 and a-[bc]-z \+1$/)
    expect(route(graph, query('a', 'z', 119n, SOME))).toBe('noCapacity')
  })

  it('IDX-15 take no more of the edges of the buyer than he says', () => {
    const graph = twoWays()
    const rooms = (b: bigint, c: bigint) => [
      { friend: key('b'), capacity: b },
      { friend: key('c'), capacity: c },
    ]
    expect(route(graph, query('a', 'z', 118n, { ...SOME, rooms: rooms(60n, 60n) }))).toMatch(/ and /)
    expect(route(graph, query('a', 'z', 118n, { ...SOME, rooms: rooms(60n, 59n) }))).toBe('noCapacity')
    expect(route(graph, query('a', 'z', 118n, { ...SOME, rooms: rooms(40n, 80n) }))).toMatch(/ and /)
  })

  it('IDX-22 are never more than the asker can use', () => {
    const graph = new CurrencyGraph()
    for (let i = 0; i < 5; i++) {
      edge(graph, 'a', `b${i}`, 10n)
      edge(graph, `b${i}`, 'z', 20n)
    }
    expect(route(graph, query('a', 'z', 50n, { maxParts: 4 }))).toBe('tooManyParts')
    expect(route(graph, query('a', 'z', 50n, { maxParts: 5 })).split(' and ')).toHaveLength(5)
    expect(route(graph, query('a', 'z', 11n))).toBe('noCapacity')
  })

  it('IDX-22 take back what the first way took, where only that leaves room for the second', () => {
    const graph = new CurrencyGraph()
    // The shortest way a-b-y-z takes the edge that a-b-d-z and a-c-y-z need from both sides.
    for (const ends of ['ab', 'by', 'yz', 'ac', 'cy', 'bd', 'dz'])
      edge(graph, ends.slice(0, 1), ends.slice(1), 16n)
    expect(
      route(graph, query('a', 'z', 30n, SOME))
        .split(' and ')
        .sort(),
    ).toEqual(['a-b-d-z +0', 'a-c-y-z +0'])
  })

  it('IDX-22 share an edge only as far as it can carry them all, and their fees', () => {
    const graph = new CurrencyGraph()
    edge(graph, 'a', 'hub', 100n, { mul: 0, add: 1 })
    for (const name of ['b', 'c']) {
      edge(graph, 'hub', name, 50n, { mul: 0, add: 1 })
      edge(graph, name, 'z', 100n)
    }
    // Each way forwards 47 and its mediator keeps one of them; the hub takes one for each.
    expect(route(graph, query('a', 'z', 92n, SOME))).toBe('a-hub-c-z +2 and a-hub-b-z +2')
    expect(route(graph, query('a', 'z', 93n, SOME))).toBe('noCapacity')
  })

  it('IDX-22 carry more than the flow laid on them, where its mediators would have kept all of that', () => {
    const graph = new CurrencyGraph()
    edge(graph, 'a', 'z', 9n)
    edge(graph, 'x', 'z', 11n)
    // What x can send on is split between these two: by neither would anything arrive.
    edge(graph, 'a', 'b', 10n, { mul: 0, add: 2 })
    edge(graph, 'b', 'x', 6n, { mul: 0, add: 2 })
    edge(graph, 'a', 'c', 12n, { mul: 0, add: 4 })
    edge(graph, 'c', 'x', 12n, { mul: 0, add: 8 })
    expect(route(graph, query('a', 'z', 13n, SOME))).toBe('a-z +0 and a-b-x-z +4')
  })

  it('IDX-10 are the answer when they cost less than the one that carries all', () => {
    const graph = new CurrencyGraph()
    edge(graph, 'a', 'dear', 1000n, { mul: 2 ** 30, add: 0 })
    edge(graph, 'dear', 'z', 1000n)
    edge(graph, 'a', 'cheap', 60n, { mul: 2 ** 26, add: 0 })
    edge(graph, 'cheap', 'z', 100n)
    expect(route(graph, query('a', 'z', 100n))).toBe('a-dear-z +25')
    const [cheap, dear] = route(graph, query('a', 'z', 100n, SOME))
      .split(' and ')
      .sort()
    expect([cheap, dear]).toEqual(['a-cheap-z +0', 'a-dear-z +10'])
  })

  it('IDX-11 look at no more edges than the budget allows, whatever they search', () => {
    class Counted extends CurrencyGraph {
      looks = 0
      override next(report: number): number {
        this.looks++
        return super.next(report)
      }
    }
    const graph = new Counted()
    // Wide enough for single credits, far too narrow for the amount: the search has to see all of it.
    for (let i = 0; i < 3_000; i++) {
      edge(graph, `n${i}`, `n${i + 1}`, 16n)
      edge(graph, `n${i}`, `n${(i * 7) % 3_000}b`, 16n)
      edge(graph, `n${(i * 7) % 3_000}b`, `n${i + 1}`, 16n)
    }
    graph.looks = 0
    expect(route(graph, query('n0', 'n3000', 60n, SOME), 500)).toBe('overloaded')
    expect(graph.looks).toBeLessThan(600)
  })
})

describe('the most that can be paid now', () => {
  /** What arrives by each route, e.g. `60 by a-b-z +1`, or the reason why nothing can. */
  function most(
    graph: CurrencyGraph,
    source: string,
    destination: string,
    more: Partial<Query> = {},
  ): string {
    const found = new Solver().solve(graph, query(source, destination, undefined, more))
    if (!found.ok) return found.reason
    return found.routes
      .map(({ nodes, amount, fees }) => `${amount} by ${nodes.join('-')} +${fees}`)
      .join(' and ')
  }

  it('IDX-23 is what the widest route carries after all fees', () => {
    const graph = new CurrencyGraph()
    edge(graph, 'a', 'b', 61n, { mul: 0, add: 1 })
    edge(graph, 'b', 'z', 100n)
    expect(most(graph, 'a', 'z')).toBe('60 by a-b-z +1')
    expect(most(graph, 'b', 'z')).toBe('100 by b-z +0')
    // Wider, but half of it is taken on the way.
    edge(graph, 'a', 'c', 90n, { mul: 2 ** 32 - 1, add: 0 })
    edge(graph, 'c', 'z', 100n)
    expect(most(graph, 'a', 'z')).toBe('60 by a-b-z +1')
    expect(most(graph, 'a', 'z', { rooms: [{ friend: key('c'), capacity: 140n }] })).toMatch(/^70 by a-c-z/)
  })

  it('IDX-23 is what several routes carry together, where the asker can use several', () => {
    const graph = new CurrencyGraph()
    for (let i = 0; i < 5; i++) {
      edge(graph, 'a', `b${i}`, 10n + BigInt(i), { mul: 0, add: 1 })
      edge(graph, `b${i}`, 'z', 20n)
    }
    expect(most(graph, 'a', 'z')).toBe('13 by a-b4-z +1')
    const three = most(graph, 'a', 'z', { maxParts: 3 }).split(' and ').sort()
    expect(three).toEqual(['11 by a-b2-z +1', '12 by a-b3-z +1', '13 by a-b4-z +1'])
    expect(most(graph, 'a', 'z', { maxParts: 16 }).split(' and ')).toHaveLength(5)
  })

  it('IDX-23 has the reasons of any other query when nothing can be paid', () => {
    const graph = new CurrencyGraph()
    edge(graph, 'a', 'b', 1n, { mul: 0, add: 1 })
    edge(graph, 'b', 'z', 100n)
    edge(graph, 'c', 'd', 1n)
    for (const maxParts of [1, 16]) {
      expect(most(graph, 'a', 'z', { maxParts })).toBe('noCapacity')
      expect(most(graph, 'a', 'd', { maxParts })).toBe('notConnected')
      expect(most(graph, 'a', 'nobody', { maxParts })).toBe('unknownDestination')
      expect(most(graph, 'a', 'a', { maxParts })).toBe('notConnected')
    }
    for (let i = 0; i < ROUTE_NODES_MAX; i++) edge(graph, `n${i}`, `n${i + 1}`, 100n)
    edge(graph, `n${ROUTE_NODES_MAX}`, 'end', 100n)
    expect(most(graph, 'n0', 'end', { maxParts: 16 })).toBe('tooLong')
    expect(most(graph, 'n1', 'end', { maxParts: 16 })).toMatch(/^94 by n1-/)
  })

  it('IDX-23 is no more than 128 bits can say', () => {
    const graph = new CurrencyGraph()
    for (const name of ['b', 'c']) {
      edge(graph, 'a', name, AMOUNT_MAX)
      edge(graph, name, 'z', AMOUNT_MAX)
    }
    const found = new Solver().solve(graph, query('a', 'z', undefined, { maxParts: 16 }))
    const amounts = found.ok ? found.routes.map(({ amount }) => amount) : []
    expect(amounts.reduce((sum, amount) => sum + amount, 0n)).toBe(AMOUNT_MAX)
  })
})

describe('a cycle', () => {
  /** a, whose friends b, c and d are friends of each other; over c it is cheap. */
  function friends(): CurrencyGraph {
    const graph = new CurrencyGraph()
    for (const [from, to] of ['ab', 'bd', 'da', 'bc', 'cd', 'ac', 'ba', 'db', 'ad'].map((ends) =>
      ends.split(''),
    )) {
      const isDear = `${from}${to}` === 'bd'
      edge(graph, from!, to!, 100n, { mul: 0, add: isDear ? 9 : 1 })
    }
    return graph
  }
  const through = (first: string, last: string, more: Partial<Query> = {}): Partial<Query> => ({
    cycle: { first: key(first), last: key(last) },
    ...more,
  })

  it('IDX-24 leaves over the one friend and comes back over the other, by the cheapest way between them', () => {
    const graph = friends()
    expect(route(graph, query('a', 'a', 10n, through('b', 'd')))).toBe('a-b-c-d-a +3')
    expect(route(graph, query('a', 'a', 10n, through('d', 'b')))).toBe('a-d-b-a +2')
    const excludedNodes = [key('c')]
    expect(route(graph, query('a', 'a', 10n, through('b', 'd', { excludedNodes })))).toBe('a-b-d-a +10')
    expect(route(graph, query('a', 'a', undefined, through('b', 'd', { maxParts: 16 })))).toBe('a-b-c-d-a +3')
  })

  it('IDX-24 carries what its edges can carry, the first one by the word of the asker', () => {
    const graph = friends()
    const rooms = [{ friend: key('b'), capacity: 50n }]
    expect(route(graph, query('a', 'a', 92n, through('b', 'd')))).toBe('a-b-c-d-a +3')
    // Into d 94 can be forwarded, of which the last mediator keeps one.
    expect(route(graph, query('a', 'a', 94n, through('b', 'd')))).toBe('noCapacity')
    expect(route(graph, query('a', 'a', 47n, through('b', 'd', { rooms })))).toBe('a-b-c-d-a +3')
    expect(route(graph, query('a', 'a', 48n, through('b', 'd', { rooms })))).toBe('noCapacity')
    edge(graph, 'd', 'a', 20n)
    expect(route(graph, query('a', 'a', 20n, through('b', 'd')))).toBe('noCapacity')
    expect(route(graph, query('a', 'a', 19n, through('b', 'd')))).toBe('a-b-c-d-a +3')
  })

  it('IDX-24 is not there where the friends are none, or the same, or the payment is for somebody else', () => {
    const graph = friends()
    edge(graph, 'e', 'b', 100n)
    graph.set(key('a'), key('e'), 100n, FREE)
    for (const cycle of [through('b', 'b'), through('b', 'e'), through('nobody', 'b'), through('e', 'b')]) {
      expect(route(graph, query('a', 'a', 1n, cycle))).toBe('notConnected')
      expect(route(graph, query('a', 'd', 1n, cycle))).toBe('notConnected')
    }
    expect(route(graph, query('nobody', 'nobody', 1n, through('b', 'd')))).toBe('unknownDestination')
    for (const name of ['a', 'b', 'd']) {
      const excluded = through('b', 'd', { excludedNodes: [key(name)] })
      expect(route(graph, query('a', 'a', 1n, excluded))).toBe('notConnected')
    }
    for (const [from, to] of [
      ['a', 'b'],
      ['d', 'a'],
    ] as const) {
      const excluded = through('b', 'd', { excludedEdges: [{ from: key(from), to: key(to) }] })
      expect(route(graph, query('a', 'a', 1n, excluded))).toBe('notConnected')
    }
  })

  it('IDX-24 has no more nodes than any route', () => {
    const graph = new CurrencyGraph()
    const last = ROUTE_NODES_MAX
    for (let i = 0; i <= last; i++) edge(graph, `n${i}`, `n${i + 1}`, 100n)
    edge(graph, `n${last - 1}`, 'n0', 100n)
    edge(graph, `n${last}`, 'n0', 100n)
    expect(route(graph, query('n0', 'n0', 1n, through('n1', `n${last - 1}`)))).toMatch(/^n0-n1-.*-n0 \+0$/)
    expect(route(graph, query('n0', 'n0', 1n, through('n1', `n${last}`)))).toBe('tooLong')
  })
})
