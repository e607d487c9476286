// Mutations of texts: characters, pieces, lines, and words that parsers and checks stumble over.

import type { FuzzRandom } from './random.ts'

/** Characters that mean something somewhere, or are more, or less, than one. */
const CHARACTERS = [
  ...Array.from('qpzry9x8gf2tvdw0s3jn54khce6mua7l1bioQPZ-_#=%:/."\'[]{}(),;<>\\@?&+ '),
  '\n',
  '\r\n',
  '\t',
  '\0',
  '\u007f',
  '\u0085',
  '\u200b',
  '\u2028',
  '\ufeff',
  '\ud800',
  '\udfff',
  'é',
  'İ',
  'ſ',
  'K',
  '９',
  '\u{1f34c}',
]
const STACKED_MAX = 4
/** One run in this many repeats a piece until the text is beyond every limit. */
const HUGE_ONCE_IN = 500

type Mutation = (random: FuzzRandom, text: string, other: string, words: readonly string[]) => string

const MUTATIONS: readonly Mutation[] = [
  replaceCharacter,
  replaceCharacter,
  (random, text) => insertAt(random, text, random.pick(CHARACTERS)),
  (random, text, _, words) => insertAt(random, text, random.pick(words)),
  removePiece,
  removePiece,
  repeatPiece,
  (random, text) => text.slice(0, random.below(text.length + 1)),
  (random, text, other) =>
    text.slice(0, random.below(text.length + 1)) + other.slice(random.below(other.length)),
  (random, text, other) => insertAt(random, text, pieceOf(random, other)),
  (random, text) => (random.once(2) ? text.toUpperCase() : text.toLowerCase()),
]

/**
 * One to four mutations of `text`, some with pieces of `other` or with `words`, of at most `sizeMax` characters.
 * @param words what the reader of such texts knows, at least one.
 */
export function mutateText(
  random: FuzzRandom,
  text: string,
  other: string,
  words: readonly string[],
  sizeMax: number,
): string {
  let mutant = text
  for (let left = 1 + random.below(STACKED_MAX); left > 0; left--) {
    mutant = random.pick(MUTATIONS)(random, mutant, other, words)
  }
  if (random.once(HUGE_ONCE_IN)) {
    const piece = random.once(2) ? random.pick(CHARACTERS) : pieceOf(random, mutant) || 'x'
    mutant = insertAt(random, mutant, piece.repeat(Math.ceil(random.below(sizeMax) / piece.length)))
  }
  return mutant.slice(0, sizeMax)
}

function replaceCharacter(random: FuzzRandom, text: string): string {
  const at = random.below(text.length)
  return text.slice(0, at) + random.pick(CHARACTERS) + text.slice(at + 1)
}

function insertAt(random: FuzzRandom, text: string, piece: string): string {
  const at = random.once(4) ? random.pick([0, text.length]) : random.below(text.length + 1)
  return text.slice(0, at) + piece + text.slice(at)
}

function removePiece(random: FuzzRandom, text: string): string {
  const start = random.below(text.length + 1)
  return text.slice(0, start) + text.slice(start + 1 + random.below(random.once(3) ? 40 : 3))
}

function repeatPiece(random: FuzzRandom, text: string): string {
  return insertAt(random, text, pieceOf(random, text).repeat(1 + random.below(4)))
}

function pieceOf(random: FuzzRandom, text: string): string {
  const start = random.below(text.length)
  return text.slice(start, start + 1 + random.below(40))
}
