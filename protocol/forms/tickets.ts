// What people hand to one another so that programs find and trust each other: types and codecs of the tickets.

import * as P from 'micro-packed'
import { ADDRESS_BYTES_MAX, NAME_BYTES_MAX, RELAYS_MAX } from '../limits.ts'
import type { PublicKey, RelayAddress } from '../types.ts'
import * as wire from '../wire.ts'
import { addressToUrl } from './address.ts'

/** A card's own code: whoever reads it can become its friend. */
export interface FriendTicket {
  readonly publicKey: PublicKey
  /** At most RELAYS_MAX; none for a card that has no relay yet. */
  readonly relays: readonly RelayAddress[]
  /** The name of the card, 1..64 bytes, so that the other side need not type one. */
  readonly name?: string | undefined
}

/** Where a relay, an index server or a node listens, and the key that it must prove to hold. */
export interface ServerTicket {
  readonly publicKey: PublicKey
  /** `host:port` or a `ws://` / `wss://` URL. */
  readonly address: string
}

/** What an app may do with a node. The order is the wire's (bit 0 first): append only. */
export const PERMISSIONS = ['read', 'config', 'routes', 'funds', 'sell'] as const
export type Permission = (typeof PERMISSIONS)[number]

/** An app's code: the node's owner accepts it, which gives the app these permissions. */
export interface AppTicket {
  readonly publicKey: PublicKey
  /** Each at most once, in the order of PERMISSIONS. */
  readonly permissions: readonly Permission[]
}

const address: P.CoderType<string> = P.validate(wire.text(1, ADDRESS_BYTES_MAX), (value) => {
  const url = addressToUrl(value)
  if (!url.ok) throw new Error(url.error.message)
  return value
})

const permissions: P.CoderType<readonly Permission[]> = P.apply(P.U8, {
  encode: (bits: number) => {
    if (bits >= 1 << PERMISSIONS.length) throw new Error('unknown permission')
    return PERMISSIONS.filter((_, index) => (bits & (1 << index)) !== 0)
  },
  decode: (granted: readonly Permission[]) => {
    if (new Set(granted).size !== granted.length) throw new Error('a permission is named twice')
    return granted.reduce((bits, permission) => bits | (1 << PERMISSIONS.indexOf(permission)), 0)
  },
})

export const serverTicket: P.CoderType<ServerTicket> = P.struct({ publicKey: wire.publicKey, address })

export const friendTicket: P.CoderType<FriendTicket> = P.struct({
  publicKey: wire.publicKey,
  relays: wire.list(serverTicket, RELAYS_MAX),
  name: wire.maybe(wire.text(1, NAME_BYTES_MAX)),
})

export const appTicket: P.CoderType<AppTicket> = P.struct({ publicKey: wire.publicKey, permissions })
