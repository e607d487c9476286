// Who is whom at a public port: addresses, networks, and what proxies say.

import { describe, expect, it } from 'vitest'
import { clientAddress, lastOf, networkOf } from '../../../../cli/operation/client-address.ts'

function request(remoteAddress: string | undefined, forwarded?: string) {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }
  return { socket: { remoteAddress }, headers }
}

describe('the address of a client', () => {
  it('CLI-24 is what a proxy says only if that is trusted, and then its last word', () => {
    const forged = request('10.0.0.1', '198.51.100.9, 203.0.113.5')
    expect(clientAddress(forged, false)).toBe('10.0.0.1')
    expect(clientAddress(forged, true)).toBe('203.0.113.5')
  })

  it('is read with a port and in brackets, and is the other end where a proxy says nothing sensible', () => {
    expect(clientAddress(request('10.0.0.1', '203.0.113.5:4711'), true)).toBe('203.0.113.5')
    expect(clientAddress(request('10.0.0.1', '[2001:DB8::1]:80'), true)).toBe('2001:db8::1')
    expect(clientAddress(request('10.0.0.1', 'unknown'), true)).toBe('10.0.0.1')
    expect(clientAddress(request('10.0.0.1', ''), true)).toBe('10.0.0.1')
    expect(clientAddress(request('10.0.0.1'), true)).toBe('10.0.0.1')
    expect(clientAddress(request('::ffff:10.0.0.1'), false)).toBe('10.0.0.1')
    expect(clientAddress(request(undefined), false)).toBeUndefined()
  })

  it('shares its limits with its /64 network, however it is written', () => {
    expect(networkOf('203.0.113.5')).toBe('203.0.113.5')
    const same = ['2001:db8:0:7::1', '2001:0db8::7:1:2:3:4', '2001:db8:0:7:ffff::', '2001:db8::7:0:0:1.2.3.4']
    expect(new Set(same.map(networkOf))).toEqual(new Set(['2001:db8:0:7::/64']))
    expect(networkOf('2001:db8:0:8::1')).not.toBe(networkOf('2001:db8:0:7::1'))
    expect(networkOf('::1')).toBe('0:0:0:0::/64')
    expect(networkOf('fe80::1%eth0')).toBe('fe80:0:0:0::/64')
  })

  it('is the last of several headers, too', () => {
    expect(lastOf(['a, b', ' C '])).toBe('c')
    expect(lastOf(undefined)).toBeUndefined()
  })
})
