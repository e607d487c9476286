import { describe, expect, it } from 'vitest'
import { NETWORK_WORK_BURST_MAX, NETWORK_WORK_PER_SECOND_MAX } from '../../../index-server/limits.ts'
import { NetworkWork } from '../../../index-server/network-work.ts'

describe('work of networks', () => {
  it('IDX-28 is remembered until all of it has come back', () => {
    const work = new NetworkWork()
    expect(work.begin('crowd', NETWORK_WORK_BURST_MAX, 0)).toBe(true)
    const back_ms = (NETWORK_WORK_BURST_MAX / NETWORK_WORK_PER_SECOND_MAX) * 1000
    work.expire(back_ms - 1)
    expect(work.size).toBe(1)
    expect(work.begin('crowd', NETWORK_WORK_BURST_MAX, back_ms - 1)).toBe(false)
    work.expire(back_ms)
    expect(work.size).toBe(0)
  })

  it('IDX-28 may cost more than was known when it was begun: then that has to come back first', () => {
    const work = new NetworkWork()
    expect(work.begin('crowd', 1, 0)).toBe(true)
    work.charge('crowd', NETWORK_WORK_BURST_MAX + NETWORK_WORK_PER_SECOND_MAX)
    expect(work.begin('crowd', 1, 1000)).toBe(false)
    expect(work.begin('village', 1, 1000)).toBe(true)
    expect(work.begin('crowd', 1, 1001)).toBe(true)
  })

  it('IDX-28 counts as long as it took, when that was longer than estimated', () => {
    const work = new NetworkWork()
    work.begin('crowd', 300, 0)
    work.charge('crowd', 700)
    work.measured('crowd', 1_000)
    expect(work.begin('crowd', NETWORK_WORK_BURST_MAX - 1_000, 0)).toBe(true)
    work.measured('crowd', NETWORK_WORK_BURST_MAX - 1_000 + NETWORK_WORK_PER_SECOND_MAX)
    expect(work.begin('crowd', 1, 1000)).toBe(false)
    // What was refused took its time, too.
    work.measured('crowd', NETWORK_WORK_PER_SECOND_MAX)
    expect(work.begin('crowd', 1, 2000)).toBe(false)
    expect(work.begin('crowd', 1, 2001)).toBe(true)
  })

  it('IDX-28 is not counted where it comes from no network', () => {
    const work = new NetworkWork()
    for (let i = 0; i < 3; i++) expect(work.begin(undefined, NETWORK_WORK_BURST_MAX, 0)).toBe(true)
    work.charge(undefined, 1)
    expect(work.size).toBe(0)
  })
})
