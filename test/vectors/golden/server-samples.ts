// Golden samples of what nodes and servers say to each other, and of the frames that carry it.

import { federationMessage, PARTING_REASONS } from '../../../protocol/federation-messages.ts'
import { decodeFrame, encodeFrame, type Frame } from '../../../protocol/frames.ts'
import {
  fromIndex,
  NO_ROUTE_REASONS,
  REFUSAL_REASONS,
  toIndex,
  update,
} from '../../../protocol/index-messages.ts'
import { fromRelay, GONE_REASONS, toRelay } from '../../../protocol/relay-messages.ts'
import {
  alice,
  AMOUNT_MAX,
  bob,
  bytesOf,
  carol,
  COUNTER_MAX,
  credit,
  hashOf,
  longCurrency,
  requestIdOf,
  signature,
  U32_MAX,
} from './samples.ts'
import { samplesOf } from './codec-samples.ts'
import { wordsOf } from './shape.ts'

export const toRelayMessages = samplesOf({
  coder: toRelay,
  shape: { kinds: { send: { to: 'value', payload: 'value' }, allow: { keys: { each: 'value' } } } },
  samples: {
    send: { kind: 'send', to: bob, payload: bytesOf('payload', 20) },
    allow: { kind: 'allow', keys: [alice, bob] },
    'allow nobody': { kind: 'allow', keys: [] },
  },
})

export const fromRelayMessages = samplesOf({
  coder: fromRelay,
  shape: {
    kinds: {
      limits: { payloadBytesMax: 'value', allowedKeysMax: 'value', bytesPerSecondMax: 'value' },
      received: { from: 'value', payload: 'value' },
      peerGone: { key: 'value', reason: wordsOf(GONE_REASONS) },
      replaced: {},
    },
  },
  samples: {
    limits: { kind: 'limits', payloadBytesMax: 60_000, allowedKeysMax: 1_000, bytesPerSecondMax: U32_MAX },
    received: { kind: 'received', from: alice, payload: bytesOf('payload', 20) },
    ...Object.fromEntries(
      GONE_REASONS.map((reason) => [`peerGone, ${reason}`, { kind: 'peerGone', key: bob, reason } as const]),
    ),
    replaced: { kind: 'replaced' },
  },
})

export const updates = samplesOf({
  coder: update,
  shape: {
    node: 'value',
    session: 'value',
    counter: 'value',
    freshness: 'value',
    full: 'value',
    edges: {
      each: { friend: 'value', currency: 'value', capacity: 'value', rate: { mul: 'value', add: 'value' } },
    },
  },
  samples: {
    'still there': {
      node: alice,
      session: requestIdOf('session'),
      counter: 2,
      freshness: hashOf('freshness'),
      full: false,
      edges: [],
    },
    full: {
      node: alice,
      session: requestIdOf('session'),
      counter: COUNTER_MAX,
      freshness: hashOf('freshness'),
      full: true,
      edges: [
        { friend: bob, currency: credit, capacity: 0n, rate: { mul: 0, add: 1 } },
        {
          friend: carol,
          currency: longCurrency,
          capacity: AMOUNT_MAX,
          rate: { mul: U32_MAX, add: U32_MAX },
        },
      ],
    },
  },
})

export const toIndexMessages = samplesOf({
  coder: toIndex,
  shape: {
    kinds: {
      update: { body: 'value', signature: 'value' },
      query: {
        id: 'value',
        currency: 'value',
        amount: { optional: 'value' },
        source: 'value',
        destination: 'value',
        excludedNodes: { each: 'value' },
        cycle: { optional: { first: 'value', last: 'value' } },
        excludedEdges: { each: { from: 'value', to: 'value' } },
        rooms: { each: { friend: 'value', capacity: 'value' } },
        maxParts: 'value',
      },
    },
  },
  samples: {
    update: { kind: 'update', body: bytesOf('update', 40), signature },
    query: {
      kind: 'query',
      id: 7,
      currency: credit,
      amount: 60n,
      source: alice,
      destination: carol,
      excludedNodes: [],
      excludedEdges: [],
      rooms: [],
      maxParts: 1,
    },
    'query with exclusions': {
      kind: 'query',
      id: U32_MAX,
      currency: longCurrency,
      amount: AMOUNT_MAX,
      source: alice,
      destination: carol,
      excludedNodes: [bob],
      excludedEdges: [{ from: alice, to: bob }],
      rooms: [{ friend: bob, capacity: 59n }],
      maxParts: 16,
    },
    'query for a cycle': {
      kind: 'query',
      id: 8,
      currency: credit,
      source: alice,
      destination: alice,
      cycle: { first: bob, last: carol },
      excludedNodes: [],
      excludedEdges: [],
      rooms: [],
      maxParts: 1,
    },
  },
})

export const fromIndexMessages = samplesOf({
  coder: fromIndex,
  shape: {
    kinds: {
      freshness: { hash: 'value' },
      routes: { id: 'value', routes: { each: { nodes: { each: 'value' }, amount: 'value', fees: 'value' } } },
      noRoute: { id: 'value', reason: wordsOf(NO_ROUTE_REASONS) },
      refused: { reason: wordsOf(REFUSAL_REASONS) },
    },
  },
  samples: {
    freshness: { kind: 'freshness', hash: hashOf('freshness') },
    routes: {
      kind: 'routes',
      id: 7,
      routes: [
        { nodes: [alice, carol], amount: 40n, fees: 0n },
        { nodes: [alice, bob, carol], amount: 20n, fees: AMOUNT_MAX },
      ],
    },
    'no routes': { kind: 'routes', id: 8, routes: [] },
    ...Object.fromEntries(
      NO_ROUTE_REASONS.map((reason) => [`noRoute, ${reason}`, { kind: 'noRoute', id: 7, reason } as const]),
    ),
    ...Object.fromEntries(
      REFUSAL_REASONS.map((reason) => [`refused, ${reason}`, { kind: 'refused', reason } as const]),
    ),
  },
})

/** The plaintexts that links seal. */
export const frames = samplesOf<Frame>({
  coder: {
    encode: encodeFrame,
    decode: (bytes) => {
      const frame = decodeFrame(bytes)
      if (!frame.ok) throw new Error(frame.error.message)
      return frame.value
    },
  },
  shape: {
    kind: { words: { last: true, more: true, ping: true, pong: true, close: true } },
    payload: 'value',
  },
  samples: {
    last: { kind: 'last', payload: bytesOf('message', 20) },
    'last of the next size': { kind: 'last', payload: bytesOf('message', 254) },
    more: { kind: 'more', payload: bytesOf('message', 253) },
    ping: { kind: 'ping', payload: new Uint8Array(0) },
    pong: { kind: 'pong', payload: new Uint8Array(0) },
    close: { kind: 'close', payload: new Uint8Array(0) },
  },
})

export const federationMessages = samplesOf({
  coder: federationMessage,
  shape: {
    kinds: {
      freshness: { hash: 'value' },
      update: {
        body: 'value',
        signature: 'value',
        chain: { each: { random: 'value', neighbours: { each: 'value' } } },
        digest: { optional: 'value' },
      },
      known: { body: 'value', signature: 'value' },
      need: { node: 'value' },
      gone: { node: 'value', session: 'value', counter: 'value' },
      parting: { reason: wordsOf(PARTING_REASONS) },
    },
  },
  samples: {
    freshness: { kind: 'freshness', hash: hashOf('freshness') },
    update: {
      kind: 'update',
      body: bytesOf('update', 40),
      signature,
      chain: [
        { random: bytesOf('random', 32), neighbours: [hashOf('one'), hashOf('other')] },
        { random: bytesOf('random of the next', 32), neighbours: [hashOf('receiver')] },
      ],
      digest: 0x0102_0304_0506_0708n,
    },
    'update without digest': {
      kind: 'update',
      body: bytesOf('update', 40),
      signature,
      chain: [{ random: bytesOf('random', 32), neighbours: [] }],
      digest: undefined,
    },
    known: { kind: 'known', body: bytesOf('update', 40), signature },
    need: { kind: 'need', node: alice },
    gone: { kind: 'gone', node: bob, session: requestIdOf('session'), counter: COUNTER_MAX },
    ...Object.fromEntries(
      PARTING_REASONS.map((reason) => [`parting, ${reason}`, { kind: 'parting', reason } as const]),
    ),
  },
})
