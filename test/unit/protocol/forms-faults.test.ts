// What is wrong with a text, file or binary: one code and one sentence for each way.

import { bech32m } from '@scure/base'
import { describe, expect, it } from 'vitest'
import { nobleProvider } from '../../../protocol/ed25519.ts'
import {
  checkForm,
  formKinds,
  nounOf,
  readAs,
  readDocument,
  toBinary,
  toText,
  toToml,
  type Form,
  type FormFaultCode,
} from '../../../protocol/forms.ts'
import { ADDRESS_BYTES_MAX, FORM_BYTES_MAX, NAME_BYTES_MAX, RELAYS_MAX } from '../../../protocol/limits.ts'
import { EVERY_EXAMPLE, EXAMPLES, keyOf } from './forms-examples.ts'

const text = toText(EXAMPLES.friend)
const binary = toBinary(EXAMPLES.friend)
const toml = toToml(EXAMPLES.friend)

function expectFault(input: string | Uint8Array, code: FormFaultCode, message = /./): void {
  const read = readDocument(input)
  expect(read).toMatchObject({ ok: false, error: { code } })
  if (!read.ok) expect(read.error.message).toMatch(message)
}

function encode(prefix: string, bytes: Uint8Array): string {
  return bech32m.encode(prefix, bech32m.toWords(bytes), false)
}

describe('a text', () => {
  it('with a character that no text has is damaged at that place (TXT-4)', () => {
    expectFault(`${text.slice(0, 30)}b${text.slice(31)}`, 'damaged', /at character 31/)
    expectFault(`${text.slice(0, 30)}1${text.slice(31)}`, 'damaged', /at character 31/)
    expectFault(`${text.slice(0, 30)}ä${text.slice(31)}`, 'damaged', /at character 31/)
  })

  it('with a changed character is damaged (TXT-4)', () => {
    const changed = text[40] === 'q' ? 'p' : 'q'
    expectFault(`${text.slice(0, 40)}${changed}${text.slice(41)}`, 'damaged')
  })

  it('of mixed case is damaged, as BIP 350 demands (TXT-3)', () => {
    expectFault(`O${text.slice(1)}`, 'damaged', /small and capital/)
    // Two letters that lower or upper case to a plain one.
    expectFault(toText(EXAMPLES.app).toUpperCase().replace('K', '\u212a'), 'damaged', /at character/)
    expectFault(text.replace(/s(?=[^1]*$)/, '\u017f'), 'damaged')
  })

  it('cut off anywhere is truncated (TXT-4)', () => {
    for (const form of EVERY_EXAMPLE) {
      const whole = toText(form)
      for (let length = 'offst'.length; length < whole.length; length++) {
        expectFault(whole.slice(0, length), 'truncated')
      }
    }
  })

  it('of a newer version or kind says so (TXT-2)', () => {
    expectFault(encode('offstfriend', Uint8Array.of(2, ...binary.subarray(1))), 'unknownVersion', /newer/)
    expectFault(encode('offstbackup', binary), 'unknownVersion', /offstbackup1/)
    expectFault(encode('offstfriend', Uint8Array.of(1, 99, 0)), 'unknownVersion', /kind 99/)
  })

  it('whose prefix and content disagree is malformed (TXT-2)', () => {
    expectFault(
      encode('offstrelay', binary),
      'malformed',
      /begins like a relay ticket but holds a friend's code/,
    )
  })

  it('with bits to spare is malformed: one value has one text (TXT-2)', () => {
    const words = bech32m.toWords(toBinary(EXAMPLES.relay))
    expectFault(bech32m.encode('offstrelay', [...words, 0], false), 'malformed')
  })

  it('that has nothing to do with Offst is an unknown form (TXT-4)', () => {
    for (const stranger of [
      '',
      ' \n',
      'hello',
      'offstfoo',
      'https://example.org/',
      'bc1qqqqqqqqqqqqqqq',
      '🍌',
    ]) {
      expectFault(stranger, 'unknownForm')
    }
    expectFault(`${text} or rather offstrelay1qq`, 'damaged')
    expectFault(`take ${text} or ${text}`, 'unknownForm')
  })
})

describe('an input', () => {
  it('of the largest allowed fields fits the limit in every carrier (TXT-7)', () => {
    const address = `wss://example.org/${'"'.repeat(ADDRESS_BYTES_MAX - 18)}`
    const relays = Array.from({ length: RELAYS_MAX }, () => ({ publicKey: keyOf(2), address }))
    const largest: Form = {
      kind: 'friend',
      ticket: { publicKey: keyOf(1), relays, name: '"'.repeat(NAME_BYTES_MAX) },
    }
    for (const carrier of [toText(largest), toToml(largest), toBinary(largest)]) {
      expect(readDocument(carrier)).toEqual({ ok: true, value: largest })
    }
  })

  it('over the limit is refused unread (TXT-7)', () => {
    expectFault('q'.repeat(FORM_BYTES_MAX + 1), 'tooLong')
    expectFault(new Uint8Array(FORM_BYTES_MAX + 1), 'tooLong')
    expectFault(`a = ${'['.repeat(FORM_BYTES_MAX - 10)}`, 'damaged')
  })

  it('of another kind than asked for is named, and so is what was asked for (TXT-4)', () => {
    expect(readAs(toText(EXAMPLES.invoice), 'friend')).toEqual({
      ok: false,
      error: { code: 'wrongKind', message: "This is an invoice, not a friend's code." },
    })
    expect(readAs(keyOf(1), 'invoice')).toMatchObject({
      error: { message: 'This is a public key, not an invoice.' },
    })
    expect(new Set(formKinds().map(nounOf)).size).toBe(formKinds().length)
  })

  it('with a public key that is none is refused for that (TXT-8)', () => {
    // Of small order: the point with y = 0.
    const none = 'A'.repeat(43)
    expectFault(none, 'badKey')
    expectFault(toml.replace(keyOf(1), none), 'badKey', new RegExp(none))
    expectFault(toml.replace(keyOf(2), none), 'badKey', new RegExp(none))
    for (const form of EVERY_EXAMPLE) {
      const [, key = ''] = /public_key = "(.{43})"/.exec(toToml(form)) ?? []
      expectFault(toToml(form).replace(key, none), 'badKey')
    }
  })
})

describe('a binary', () => {
  it('is truncated, malformed or of a newer version (TXT-4)', () => {
    for (let length = 1; length < binary.length; length++)
      expectFault(binary.subarray(0, length), 'truncated')
    expectFault(new Uint8Array(), 'unknownForm')
    expectFault(Uint8Array.of(...binary, 0), 'malformed')
    expectFault(Uint8Array.of(2, ...binary.subarray(1)), 'unknownVersion')
    expectFault(Uint8Array.of(0xff, 0xfe, 0xfd), 'unknownForm')
  })

  it('with a field out of range is malformed, and the sentence names the field (TXT-4)', () => {
    const permissions = toBinary(EXAMPLES.app)
    permissions[permissions.length - 1] = 0xff
    expectFault(permissions, 'malformed', /unknown permission/)
  })

  it('of a card on another device has to say where that is, and never tells its secret (TXT-2)', () => {
    const { ticket } = EXAMPLES.remote
    const nowhere: Form = { kind: 'remote', ticket: { ...ticket, address: undefined, relays: [] } }
    expect(checkForm(nowhere, nobleProvider)).toMatchObject({
      error: {
        code: 'malformed',
        message: expect.stringMatching(/neither an address nor a relay/) as string,
      },
    })
    const short = toToml(EXAMPLES.remote).replace(ticket.secretKey, ticket.secretKey.slice(1))
    const read = readDocument(short)
    expect(read).toMatchObject({ ok: false, error: { code: 'malformed' } })
    expect(JSON.stringify(read)).not.toContain(ticket.secretKey.slice(1, 20))
  })
})

describe('a file', () => {
  it('that is not TOML is damaged at that line (TXT-5)', () => {
    expectFault(`${toml}relays = = 3\n`, 'damaged', /line \d/)
  })

  it('with a missing, misshapen or foreign field is malformed, and the sentence names it (TXT-5)', () => {
    expectFault(toml.replace('address', 'adress'), 'malformed', /relays/)
    expectFault(toToml(EXAMPLES.relay).replace('address', 'adress'), 'malformed', /"address = …" is missing/)
    expectFault(`port = 80\n${toToml(EXAMPLES.relay)}`, 'malformed', /"port" does not belong/)
    expectFault(toml.replace(keyOf(1), 'short'), 'malformed', /public_key/)
    expectFault(toToml(EXAMPLES.app).replace('"read"', '"rule"'), 'malformed', /permissions/)
    expectFault(toToml(EXAMPLES.app).replace('"read"', '"funds"'), 'malformed', /permissions/)
    expectFault(toToml(EXAMPLES.invoice).replace('"60"', '"-60"'), 'malformed', /amount/)
    expectFault(toToml(EXAMPLES.invoice).replace('"60"', '0'), 'malformed', /amount/)
    expectFault(toToml(EXAMPLES.invoice).replace('"60"', '60.0'), 'malformed', /amount/)
    expectFault(toToml(EXAMPLES.invoice).replace('"60"', `"${1n << 128n}"`), 'malformed', /amount/)
    expectFault(
      toToml(EXAMPLES.invoice).replace(/created = \d+/, 'created = 2030-01-01'),
      'malformed',
      /created/,
    )
    expectFault(toToml(EXAMPLES.relay).replace('127.0.0.1:8000', 'http://x/'), 'malformed', /ws:\/\//)
    expectFault('__proto__ = 1', 'damaged')
  })

  it('of an identity is never taken for something to hand out (TXT-5)', () => {
    expectFault(`private_key = "${'A'.repeat(43)}"\n`, 'wrongKind', /secret/)
  })

  it('with nine relays is malformed (TXT-7)', () => {
    const relay = `\n[[relays]]\npublic_key = "${keyOf(2)}"\naddress = "127.0.0.1:8000"\n`
    expectFault(`public_key = "${keyOf(1)}"\n${relay.repeat(9)}`, 'malformed', /relays: 9 items/)
  })
})
