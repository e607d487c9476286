import { describe, expect, it } from 'vitest'
import { ownBaseUrl, ownServers } from '../../../cli/own-servers.ts'
import { readAs } from '../../../protocol/forms.ts'
import { nobleProvider } from '../../../protocol/ed25519.ts'

const relay = nobleProvider.signer(new Uint8Array(32).fill(1)).publicKey
const index = nobleProvider.signer(new Uint8Array(32).fill(2)).publicKey

describe('servers that a new card starts with', () => {
  it('have the address under which the asker came', () => {
    expect(ownBaseUrl(undefined, { host: '192.168.1.7:8080' })).toBe('ws://192.168.1.7:8080')
    expect(ownBaseUrl(undefined, { host: '[fe80::1]:8080' })).toBe('ws://[fe80::1]:8080')
    expect(ownBaseUrl(undefined, { host: 'wallet.local' })).toBe('ws://wallet.local')
    expect(ownBaseUrl(undefined, { host: 'w.example' }, { isSecure: true })).toBe('wss://w.example')
  })

  it('CLI-24 have the address that a proxy names only if that proxy is trusted, and then its last word', () => {
    const headers = {
      host: '10.0.0.9:8080',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'evil.example, w.example',
    }
    expect(ownBaseUrl(undefined, headers)).toBe('ws://10.0.0.9:8080')
    expect(ownBaseUrl(undefined, headers, { trustsProxy: true })).toBe('wss://w.example')
  })

  it('have the public address if there is one, whatever the asker says', () => {
    const headers = { host: 'evil.example' }
    expect(ownBaseUrl('https://w.example/', headers)).toBe('wss://w.example')
    expect(ownBaseUrl('http://w.example:8080/offst', headers)).toBe('ws://w.example:8080/offst')
  })

  it('are not made from a host that is none', () => {
    const hosts = [
      '',
      'a b',
      'a/b',
      'a@b',
      'a#b',
      'a:x',
      'a:99999',
      'a:0',
      '"',
      'a\\b',
      '[::1',
      'é',
      'x'.repeat(300),
    ]
    for (const host of hosts) expect(ownBaseUrl(undefined, { host })).toBeUndefined()
    expect(ownBaseUrl(undefined, {})).toBeUndefined()
  })

  it('are tickets that a wallet can read', () => {
    const servers = ownServers('ws://10.0.0.1:8080', relay, index)
    expect(servers.version).toBe(1)
    expect(readAs(servers.relays[0]!, 'relay')).toMatchObject({
      value: { ticket: { publicKey: relay, address: 'ws://10.0.0.1:8080/relay' } },
    })
    expect(readAs(servers.indexServers[0]!, 'index')).toMatchObject({
      value: { ticket: { publicKey: index, address: 'ws://10.0.0.1:8080/index' } },
    })
  })
})
