// Reads the update of a node straight from its bytes: an index server reads more of these than of anything else.
// Whatever is not plainly an update in order is left to the codec.

import { codesOf, KEY_BYTES, keyAt, readEdges, textAt } from './edge-bytes.ts'
import { update as updateCodec, type Update } from './index-messages.ts'
import type { Result } from './result.ts'
import type { Hash, RequestId } from './types.ts'
import { decode } from './wire.ts'

const SESSION_BYTES = 16
const SESSION_AT = KEY_BYTES
const COUNTER_AT = SESSION_AT + SESSION_BYTES
const FRESHNESS_AT = COUNTER_AT + 8
const FULL_AT = FRESHNESS_AT + KEY_BYTES
const EDGES_AT = FULL_AT + 1

/** Of the session under work. */
const SESSION_CODES = codesOf(SESSION_BYTES)

/** What `decode(update, body)` gives. */
export function readUpdate(body: Uint8Array): Result<Update> {
  const update = readPlain(body)
  return update === undefined ? decode(updateCodec, body) : { ok: true, value: update }
}

/** Undefined for what the codec has to look at. */
function readPlain(body: Uint8Array): Update | undefined {
  const edges = readEdges(body, EDGES_AT)
  if (edges === undefined) return undefined
  const view = new DataView(body.buffer, body.byteOffset, body.length)
  const counter = view.getUint32(COUNTER_AT) * 2 ** 32 + view.getUint32(COUNTER_AT + 4)
  const full = view.getUint8(FULL_AT)
  if (!Number.isSafeInteger(counter) || full > 1) return undefined
  return {
    node: keyAt(body, 0),
    session: textAt(body, SESSION_AT, SESSION_CODES) as RequestId,
    counter,
    freshness: keyAt(body, FRESHNESS_AT) as string as Hash,
    full: full === 1,
    edges,
  }
}
