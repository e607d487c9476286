// Route queries: whom they go to, which answer wins, and which answers are not believed.

import { beforeEach, describe, expect, it } from 'vitest'
import type { Currency, PublicKey } from '../../../../protocol/types.ts'
import type { Route, RouteQuery, RouteQueryAnswer } from '../../../../worker/core/routes.ts'
import { ROUTE_ANSWER_MS_MAX, ROUTE_QUERIES_MAX, ROUTE_RIVALS_MS } from '../../../../worker/runtime/limits.ts'
import { areGoodRoutes } from '../../../../worker/runtime/route-check.ts'
import { RouteQueries } from '../../../../worker/runtime/route-queries.ts'
import { VirtualClock } from '../../../support/virtual-clock.ts'

const key = (letter: string) => letter.repeat(43) as PublicKey
const [me, friend, far, seller] = ['M', 'F', 'X', 'S'].map(key) as [
  PublicKey,
  PublicKey,
  PublicKey,
  PublicKey,
]
const isFriend = (candidate: PublicKey) => candidate === friend || candidate === seller

const query: RouteQuery = {
  currency: 'credit' as Currency,
  amount: 60n,
  source: me,
  destination: seller,
  excludedNodes: [],
  excludedEdges: [],
  rooms: [],
  maxParts: 1,
}
const route: Route = { nodes: [me, friend, seller], amount: 60n, fees: 1n }

describe('IDX-13 believes no answer of an index server that is not a route for the payment', () => {
  const isGood = (routes: readonly Route[], asked: Partial<RouteQuery> = {}) =>
    areGoodRoutes(routes, { ...query, ...asked }, isFriend)

  it('takes what was asked for', () => {
    expect(isGood([route])).toBe(true)
    expect(isGood([{ ...route, nodes: [me, seller] }])).toBe(true)
    const half = { ...route, amount: 30n }
    expect(isGood([half, half], { maxParts: 2 })).toBe(true)
  })

  it.each<[string, Route[], Partial<RouteQuery>]>([
    ['no route', [], {}],
    ['another amount', [{ ...route, amount: 59n }], {}],
    [
      'more parts than asked for',
      [
        { ...route, amount: 30n },
        { ...route, amount: 30n },
      ],
      {},
    ],
    ['another source', [{ ...route, nodes: [far, friend, seller] }], {}],
    ['another destination', [{ ...route, nodes: [me, friend, far] }], {}],
    ['a first hop that is no friend', [{ ...route, nodes: [me, far, seller] }], {}],
    ['a node twice', [{ ...route, nodes: [me, friend, far, friend, seller] }], {}],
    ['only the source', [{ ...route, nodes: [me] }], {}],
    ['an excluded node', [route], { excludedNodes: [friend] }],
    ['an excluded edge', [route], { excludedEdges: [{ from: friend, to: seller }] }],
    ['fees that overflow', [{ ...route, fees: (1n << 128n) - 1n }], {}],
  ])('refuses %s', (_, routes, asked) => {
    expect(isGood(routes, asked)).toBe(false)
  })

  it('takes a cycle back to its source', () => {
    const cycle = { ...route, nodes: [me, friend, far, me] }
    expect(isGood([cycle], { destination: me })).toBe(true)
    expect(isGood([{ ...cycle, nodes: [me, friend, far, friend, me] }], { destination: me })).toBe(false)
  })

  it('takes a cycle only over the friends that were named, the first one first', () => {
    const asked = { destination: me, cycle: { first: friend, last: seller } }
    expect(isGood([{ ...route, nodes: [me, friend, far, seller, me] }], asked)).toBe(true)
    expect(isGood([{ ...route, nodes: [me, friend, seller, me] }], asked)).toBe(true)
    expect(isGood([{ ...route, nodes: [me, seller, far, friend, me] }], asked)).toBe(false)
    expect(isGood([{ ...route, nodes: [me, friend, far, me] }], asked)).toBe(false)
  })

  it('takes any amount where the most was asked for', () => {
    const { amount, ...most } = query
    for (const more of [amount, 1n, 1n << 100n].map((each) => ({ ...route, amount: each ?? 0n }))) {
      expect(areGoodRoutes([more], most, isFriend)).toBe(true)
    }
    expect(areGoodRoutes([{ ...route, amount: 0n }], most, isFriend)).toBe(false)
  })

  it('takes no more over a friend than he was said to have room for, all routes together', () => {
    const half = { ...route, amount: 30n }
    const room = (capacity: bigint) => ({ maxParts: 2, rooms: [{ friend, capacity }] })
    expect(isGood([half, half], room(62n))).toBe(true)
    expect(isGood([half, half], room(61n))).toBe(false)
    expect(isGood([half, { ...half, nodes: [me, seller] }], room(31n))).toBe(true)
  })
})

describe('route queries', () => {
  let clock: VirtualClock
  let ready: PublicKey[]
  let connecting: boolean
  let asked: string[]
  let answers: RouteQueryAnswer[]
  let queries: RouteQueries

  beforeEach(() => {
    clock = new VirtualClock()
    ready = [key('1'), key('2')]
    connecting = false
    asked = []
    answers = []
    queries = new RouteQueries({
      clock,
      isFriend,
      ask: (server, id) => asked.push(`${server[0]}:${id}`),
      servers: () => ({ ready, connecting }),
      onAnswer: (_, answer) => answers.push(answer),
    })
  })

  const code = (answer: RouteQueryAnswer | undefined) => (answer?.ok === false ? answer.fault.code : 'routes')

  it('asks all servers, and takes an answer as soon as no other can come', () => {
    queries.start(1, query)
    expect(asked).toEqual(['1:1', '2:1'])
    queries.found(key('2'), 1, [{ ...route, amount: 1n }])
    expect(answers).toEqual([])
    queries.found(key('1'), 1, [route])
    queries.found(key('1'), 1, [route])
    expect(answers).toEqual([{ ok: true, routes: [route] }])
  })

  it('says that there is no route only when all servers said so, with the reason that says most', () => {
    queries.start(1, query)
    queries.notFound(key('1'), 1, 'noCapacity')
    expect(answers).toEqual([])
    queries.notFound(key('2'), 1, 'unknownSource')
    expect(answers[0]).toMatchObject({ ok: false, fault: { code: 'noRoute' } })
    expect(answers[0]).toMatchObject({ fault: { message: expect.stringContaining('amount') as string } })
  })

  it('waits for a server that is about to connect, and asks it then', () => {
    ready = []
    connecting = true
    queries.start(1, query)
    expect(answers).toEqual([])
    ready = [key('1')]
    connecting = false
    queries.serverReady(key('1'))
    queries.found(key('1'), 1, [route])
    expect(answers).toEqual([{ ok: true, routes: [route] }])
  })

  it('says at once that no server can be reached', () => {
    ready = []
    queries.start(1, query)
    expect(answers.map(code)).toEqual(['noIndexServer'])
  })

  it('does not wait for a server that has gone, nor longer than its time', () => {
    queries.start(1, query)
    ready = [key('2')]
    queries.serverGone(key('1'))
    clock.advance(ROUTE_ANSWER_MS_MAX - 1)
    expect(answers).toEqual([])
    clock.advance(1)
    expect(answers.map(code)).toEqual(['noRoute'])
  })

  it('IDX-13 takes what the others have answered at once when the last server that it waits for dies', () => {
    ready = [key('1'), key('2'), key('3')]
    queries.start(1, query)
    queries.found(key('1'), 1, [route])
    queries.notFound(key('2'), 1, 'noCapacity')
    expect(answers).toEqual([])
    // Dialled again by now, it might answer one day.
    ready = [key('1'), key('2')]
    connecting = true
    queries.serverGone(key('3'))
    expect(answers).toEqual([{ ok: true, routes: [route] }])
  })

  it('IDX-13 waits a moment for a cheaper answer, and no longer', () => {
    queries.start(1, query)
    queries.found(key('1'), 1, [{ ...route, fees: 9n }])
    clock.advance(ROUTE_RIVALS_MS - 1)
    expect(answers).toEqual([])
    queries.found(key('2'), 1, [route])
    expect(answers).toEqual([{ ok: true, routes: [route] }])
    queries.start(2, query)
    queries.found(key('1'), 2, [route])
    clock.advance(ROUTE_RIVALS_MS)
    expect(answers).toHaveLength(2)
  })

  it('IDX-13 does not let a server that asks for too much keep a payment from an answer that it can afford', () => {
    const dear = { ...route, fees: 1n << 100n }
    queries.start(1, { ...query, maxFees: 5n })
    queries.found(key('1'), 1, [dear])
    clock.advance(ROUTE_RIVALS_MS)
    expect(answers).toEqual([])
    queries.found(key('2'), 1, [{ ...route, fees: 5n }])
    expect(answers).toEqual([{ ok: true, routes: [{ ...route, fees: 5n }] }])
    queries.start(2, { ...query, maxFees: 5n })
    queries.found(key('1'), 2, [dear])
    queries.notFound(key('2'), 2, 'noCapacity')
    expect(answers[1]).toEqual({ ok: true, routes: [dear] })
  })

  describe('IDX-13 prefers servers whose routes have not failed', () => {
    const invented: Route = { nodes: [me, friend, far, seller], amount: 60n, fees: 0n }
    const again = { ...query, excludedEdges: [{ from: friend, to: far }] }
    const otherLie = { ...invented, nodes: [me, friend, key('Y'), seller] }

    beforeEach(() => {
      queries.start(1, query)
      queries.found(key('1'), 1, [invented])
      queries.found(key('2'), 1, [route])
      expect(answers.pop()).toEqual({ ok: true, routes: [invented] })
      queries.start(2, again)
      queries.found(key('1'), 2, [otherLie])
    })

    it('though they be dearer', () => {
      queries.found(key('2'), 2, [route])
      expect(answers).toEqual([{ ok: true, routes: [route] }])
    })

    it('but not when those have nothing to offer', () => {
      queries.notFound(key('2'), 2, 'noCapacity')
      expect(answers).toEqual([{ ok: true, routes: [otherLie] }])
    })

    it('and, when all have failed, the one that failed longest ago', () => {
      queries.found(key('2'), 2, [route])
      queries.start(3, { ...query, excludedNodes: [friend] })
      queries.start(4, query)
      queries.found(key('1'), 4, [invented])
      queries.found(key('2'), 4, [route])
      expect(answers.at(-1)).toEqual({ ok: true, routes: [invented] })
    })

    it('for other payments, too, as long as nobody asks far more than the cheapest', () => {
      const cheap = { ...invented, fees: 0n }
      queries.found(key('2'), 2, [{ ...route, fees: 61n }])
      queries.start(3, query)
      queries.found(key('1'), 3, [cheap])
      queries.found(key('2'), 3, [{ ...route, fees: 60n }])
      expect(answers.at(-1)).toEqual({ ok: true, routes: [{ ...route, fees: 60n }] })
      queries.start(4, query)
      queries.found(key('1'), 4, [cheap])
      queries.found(key('2'), 4, [{ ...route, fees: 61n }])
      expect(answers.at(-1)).toEqual({ ok: true, routes: [cheap] })
    })
  })

  it('ignores answers that nobody asked for', () => {
    queries.start(1, query)
    queries.found(key('3'), 1, [route])
    queries.found(key('1'), 2, [route])
    queries.clear()
    queries.found(key('1'), 1, [route])
    expect(answers).toEqual([])
  })

  it('refuses more queries than it has room for', () => {
    for (let number = 0; number <= ROUTE_QUERIES_MAX; number++) queries.start(number, query)
    expect(answers.map(code)).toEqual(['busy'])
  })
})
