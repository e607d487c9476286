import { expect, it } from 'vitest'
import { formatIdentityFile, parseIdentityFile } from '../../../protocol/identity.ts'

const secretKey = Uint8Array.from({ length: 32 }, (_, index) => index)
const text = 'private_key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"\n'

it('writes the secret key as one line of TOML and reads it back', () => {
  expect(formatIdentityFile(secretKey)).toBe(text)
  expect(parseIdentityFile(text)).toEqual({ ok: true, value: secretKey })
})

it.each([
  ['nothing', ''],
  ['no TOML', 'private_key = '],
  ['a number', 'private_key = 5'],
  ['a key that is too short', 'private_key = "AAEC"'],
  ['a key that is too long', text.replace('AAEC', 'AAECAAEC')],
  ['padding', text.replace('Hh8"', 'Hh8="')],
  ['bits that no encoder writes', text.replace('Hh8"', 'Hh9"')],
  ['an unknown field', `${text}name = "me"\n`],
])('refuses %s without repeating the key', (_, file) => {
  const parsed = parseIdentityFile(file)
  expect(!parsed.ok && parsed.error.code).toBe('malformed')
  expect(JSON.stringify(parsed)).not.toContain('AAEC')
})

it('names an unknown field, by its beginning if it is long', () => {
  const parsed = parseIdentityFile(`${text}${'x'.repeat(5_000)} = 1\n`)
  expect(parsed.ok ? '' : parsed.error.message).toMatch(/^the identity file has an unknown field "x{40}"$/)
})
