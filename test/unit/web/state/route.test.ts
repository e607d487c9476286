// The way of a payment as it is drawn: names only where they are known.

import { expect, it } from 'vitest'
import { mediators, stopsOf } from '../../../../web/state/route.ts'

const names = (key: string) => ({ carol: 'Carol', dan: 'Dan' })[key]

function stops(...between: string[]): string[] {
  const route = { nodes: ['me', ...between, 'shop'], amount: '24', fees: String(between.length) }
  return stopsOf([route], names).map(({ name, note }) => `${name}: ${note}`)
}

it('goes straight to a friend', () => {
  expect(stops()).toEqual(['You: pay 24', 'Seller: gets 24'])
})

it('names the one who passes it on', () => {
  expect(stops('carol')).toEqual(['You: pay 25', 'Carol: takes 1', 'Seller: gets 24'])
})

it('counts people whose names are not known', () => {
  expect(stops('carol', 'x', 'y')).toEqual([
    'You: pay 27',
    'Carol: ',
    '2 people: all take 3',
    'Seller: gets 24',
  ])
  expect(stops('x', 'y')).toEqual(['You: pay 26', '2 people: takes 2', 'Seller: gets 24'])
})

it('takes several routes together', () => {
  const routes = [
    { nodes: ['me', 'carol', 'shop'], amount: '10', fees: '1' },
    { nodes: ['me', 'dan', 'shop'], amount: '14', fees: '1' },
  ]
  expect(mediators(routes).size).toBe(2)
  const drawn = stopsOf(routes, names).map(({ name, note }) => `${name}: ${note}`)
  expect(drawn).toEqual(['You: pay 26', 'Carol, Dan: on 2 ways', 'Seller: gets 24'])
  const more = { nodes: ['me', 'dan', 'x', 'shop'], amount: '6', fees: '2' }
  expect(stopsOf([...routes, more], names)[1]).toEqual({ name: '3 people', note: 'on 3 ways' })
})

it('draws nothing where there is no route', () => {
  expect(stopsOf([], names)).toEqual([])
})
