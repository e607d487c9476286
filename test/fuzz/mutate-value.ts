// Mutations of values, before they are encoded: JSON, and what our codecs take beside it (bigints, bytes).

import type { FuzzRandom } from './random.ts'
import { mutateBytes } from './mutate.ts'
import { mutateText } from './mutate-text.ts'

const NUMBERS = [
  0,
  -0,
  1,
  -1,
  0.5,
  255,
  256,
  500,
  501,
  65_535,
  65_536,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 53 - 1,
  2 ** 53,
  -(2 ** 53),
  1e21,
  1e308,
  Infinity,
  NaN,
]
const BIGINTS = [0n, 1n, -1n, 2n ** 53n, 2n ** 63n, 2n ** 64n, 2n ** 127n, 2n ** 128n].flatMap((n) => [
  n,
  n - 1n,
  -n,
])
const WORDS = [
  '',
  ' ',
  '0',
  '-0',
  '00',
  '-1',
  '1e3',
  '0x1',
  'abc',
  'null',
  '__proto__',
  'constructor',
  'kind',
  ...BIGINTS.map((value) => value.toString()),
  'A'.repeat(22),
  'A'.repeat(43),
  '9'.repeat(39),
  '9'.repeat(40),
]
const KEYS = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'length',
  'id',
  'kind',
  '',
  '0',
  'x'.repeat(300),
]
/** What takes the place of anything. */
const STRANGERS: readonly unknown[] = [
  null,
  true,
  false,
  0,
  1,
  '',
  'x',
  [],
  {},
  [[]],
  [null],
  { length: 1 },
  '\ufeff',
]
/** Characters of the longest text that takes the place of another. */
const TEXT_MAX = 70_000
/** Lengths of lists: none, a few, as many as some list may have, and one more. */
const LENGTHS = [0, 1, 2, 8, 9, 16, 17, 31, 32, 33, 34, 64, 65, 256, 257, 512, 513, 1_000, 1_001, 2_000]
/** Lists within lists, seldom more than any parser should follow. */
const DEPTHS = [1, 2, 5, 20, 3_000]

type Bag = Readonly<Record<string, unknown>>

/** Changes one place of `value`; now and then with a piece of `other`. What is given stays as it was. */
export function mutateValue(random: FuzzRandom, value: unknown, other: unknown): unknown {
  return random.once(8) ? resizeList(random, value) : mutateWithin(random, value, other)
}

/** Some list within `value` gets a length at the border of what lists may have. */
function resizeList(random: FuzzRandom, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  const inner = Object.entries(value).filter(([, part]) => typeof part === 'object' && part !== null)
  if (Array.isArray(value)) {
    const at = random.below(value.length)
    if (inner.length > 0 && random.once(2)) return value.with(at, resizeList(random, value[at]))
    return new Array<unknown>(random.pick(LENGTHS)).fill(value[at] ?? 0)
  }
  if (inner.length === 0) return value
  const [name, part] = random.pick(inner)
  return withProperty({ ...value }, name, resizeList(random, part))
}

function mutateWithin(random: FuzzRandom, value: unknown, other: unknown): unknown {
  if (Array.isArray(value) && value.length > 0 && !random.once(4)) {
    const at = random.below(value.length)
    return value.with(at, mutateWithin(random, value[at], other))
  }
  if (isBag(value) && !random.once(5)) {
    const names = Object.keys(value)
    if (names.length > 0) {
      const name = random.pick(names)
      return withProperty(value, name, mutateWithin(random, value[name], other))
    }
  }
  if (random.once(8)) return random.pick(STRANGERS)
  if (random.once(8)) return pieceOf(random, other)
  if (random.once(20)) return nest(random, value)
  return mutateHere(random, value, other)
}

function mutateHere(random: FuzzRandom, value: unknown, other: unknown): unknown {
  switch (typeof value) {
    case 'number':
      return random.once(3)
        ? value + random.pick([1, -1])
        : random.once(6)
          ? String(value)
          : random.pick(NUMBERS)
    case 'bigint':
      return random.once(3) ? value + random.pick([1n, -1n]) : random.pick(BIGINTS)
    case 'string':
      return mutateString(random, value, other)
    case 'boolean':
      return random.once(2) ? !value : Number(value)
    case 'object':
      if (Array.isArray(value)) return mutateList(random, value, other)
      if (value instanceof Uint8Array) return mutateBytes(random, value, value, TEXT_MAX)
      return isBag(value) ? mutateBag(random, value, other) : value
    default:
      return random.pick(STRANGERS)
  }
}

function mutateString(random: FuzzRandom, value: string, other: unknown): string {
  if (random.once(4)) return random.pick(WORDS)
  if (random.once(4) && value !== '') {
    // As long as it was: keys and identifiers stay such.
    const at = random.below(value.length)
    return `${value.slice(0, at)}${random.pick(Array.from('AZaz09_-'))}${value.slice(at + 1)}`
  }
  return mutateText(random, value, typeof other === 'string' ? other : 'other', WORDS, TEXT_MAX)
}

function mutateList(random: FuzzRandom, list: readonly unknown[], other: unknown): unknown[] {
  const at = random.below(list.length)
  switch (random.below(6)) {
    case 0:
      return list.toSpliced(at, 1)
    case 1:
      return list.toSpliced(at, 0, list.length > 0 ? list[at] : pieceOf(random, other))
    case 2:
      return [...list, pieceOf(random, other)]
    case 3:
      return list.toReversed()
    case 4:
      return []
    default:
      return [...list, ...list]
  }
}

function mutateBag(random: FuzzRandom, bag: Bag, other: unknown): Bag {
  const names = Object.keys(bag)
  if (names.length === 0 || random.once(2)) {
    const name =
      random.once(2) && isBag(other) ? random.pick([...Object.keys(other), 'x']) : random.pick(KEYS)
    return withProperty(bag, name, pieceOf(random, other))
  }
  const [one, two] = [random.pick(names), random.pick(names)]
  if (random.once(2)) return withProperty(withProperty(bag, one, bag[two]), two, bag[one])
  const { [one]: _, ...rest } = bag
  return rest
}

function nest(random: FuzzRandom, value: unknown): unknown {
  let nested = value
  for (let depth = random.pick(DEPTHS); depth > 0; depth--) nested = random.once(2) ? [nested] : { x: nested }
  return nested
}

/** Some value within `value`, or all of it. */
function pieceOf(random: FuzzRandom, value: unknown): unknown {
  let piece = value
  while (typeof piece === 'object' && piece !== null && !(piece instanceof Uint8Array) && !random.once(3)) {
    const parts: unknown[] = Object.values(piece)
    if (parts.length === 0) return piece
    piece = random.pick(parts)
  }
  return piece
}

/** An own property whatever its name: `__proto__` too, as JSON makes it. */
function withProperty(bag: Bag, name: string, value: unknown): Bag {
  return Object.defineProperty({ ...bag }, name, {
    value,
    enumerable: true,
    writable: true,
    configurable: true,
  })
}

function isBag(value: unknown): value is Bag {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
  )
}
