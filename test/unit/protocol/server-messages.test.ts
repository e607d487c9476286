import { describe, expect, it } from 'vitest'
import { fromIndex, freshnessHash, toIndex, update, type Update } from '../../../protocol/index-messages.ts'
import {
  ALLOWED_KEYS_MAX,
  PACKET_BYTES_MAX,
  QUERY_EXCLUSIONS_MAX,
  UPDATE_BYTES_MAX,
  UPDATE_EDGES_MAX,
} from '../../../protocol/limits.ts'
import { fromRelay, toRelay, type FromRelay, type ToRelay } from '../../../protocol/relay-messages.ts'
import type { Currency, Hash, PublicKey, RequestId, Signature } from '../../../protocol/types.ts'
import { AMOUNT_MAX, decode, toBase64url } from '../../../protocol/wire.ts'

const bytes = (size: number, value = 7) => new Uint8Array(size).fill(value)
const key = toBase64url(bytes(32)) as PublicKey
const hash = toBase64url(bytes(32, 1)) as Hash
const session = toBase64url(bytes(16)) as RequestId
const currency = 'credit' as Currency

const TO_RELAY: ToRelay[] = [
  { kind: 'send', to: key, payload: bytes(3) },
  { kind: 'allow', keys: [] },
  { kind: 'allow', keys: Array.from({ length: ALLOWED_KEYS_MAX }, () => key) },
]
const FROM_RELAY: FromRelay[] = [
  { kind: 'limits', payloadBytesMax: 1, allowedKeysMax: 2, bytesPerSecondMax: 3 },
  { kind: 'received', from: key, payload: bytes(PACKET_BYTES_MAX) },
  { kind: 'peerGone', key, reason: 'disconnected' },
  { kind: 'peerGone', key, reason: 'notConnected' },
  { kind: 'peerGone', key, reason: 'overloaded' },
  { kind: 'replaced' },
]

describe('messages of relays', () => {
  it('come back as they were', () => {
    for (const message of TO_RELAY) expect(toRelay.decode(toRelay.encode(message))).toEqual(message)
    for (const message of FROM_RELAY) expect(fromRelay.decode(fromRelay.encode(message))).toEqual(message)
  })

  it('REL-7 have one encoding, with the bytes of the documented frames', () => {
    const sent = toRelay.encode({ kind: 'send', to: key, payload: bytes(2, 9) })
    expect([...sent]).toEqual([0x01, ...bytes(32), 0, 2, 9, 9])
    const gone = fromRelay.encode({ kind: 'peerGone', key, reason: 'notConnected' })
    expect([...gone]).toEqual([0x83, ...bytes(32), 1])
    expect([...fromRelay.encode({ kind: 'replaced' })]).toEqual([0x84])
  })

  it('REL-7 are refused when cut, longer, of unknown kind or over their limits', () => {
    const sent = toRelay.encode({ kind: 'send', to: key, payload: bytes(40) })
    for (let size = 0; size < sent.length; size++) {
      expect(decode(toRelay, sent.subarray(0, size)).ok).toBe(false)
    }
    expect(decode(toRelay, Uint8Array.of(...sent, 0)).ok).toBe(false)
    expect(decode(toRelay, Uint8Array.of(3)).ok).toBe(false)
    expect(decode(fromRelay, sent).ok).toBe(false)
    expect(decode(fromRelay, Uint8Array.of(0x83, ...bytes(32), 3)).ok).toBe(false)
    const tooLong = Uint8Array.of(0x01, ...bytes(32), 0xff, 0xff, ...bytes(65_535))
    expect(decode(toRelay, tooLong).ok).toBe(false)
    const tooMany = Uint8Array.of(
      0x02,
      (ALLOWED_KEYS_MAX + 1) >> 8,
      (ALLOWED_KEYS_MAX + 1) & 0xff,
      ...bytes(32 * (ALLOWED_KEYS_MAX + 1)),
    )
    expect(decode(toRelay, tooMany).ok).toBe(false)
  })
})

function fullUpdate(count: number): Update {
  const edge = {
    friend: key,
    currency: 'c'.repeat(16) as Currency,
    capacity: AMOUNT_MAX,
    rate: { mul: 2 ** 32 - 1, add: 2 ** 32 - 1 },
  }
  const edges = Array.from({ length: count }, () => edge)
  return { node: key, session, counter: 5, freshness: hash, full: true, edges }
}

const QUERY = {
  kind: 'query',
  id: 1,
  currency,
  amount: 60n,
  source: key,
  destination: key,
  excludedNodes: [key],
  excludedEdges: [{ from: key, to: key }],
  cycle: { first: key, last: key },
  rooms: [{ friend: key, capacity: 0n }],
  maxParts: 1,
} as const

describe('messages of index servers', () => {
  it('come back as they were', () => {
    const signed = { body: bytes(9), signature: toBase64url(bytes(64)) as Signature }
    const told = [{ kind: 'update', ...signed } as const, QUERY]
    for (const message of told) expect(toIndex.decode(toIndex.encode(message))).toEqual(message)
    const heard = [
      { kind: 'freshness', hash } as const,
      { kind: 'routes', id: 1, routes: [{ nodes: [key, key], amount: 1n, fees: 0n }] } as const,
      { kind: 'noRoute', id: 1, reason: 'tooLong' } as const,
      { kind: 'refused', reason: 'needFull' } as const,
    ]
    for (const message of heard) expect(fromIndex.decode(fromIndex.encode(message))).toEqual(message)
    expect(update.decode(update.encode(fullUpdate(2)))).toEqual(fullUpdate(2))
  })

  it('the largest update fits its limit of bytes, and no larger one is made', () => {
    expect(update.encode(fullUpdate(UPDATE_EDGES_MAX)).length).toBeLessThanOrEqual(UPDATE_BYTES_MAX)
    expect(() => update.encode(fullUpdate(UPDATE_EDGES_MAX + 1))).toThrow(/513 items/)
  })

  it('IDX-12 are refused when cut, of unknown kind or over their limits', () => {
    const asked = toIndex.encode(QUERY)
    for (let size = 0; size < asked.length; size++) {
      expect(decode(toIndex, asked.subarray(0, size)).ok).toBe(false)
    }
    expect(decode(toIndex, Uint8Array.of(9)).ok).toBe(false)
    const noParts = asked.slice()
    noParts[noParts.length - 1] = 0
    expect(decode(toIndex, noParts).ok).toBe(false)
    noParts[noParts.length - 1] = 17
    expect(decode(toIndex, noParts).ok).toBe(false)
    const excludedNodes = Array.from({ length: QUERY_EXCLUSIONS_MAX + 1 }, () => key)
    expect(() => toIndex.encode({ ...QUERY, excludedNodes })).toThrow(/65 items/)
    expect(() => toIndex.encode({ ...QUERY, amount: 0n })).toThrow(/zero/)
    expect(decode(fromIndex, Uint8Array.of(0x84, 99)).ok).toBe(false)
  })

  it('IDX-2 a freshness hash depends on the random value and on every neighbour', () => {
    const other = toBase64url(bytes(32, 2)) as Hash
    const hashes = [
      freshnessHash(bytes(32), []),
      freshnessHash(bytes(32, 8), []),
      freshnessHash(bytes(32), [hash]),
      freshnessHash(bytes(32), [hash, other]),
      freshnessHash(bytes(32), [other, hash]),
    ]
    expect(new Set(hashes).size).toBe(hashes.length)
  })
})
