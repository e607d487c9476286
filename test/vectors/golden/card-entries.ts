// Golden entries of the list of cards that a browser keeps, with their secrets.

import type { CardEntry } from '../../../worker/shell/registry.ts'
import { alice, bob, bytesOf, carol, keyOf, requestIdOf, TIME } from './samples.ts'
import type { Shape } from './shape.ts'

const servers = { each: { publicKey: 'value', address: 'value', name: 'value' } } as const
const relay = { publicKey: carol, address: 'wss://relay.example.org', name: 'Our relay' }
const ready: CardEntry = {
  publicKey: alice,
  name: 'Alice',
  seed: bytesOf('secret key of alice', 32),
  created: TIME,
  key: requestIdOf('key'),
  stage: 'ready',
}

export const CARD_ENTRY_SHAPE: Shape<CardEntry> = {
  publicKey: 'value',
  name: 'value',
  seed: 'value',
  created: 'value',
  key: 'value',
  stage: { words: { making: true, ready: true, removing: true } },
  servers: { optional: { relays: servers, indexServers: servers } },
  remote: {
    optional: {
      address: { optional: 'value' },
      relays: { each: { publicKey: 'value', address: 'value' } },
    },
  },
}

export const CARD_ENTRIES: Readonly<Record<string, CardEntry>> = {
  ready,
  making: {
    ...ready,
    publicKey: bob,
    stage: 'making',
    servers: { relays: [relay], indexServers: [relay] },
  },
  removing: { ...ready, publicKey: carol, stage: 'removing' },
  remote: {
    ...ready,
    publicKey: keyOf('dan'),
    remote: { address: '[::1]:9500', relays: [{ publicKey: carol, address: relay.address }] },
  },
  'remote over relays': {
    ...ready,
    publicKey: keyOf('eve'),
    remote: { relays: [{ publicKey: carol, address: relay.address }] },
  },
}
