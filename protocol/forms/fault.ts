// Why a text, file or binary that a person handed over could not be read (TXT-4).

import type { Fault, Result } from '../result.ts'

export type FormFaultCode =
  /** Not an Offst text, file or binary at all. */
  | 'unknownForm'
  /** Characters were changed on the way. */
  | 'damaged'
  /** A part is missing. */
  | 'truncated'
  /** Made by a newer program. */
  | 'unknownVersion'
  /** Whole, but something else than what was asked for. */
  | 'wrongKind'
  /** Whole, but its fields are out of range. */
  | 'malformed'
  /** Whole, but a public key in it is not one. */
  | 'badKey'
  /** More than FORM_BYTES_MAX: refused unread. */
  | 'tooLong'

export interface FormFault extends Fault {
  readonly code: FormFaultCode
}

/** What a reader of forms returns. */
export type Read<T> = Result<T, FormFault>

export function refuse(
  code: FormFaultCode,
  message: string,
): { readonly ok: false; readonly error: FormFault } {
  return { ok: false, error: { code, message } }
}

export function unknownForm(): ReturnType<typeof refuse> {
  return refuse('unknownForm', 'This is not an Offst code, link or file.')
}
