// A picture from a key: four tiles in three tones of one colour, so that people tell cards apart at a glance. Pure.

type Tones = readonly [light: string, middle: string, dark: string]

const PALETTES: readonly [Tones, ...Tones[]] = [
  ['#d9e3f4', '#8faadc', '#4066a8'],
  ['#f5dfe3', '#d999a8', '#a64c66'],
  ['#e3eacb', '#abbf67', '#61761f'],
  ['#dde4e7', '#96a8af', '#4a5d66'],
  ['#e8dcf0', '#b595c9', '#7a528f'],
  ['#d0e6dd', '#7fbdab', '#2a7d6b'],
  ['#d3ebf3', '#80bfd0', '#28778f'],
  ['#f2e8cf', '#cfae66', '#8a6820'],
  ['#fae0d2', '#e3a17d', '#b05a2e'],
  ['#dedff5', '#9ea3dd', '#4f55ab'],
]

/** In a tile of 20 x 20. */
const SHAPES: readonly [string, ...string[]] = [
  'M0 0H20A20 20 0 0 1 0 20z',
  'M20 0V20A20 20 0 0 1 0 0z',
  'M20 20H0A20 20 0 0 1 20 0z',
  'M0 20V0A20 20 0 0 1 20 20z',
  'M0 0H20L0 20z',
  'M0 0H20V20z',
  'M20 0V20H0z',
  'M0 0L20 20H0z',
  'M16.5 10a6.5 6.5 0 1 1-13 0 6.5 6.5 0 0 1 13 0z',
  'M0 0H20V20H0z',
  'M0 20A10 10 0 0 1 20 20z',
  'M0 0A10 10 0 0 0 20 0z',
]

export interface Tile {
  readonly x: number
  readonly y: number
  readonly path: string
  readonly fill: string
}

export interface AvatarPicture {
  readonly ground: string
  readonly tiles: readonly Tile[]
}

export function avatarOf(key: string): AvatarPicture {
  const next = numbersFrom(key)
  const [ground, middle, dark] = pick(PALETTES, next())
  // At least one dark tile, so that the picture has weight.
  const darkTile = next() % 4
  const tiles = [0, 1, 2, 3].map((at) => ({
    x: (at % 2) * 20,
    y: at < 2 ? 0 : 20,
    path: pick(SHAPES, next()),
    fill: at === darkTile || next() % 4 === 0 ? dark : middle,
  }))
  return { ground, tiles }
}

/** A stream of numbers that depends on every character of the key (FNV-1a, then xorshift). */
function numbersFrom(key: string): () => number {
  let state = 0x811c9dc5
  for (let i = 0; i < key.length; i++) state = Math.imul(state ^ key.charCodeAt(i), 0x01000193)
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % 65_521
  }
}

function pick<T>(list: readonly [T, ...T[]], at: number): T {
  return list[at % list.length] ?? list[0]
}
