// What decoders say about what they refuse.

import { expect, it } from 'vitest'
import { nobleProvider } from '../../../protocol/ed25519.ts'
import { readDocument, toBinary } from '../../../protocol/forms.ts'
import { DETAIL_CHARACTERS_MAX } from '../../../protocol/limits.ts'
import { fromRelay } from '../../../protocol/relay-messages.ts'
import { decode } from '../../../protocol/wire.ts'
import { EXAMPLES } from './forms-examples.ts'

const rest = new Uint8Array(10_000).fill(0xab)

it('refuse a message with bytes after its end, without repeating them', () => {
  const decoded = decode(fromRelay, Uint8Array.of(...fromRelay.encode({ kind: 'replaced' }), ...rest))
  const message = decoded.ok ? '' : decoded.error.message
  expect(message).toContain('10000 bytes')
  expect(message.length).toBeLessThanOrEqual(DETAIL_CHARACTERS_MAX)
})

it('TXT-4 refuse a form with bytes after its end, without repeating them', () => {
  const read = readDocument(Uint8Array.of(...toBinary(EXAMPLES.invoice), ...rest), nobleProvider)
  const { code, message } = read.ok ? { code: '', message: '' } : read.error
  expect(code).toBe('malformed')
  expect(message).toContain('10000 bytes')
  expect(message.length).toBeLessThanOrEqual(DETAIL_CHARACTERS_MAX + 100)
})
