import { describe, expect, it } from 'vitest'
import { LOG_UPDATES_PER_SECOND_MAX, NEEDED_MAX } from '../../../index-server/limits.ts'
import { Neighbour } from '../../../index-server/neighbour.ts'
import type { SignedUpdate } from '../../../protocol/index-messages.ts'
import type { PublicKey, Signature } from '../../../protocol/types.ts'

const key = (i: number): PublicKey => `key ${i}` as PublicKey

/** One update of each node from `first` on, whose signature names it; the others have left. */
function updatesFrom(first: number) {
  return (node: PublicKey): SignedUpdate[] | undefined =>
    Number(node.slice(4)) < first
      ? undefined
      : [{ body: new Uint8Array(1), signature: node as string as Signature }]
}

/** All that it is sent while time passes. */
function served(neighbour: Neighbour, first: number): string[] {
  const all: string[] = []
  for (let now = 0, missed = 0; missed < 2; now += 1_000) {
    const before = all.length
    for (let i = 0; i < LOG_UPDATES_PER_SECOND_MAX; i++) {
      const one = neighbour.next(updatesFrom(first), now)
      if (one !== undefined) all.push(one.signature)
    }
    missed = all.length === before ? missed + 1 : 0
  }
  return all
}

describe('what a neighbour needs', () => {
  it('IDX-19 comes in the order in which it asked, each node once, without those that have left', () => {
    const neighbour = new Neighbour(key(0), 0)
    for (const i of [1, 5, 2, 6, 5, 7]) neighbour.needs(key(i))
    expect(served(neighbour, 5)).toEqual([5, 6, 7].map(key))
    neighbour.needs(key(6))
    neighbour.isThere(key(2))
    neighbour.isThere(key(2))
    expect(served(neighbour, 2)).toEqual([6, 2].map(key))
  })

  it('IDX-21 is remembered of so many nodes, and those that have left keep no others out', () => {
    const neighbour = new Neighbour(key(0), 0)
    for (let i = 0; i < NEEDED_MAX; i++) neighbour.needs(key(i))
    expect(served(neighbour, NEEDED_MAX)).toEqual([])
    for (let i = 0; i <= NEEDED_MAX; i++) neighbour.needs(key(NEEDED_MAX + i))
    const all = served(neighbour, NEEDED_MAX)
    expect([all.length, all.at(-1)]).toEqual([NEEDED_MAX, key(2 * NEEDED_MAX - 1)])
  })
})
