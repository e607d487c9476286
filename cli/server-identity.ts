// The identity of a server: made at its first start, which it says, and kept from the eyes of others.

import { mkdir, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Signer } from '../protocol/crypto.ts'
import { fail, ok, type Result } from '../protocol/result.ts'
import { nodeProvider } from '../worker/runtime/crypto/node.ts'
import type { Terminal } from './terminal.ts'
import { createIdentity, readIdentity } from './identity-file.ts'
import { systemRandom } from './system.ts'

/**
 * Where servers keep their keys unless told otherwise: the home folder, so that they stay the same servers
 * whatever folder they are started from, and are not lost or published with a checkout.
 */
export const DATA_FOLDER = join(homedir(), '.offst')

const OTHERS = 0o077

/** Reads the identity at `path`; makes it, and its default folder, if there is none. */
export async function serverIdentity(path: string, terminal: Terminal): Promise<Result<Signer>> {
  const existing = await readIdentity(path, nodeProvider)
  if (existing.ok) {
    await warnIfShared(path, terminal)
    return existing
  }
  if (existing.error.code !== 'missingFile') return existing
  const created = await createIdentity({ path, random: systemRandom, crypto: nodeProvider })
  if (created.ok) terminal.out(`Made a new identity: ${path} (keep it; it is this server's key).`)
  return created
}

/** Makes a folder that only its owner can read, unless it is there; fault `unwritableFolder`. */
export async function makeFolder(path: string): Promise<Result<void>> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 })
    return ok(undefined)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return fail('unwritableFolder', `The folder ${path} cannot be made: ${reason}.`)
  }
}

/** Says so when other users of this machine can read the secret key at `path`. */
export async function warnIfShared(path: string, terminal: Terminal): Promise<void> {
  if (process.platform === 'win32') return
  const { mode } = await stat(path)
  if ((mode & OTHERS) !== 0) {
    terminal.error(`Other users of this machine can read the secret key: run "chmod 600 ${path}".`)
  }
}
