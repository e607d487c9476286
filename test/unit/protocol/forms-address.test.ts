// Addresses of servers, and the URL that one dials.

import { expect, it } from 'vitest'
import { addressToUrl } from '../../../protocol/forms.ts'

it.each([
  ['127.0.0.1:8000', 'ws://127.0.0.1:8000/'],
  ['relay.example.org:443', 'ws://relay.example.org:443/'],
  ['[::1]:9500', 'ws://[::1]:9500/'],
  ['wss://example.org/relay', 'wss://example.org/relay'],
  ['WS://Example.org:81', 'ws://example.org:81/'],
  ['wss://example.org/relay?x=1', 'wss://example.org/relay?x=1'],
])('dials %s as %s (TXT-6)', (address, url) => {
  expect(addressToUrl(address)).toEqual({ ok: true, value: url })
})

it.each([
  ['', /spaces/],
  ['localhost', /host:port/],
  ['localhost:', /host:port/],
  ['localhost:0', /port 0/],
  ['localhost:70000', /not a valid URL/],
  ['ws://', /not a valid URL/],
  ['ws://host:99999/', /not a valid URL/],
  ['http://example.org/', /scheme/],
  ['https://example.org/', /scheme/],
  ['javascript:alert(1)', /host:port/],
  ['ws://user@example.org/', /user name/],
  ['ws://:secret@example.org/', /password/],
  ['ws://example.org/#x', /fragment/],
  ['ws://exa mple.org/', /spaces/],
  ['ws://example.org/\n', /spaces/],
  ['wss://bücher.example/', /ASCII/],
  [`ws://example.org/${'a'.repeat(300)}`, /longer than 256/],
])('refuses %j for its own reason (TXT-6)', (address, reason) => {
  const url = addressToUrl(address)
  expect(url).toMatchObject({ ok: false, error: { code: 'malformed' } })
  if (!url.ok) expect(url.error.message).toMatch(reason)
})
