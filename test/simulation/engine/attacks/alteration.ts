// Changes one field of a message, or one byte of its encoding, to something that somebody might not expect.

import type * as P from 'micro-packed'
import * as messages from '../../../../protocol/channel-messages.ts'
import type { SignedKind } from '../../../../protocol/channel-messages.ts'
import { AMOUNT_MAX, BALANCE_MAX, decode, toBase64url } from '../../../../protocol/wire.ts'
import type { OutgoingMessage } from '../../../../worker/core/actions.ts'
import type { Dice } from '../dice.ts'

const NUMBERS = [0, 1, 2, 0xff, 0x7fff_fffe, 0x7fff_ffff, 0xffff_ffff, Number.MAX_SAFE_INTEGER]
const AMOUNTS = [0n, 1n, BALANCE_MAX, BALANCE_MAX + 1n, AMOUNT_MAX, -1n, -BALANCE_MAX]
const TEXTS = ['credit', 'hours', 'x', '', 'accept', 'sixteen bytes ok', '\u202e', '0'.repeat(300)]
/** Characters of 16, 32 and 64 bytes in base64url. */
const ID_LENGTHS = [22, 43, 86]

/** Not every altered value can be encoded. */
const ATTEMPTS = 8

export type UnsignedMessage = Extract<OutgoingMessage, { kind: SignedKind }>

/** Whether the node will sign it. */
export function isUnsigned(message: OutgoingMessage): message is UnsignedMessage {
  return message.kind === 'batch' || message.kind === 'note' || message.kind === 'reset'
}

/** The message with one field changed; the same one where no change that was tried can be encoded. */
export function alterMessage(message: OutgoingMessage, dice: Dice): OutgoingMessage {
  if (isUnsigned(message)) {
    const body = alterBody(message, dice)
    return body === undefined ? message : { kind: message.kind, body }
  }
  return alterEncodable(message, messages.friendMessage.encode, dice) ?? message
}

function alterBody({ kind, body }: UnsignedMessage, dice: Dice): Uint8Array | undefined {
  const codec = messages[kind] as unknown as P.CoderType<object>
  const content = decode(codec, body)
  if (!content.ok) return undefined
  const altered = alterEncodable(content.value, (value) => codec.encode(value), dice)
  return altered === undefined ? undefined : codec.encode(altered)
}

/** A changed value that `encode` takes. */
export function alterEncodable<T>(value: T, encode: (value: T) => unknown, dice: Dice): T | undefined {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const altered = alterField(value, dice)
    try {
      encode(altered)
      return altered
    } catch {
      // Nobody could say this.
    }
  }
  return undefined
}

/** The same value with one field, at any depth, changed. */
function alterField<T>(value: T, dice: Dice): T {
  return alter(value, dice) as T
}

function alter(value: unknown, dice: Dice): unknown {
  if (typeof value === 'bigint') {
    return dice.chance(0.5) ? dice.pick(AMOUNTS) : value + (dice.chance(0.5) ? 1n : -1n)
  }
  if (typeof value === 'number') {
    return dice.chance(0.5) ? dice.pick(NUMBERS) : value + (dice.chance(0.5) ? 1 : -1)
  }
  if (typeof value === 'boolean') return !value
  if (typeof value === 'string') return alterText(value, dice)
  if (value === undefined) return undefined
  if (Array.isArray(value)) return alterList(value, dice)
  const fields = Object.entries(value as object).filter(([name]) => name !== 'kind')
  if (fields.length === 0) return value
  const [name, field] = dice.pick(fields) as [string, unknown]
  return { ...(value as object), [name]: alter(field, dice) }
}

function alterText(text: string, dice: Dice): string {
  const size = [16, 32, 64][ID_LENGTHS.indexOf(text.length)]
  return size === undefined ? dice.pick(TEXTS) : toBase64url(dice.bytes(size))
}

function alterList(list: readonly unknown[], dice: Dice): unknown[] {
  if (list.length === 0) return []
  const at = dice.below(list.length)
  const item = list[at]
  switch (dice.weighted({ item: 6, left: 1, twice: 1, turned: 1, many: 0.3 })) {
    case 'item':
      return list.with(at, alter(item, dice))
    case 'left':
      return list.toSpliced(at, 1)
    case 'twice':
      return list.toSpliced(dice.below(list.length + 1), 0, item)
    case 'turned':
      return dice.shuffled(list)
    case 'many':
      return [...list, ...Array.from({ length: 40 }, () => item)]
  }
}

/** The same bytes with some changed, missing or added. */
export function alterBytes(bytes: Uint8Array, dice: Dice): Uint8Array<ArrayBuffer> {
  const altered = Uint8Array.from(bytes)
  const at = dice.below(bytes.length + 1)
  switch (dice.weighted({ bit: 3, byte: 3, cut: 1, more: 1, nothing: 0.3 })) {
    case 'bit':
      if (at < altered.length) altered[at]! ^= 1 << dice.below(8)
      return altered
    case 'byte':
      if (at < altered.length) altered[at] = dice.pick([0, 1, 0x7f, 0x80, 0xff])
      return altered
    case 'cut':
      return altered.slice(0, at)
    case 'more':
      return Uint8Array.from([
        ...altered.subarray(0, at),
        ...dice.bytes(dice.between(1, 40)),
        ...altered.subarray(at),
      ])
    case 'nothing':
      return new Uint8Array(0)
  }
}
