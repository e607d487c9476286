// What one address may take of a server.

import { describe, expect, it } from 'vitest'
import { AddressBook, IDLE_ADDRESSES_MAX } from '../../../../cli/operation/address-limits.ts'

const LIMITS = { connections: 3, handshakes: 2, burst: 4, perSecond: 1 }

describe('CLI-26 one address', () => {
  it('has so many connections at once, and another one has its own', () => {
    const book = new AddressBook(LIMITS, () => 0)
    expect([1, 2, 3, 4].map(() => book.enter('a'))).toEqual([true, true, true, false])
    expect(book.enter('b')).toBe(true)
    book.leave('a')
    expect(book.enter('a')).toBe(true)
    expect(book.enter('a')).toBe(false)
  })

  it('has so many handshakes at once, and so many in a time', () => {
    let now = 0
    const book = new AddressBook(LIMITS, () => now)
    book.enter('a')
    expect([book.knock('a'), book.knock('a'), book.knock('a')]).toEqual(['ok', 'ok', 'addressHandshakes'])
    book.settle('a')
    book.settle('a')
    expect([book.knock('a'), book.knock('a')]).toEqual(['ok', 'ok'])
    book.settle('a')
    expect(book.knock('a')).toBe('addressRate')
    now += 1_000
    expect(book.knock('a')).toBe('ok')
  })

  it('does not get a new pace by leaving and coming back, and is forgotten in the end', () => {
    const book = new AddressBook(LIMITS, () => 0)
    const visit = (address: string): string => {
      book.enter(address)
      const answer = book.knock(address)
      if (answer === 'ok') book.settle(address)
      book.leave(address)
      return answer
    }
    expect([1, 2, 3, 4, 5].map(() => visit('a')).at(-1)).toBe('addressRate')
    for (let other = 0; other < IDLE_ADDRESSES_MAX; other++) visit(String(other))
    expect(visit('a')).toBe('ok')
  })
})
