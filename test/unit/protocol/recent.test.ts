import { expect, it } from 'vitest'
import { RecentMap } from '../../../protocol/recent.ts'

it('forgets the entry that was used longest ago when it is full', () => {
  const map = new RecentMap<string, number>(2)
  map.set('a', 1)
  map.set('b', 2)
  expect(map.get('a')).toBe(1)
  map.set('c', 3)
  expect([map.get('a'), map.get('b'), map.get('c'), map.size]).toEqual([1, undefined, 3, 2])
})

it('replaces a value without forgetting another', () => {
  const map = new RecentMap<string, number>(2)
  map.set('a', 1)
  map.set('b', 2)
  map.set('a', 3)
  expect([map.get('a'), map.get('b')]).toEqual([3, 2])
  map.delete('a')
  expect([map.get('a'), map.size]).toEqual([undefined, 1])
})
