// A record as bytes, for stores under Node.js: one byte of version, then the structured clone that V8 writes.
// Records are defined as what survives a structured clone (records.ts), so bigints and bytes need no rules of our
// own, a record means the same here and in IndexedDB, and what cannot be stored is refused when it is written.
// V8 reads what older releases of it wrote.

import { deserialize, serialize } from 'node:v8'

/** Version of the encoding, not of what is in the records (RECORDS_VERSION). */
const ENCODING_VERSION = 1

/** @throws {Error} when `record` holds something that is not data, a function for example. */
export function encodeRecord(record: unknown): Uint8Array {
  const body = serialize(record)
  const bytes = new Uint8Array(1 + body.length)
  bytes[0] = ENCODING_VERSION
  bytes.set(body, 1)
  return bytes
}

/** @throws {Error} when `bytes` are not of `encodeRecord`. */
export function decodeRecord(bytes: Uint8Array): unknown {
  if (bytes[0] !== ENCODING_VERSION) throw new Error(`a record is written in the encoding ${bytes[0]}`)
  return deserialize(bytes.subarray(1))
}
