// Typed tables of a TOML file: each field has a name, a shape and a phrase that says what it should be.
// Ranges are the business of the binary codecs, through which every table goes as well.

import { refuse, type Read } from './fault.ts'

export type Value = string | number | bigint | boolean | Table | readonly Value[]
export interface Table {
  readonly [name: string]: Value
}

/** One value of a table. */
export interface Field<T> {
  /** Completes "… should be". */
  readonly expected: string
  readonly optional: boolean
  /** The value, or undefined when it has another shape. */
  readonly parse: (value: unknown) => T | undefined
  /** Undefined leaves the field out. */
  readonly print: (value: T) => Value | undefined
}

/** For each property of `T`: its name in the file, and its field. The order is the file's. */
export type Schema<T> = { readonly [K in keyof T]-?: readonly [name: string, field: Field<T[K]>] }

export function write<T>(schema: Schema<T>, value: T): Table {
  const table: Record<string, Value> = {}
  for (const property in schema) {
    const [name, field] = schema[property]
    const printed = field.print(value[property])
    if (printed !== undefined) table[name] = printed
  }
  return table
}

/** Reads a table that a stranger wrote: no field may be missing, misshapen or unknown (fault `malformed`). */
export function read<T, F>(schema: Schema<T>, table: Table, wrap: (value: T) => F): Read<F> {
  const value: Partial<T> = {}
  const names = new Set<string>()
  for (const property in schema) {
    const [name, field] = schema[property]
    names.add(name)
    if (!Object.hasOwn(table, name)) {
      if (field.optional) continue
      return refuse('malformed', `The line "${name} = …" is missing: it should be ${field.expected}.`)
    }
    const parsed = field.parse(table[name])
    if (parsed === undefined) return refuse('malformed', `"${name}" should be ${field.expected}.`)
    value[property] = parsed
  }
  const stranger = Object.keys(table).find((name) => !names.has(name))
  if (stranger !== undefined) {
    return refuse('malformed', `The field "${stranger.slice(0, 40)}" does not belong there: remove it.`)
  }
  return { ok: true, value: wrap(value as T) }
}

export function text<T extends string = string>(): Field<T> {
  return required(
    'a text in quotes',
    (value) => (typeof value === 'string' ? (value as T) : undefined),
    (value) => value,
  )
}

/** Fixed-size bytes as base64url without padding. */
export function bytes<T extends string>(size: number): Field<T> {
  const length = Math.ceil((size * 4) / 3)
  return required(
    `${length} characters of base64url in quotes`,
    (value) => (typeof value === 'string' && isBase64url(value, length) ? (value as T) : undefined),
    (value) => value,
  )
}

/** An amount: in quotes, since the integers of TOML end at 2^63; a bare integer is read as well. */
export const amount: Field<bigint> = required(
  'a whole number in quotes',
  (value) => {
    if (typeof value === 'bigint') return value
    return typeof value === 'string' && /^(?:0|[1-9][0-9]{0,38})$/.test(value) ? BigInt(value) : undefined
  },
  (value) => value.toString(),
)

/** The same with a sign. */
export const balance: Field<bigint> = required(
  'a whole number in quotes, with a minus if it is owed',
  (value) => {
    if (typeof value === 'bigint') return value
    return typeof value === 'string' && /^(?:0|-?[1-9][0-9]{0,38})$/.test(value) ? BigInt(value) : undefined
  },
  (value) => value.toString(),
)

/** A moment, in milliseconds since 1970. */
export const time: Field<number> = wholeNumber('a whole number of milliseconds since 1970')

export const count: Field<number> = wholeNumber('a whole number')

/** One of `known`. */
export function word<T extends string>(known: readonly T[]): Field<T> {
  return required(
    `one of ${known.map((each) => `"${each}"`).join(', ')}`,
    (value) => known.find((each) => each === value),
    (value) => value,
  )
}

/** Some of `known`, each at most once, in any order. */
export function words<T extends string>(known: readonly T[]): Field<readonly T[]> {
  return required(
    `a list of some of ${known.map((word) => `"${word}"`).join(', ')}`,
    (value): readonly T[] | undefined => {
      if (!Array.isArray(value)) return undefined
      const found = known.filter((word) => value.includes(word))
      return found.length === value.length ? found : undefined
    },
    (value) => value,
  )
}

/** Tables under one name: `[[name]]`. */
export function tables<T>(schema: Schema<T>): Field<readonly T[]> {
  const names = Object.values<readonly [string, unknown]>(schema).map(([name]) => name)
  return required(
    `a list of tables, each with ${names.join(' and ')}`,
    (value): readonly T[] | undefined => {
      if (!Array.isArray(value)) return undefined
      const items: T[] = []
      for (const item of value) {
        const table = isTable(item) ? read(schema, item, (fields) => fields) : undefined
        if (table === undefined || !table.ok) return undefined
        items.push(table.value)
      }
      return items
    },
    (value) => value.map((item) => write(schema, item)),
  )
}

export function optional<T>(field: Field<T>): Field<T | undefined> {
  return {
    expected: field.expected,
    optional: true,
    parse: field.parse,
    print: (value) => (value === undefined ? undefined : field.print(value)),
  }
}

export function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === null
}

function isBase64url(value: string, length: number): boolean {
  return value.length === length && /^[A-Za-z0-9_-]*$/.test(value)
}

function wholeNumber(expected: string): Field<number> {
  return required(
    expected,
    (value) =>
      typeof value === 'bigint' && value >= 0n && value <= BigInt(Number.MAX_SAFE_INTEGER)
        ? Number(value)
        : undefined,
    (value) => BigInt(value),
  )
}

function required<T>(
  expected: string,
  parse: (value: unknown) => T | undefined,
  print: (value: T) => Value | undefined,
): Field<T> {
  return { expected, optional: false, parse, print }
}
