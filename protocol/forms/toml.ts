// The file form: TOML that a person can read and write by hand, as in the tutorial (TXT-5).

import { parse, stringify, TomlError } from 'smol-toml'
import { checkForm, type KeyCheck } from './binary.ts'
import { FORMS, formKinds, isFormKind, type DocumentKind, type Form, type FormSpec } from './document.ts'
import { refuse, type Read } from './fault.ts'
import { isTable, type Table } from './toml-fields.ts'

/** Tables within tables: the deepest form has relays in a ticket. */
const DEPTH_MAX = 4

/** @throws {Error} when a field is out of range. */
export function toToml(form: Form): string {
  const spec: FormSpec<Form> = FORMS[form.kind]
  // The friend's file is the tutorial's, to the letter; the others would look alike without a kind.
  const table = form.kind === 'friend' ? {} : { kind: form.kind }
  return `${stringify({ ...table, ...spec.toTable(form) }).trimEnd()}\n`
}

/** Whether `text` is meant as TOML: it starts with a comment, a table, or `name =`. */
export function looksLikeToml(text: string): boolean {
  return /^\s*(?:#|\[|[\w"'.-]+\s*=)/.test(text)
}

/**
 * Reads a TOML file; never throws.
 * @param expected what a file without `kind` is taken for, unless it is a friend's.
 */
export function readToml(text: string, keys: KeyCheck, expected: DocumentKind | undefined): Read<Form> {
  const parsed = parseTable(text)
  if (!parsed.ok) return parsed
  const { kind: named, ...fields } = parsed.value
  if (Object.hasOwn(fields, 'private_key')) {
    return refuse(
      'wrongKind',
      'This is an identity file. It is secret: keep it, and hand out a ticket instead.',
    )
  }
  const kind = named === undefined ? guessKind(fields, expected) : named
  if (typeof kind !== 'string' || !isFormKind(kind)) {
    const kinds = formKinds().join(', ')
    return refuse(
      'unknownForm',
      `This file does not say what it is: add the line kind = "…" with one of ${kinds}.`,
    )
  }
  const spec: FormSpec<Form> = FORMS[kind]
  const form = spec.fromTable(fields)
  return form.ok ? checkForm(form.value, keys) : form
}

function parseTable(text: string): Read<Table> {
  try {
    const table = parse(text, { integersAsBigInt: true, maxDepth: DEPTH_MAX, unsafeKeyBehaviour: 'throw' })
    if (isTable(table)) return { ok: true, value: table }
  } catch (error) {
    const line = error instanceof TomlError ? ` (line ${error.line})` : ''
    return refuse('damaged', `This file is not TOML${line}: get it again, or repair it.`)
  }
  return refuse('damaged', 'This file is not TOML: get it again, or repair it.')
}

function guessKind(fields: Table, expected: DocumentKind | undefined): DocumentKind | undefined {
  const names = Object.keys(fields)
  const isFriend = names.every((name) => ['public_key', 'relays', 'name'].includes(name))
  return isFriend ? 'friend' : expected
}
