// Where the parts of a balance bar lie, in per cent of its width. Pure; the rules are the design's.

export interface BarNumbers {
  /** What the friend owes me. */
  readonly balance: bigint
  readonly localPending: bigint
  readonly remotePending: bigint
  readonly localMaxDebt: bigint
  readonly remoteMaxDebt: bigint
}

export interface Piece {
  readonly kind: 'plus' | 'minus' | 'plusPending' | 'minusPending' | 'apart' | 'room'
  /** From the start of the bar, per cent. */
  readonly start: number
  readonly width: number
}

export interface Bar {
  readonly zero: number
  readonly pieces: readonly Piece[]
  /** Red marks: lowered limits that the balance is beyond, or the two claims. */
  readonly marks: readonly number[]
}

/** Per cent of the bar at which an amount lies. */
export type Scale = (value: bigint) => number

/** Zero in the middle, the larger limit fills its half: zeros line up down a list. */
export function rowScale(numbers: BarNumbers, claims: readonly bigint[] = []): Scale {
  const reach = [numbers.localMaxDebt, numbers.remoteMaxDebt, low(numbers), high(numbers), ...claims]
  const half = reach.map(absolute).reduce(larger, 1n)
  return (value) => 50 + ratio(value, half) * 50
}

/** The whole width from `-below` to `above`. */
export function wideScale(below: bigint, above: bigint): Scale {
  const width = below + above === 0n ? 1n : below + above
  return (value) => ratio(value + below, width) * 100
}

export function layOut(numbers: BarNumbers, scale: Scale): Bar {
  const { localMaxDebt, remoteMaxDebt } = numbers
  const [from, to] = [low(numbers), high(numbers)]
  const settled = from > 0n ? from : to < 0n ? to : 0n
  const pieces = [
    piece('room', -localMaxDebt, remoteMaxDebt, scale),
    settled >= 0n ? piece('plus', 0n, settled, scale) : piece('minus', settled, 0n, scale),
    piece('minusPending', from, smaller(to, 0n), scale),
    piece('plusPending', larger(from, 0n), to, scale),
  ]
  const marks = [
    ...(numbers.balance > remoteMaxDebt ? [scale(remoteMaxDebt)] : []),
    ...(numbers.balance < -localMaxDebt ? [scale(-localMaxDebt)] : []),
  ]
  return { zero: scale(0n), pieces: pieces.filter(({ width }) => width > 0), marks }
}

/** Two claims that do not match: the agreed part filled, the difference striped between two red marks. */
export function layOutClaims(numbers: BarNumbers, mine: bigint, theirs: bigint, scale: Scale): Bar {
  const [less, more] = mine < theirs ? [mine, theirs] : [theirs, mine]
  const common = less > 0n ? less : more < 0n ? more : 0n
  const pieces = [
    piece('room', -numbers.localMaxDebt, numbers.remoteMaxDebt, scale),
    common >= 0n ? piece('plus', 0n, common, scale) : piece('minus', common, 0n, scale),
    piece('apart', less, more, scale),
  ]
  return {
    zero: scale(0n),
    pieces: pieces.filter(({ width }) => width > 0),
    marks: [scale(less), scale(more)],
  }
}

/** The balance if everything that I sent arrives, and if everything that he sent arrives. */
function low({ balance, localPending }: BarNumbers): bigint {
  return balance - localPending
}
function high({ balance, remotePending }: BarNumbers): bigint {
  return balance + remotePending
}

function piece(kind: Piece['kind'], from: bigint, to: bigint, scale: Scale): Piece {
  const start = scale(from)
  return { kind, start, width: Math.max(0, scale(to) - start) }
}

/** Exact to 1/10,000, for amounts of any size. */
function ratio(part: bigint, whole: bigint): number {
  return Number((part * 10_000n) / whole) / 10_000
}

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value
}
function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}
function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}
