import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Timers } from '../../../../worker/core/timers.ts'

describe('deadlines', () => {
  it('come up in order, once, at their last setting, unless cancelled', () => {
    const change = fc.record({
      name: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      due: fc.option(fc.integer({ min: 0, max: 50 }), { nil: undefined }),
    })
    fc.assert(
      fc.property(fc.array(change, { maxLength: 200 }), fc.integer({ min: 0, max: 60 }), (changes, now) => {
        const timers = new Timers()
        const model = new Map<string, number>()
        for (const { name, due } of changes) {
          if (due === undefined) {
            timers.cancel(name)
            model.delete(name)
          } else {
            timers.set(name, due)
            model.set(name, due)
          }
        }
        expect(timers.next()).toBe(model.size === 0 ? undefined : Math.min(...model.values()))
        const due = [...model]
          .filter(([, at]) => at <= now)
          .sort(([x, a], [y, b]) => a - b || (x < y ? -1 : 1))
        expect(timers.take(now)).toEqual(due.map(([name]) => name))
        expect(timers.take(now)).toEqual([])
      }),
    )
  })
})
