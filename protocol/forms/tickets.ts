// What people hand to one another so that programs find and trust each other: types and codecs of the tickets.

import * as P from 'micro-packed'
import { ADDRESS_BYTES_MAX, BUDGETS_MAX, NAME_BYTES_MAX, RELAYS_MAX } from '../limits.ts'
import type { Currency, PublicKey, RelayAddress, SecretKey } from '../types.ts'
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

/** Spans in which a budget is spent, each reaching back from now. The order is the wire's: append only. */
export const PERIODS = ['day', 'week', 'month'] as const
export type Period = (typeof PERIODS)[number]

/** What an app may spend of one currency in any span of that length, with the fees and what is still under way. */
export interface Budget {
  readonly currency: Currency
  readonly amount: bigint
  readonly period: Period
}

/** An app's code: the node's owner accepts it, which gives the app these permissions. */
export interface AppTicket {
  readonly publicKey: PublicKey
  /** Each at most once, in the order of PERMISSIONS. */
  readonly permissions: readonly Permission[]
  /** 1..BUDGETS_MAX, each of another currency: it may spend nothing else. Missing: it may spend what the card can. */
  readonly budgets?: readonly Budget[] | undefined
}

/** Opens a card on another device. A secret: whoever has it is an app that the card has accepted. */
export interface RemoteTicket {
  /** The card's. */
  readonly publicKey: PublicKey
  /** The app's, not the card's. */
  readonly secretKey: SecretKey
  /** What the card is called, until it says so itself. */
  readonly name?: string | undefined
  /** Where its node listens, if it does. */
  readonly address?: string | undefined
  /** Where the card is reached else; at least one if there is no address. */
  readonly relays: readonly RelayAddress[]
}

const address: P.CoderType<string> = P.validate(wire.text(1, ADDRESS_BYTES_MAX), (value) => {
  const url = addressToUrl(value)
  if (!url.ok) throw new Error(url.error.message)
  return value
})

/** The bit of the permissions that says that budgets follow. */
const BUDGETS_FOLLOW = 0x80

function permissionsOf(bits: number): readonly Permission[] {
  if (bits >= 1 << PERMISSIONS.length) throw new Error('unknown permission')
  return PERMISSIONS.filter((_, index) => (bits & (1 << index)) !== 0)
}

function bitsOf(granted: readonly Permission[]): number {
  if (new Set(granted).size !== granted.length) throw new Error('a permission is named twice')
  return granted.reduce((bits, permission) => bits | (1 << PERMISSIONS.indexOf(permission)), 0)
}

const period: P.CoderType<Period> = P.apply(P.U8, {
  encode: (index: number) => {
    const found = PERIODS[index]
    if (found === undefined) throw new Error(`unknown period ${index}`)
    return found
  },
  decode: (name: Period) => PERIODS.indexOf(name),
})

const budgets: P.CoderType<readonly Budget[]> = P.validate(
  wire.list(P.struct({ currency: wire.currency, amount: wire.amount, period }), BUDGETS_MAX),
  (list) => {
    if (list.length === 0) throw new Error('no budgets where budgets follow')
    if (new Set(list.map(({ currency }) => currency)).size !== list.length) {
      throw new Error('two budgets of one currency')
    }
    return list
  },
)

export const serverTicket: P.CoderType<ServerTicket> = P.struct({ publicKey: wire.publicKey, address })

export const friendTicket: P.CoderType<FriendTicket> = P.struct({
  publicKey: wire.publicKey,
  relays: wire.list(serverTicket, RELAYS_MAX),
  name: wire.maybe(wire.text(1, NAME_BYTES_MAX)),
})

/** 32B key + 1B permissions, and the budgets if their bit is set. */
export const appTicket: P.CoderType<AppTicket> = P.wrap({
  encodeStream: (writer, ticket: AppTicket) => {
    wire.publicKey.encodeStream(writer, ticket.publicKey)
    const bits = bitsOf(ticket.permissions)
    P.U8.encodeStream(writer, ticket.budgets === undefined ? bits : bits | BUDGETS_FOLLOW)
    if (ticket.budgets !== undefined) budgets.encodeStream(writer, ticket.budgets)
  },
  decodeStream: (reader): AppTicket => {
    const publicKey = wire.publicKey.decodeStream(reader)
    const bits = P.U8.decodeStream(reader)
    const permissions = permissionsOf(bits & ~BUDGETS_FOLLOW)
    if ((bits & BUDGETS_FOLLOW) === 0) return { publicKey, permissions }
    return { publicKey, permissions, budgets: budgets.decodeStream(reader) }
  },
})

export const remoteTicket: P.CoderType<RemoteTicket> = P.validate(
  P.struct({
    publicKey: wire.publicKey,
    secretKey: wire.secretKey,
    name: wire.maybe(wire.text(1, NAME_BYTES_MAX)),
    address: wire.maybe(address),
    relays: wire.list(serverTicket, RELAYS_MAX),
  }),
  (ticket) => {
    if (ticket.address === undefined && ticket.relays.length === 0) {
      throw new Error('neither an address nor a relay leads to the card')
    }
    return ticket
  },
)
