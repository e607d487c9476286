// `/.well-known/offst.json`: the servers that a new card starts with, under the address by which it came.

import type { IncomingHttpHeaders } from 'node:http'
import { addressToUrl, toText } from '../protocol/forms.ts'
import type { PublicKey } from '../protocol/types.ts'
import { lastOf } from './operation/client-address.ts'

export const OWN_SERVERS_PATH = '/.well-known/offst.json'
export const RELAY_PATH = '/relay'
export const INDEX_PATH = '/index'

export interface OwnServers {
  readonly version: 1
  /** `offstrelay1…`, each. */
  readonly relays: readonly string[]
  /** `offstindex1…`, each. */
  readonly indexServers: readonly string[]
}

/** A host as browsers send it: name or address, and port. */
const HOST = /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?$/i

/** How a request came. */
export interface Arrival {
  /** Over TLS that ends here. */
  readonly isSecure?: boolean
  /** Whether a proxy says by which host and scheme the asker came: only then is that believed. */
  readonly trustsProxy?: boolean
}

/**
 * The WebSocket URL, without path, under which the asker reaches this server: what the owner says, else the host
 * that the asker named, so that a phone gets an address that it can reach. Undefined when he named none that
 * is one.
 */
export function ownBaseUrl(
  publicUrl: string | undefined,
  headers: IncomingHttpHeaders,
  { isSecure = false, trustsProxy = false }: Arrival = {},
): string | undefined {
  if (publicUrl !== undefined) return baseOf(publicUrl)
  const forwarded = trustsProxy ? lastOf(headers['x-forwarded-host']) : undefined
  const host = forwarded ?? headers.host
  if (host === undefined || !HOST.test(host)) return undefined
  // A page that came by https may not use ws://.
  const isHttps = isSecure || (trustsProxy && lastOf(headers['x-forwarded-proto']) === 'https')
  const base = `${isHttps ? 'wss' : 'ws'}://${host}`
  return addressToUrl(`${base}${RELAY_PATH}`).ok ? base : undefined
}

/** The same of a web site's address. */
export function baseOf(publicUrl: string): string {
  return publicUrl.replace(/^http/i, 'ws').replace(/\/+$/, '')
}

export function ownServers(base: string, relay: PublicKey, index: PublicKey): OwnServers {
  const relayTicket = { publicKey: relay, address: `${base}${RELAY_PATH}` }
  const indexTicket = { publicKey: index, address: `${base}${INDEX_PATH}` }
  return {
    version: 1,
    relays: [toText({ kind: 'relay', ticket: relayTicket })],
    indexServers: [toText({ kind: 'index', ticket: indexTicket })],
  }
}
