// What of a schema of the app API no sample shows: fields, kinds and words, and what may be missing but never is.

import * as v from 'valibot'

/** A schema as it is walked: the parts that its type has. */
type Walked = v.GenericSchema & {
  readonly entries?: Readonly<Record<string, Walked>>
  readonly wrapped?: Walked
  readonly item?: Walked
  readonly options?: readonly Walked[] | readonly string[]
}

/** Empty when every part of `schema` is in some value, and everything that may be missing is missing in another. */
export function schemaGaps(path: string, schema: v.GenericSchema, values: readonly unknown[]): string[] {
  if (values.length === 0) return [`${path} is nowhere`]
  const { type, entries, wrapped, item, options } = schema as Walked
  if (entries !== undefined) {
    return Object.entries(entries).flatMap(([name, entry]) =>
      entryGaps(`${path}.${name}`, name, entry, values),
    )
  }
  if (type === 'picklist') {
    const words = options as readonly string[]
    return words.filter((word) => !values.includes(word)).map((word) => `${path} is nowhere ${word}`)
  }
  if (type === 'nullable' && wrapped !== undefined) {
    const isNever = values.includes(null) ? [] : [`${path} is never null`]
    return [
      ...isNever,
      ...schemaGaps(
        path,
        wrapped,
        values.filter((value) => value !== null),
      ),
    ]
  }
  if (type === 'array' && item !== undefined) return schemaGaps(`${path}[]`, item, values.flat())
  if (type === 'intersect')
    return (options as readonly Walked[]).flatMap((part) => schemaGaps(path, part, values))
  if (type !== 'union' && type !== 'variant') return []
  return (options as readonly Walked[]).flatMap((option, index) =>
    schemaGaps(
      `${path}(${index})`,
      option,
      values.filter((value) => v.is(option, value)),
    ),
  )
}

function entryGaps(path: string, name: string, entry: Walked, values: readonly unknown[]): string[] {
  const present = (values as Record<string, unknown>[]).filter((value) => value[name] !== undefined)
  const found = present.map((value) => value[name])
  if (entry.type !== 'optional' || entry.wrapped === undefined) return schemaGaps(path, entry, found)
  const isNever = present.length < values.length ? [] : [`${path} is never missing`]
  return [...isNever, ...schemaGaps(path, entry.wrapped, found)]
}
