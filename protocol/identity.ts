// The identity file: the secret key of a node, server or app, as TOML.

import { parse, stringify } from 'smol-toml'
import { fail, ok, type Result } from './result.ts'
import { fromBase64url, toBase64url } from './wire.ts'

/** Bytes of an Ed25519 secret key (the seed of RFC 8032). */
export const SECRET_KEY_BYTES = 32

const FIELD = 'private_key'

/** @param secretKey 32 bytes. */
export function formatIdentityFile(secretKey: Uint8Array): string {
  return `${stringify({ [FIELD]: toBase64url(secretKey) })}\n`.replace(/\n+$/, '\n')
}

/** The secret key in an identity file; fails with `malformed` and never shows the key in its message. */
export function parseIdentityFile(text: string): Result<Uint8Array> {
  const table = parseToml(text)
  if (table === undefined) return fail('malformed', 'the identity file is not valid TOML')
  const unknown = Object.keys(table).find((key) => key !== FIELD)
  if (unknown !== undefined)
    return fail('malformed', `the identity file has an unknown field "${unknown.slice(0, 40)}"`)
  const value = table[FIELD]
  const secretKey = typeof value === 'string' ? decodeKey(value) : undefined
  if (secretKey?.length !== SECRET_KEY_BYTES) {
    return fail('malformed', `the identity file needs ${FIELD} = "43 characters of base64url"`)
  }
  return ok(secretKey)
}

function parseToml(text: string): Record<string, unknown> | undefined {
  try {
    return parse(text)
  } catch {
    return undefined
  }
}

function decodeKey(value: string): Uint8Array | undefined {
  try {
    return fromBase64url(value)
  } catch {
    return undefined
  }
}
