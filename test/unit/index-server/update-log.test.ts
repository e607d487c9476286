// The log of one session alone: keys and bodies are real, signatures only have to differ.

import { describe, expect, it } from 'vitest'
import { UpdateLog, type Change } from '../../../index-server/update-log.ts'
import { update as updateCodec, type SignedUpdate, type Update } from '../../../protocol/index-messages.ts'
import type { Currency, Hash, PublicKey, RequestId, Signature } from '../../../protocol/types.ts'
import { toBase64url } from '../../../protocol/wire.ts'

const [ALICE, BOB, CAROL] = [1, 2, 3].map(key) as [PublicKey, PublicKey, PublicKey]

function key(byte: number): PublicKey {
  return toBase64url(new Uint8Array(32).fill(byte)) as PublicKey
}

/** Every edge that it names can carry as much as its counter says. */
function update(counter: number, full: boolean, friends: readonly PublicKey[], currency = 'c'): Update {
  return {
    node: key(9),
    session: toBase64url(new Uint8Array(16)) as RequestId,
    counter,
    freshness: key(8) as string as Hash,
    full,
    edges: friends.map((friend) => ({
      friend,
      currency: currency as Currency,
      capacity: BigInt(counter),
      rate: { mul: 0, add: 0 },
    })),
  }
}

function signed(one: Update): SignedUpdate {
  return {
    body: updateCodec.encode(one),
    signature: toBase64url(new Uint8Array(64).fill(one.counter)) as Signature,
  }
}

function add(log: UpdateLog, one: Update): { news: string[]; undone: string[] } {
  const { news, undone }: Change = log.add(one, signed(one))
  const names = [ALICE, BOB, CAROL]
  const named = ({ friend, currency }: Change['undone'][number]): string =>
    `${['alice', 'bob', 'carol'][names.indexOf(friend)]} ${currency}`
  return { news: news.map(named), undone: undone.map(named) }
}

describe('the log of a session', () => {
  it('IDX-19 a full update that comes late changes only what no later update has said', () => {
    const log = new UpdateLog()
    add(log, update(1, true, [ALICE, BOB]))
    add(log, update(2, false, [CAROL], 'd'))
    add(log, update(8, false, [BOB]))
    expect(add(log, update(5, true, [BOB, CAROL]))).toEqual({
      news: ['carol c'],
      undone: ['alice c', 'carol d'],
    })
    expect(log.edges([]).map(({ friend, capacity }) => [friend, capacity])).toEqual([
      [BOB, 8n],
      [CAROL, 5n],
    ])
    expect(add(log, update(6, true, [CAROL]))).toEqual({ news: ['carol c'], undone: [] })
    expect(add(log, update(7, true, []))).toEqual({ news: [], undone: ['carol c'] })
  })
})
