// Where a client is: the other end of its connection, or what a trusted proxy says of it.

import type { IncomingHttpHeaders } from 'node:http'
import { isIP, isIPv4 } from 'node:net'

/** Groups of 16 bits of an IPv6 address that name a customer's network: whoever has one has all of its addresses. */
const NETWORK_GROUPS = 4
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i
const LOOPBACK = /^(127\.|::1$)/

interface End {
  readonly remoteAddress?: string | undefined
}

interface Asked {
  readonly headers: IncomingHttpHeaders
  readonly socket: End
}

/**
 * The address of who sent a request; undefined when its connection has ended. A proxy appends whom it saw, so the
 * last entry is its own word, and all before it are the client's.
 */
export function clientAddress(request: Asked, trustsProxy: boolean): string | undefined {
  const forwarded = trustsProxy ? lastOf(request.headers['x-forwarded-for']) : undefined
  const address = withoutPort(forwarded ?? '')
  return isIP(address) === 0 ? peerAddress(request.socket) : unmapped(address)
}

/** The other end of a connection; undefined when it has ended. */
export function peerAddress({ remoteAddress }: End): string | undefined {
  return remoteAddress === undefined ? undefined : unmapped(remoteAddress)
}

/** The last entry of a header that proxies append to. */
export function lastOf(header: string | string[] | undefined): string | undefined {
  const entries = (typeof header === 'string' ? header : (header ?? []).join(',')).split(',')
  return entries.at(-1)?.trim().toLowerCase() || undefined
}

/** What shares one limit: an IPv4 address, or the /64 network of an IPv6 address. */
export function networkOf(address: string): string {
  if (isIP(address) !== 6) return address
  const [head = '', tail] = address.replace(/%.*$/, '').split('::')
  const front = head === '' ? [] : head.split(':')
  const back = tail === undefined || tail === '' ? [] : tail.split(':')
  const missing = tail === undefined ? 0 : 8 - front.length - groupsOf(back)
  const groups = [...front, ...Array<string>(Math.max(0, missing)).fill('0'), ...back]
  const network = groups.slice(0, NETWORK_GROUPS).map((group) => Number.parseInt(group, 16).toString(16))
  return `${network.join(':')}::/64`
}

export function isLoopbackAddress(address: string): boolean {
  return LOOPBACK.test(address)
}

/** An IPv4 address at the end of an IPv6 one stands for two groups. */
function groupsOf(parts: readonly string[]): number {
  return parts.length + (isIPv4(parts.at(-1) ?? '') ? 1 : 0)
}

/** Some proxies name the port, too: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
function withoutPort(entry: string): string {
  return /^\[([^\]]+)\](?::\d+)?$/.exec(entry)?.[1] ?? /^([\d.]+):\d+$/.exec(entry)?.[1] ?? entry
}

/** The address of an IPv4 client of a socket that takes both kinds. */
function unmapped(address: string): string {
  return MAPPED.exec(address)?.[1] ?? address
}
