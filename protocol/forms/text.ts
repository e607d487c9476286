// The text form: bech32m of the binary form under the prefix of its kind, without a limit of length (TXT-3, TXT-4).

import { bech32m } from '@scure/base'
import { FORMS, formKinds, nounOf, type Form, type FormKind } from './document.ts'
import { readBinary, sizeOfStart, toBinary, type KeyCheck } from './binary.ts'
import { refuse, unknownForm, type Read } from './fault.ts'

const CHECKSUM_CHARACTERS = 6
const ALPHABET = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l'
const STRANGER = new RegExp(`[^${ALPHABET}]`, 'i')

/** Lower-case bech32m. @throws {Error} when a field is out of range. */
export function toFormText(form: Form): string {
  return bech32m.encode(FORMS[form.kind].prefix, bech32m.toWords(toBinary(form)), false)
}

/** Whether `text` begins like the text of a form. */
export function startsLikeForm(text: string): boolean {
  return /^offst[a-z]*(?:1|$)/i.test(text)
}

/** Reads one bech32m text without white space; never throws. */
export function readFormText(text: string, keys: KeyCheck): Read<Form> {
  const separator = text.indexOf('1')
  if (separator < 0) return startsPrefix(text.toLowerCase()) ? truncated() : unknownForm()
  const prefix = text.slice(0, separator).toLowerCase()
  const stranger = text.slice(separator + 1).search(STRANGER)
  if (stranger >= 0) return damaged(`, at character ${separator + stranger + 2}`)
  const lower = text.toLowerCase()
  if (text !== lower && text !== text.toUpperCase()) {
    return refuse('damaged', 'This text mixes small and capital letters: copy it again, or scan the code.')
  }
  const decoded = bech32m.decodeUnsafe(lower, false)
  if (decoded === undefined) return isCut(lower.slice(separator + 1)) ? truncated() : damaged('')
  const kind = kindOfPrefix(prefix)
  if (kind === undefined) {
    return refuse('unknownVersion', `This program does not know texts that begin with ${prefix}1: update it.`)
  }
  const bytes = bech32m.fromWordsUnsafe(decoded.words)
  if (bytes === undefined) return refuse('malformed', 'This text ends in bits that no Offst text has.')
  const form = readBinary(bytes, keys)
  if (!form.ok || form.value.kind === kind) return form
  return refuse('malformed', `This text begins like ${nounOf(kind)} but holds ${nounOf(form.value.kind)}.`)
}

/**
 * Whether `data`, whose checksum is wrong, is the beginning of a longer text. If it is, all of its characters
 * belong to the binary form or to a checksum that is not all there.
 */
function isCut(data: string): boolean {
  const size = sizeOfStart(startOfBytes(data))
  if (size === undefined) return false
  return size === 'runsOut' || data.length < Math.ceil((size * 8) / 5) + CHECKSUM_CHARACTERS
}

/** The whole bytes in `data`, whatever follows them. */
function startOfBytes(data: string): Uint8Array {
  const words = Array.from(data, (character) => ALPHABET.indexOf(character))
  while (words.length % 8 !== 0) words.push(0)
  return bech32m.fromWords(words).subarray(0, Math.floor((data.length * 5) / 8))
}

function kindOfPrefix(prefix: string): FormKind | undefined {
  return formKinds().find((kind) => FORMS[kind].prefix === prefix)
}

function startsPrefix(start: string): boolean {
  return formKinds().some((kind) => FORMS[kind].prefix.startsWith(start))
}

function truncated(): ReturnType<typeof refuse> {
  return refuse('truncated', 'The end of this text is missing: copy all of it.')
}

function damaged(where: string): ReturnType<typeof refuse> {
  return refuse('damaged', `This text was changed on its way${where}: copy it again, or scan the code.`)
}
