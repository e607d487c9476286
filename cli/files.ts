// Reading and writing the small files of the command line: bounded, never over an existing file, faults as sentences.

import { lstat, open, stat, unlink, type FileHandle } from 'node:fs/promises'
import { readNodeTicket } from '../client/documents.ts'
import type { NodeTicket } from '../client/client.ts'
import { readAs, toToml, type DocumentKind, type DocumentOf, type Form } from '../protocol/forms.ts'
import { FORM_BYTES_MAX } from '../protocol/limits.ts'
import { fail, ok, type Result } from '../protocol/result.ts'

/** Only the owner may read it. */
export const SECRET_MODE = 0o600
/** Anybody may read it. */
export const PUBLIC_MODE = 0o644

/** Reads a ticket, invoice or receipt in any carrier (text, link, TOML, binary) from a file. */
export async function readForm<K extends DocumentKind>(
  path: string,
  kind: K,
): Promise<Result<DocumentOf<K>>> {
  const bytes = await readSmallFile(path)
  if (!bytes.ok) return bytes
  const document = readAs(bytes.value, kind)
  return document.ok ? document : fail(document.error.code, `${path}: ${document.error.message}`)
}

/** Reads where a card is: the ticket of its node, or its friend ticket. */
export async function readNodeFile(path: string): Promise<Result<NodeTicket>> {
  const bytes = await readSmallFile(path)
  if (!bytes.ok) return bytes
  const ticket = readNodeTicket(bytes.value)
  return ticket.ok ? ticket : fail(ticket.error.code, `${path}: ${ticket.error.message}`)
}

/** Writes a form as TOML into a new file. */
export async function writeForm(path: string, form: Form): Promise<Result<void>> {
  return writeNewFile(path, toToml(form), PUBLIC_MODE)
}

/** Faults `missingFile`, `unreadableFile`, `noFile`: a folder, a pipe, a device. */
export async function checkIsFile(path: string): Promise<Result<void>> {
  try {
    const about = await stat(path)
    return about.isFile() ? ok(undefined) : fail('noFile', `${path} is no file.`)
  } catch (error) {
    return unreadable(path, error)
  }
}

/** At most FORM_BYTES_MAX bytes; faults `missingFile`, `unreadableFile`, `tooLong`. */
export async function readSmallFile(path: string): Promise<Result<Uint8Array>> {
  let file: FileHandle | undefined
  try {
    file = await open(path, 'r')
    const buffer = new Uint8Array(FORM_BYTES_MAX + 1)
    let size = 0
    while (size < buffer.length) {
      const { bytesRead } = await file.read(buffer, size)
      if (bytesRead === 0) return ok(buffer.subarray(0, size))
      size += bytesRead
    }
    return fail('tooLong', `${path} is longer than any Offst file (${FORM_BYTES_MAX} bytes).`)
  } catch (error) {
    return unreadable(path, error)
  } finally {
    await file?.close()
  }
}

/** The same of a stream, such as the standard input; fault `tooLong`. */
export async function readSmallInput(
  stream: AsyncIterable<Uint8Array | string>,
): Promise<Result<Uint8Array>> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk)
    size += bytes.length
    if (size > FORM_BYTES_MAX) {
      return fail('tooLong', `The input is longer than any Offst file (${FORM_BYTES_MAX} bytes).`)
    }
    chunks.push(bytes)
  }
  return ok(Buffer.concat(chunks))
}

function unreadable(path: string, error: unknown): Result<never> {
  if (errorCode(error) === 'ENOENT') return fail('missingFile', `There is no file ${path}.`)
  return fail('unreadableFile', `${path} cannot be read: ${reasonOf(error)}.`)
}

/** Creates `path` durably; faults `existingFile` (it is left as it is), `unwritableFile`. */
export async function writeNewFile(path: string, content: string, mode: number): Promise<Result<void>> {
  let file: FileHandle | undefined
  try {
    file = await open(path, 'wx', mode)
    await file.writeFile(content)
    await file.sync()
    return ok(undefined)
  } catch (error) {
    if (errorCode(error) === 'EEXIST') {
      return fail('existingFile', `${path} exists already and is left as it is: name another file.`)
    }
    if (file !== undefined) await unlink(path)
    return fail('unwritableFile', `${path} cannot be written: ${reasonOf(error)}.`)
  } finally {
    await file?.close()
  }
}

/** Fault `existingFile` when something is there: known before anything is paid or made for it. */
export async function checkFree(path: string): Promise<Result<void>> {
  try {
    await lstat(path)
  } catch {
    return ok(undefined)
  }
  return fail('existingFile', `${path} exists already and is left as it is: name another file.`)
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  EISDIR: 'it is a directory',
  EEXIST: 'something of that name is in the way',
  ENOENT: 'its directory does not exist',
  ENOTDIR: 'its directory is a file',
  ENOSPC: 'the disk is full',
  EROFS: 'the disk is read-only',
  ELOOP: 'its symbolic links lead back to themselves',
  EMFILE: 'this program has too many files open',
  ENFILE: 'too many files are open on this machine',
  ENOBUFS: 'this machine has no memory left for connections',
  ENOMEM: 'this machine has no memory left',
  EIO: 'the disk does not work',
  ENAMETOOLONG: 'its name is too long',
  ERR_INVALID_ARG_VALUE: 'its name holds a null character',
}

/** What the system says of a file, in the middle of a sentence. */
export function reasonOf(error: unknown): string {
  const code = errorCode(error)
  return REASONS[code] ?? code
}

export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : String(error)
}
