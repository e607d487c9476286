// The app API's schema: what a hostile app may put into parameters, and what it costs to say no.

import { expect, it } from 'vitest'
import { FAULT_CHARACTERS_MAX, parseParams } from '../../../worker/api.ts'

const key = 'A'.repeat(43)

it('APP-2 refuses texts that are no amounts, where BigInt would throw or toil', () => {
  const texts = ['abc', '1e3', '0x10', '-', '1.5', '９', 'Infinity', '1'.repeat(50_000), '-'.repeat(50_000)]
  for (const maxDebt of texts) {
    const params = { friend: key, currency: 'credit', maxDebt }
    expect(parseParams('friends.setMaxDebt', params)).toEqual({
      ok: false,
      message: 'maxDebt: not a whole number',
    })
  }
})

it('APP-2 takes amounts up to the last one, and none beyond', () => {
  const max = (1n << 127n) - 1n
  const params = { friend: key, currency: 'credit' }
  expect(parseParams('friends.setMaxDebt', { ...params, maxDebt: `${max}` })).toMatchObject({ ok: true })
  for (const maxDebt of [`${max + 1n}`, '-1']) {
    expect(parseParams('friends.setMaxDebt', { ...params, maxDebt })).toEqual({
      ok: false,
      message: `maxDebt: not between 0 and ${max}`,
    })
  }
})

it('APP-2 stops at the first wrong value, however many follow', () => {
  let reads = 0
  const balances = new Proxy(new Array<number>(10_000).fill(0), {
    get: (target, name) => {
      reads += 1
      return Reflect.get(target, name) as unknown
    },
  })
  const parsed = parseParams('friends.add', { ticket: '', name: 'Bob', balances })
  expect(parsed).toMatchObject({ ok: false, message: /^balances\.0: / })
  expect(reads).toBeLessThan(10)
})

it('APP-2 does not repeat long texts in what it says about them', () => {
  const long = 'x'.repeat(100_000)
  for (const [params, where] of [
    [long, 'Invalid type'],
    [{ friend: long, enabled: true }, 'friend: '],
    [{ friend: key, enabled: long }, 'enabled: '],
  ] as const) {
    const parsed = parseParams('friends.setEnabled', params)
    const message = parsed.ok ? '' : parsed.message
    expect(message.slice(0, where.length)).toBe(where)
    expect(message.length).toBeLessThanOrEqual(FAULT_CHARACTERS_MAX)
  }
})
