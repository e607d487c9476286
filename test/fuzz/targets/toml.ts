// Mutations of TOML: keys, values, lines and depth.

import { mutateText } from '../mutate-text.ts'
import type { FuzzRandom } from '../random.ts'

const KEYS = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  '"__proto__"',
  "'public key'",
  '""',
  'a.b.c.d.e.f',
  '__proto__.polluted',
  'kind',
  'private_key',
  'public_key',
  'relays',
  'name',
  'amount',
]
const VALUES = [
  '0',
  '-1',
  '+1',
  '1_000',
  '0x1f',
  '0b1',
  '1.5',
  '1e400',
  'inf',
  'nan',
  'true',
  '9223372036854775807',
  '9223372036854775808',
  '1979-05-27T07:32:00Z',
  '07:32:00',
  '""',
  '"\\u0000"',
  '"\\ud800"',
  '"\\ufeff"',
  '"""a\nb"""',
  "'''x'''",
  '[]',
  '[1, "a"]',
  '{}',
  '{ __proto__ = 1 }',
  '{ a = { b = { c = { d = { e = 1 } } } } }',
  '"0"',
  '"340282366920938463463374607431768211455"',
  '"340282366920938463463374607431768211456"',
  '"relay"',
  '"future"',
]
const HEADERS = [
  '[relays]',
  '[[relays]]',
  '[[relays.relays]]',
  '[__proto__]',
  '[[__proto__]]',
  '[a.b.c.d.e.f]',
  '[]',
  '[[]]',
]
/** How deep, or how long, something becomes. */
const SIZES = [1, 2, 3, 4, 5, 6, 100, 8_000]

export const TOML_WORDS: readonly string[] = [...KEYS, ...VALUES, ...HEADERS, ' = ', '# ', '\n']

/** Changes one to three lines of a file, or characters anywhere; some lines come from `other`. */
export function mutateToml(random: FuzzRandom, file: string, other: string, sizeMax: number): string {
  if (random.once(4)) return mutateText(random, file, other, TOML_WORDS, sizeMax)
  let lines = file.split('\n')
  for (let left = 1 + random.below(3); left > 0; left--) {
    const at = random.below(lines.length)
    lines = mutateLines(random, lines, at, random.pick(other.split('\n')))
  }
  return lines.join(random.once(10) ? '\r\n' : '\n').slice(0, sizeMax)
}

function mutateLines(random: FuzzRandom, lines: readonly string[], at: number, foreign: string): string[] {
  const line = lines[at] ?? ''
  const [key = '', ...rest] = line.split('=')
  const value = rest.join('=')
  const size = random.pick(SIZES)
  switch (random.below(10)) {
    case 0:
      return lines.toSpliced(at, 1)
    case 1:
      return lines.toSpliced(at, 0, line)
    case 2:
      return lines.toSpliced(at, 0, foreign)
    case 3:
      return lines.toSpliced(at, 0, random.pick(HEADERS))
    case 4:
      return lines.toSpliced(at, 1, `${random.pick(KEYS)} =${value}`)
    case 5:
      return lines.toSpliced(at, 1, `${key}=${'['.repeat(size)}${value}${']'.repeat(size)}`)
    case 6:
      return lines.toSpliced(at, 1, `${'a.'.repeat(size)}${key}=${value}`)
    case 7:
      return lines.toSpliced(at, 1, `${key}= "${'x'.repeat(size)}"`)
    default:
      return lines.toSpliced(at, 1, `${key}= ${random.pick(VALUES)}`)
  }
}
