// Route queries: whom they go to, which answer wins, and which answers are not believed.

import { beforeEach, describe, expect, it } from 'vitest'
import type { Currency, PublicKey } from '../../../../protocol/types.ts'
import type { Route, RouteQuery, RouteQueryAnswer } from '../../../../worker/core/routes.ts'
import { ROUTE_ANSWER_MS_MAX, ROUTE_QUERIES_MAX } from '../../../../worker/runtime/limits.ts'
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

  it('asks all servers, and takes the first good answer', () => {
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
