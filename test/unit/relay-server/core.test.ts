import { describe, expect, it } from 'vitest'
import type { FromRelay } from '../../../protocol/relay-messages.ts'
import type { PublicKey } from '../../../protocol/types.ts'
import { RelayCore, type RelayAction } from '../../../relay-server/core.ts'
import {
  ALLOW_BURST_KEYS_MAX,
  CLIENT_BURST_BYTES_MAX,
  PACKET_OVERHEAD_BYTES,
  PARTNERS_MAX,
} from '../../../relay-server/limits.ts'

const ALICE = 'alice' as PublicKey
const BOB = 'bob' as PublicKey
const MALLORY = 'mallory' as PublicKey
const PAYLOAD = Uint8Array.of(1, 2, 3)

/** A core with clients connected at time 0, connection numbers in the order of the keys. */
function relayWith(...keys: PublicKey[]): RelayCore {
  const core = new RelayCore()
  keys.forEach((key, connection) => core.opened(connection, key, 0))
  return core
}

function allow(core: RelayCore, connection: number, ...keys: PublicKey[]): RelayAction[] {
  return core.received(connection, { kind: 'allow', keys }, 0)
}

function send(core: RelayCore, connection: number, to: PublicKey, payload = PAYLOAD, now = 0): RelayAction[] {
  return core.received(connection, { kind: 'send', to, payload }, now)
}

function say(connection: number, message: FromRelay): RelayAction {
  return { kind: 'say', connection, message }
}

function gone(connection: number, key: PublicKey, reason: 'disconnected' | 'notConnected' | 'overloaded') {
  return say(connection, { kind: 'peerGone', key, reason })
}

describe('relay core', () => {
  it('REL-1 says its limits to a client first of all', () => {
    const core = new RelayCore()
    expect(core.opened(7, ALICE, 0)).toMatchObject([
      { kind: 'say', connection: 7, message: { kind: 'limits' } },
    ])
  })

  it('REL-2 passes a packet on to the one it is for, under the key that its sender proved', () => {
    const core = relayWith(ALICE, BOB, MALLORY)
    allow(core, 1, ALICE)
    expect(send(core, 0, BOB)).toEqual([
      { kind: 'deliver', connection: 1, sender: 0, from: ALICE, payload: PAYLOAD },
    ])
  })

  it('REL-3 delivers nothing before the receiver has allowed the sender', () => {
    const core = relayWith(ALICE, BOB)
    expect(send(core, 0, BOB)).toEqual([gone(0, BOB, 'notConnected')])
  })

  it('REL-3 answers a stranger alike whether the receiver is connected or not', () => {
    const core = relayWith(MALLORY, BOB)
    allow(core, 1, ALICE)
    const whileConnected = send(core, 0, BOB)
    core.closed(1)
    expect(send(core, 0, BOB)).toEqual(whileConnected)
  })

  it('REL-3 replaces the whole list, and whoever falls off it sees the client go', () => {
    const core = relayWith(ALICE, BOB)
    allow(core, 1, ALICE)
    send(core, 0, BOB)
    expect(allow(core, 1, MALLORY)).toEqual([gone(0, BOB, 'disconnected')])
    expect(send(core, 0, BOB)).toEqual([gone(0, BOB, 'notConnected')])
    expect(core.closed(1)).toEqual([])
  })

  it('REL-3 leaves those alone who stay on the list or never were on it', () => {
    const core = relayWith(ALICE, BOB, MALLORY)
    allow(core, 1, ALICE)
    allow(core, 2, BOB)
    send(core, 0, BOB)
    send(core, 1, MALLORY)
    expect(allow(core, 1, ALICE, 'another' as PublicKey)).toEqual([])
  })

  it('REL-4 tells only those who had just talked with a client that it has gone', () => {
    const core = relayWith(ALICE, BOB, MALLORY)
    allow(core, 1, ALICE, MALLORY)
    send(core, 0, BOB)
    expect(core.closed(1)).toEqual([gone(0, BOB, 'disconnected')])
    expect(core.closed(1)).toEqual([])
  })

  it('REL-4 tells the receiver of packets too that their sender has gone', () => {
    const core = relayWith(ALICE, BOB)
    allow(core, 1, ALICE)
    send(core, 0, BOB)
    expect(core.closed(0)).toEqual([gone(1, ALICE, 'disconnected')])
  })

  it('REL-4 remembers a bounded number of partners, the latest', () => {
    const core = relayWith(BOB)
    const peers = Array.from({ length: PARTNERS_MAX + 1 }, (_, i) => `peer${i}` as PublicKey)
    peers.forEach((key, i) => {
      core.opened(i + 1, key, 0)
      allow(core, i + 1, BOB)
      send(core, 0, key)
    })
    expect(core.closed(0)).toEqual(peers.slice(1).map((_, i) => gone(i + 2, BOB, 'disconnected')))
  })

  it('REL-5 tells the older connection of a key that it is replaced, and ends it', () => {
    const core = relayWith(ALICE, BOB)
    allow(core, 1, ALICE)
    send(core, 0, BOB)
    expect(core.opened(9, BOB, 0)).toMatchObject([
      say(1, { kind: 'replaced' }),
      { kind: 'close', connection: 1 },
      gone(0, BOB, 'disconnected'),
      { kind: 'say', connection: 9, message: { kind: 'limits' } },
    ])
    expect(core.size).toBe(2)
    // The newer connection has a list of its own, and what the older one still says is not heard.
    allow(core, 1, ALICE)
    expect(send(core, 0, BOB)).toEqual([gone(0, BOB, 'notConnected')])
    expect(core.closed(1)).toEqual([])
    allow(core, 9, ALICE)
    expect(send(core, 0, BOB)).toMatchObject([{ kind: 'deliver', connection: 9 }])
  })

  it('REL-6 tells the sender of a packet that the receiver was too slow for', () => {
    const core = relayWith(ALICE, BOB)
    allow(core, 1, ALICE)
    send(core, 0, BOB)
    expect(core.overloaded(0, 1)).toEqual([gone(0, BOB, 'overloaded')])
    core.closed(0)
    expect(core.overloaded(0, 1)).toEqual([])
  })

  it('REL-6 drops what one client sends too fast, and forwards again when time has passed', () => {
    const core = relayWith(ALICE, BOB)
    allow(core, 1, ALICE)
    const payload = new Uint8Array(60_000 - PACKET_OVERHEAD_BYTES)
    const burst = Math.floor(CLIENT_BURST_BYTES_MAX / 60_000)
    for (let i = 0; i < burst; i++) expect(send(core, 0, BOB, payload)[0]?.kind).toBe('deliver')
    expect(send(core, 0, BOB, payload)).toEqual([gone(0, BOB, 'overloaded')])
    expect(send(core, 0, BOB, payload, 100)[0]?.kind).toBe('deliver')
  })

  it('REL-6 ends the connection of a client that changes its list too fast', () => {
    const core = relayWith(ALICE)
    const keys = Array.from({ length: ALLOW_BURST_KEYS_MAX / 10 - 1 }, (_, i) => `k${i}` as PublicKey)
    for (let i = 0; i < 10; i++) expect(allow(core, 0, ...keys)).toEqual([])
    expect(allow(core, 0, ...keys)).toEqual([{ kind: 'close', connection: 0 }])
    expect(core.size).toBe(0)
  })

  it('a client may write to itself', () => {
    const core = relayWith(ALICE)
    allow(core, 0, ALICE)
    expect(send(core, 0, ALICE)).toMatchObject([{ kind: 'deliver', connection: 0, from: ALICE }])
    expect(core.closed(0)).toEqual([])
  })
})
