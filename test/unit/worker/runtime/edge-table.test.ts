import { expect, it } from 'vitest'
import type { Currency, PublicKey } from '../../../../protocol/types.ts'
import type { EdgeReport } from '../../../../worker/core/actions.ts'
import { EdgeTable } from '../../../../worker/runtime/edge-table.ts'

const [bob, carol] = ['B', 'C'].map((letter) => letter.repeat(43) as PublicKey) as [PublicKey, PublicKey]

function report(friend: PublicKey, capacity: bigint, currency = 'credit'): EdgeReport {
  return { friend, currency: currency as Currency, capacity, rate: { mul: 0, add: 1 } }
}

it('IDX-14 reports all friends, also those who can send nothing now, and none who are gone', () => {
  const table = new EdgeTable()
  const everything = [report(bob, 0n), report(carol, 5n), report(carol, 7n, 'hours')]
  table.setAll(everything)
  expect(table.all()).toEqual(everything)
  const names = table.set(carol, [report(carol, 5n)])
  expect(names.map((name) => table.get(name))).toEqual([report(carol, 0n, 'hours')])
  expect(table.all()).toEqual([report(bob, 0n), report(carol, 5n)])
  table.set(carol, everything.slice(1))
  expect(table.all()).toEqual(everything)
})

it('IDX-14 tells again of a currency that was gone and comes back, also when it says the same as before', () => {
  const table = new EdgeTable()
  table.setAll([report(carol, 0n, 'hours')])
  table.set(carol, [])
  // A server that was told everything meanwhile has never heard of it.
  expect(table.all()).toEqual([])
  expect(table.set(carol, [report(carol, 0n, 'hours')])).toHaveLength(1)
})
