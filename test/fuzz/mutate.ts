// Mutations of bytes: what wires and hostile programs do to messages.

import { concatBytes } from '@noble/hashes/utils.js'
import type { FuzzRandom } from './random.ts'

/** Values at the borders of integers, big-endian, as they stand in length and amount fields. */
const INTERESTING: readonly Uint8Array[] = [
  [0],
  [1],
  [0x7f],
  [0x80],
  [0xff],
  [0, 0],
  [1, 0],
  [0x7f, 0xff],
  [0xff, 0xff],
  [0, 0, 0, 0],
  [0x7f, 0xff, 0xff, 0xff],
  [0xff, 0xff, 0xff, 0xff],
  [0, 0x20, 0, 0, 0, 0, 0, 0],
  [0, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  [0x80, ...new Array<number>(15).fill(0)],
  [0x7f, ...new Array<number>(15).fill(0xff)],
  new Array<number>(16).fill(0),
  new Array<number>(16).fill(0xff),
  // Text: a byte order mark, a zero, half of a character, an overlong one, a lone surrogate.
  [0xef, 0xbb, 0xbf],
  [0x61, 0x00],
  [0xc3],
  [0xc0, 0x80],
  [0xed, 0xa0, 0x80],
].map((bytes) => Uint8Array.from(bytes))

/** Lengths of what is added at an end, mostly short. */
const EXTENSIONS = [1, 1, 2, 16, 32, 33, 300]
/** What one run in this many adds instead: beyond every limit of length. */
const HUGE_ONCE_IN = 2_000
const STACKED_MAX = 4

type Mutation = (random: FuzzRandom, bytes: Uint8Array, other: Uint8Array) => Uint8Array

const MUTATIONS: readonly Mutation[] = [
  flipBit,
  flipBit,
  setByte,
  setByte,
  addToByte,
  overwrite,
  overwrite,
  insert,
  remove,
  truncate,
  extend,
  repeat,
  repeatCounted,
  swap,
  graft,
  splice,
]

/**
 * One to four mutations of `bytes`, some with pieces of `other`, of at most `sizeMax` bytes; which may leave them as
 * they were.
 */
export function mutateBytes(
  random: FuzzRandom,
  bytes: Uint8Array,
  other: Uint8Array,
  sizeMax: number,
): Uint8Array {
  let mutant: Uint8Array = bytes.slice()
  for (let left = 1 + random.below(STACKED_MAX); left > 0; left--) {
    mutant = random.pick(MUTATIONS)(random, mutant, other)
  }
  if (random.once(HUGE_ONCE_IN)) mutant = concatBytes(mutant, new Uint8Array(sizeMax))
  return mutant.length > sizeMax ? mutant.slice(0, sizeMax) : mutant
}

function flipBit(random: FuzzRandom, bytes: Uint8Array): Uint8Array {
  const at = random.below(bytes.length)
  if (bytes.length > 0) bytes[at] = bytes[at]! ^ (1 << random.below(8))
  return bytes
}

function setByte(random: FuzzRandom, bytes: Uint8Array): Uint8Array {
  if (bytes.length > 0) bytes[random.below(bytes.length)] = random.below(256)
  return bytes
}

function addToByte(random: FuzzRandom, bytes: Uint8Array): Uint8Array {
  const at = random.below(bytes.length)
  if (bytes.length > 0) bytes[at] = bytes[at]! + random.pick([1, -1, 2, -2, 16])
  return bytes
}

function overwrite(random: FuzzRandom, bytes: Uint8Array): Uint8Array {
  const value = random.pick(INTERESTING)
  if (value.length <= bytes.length) bytes.set(value, random.below(bytes.length - value.length + 1))
  return bytes
}

function insert(random: FuzzRandom, bytes: Uint8Array): Uint8Array {
  const at = random.below(bytes.length + 1)
  return concatBytes(bytes.subarray(0, at), random.pick(INTERESTING), bytes.subarray(at))
}

function remove(random: FuzzRandom, bytes: Uint8Array): Uint8Array {
  const [start, end] = slice(random, bytes)
  return concatBytes(bytes.subarray(0, start), bytes.subarray(end))
}

function truncate(random: FuzzRandom, bytes: Uint8Array): Uint8Array {
  return bytes.slice(0, random.below(bytes.length + 1))
}

function extend(random: FuzzRandom, bytes: Uint8Array): Uint8Array {
  const size = random.pick(EXTENSIONS)
  return concatBytes(bytes, new Uint8Array(size).fill(random.pick([0, 0, 1, 0x61, 0xff])))
}

/** A slice stands there twice. */
function repeat(random: FuzzRandom, bytes: Uint8Array): Uint8Array {
  const [start, end] = slice(random, bytes)
  return concatBytes(bytes.subarray(0, end), bytes.subarray(start))
}

/** The same, and a byte before it that may be its count says so. */
function repeatCounted(random: FuzzRandom, bytes: Uint8Array): Uint8Array {
  const [start, end] = slice(random, bytes)
  const mutant = concatBytes(bytes.subarray(0, end), bytes.subarray(start))
  const count = start - 1 - random.below(Math.min(start, 4))
  if (count >= 0) mutant[count] = mutant[count]! + random.pick([1, end - start])
  return mutant
}

/** Two slices that follow one another change places. */
function swap(random: FuzzRandom, bytes: Uint8Array): Uint8Array {
  const [start, middle] = slice(random, bytes)
  const end = middle + random.below(Math.min(64, bytes.length - middle) + 1)
  return concatBytes(
    bytes.subarray(0, start),
    bytes.subarray(middle, end),
    bytes.subarray(start, middle),
    bytes.subarray(end),
  )
}

/** A slice of the other takes the place of as many bytes. */
function graft(random: FuzzRandom, bytes: Uint8Array, other: Uint8Array): Uint8Array {
  const [start, end] = slice(random, other)
  const at = random.below(bytes.length + 1)
  bytes.set(other.subarray(start, Math.min(end, start + bytes.length - at)), at)
  return bytes
}

/** The beginning of the one, then the end of the other. */
function splice(random: FuzzRandom, bytes: Uint8Array, other: Uint8Array): Uint8Array {
  const at = random.below(bytes.length + 1)
  return concatBytes(bytes.subarray(0, at), other.subarray(random.once(2) ? at : random.below(other.length)))
}

/** Mostly of the size of a field. */
function slice(random: FuzzRandom, bytes: Uint8Array): [start: number, end: number] {
  const start = random.below(bytes.length + 1)
  const size = random.once(4) ? random.below(bytes.length) : random.pick([1, 2, 4, 8, 16, 17, 32, 33, 64])
  return [start, Math.min(bytes.length, start + size)]
}
