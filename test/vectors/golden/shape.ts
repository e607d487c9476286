// What a type of ours is made of, at run time: a shape that does not name every field, every kind and every word of
// its type does not compile, and a set of golden values that leaves one of them out has gaps.

/** A kind that the type allows and that this place never holds. */
export const NEVER = 'never'

/** Anything: text, numbers, bytes, or words whose every one is seen elsewhere. */
const VALUE = 'value'
type ValueShape = typeof VALUE
/** One of several words: each is to be seen. */
interface WordsShape<T extends string> {
  readonly words: Readonly<Record<T, true>>
}
/** A list: what its items are. */
interface ListShape<T> {
  readonly each: Shape<T>
}
/** Present here, missing there: both are to be seen. */
interface OptionalShape<T> {
  readonly optional: Shape<T>
}
/** A union told apart by `kind`. */
interface KindsShape<T extends Kinded> {
  readonly kinds: { readonly [K in T['kind']]: FieldsShape<Rest<T, K>> | typeof NEVER }
}
type FieldsShape<T> = { readonly [K in keyof T]-?: FieldShape<T, K> }

interface Kinded {
  readonly kind: string
}
type Rest<T extends Kinded, K extends T['kind']> = Omit<Extract<T, { readonly kind: K }>, 'kind'>
type FieldShape<T, K extends keyof T> =
  Partial<Pick<T, K>> extends Pick<T, K> ? OptionalShape<Exclude<T[K], undefined>> : Shape<T[K]>
type IsUnion<T, All = T> = true extends (T extends unknown ? ([All] extends [T] ? false : true) : never)
  ? true
  : false
/** Words are literals; an identifier of ours is any text with a brand. */
type StringShape<T extends string> =
  Partial<Record<T, true | undefined>> extends Record<T, true | undefined>
    ? ValueShape
    : WordsShape<T> | ValueShape

export type Shape<T> = [T] extends [bigint | number | boolean | Uint8Array]
  ? ValueShape
  : [T] extends [string]
    ? StringShape<T>
    : [T] extends [readonly (infer Item)[]]
      ? ListShape<Item>
      : [T, IsUnion<T>] extends [Kinded, true]
        ? KindsShape<Extract<T, Kinded>>
        : FieldsShape<T>

/** The words of a list that says all there are. */
export function wordsOf<T extends string>(words: readonly T[]): WordsShape<T> {
  return { words: Object.fromEntries(words.map((word) => [word, true])) as Record<T, true> }
}

/** A shape as it is walked: of whatever type. */
type AnyShape =
  | ValueShape
  | { readonly words: Readonly<Record<string, true>> }
  | { readonly each: AnyShape }
  | { readonly optional: AnyShape }
  | { readonly kinds: Readonly<Record<string, AnyFields | typeof NEVER>> }
  | AnyFields
interface AnyFields {
  readonly [field: string]: AnyShape
}

/** What of `shape` no value shows, and what the values have beyond it; empty when they are complete. */
export function gapsIn<T>(name: string, shape: Shape<T>, values: readonly T[]): string[] {
  return gaps(name, shape, values)
}

function gaps(path: string, shape: AnyShape, values: readonly unknown[]): string[] {
  if (values.length === 0) return [`${path} is nowhere`]
  if (shape === VALUE) return []
  if (isPart(shape, 'words')) {
    return Object.keys(shape.words)
      .filter((word) => !values.includes(word))
      .map((word) => `${path} is nowhere ${word}`)
  }
  if (isPart(shape, 'each')) return gaps(`${path}[]`, shape.each, (values as unknown[][]).flat())
  if (isPart(shape, 'kinds')) return kindGaps(path, shape.kinds, values as Record<string, unknown>[])
  return fieldGaps(path, shape, values as Record<string, unknown>[])
}

function kindGaps(
  path: string,
  kinds: Readonly<Record<string, AnyFields | typeof NEVER>>,
  values: readonly Record<string, unknown>[],
): string[] {
  const strangers = values.map(({ kind }) => String(kind)).filter((kind) => !Object.hasOwn(kinds, kind))
  const found = strangers.map((kind) => `${path} is of a kind without a shape: ${kind}`)
  for (const [kind, fields] of Object.entries(kinds)) {
    const ofKind = values.filter((value) => value['kind'] === kind)
    if (fields !== NEVER) found.push(...gaps(`${path}(${kind})`, { kind: VALUE, ...fields }, ofKind))
    else if (ofKind.length > 0) found.push(`${path} is ${kind}, and should never be`)
  }
  return found
}

function fieldGaps(path: string, fields: AnyFields, values: readonly Record<string, unknown>[]): string[] {
  const strangers = new Set(values.flatMap(Object.keys).filter((field) => !Object.hasOwn(fields, field)))
  const found = [...strangers].map((field) => `${path}.${field} has no shape`)
  for (const [field, shape] of Object.entries(fields)) {
    const at = `${path}.${field}`
    const present = values.map((value) => value[field]).filter((value) => value !== undefined)
    if (isPart(shape, 'optional')) {
      if (present.length === values.length) found.push(`${at} is never missing`)
      found.push(...gaps(at, shape.optional, present))
    } else {
      if (present.length < values.length) found.push(`${at} is missing somewhere`)
      found.push(...gaps(at, shape, present))
    }
  }
  return found
}

/** Whether `shape` is the one that is made of `part`: no record of ours has a field of that name. */
function isPart<P extends string>(
  shape: AnyShape,
  part: P,
): shape is Extract<AnyShape, { readonly [K in P]: unknown }> {
  return typeof shape === 'object' && Object.hasOwn(shape, part)
}
