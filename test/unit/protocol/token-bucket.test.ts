import { describe, expect, it } from 'vitest'
import { TokenBucket } from '../../../protocol/token-bucket.ts'

describe('token bucket', () => {
  it('gives a burst at once, then what comes back with time', () => {
    const bucket = new TokenBucket(10, 2, 0)
    expect(bucket.take(10, 0)).toBe(true)
    expect(bucket.take(1, 0)).toBe(false)
    expect(bucket.take(1, 499)).toBe(false)
    expect(bucket.take(1, 500)).toBe(true)
    expect(bucket.take(1, 500)).toBe(false)
  })

  it('never holds more than the burst, and never gives more than it holds', () => {
    const bucket = new TokenBucket(10, 2, 0)
    expect(bucket.take(11, 1_000_000)).toBe(false)
    expect(bucket.take(10, 1_000_000)).toBe(true)
    expect(bucket.take(1, 1_000_000)).toBe(false)
  })

  it('is charged for work that is done, though it held less: that has to come back first', () => {
    const bucket = new TokenBucket(10, 2, 0)
    bucket.charge(15)
    expect(bucket.take(1, 2_500)).toBe(false)
    expect(bucket.take(1, 3_000)).toBe(true)
  })

  it('is full when all has come back', () => {
    const bucket = new TokenBucket(10, 2, 0)
    expect(bucket.isFull(0)).toBe(true)
    bucket.take(1, 0)
    expect(bucket.isFull(499)).toBe(false)
    expect(bucket.isFull(500)).toBe(true)
  })

  it('takes nothing away when the clock is set back', () => {
    const bucket = new TokenBucket(10, 2, 5000)
    expect(bucket.take(5, 0)).toBe(true)
    expect(bucket.take(5, 0)).toBe(true)
    expect(bucket.take(2, 1000)).toBe(true)
  })
})
