// Names that people give: to cards, friends and servers.

import { utf8ToBytes } from '@noble/hashes/utils.js'
import { CURRENCY_BYTES_MAX, NAME_BYTES_MAX } from '../../protocol/limits.ts'
import type { Currency } from '../../protocol/types.ts'
import { isCleanText } from '../../protocol/wire.ts'

/** Nothing to read, or not a name at all. */
export function isBlankName(name: string): boolean {
  return name.trim() === '' || !isCleanText(name) || utf8ToBytes(name).length > NAME_BYTES_MAX
}

/** 1..16 bytes of UTF-8 without control characters or spaces at its ends. */
export function isCurrency(name: string): name is Currency {
  const size = utf8ToBytes(name).length
  return size >= 1 && size <= CURRENCY_BYTES_MAX && isCleanText(name) && name.trim() === name
}
