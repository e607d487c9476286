import { expect, it } from 'vitest'
import { SteadyClock } from '../../../../worker/runtime/steady-clock.ts'

it('STO-8 goes on from where it was when the machine’s clock is set back, and follows it when it is right again', () => {
  let machine = 1_000_000
  const clock = new SteadyClock({ now: () => machine, after: () => () => undefined })
  const wait = (ms: number): number => {
    machine += ms
    return clock.now()
  }
  expect(wait(500)).toBe(1_000_500)
  machine -= 600_000
  expect(clock.now()).toBe(1_000_500)
  expect(wait(1_000)).toBe(1_001_500)
  machine -= 5_000
  expect(wait(1_000)).toBe(1_001_500)
  expect(wait(1_000)).toBe(1_002_500)
  machine += 606_000
  expect(clock.now()).toBe(machine)
  expect(wait(1)).toBe(machine)
})
