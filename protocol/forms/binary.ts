// The binary form: one byte of version, one of kind, then the strict codec (TXT-1, TXT-2).

import type { Verifier } from '../crypto.ts'
import { DETAIL_CHARACTERS_MAX, FORM_BYTES_MAX } from '../limits.ts'
import { invariant } from '../result.ts'
import { FORMS, formCodec, nounOf, type Form, type FormSpec } from './document.ts'
import { refuse, type Read } from './fault.ts'

/** Version of the forms that this program writes; the only one that it reads. */
export const FORM_VERSION = 1
/** First bytes up to this one are versions: no text file starts with such a control character. */
export const FORM_VERSION_MAX = 8

/** What tells a real public key from 32 other bytes. */
export type KeyCheck = Pick<Verifier, 'isPublicKey'>

/** @throws {Error} when a field is out of range: fields that a person typed go through `checkForm` first. */
export function toBinary(form: Form): Uint8Array {
  const body = formCodec.encode(form)
  const bytes = new Uint8Array(1 + body.length)
  bytes[0] = FORM_VERSION
  bytes.set(body, 1)
  invariant(bytes.length <= FORM_BYTES_MAX, 'the limits of the fields keep every form below FORM_BYTES_MAX')
  return bytes
}

/** Whether every field of `form` is in range and every key a key: `malformed` or `badKey` if not. */
export function checkForm<F extends Form>(form: F, keys: KeyCheck): Read<F> {
  let bytes: Uint8Array
  try {
    bytes = toBinary(form)
  } catch (error) {
    return refuse('malformed', `This would not be ${nounOf(form.kind)}: ${detailOf(error)}.`)
  }
  const read = readBinary(bytes, keys)
  return read.ok ? { ok: true, value: form } : read
}

/** Reads a form from bytes of a stranger; never throws. */
export function readBinary(bytes: Uint8Array, keys: KeyCheck): Read<Form> {
  const version = bytes[0]
  if (bytes.length > FORM_BYTES_MAX) {
    return refuse('tooLong', `This is longer than any Offst form (${FORM_BYTES_MAX} bytes).`)
  }
  if (version === undefined) return refuse('unknownForm', 'There is nothing to read.')
  if (version !== FORM_VERSION) {
    return refuse('unknownVersion', `This was made by a newer program (form ${version}): update this one.`)
  }
  const body = bytes.subarray(1)
  let form: Form
  try {
    form = formCodec.decode(body)
    if (!sameBytes(formCodec.encode(form), body)) throw new Error('not in canonical form')
  } catch (error) {
    return faultOf(body, error)
  }
  const spec: FormSpec<Form> = FORMS[form.kind]
  const stranger = spec.keys(form).find((key): boolean => !keys.isPublicKey(key))
  if (stranger === undefined) return { ok: true, value: form }
  return refuse(
    'badKey',
    `This holds ${stranger} as a public key, but that is not one: get ${nounOf(form.kind)} that is right.`,
  )
}

/** Size of the form that `bytes` start with, undefined if none; `runsOut` if they end before the form does. */
export function sizeOfStart(bytes: Uint8Array): number | 'runsOut' | undefined {
  if (bytes.length < 2) return 'runsOut'
  if (bytes[0] !== FORM_VERSION) return undefined
  try {
    return 1 + formCodec.encode(formCodec.decode(bytes.subarray(1), { allowUnreadBytes: true })).length
  } catch (error) {
    return runsOut(error) ? 'runsOut' : undefined
  }
}

function faultOf(body: Uint8Array, error: unknown): ReturnType<typeof refuse> {
  if (runsOut(error)) return refuse('truncated', 'The end of this is missing: get all of it again.')
  if (String(error).includes('unknown kind')) {
    return refuse('unknownVersion', `This program does not know forms of kind ${body[0]}: update it.`)
  }
  return refuse('malformed', `This is whole, but what it holds is not allowed (${detailOf(error)}).`)
}

/** Whether a decoder of micro-packed stopped because there were no more bytes; its messages are its only sign. */
function runsOut(error: unknown): boolean {
  return /Unexpected end of buffer|exceed \d+ bytes left/.test(String(error))
}

/** What a codec complained about, as `field: complaint`. */
function detailOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  const [, path = '', complaint = message] =
    /^(?:Reader|Writer)\(([^)]*)\): (?:\w*Error: )?([^]*)$/.exec(message) ?? []
  const field = path.split('/').findLast((step) => /^[a-z]/i.test(step))
  const detail = field === undefined ? complaint : `${field}: ${complaint}`
  return detail.slice(0, DETAIL_CHARACTERS_MAX).replace(/\.$/, '')
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index])
}
