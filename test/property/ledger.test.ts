import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { feeFor, forwardable, incomingFor } from '../../protocol/fees.ts'
import type { Currency } from '../../protocol/types.ts'
import { AMOUNT_MAX, BALANCE_MAX, BALANCE_MIN } from '../../protocol/wire.ts'
import * as ledger from '../../worker/core/ledger.ts'
import type { Delta, Ledger } from '../../worker/core/records.ts'

const currency = 'credit' as Currency
/** Favours the edges of 128 bits. */
const amount = fc.oneof(
  fc.bigInt(0n, AMOUNT_MAX),
  fc.constantFrom(0n, 1n, BALANCE_MAX, BALANCE_MAX + 1n, AMOUNT_MAX - 1n, AMOUNT_MAX),
)
const balance = fc.oneof(
  fc.bigInt(BALANCE_MIN, BALANCE_MAX),
  fc.constantFrom(BALANCE_MIN, BALANCE_MIN + 1n, -1n, 0n, 1n, BALANCE_MAX - 1n, BALANCE_MAX),
)
const limit = fc.oneof(fc.bigInt(0n, BALANCE_MAX), fc.constantFrom(0n, 1n, BALANCE_MAX))

const books = fc
  .record({ balance, localPending: amount, remotePending: amount, theirLimit: limit })
  .map(({ theirLimit, ...numbers }): Ledger => ({
    ...ledger.emptyLedger(currency),
    ...numbers,
    remoteTerms: { currency, remoteMaxDebt: theirLimit, open: true, rate: { mul: 0, add: 1 } },
  }))

const delta = fc.record({
  balance: fc.bigInt(-AMOUNT_MAX, AMOUNT_MAX),
  localPending: fc.bigInt(-AMOUNT_MAX, AMOUNT_MAX),
  remotePending: fc.bigInt(-AMOUNT_MAX, AMOUNT_MAX),
})

describe('the books of a currency', () => {
  it('take a change wholly or not at all, and never leave 128 bits (CH-22)', () => {
    fc.assert(
      fc.property(books, delta, (before, numbers) => {
        const change: Delta = { currency, ...numbers }
        const after = { ...before }
        const taken = ledger.tryApply(after, change)
        expect(ledger.isInRange(after)).toBe(true)
        if (!taken) {
          expect(after).toEqual(before)
          return
        }
        expect(after.balance).toBe(before.balance + numbers.balance)
        expect(ledger.tryApply(after, ledger.inverse(change))).toBe(true)
        expect(after).toEqual(before)
      }),
    )
  })

  it('change by sums, whatever the order (CH-4)', () => {
    fc.assert(
      fc.property(
        books,
        fc.array(fc.record({ mine: fc.boolean(), size: fc.bigInt(1n, 1n << 64n) }), { maxLength: 12 }),
        (start, requests) => {
          const room = { ...start, balance: 0n, localPending: 0n, remotePending: 0n }
          const deltas = requests.flatMap(({ mine, size }) =>
            mine
              ? [ledger.freezeLocal(currency, size), ledger.settleLocal(currency, size)]
              : [ledger.freezeRemote(currency, size), ledger.settleRemote(currency, size)],
          )
          const total = requests.reduce((sum, { mine, size }) => (mine ? sum - size : sum + size), 0n)
          for (const change of deltas) ledger.apply(room, change)
          expect(room).toMatchObject({ balance: total, localPending: 0n, remotePending: 0n })
        },
      ),
    )
  })

  it('let me send exactly so much that I never owe more than the friend grants (PAY-11)', () => {
    fc.assert(
      fc.property(books, (each) => {
        const capacity = ledger.sendCapacity(each)
        expect(capacity >= 0n).toBe(true)
        const localMaxDebt = each.remoteTerms?.remoteMaxDebt ?? 0n
        const left = each.balance - each.localPending - capacity
        if (capacity > 0n) expect(left).toBe(-localMaxDebt)
        else expect(each.balance - each.localPending <= -localMaxDebt).toBe(true)
      }),
    )
  })

  it('let the friend send exactly so much that he never owes more than I grant (PAY-11)', () => {
    fc.assert(
      fc.property(books, limit, (each, remoteMaxDebt) => {
        const config = { currency, remoteMaxDebt, open: true, rate: { mul: 0, add: 1 } }
        const capacity = ledger.receiveCapacity(each, config)
        const full = { ...each, remotePending: each.remotePending + capacity }
        if (capacity > 0n) {
          expect(ledger.isWithinLimit(full, config)).toBe(true)
          expect(ledger.isWithinLimit({ ...full, remotePending: full.remotePending + 1n }, config)).toBe(
            false,
          )
        } else {
          expect(each.balance + each.remotePending >= remoteMaxDebt).toBe(true)
        }
      }),
    )
  })

  it('refuse a request that freezes more than 128 bits (CH-22)', () => {
    fc.assert(
      fc.property(amount, amount, (destPayment, leftFees) => {
        const frozen = ledger.frozenBy({ destPayment, leftFees })
        expect(frozen).toBe(destPayment + leftFees <= AMOUNT_MAX ? destPayment + leftFees : undefined)
      }),
    )
  })
})

describe('fees', () => {
  const rate = fc.record({
    mul: fc.integer({ min: 0, max: 0xffff_ffff }),
    add: fc.integer({ min: 0, max: 0xffff_ffff }),
  })

  it('that the buyer adds are what the mediator takes, to the credit (IDX-9, PAY-10)', () => {
    fc.assert(
      fc.property(rate, amount, (each, forwarded) => {
        const incoming = incomingFor(each, forwarded)
        if (incoming === undefined) return
        expect(forwardable(each, incoming)).toBe(forwarded)
        expect(incoming - forwarded).toBe(feeFor(each, forwarded))
      }),
    )
  })
})
