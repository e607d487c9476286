// The identity of a program in a file that only its owner can read: created once, never overwritten.

import { nobleProvider } from '../protocol/ed25519.ts'
import type { CryptoProvider, Signer } from '../protocol/crypto.ts'
import { formatIdentityFile, parseIdentityFile, SECRET_KEY_BYTES } from '../protocol/identity.ts'
import { fail, ok, type Result } from '../protocol/result.ts'
import type { Random } from '../protocol/transport.ts'
import { readSmallFile, SECRET_MODE, writeNewFile } from './files.ts'

export interface IdentityOptions {
  readonly path: string
  readonly random: Random
  /** Signs for the identity; noble if missing. */
  readonly crypto?: CryptoProvider
}

/** Makes a new identity; never over an existing file (fault `existingFile`). */
export async function createIdentity({
  path,
  random,
  crypto = nobleProvider,
}: IdentityOptions): Promise<Result<Signer>> {
  const secretKey = random(SECRET_KEY_BYTES)
  const written = await writeNewFile(path, formatIdentityFile(secretKey), SECRET_MODE)
  return written.ok ? ok(crypto.signer(secretKey)) : written
}

/** Reads an identity; faults `missingFile`, `unreadableFile`, `malformed`, none of which shows the key. */
export async function readIdentity(
  path: string,
  crypto: CryptoProvider = nobleProvider,
): Promise<Result<Signer>> {
  const bytes = await readSmallFile(path)
  if (!bytes.ok) return bytes
  const secretKey = parseIdentityFile(new TextDecoder().decode(bytes.value))
  if (secretKey.ok) return ok(crypto.signer(secretKey.value))
  return fail(secretKey.error.code, `${path}: ${secretKey.error.message}. Make one with "stmgr gen-ident".`)
}
