import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Currency } from '../../../protocol/types.ts'
import {
  CURRENCIES_KNOWN_MAX,
  LOGS_BYTES_MAX,
  NETWORK_CURRENCIES_MAX,
  NETWORK_LOGS_BYTES_MAX,
  NETWORK_REPORTS_MAX,
  REPORTS_MAX,
} from '../../../index-server/limits.ts'
import { Holding, Shares } from '../../../index-server/shares.ts'

const NETWORKS = [undefined, 'crowd', 'village'] as const
const HOLDERS = 4

/** So many, all of them new. */
function strange(count: number): Currency[] {
  return currencies(count, 'strange')
}

function currencies(count: number, prefix: string): Currency[] {
  return Array.from({ length: count }, (_, i) => `${prefix}${i}` as Currency)
}

/** A new node at a network, with these currencies and bytes. */
function holder(shares: Shares, network: string | undefined, held: Currency[], logBytes = 0): Holding {
  const holding = new Holding()
  shares.move(holding, network)
  for (const currency of held) shares.report(holding, currency, 1)
  shares.log(holding, logBytes)
  return holding
}

describe('shares of the tables', () => {
  it('IDX-28 end at what there is for one network, and at what there is for all', () => {
    const shares = new Shares()
    const credit = 'credit' as Currency
    const node = new Holding()
    expect(shares.haveRoom(node, 'crowd', NETWORK_REPORTS_MAX, NETWORK_LOGS_BYTES_MAX)).toBe(true)
    expect(shares.haveRoom(node, 'crowd', NETWORK_REPORTS_MAX + 1, 0)).toBe(false)
    expect(shares.haveRoom(node, 'crowd', 1, NETWORK_LOGS_BYTES_MAX + 1)).toBe(false)
    expect(shares.haveRoom(node, undefined, REPORTS_MAX, LOGS_BYTES_MAX)).toBe(true)
    shares.report(node, credit, REPORTS_MAX - 1)
    expect(shares.haveRoom(new Holding(), 'crowd', 1, 0)).toBe(true)
    expect(shares.haveRoom(new Holding(), 'crowd', 2, 0)).toBe(false)
    shares.log(node, LOGS_BYTES_MAX)
    expect(shares.haveRoom(new Holding(), 'crowd', 1, 1)).toBe(false)
  })

  it('IDX-28 let a node replace what it has, where it is, and not bring it to a network that is full', () => {
    const shares = new Shares()
    const big = holder(shares, 'crowd', currencies(NETWORK_CURRENCIES_MAX, 'c'), NETWORK_LOGS_BYTES_MAX)
    shares.report(big, 'c0' as Currency, NETWORK_REPORTS_MAX - NETWORK_CURRENCIES_MAX)
    expect(shares.haveRoom(big, 'crowd', NETWORK_REPORTS_MAX, 0)).toBe(true)
    shares.report(big, 'c0' as Currency, 1)
    expect(shares.haveRoom(big, 'crowd', NETWORK_REPORTS_MAX + 1, 0)).toBe(true)
    expect(shares.haveRoom(big, 'crowd', NETWORK_REPORTS_MAX + 2, 0)).toBe(false)
    shares.report(big, 'c0' as Currency, -1)
    const other = holder(shares, 'village', currencies(1, 'd'), 1)
    expect(shares.haveRoom(other, 'village', 2, 0)).toBe(true)
    expect(shares.haveRoom(other, 'crowd', 1, 0)).toBe(false)
    shares.report(big, 'c0' as Currency, -1)
    expect(shares.haveRoom(other, 'crowd', 1, 0)).toBe(false)
    shares.log(big, -1)
    expect(shares.haveRoom(other, 'crowd', 1, 0)).toBe(true)
  })

  it('IDX-28 keep nobody from currencies that are known, however many there are', () => {
    const shares = new Shares()
    for (let i = 0; i * NETWORK_CURRENCIES_MAX < CURRENCIES_KNOWN_MAX; i++) {
      expect(shares.haveRoomForCurrencies(`crowd${i}`, strange(NETWORK_CURRENCIES_MAX))).toBe(true)
      expect(shares.haveRoomForCurrencies(`crowd${i}`, strange(NETWORK_CURRENCIES_MAX + 1))).toBe(false)
      holder(shares, `crowd${i}`, currencies(NETWORK_CURRENCIES_MAX, `c${i}-`))
    }
    expect(shares.haveRoomForCurrencies('village', strange(1))).toBe(false)
    expect(shares.haveRoomForCurrencies(undefined, strange(1))).toBe(false)
    expect(shares.haveRoomForCurrencies('village', currencies(10, 'c0-'))).toBe(true)
    expect(shares.haveRoomForCurrencies('crowd1', currencies(1, 'c0-'))).toBe(false)
  })

  it('IDX-28 are what their nodes hold, wherever these come from and go to', () => {
    const step = fc.record({
      holder: fc.nat(HOLDERS - 1),
      network: fc.constantFrom(...NETWORKS),
      currency: fc.nat(2),
      reports: fc.integer({ min: -2_400, max: 2_400 }),
      logBytes: fc.integer({ min: -800_000, max: 800_000 }),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const shares = new Shares()
        const holders = Array.from({ length: HOLDERS }, () => new Holding())
        for (const { holder: i, network, currency, reports, logBytes } of steps) {
          const held = holders[i]!
          const [name] = currencies(3, 'c').slice(currency)
          shares.move(held, network)
          shares.report(held, name!, Math.max(reports, -(held.currencies.get(name!) ?? 0)))
          shares.log(held, Math.max(logBytes, -held.logBytes))
        }
        for (const network of ['crowd', 'village']) {
          const there = holders.filter((held) => held.network === network)
          const free = NETWORK_REPORTS_MAX - there.reduce((sum, held) => sum + held.reports, 0)
          const bytes = NETWORK_LOGS_BYTES_MAX - there.reduce((sum, held) => sum + held.logBytes, 0)
          const known = new Set(there.flatMap((held) => [...held.currencies.keys()])).size
          expect(shares.haveRoom(new Holding(), network, free, bytes)).toBe(true)
          expect(shares.haveRoom(new Holding(), network, free + 1, bytes)).toBe(false)
          expect(shares.haveRoom(new Holding(), network, free, bytes + 1)).toBe(false)
          expect(shares.haveRoomForCurrencies(network, strange(NETWORK_CURRENCIES_MAX - known))).toBe(true)
          expect(shares.haveRoomForCurrencies(network, strange(NETWORK_CURRENCIES_MAX - known + 1))).toBe(
            false,
          )
        }
        const networks = holders.map(({ network, reports, logBytes }) => reports + logBytes > 0 && network)
        expect(shares.networks).toBe(new Set(networks.filter(Boolean)).size)
        expect(shares.reports).toBe(holders.reduce((sum, held) => sum + held.reports, 0))
      }),
    )
  })
})
