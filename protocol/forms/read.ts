// Reads whatever a person pastes, scans, drops or opens, and says what it is or what is wrong with it (TXT-4).

import { nobleProvider } from '../ed25519.ts'
import { FORM_BYTES_MAX } from '../limits.ts'
import { FORM_VERSION_MAX, readBinary, type KeyCheck } from './binary.ts'
import { nounOf, type Document, type DocumentKind, type DocumentOf } from './document.ts'
import { refuse, unknownForm, type Read } from './fault.ts'
import { readFormText, startsLikeForm } from './text.ts'
import { looksLikeToml, readToml } from './toml.ts'

/** What people put around a code in a sentence. */
const OPENING = '("\'<'
const CLOSING = ')"\'>.,;:!?'

/**
 * Reads a form from any of its carriers: text in small or capital letters with white space anywhere, a link,
 * a sentence around one of these, TOML, binary; or a bare public key. Never throws.
 */
export function readDocument(input: string | Uint8Array, keys: KeyCheck = nobleProvider): Read<Document> {
  return read(input, keys, undefined)
}

/** Like `readDocument`, for a place that can use one kind only: fault `wrongKind` names both kinds. */
export function readAs<K extends DocumentKind>(
  input: string | Uint8Array,
  kind: K,
  keys: KeyCheck = nobleProvider,
): Read<DocumentOf<K>> {
  const document = read(input, keys, kind)
  if (!document.ok) return document
  if (isOfKind(document.value, kind)) return { ok: true, value: document.value }
  return refuse('wrongKind', `This is ${nounOf(document.value.kind)}, not ${nounOf(kind)}.`)
}

function isOfKind<K extends DocumentKind>(document: Document, kind: K): document is DocumentOf<K> {
  return document.kind === kind
}

function read(
  input: string | Uint8Array,
  keys: KeyCheck,
  expected: DocumentKind | undefined,
): Read<Document> {
  if (input.length > FORM_BYTES_MAX) {
    return refuse('tooLong', `This is longer than any Offst text or file (${FORM_BYTES_MAX} characters).`)
  }
  if (typeof input === 'string') return readText(input, keys, expected)
  const first = input[0]
  if (first !== undefined && first <= FORM_VERSION_MAX) return readBinary(input, keys)
  const text = decodeUtf8(input)
  return text === undefined ? unknownForm() : readText(text, keys, expected)
}

function readText(input: string, keys: KeyCheck, expected: DocumentKind | undefined): Read<Document> {
  if (looksLikeToml(input)) return readToml(input, keys, expected)
  // Messengers wrap long texts and add invisible joiners.
  const whole = unwrapLink(input.replace(/[\s\u200b-\u200d\u2060\ufeff]/g, ''))
  if (whole === '') return refuse('unknownForm', 'There is nothing to read.')
  if (/^[\w-]{43}$/.test(whole) && !startsLikeForm(whole)) return readKey(whole, keys)
  if (startsLikeForm(whole)) return readFormText(whole, keys)
  const [word, ...others] = input.split(/\s+/).map(unquote).map(unwrapLink).filter(isFormWord)
  return word !== undefined && others.length === 0 ? readFormText(word, keys) : unknownForm()
}

function readKey(text: string, keys: KeyCheck): Read<Document> {
  if (keys.isPublicKey(text)) return { ok: true, value: { kind: 'publicKey', publicKey: text } }
  return refuse('badKey', 'This looks like a public key, but is not one: copy it again.')
}

/** The text that a link carries: after `#` in a link to a wallet, or after the scheme. */
function unwrapLink(text: string): string {
  const link = /^(?:https?:\/\/[^#]*#|web\+offst:(?:\/\/)?)(.*)$/i.exec(text)
  return link?.[1] ?? text
}

/** Without the marks around it; not by a pattern, which would start over at each of a thousand marks. */
function unquote(word: string): string {
  let [start, end] = [0, word.length]
  while (start < end && OPENING.includes(word.charAt(start))) start += 1
  while (end > start && CLOSING.includes(word.charAt(end - 1))) end -= 1
  return word.slice(start, end)
}

function isFormWord(word: string): boolean {
  return /^offst[a-z]+1/i.test(word)
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}
