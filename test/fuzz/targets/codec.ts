// Targets of the binary codecs: strict, canonical, within their ranges.

import { isDeepStrictEqual } from 'node:util'
import type * as P from 'micro-packed'
import type { Result } from '../../../protocol/result.ts'
import * as wire from '../../../protocol/wire.ts'
import { demandGrowth, demandRanges, shapeOf } from '../bounds.ts'
import { defineTarget, demand, type FuzzTarget } from '../fuzzer.ts'
import { mutateBytes } from '../mutate.ts'
import { mutateValue } from '../mutate-value.ts'
import type { FuzzRandom } from '../random.ts'

interface CodecTarget<T> {
  readonly name: string
  readonly coder: P.CoderType<T>
  readonly seeds: readonly T[]
  /** Bytes that the layer below passes on. */
  readonly sizeMax: number
  /** What also reads these bytes, faster, and has to come to the same. */
  readonly reader?: (bytes: Uint8Array) => Result<T>
}

/** A codec that decodes what strangers send: fault `malformed`, or a value that encodes to the same bytes. */
export function codecTarget<T>({ name, coder, seeds, sizeMax, reader }: CodecTarget<T>): FuzzTarget {
  return defineTarget<Uint8Array>({
    name,
    cost: 0.3,
    seeds: seeds.map((value) => coder.encode(value)),
    faults: ['malformed'],
    mutate: (random, input, other) => {
      // Half of them through the value, so that counts and lengths are right and what is behind them is reached.
      const start = random.once(2) ? throughValue(coder, random, input, other) : undefined
      if (start !== undefined && start.length <= sizeMax && !random.once(3)) return start
      return mutateBytes(random, start ?? input, other, sizeMax)
    },
    decode: (input) => {
      const decoded = wire.decode(coder, input)
      if (reader !== undefined) {
        demand(isDeepStrictEqual(reader(input), decoded), 'is read as something else than it decodes to')
      }
      if (!decoded.ok) return { accepted: false, fault: decoded.error }
      demand(sameBytes(coder.encode(decoded.value), input), 'decodes, but encodes to other bytes')
      demandRanges(decoded.value)
      demandGrowth(decoded.value, input.length)
      return { accepted: true, shape: shapeOf(decoded.value) }
    },
    sizeOf: (input) => input.length,
    show: toHex,
  })
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}

/** The encoding of a mutated value, if it can be encoded. */
function throughValue<T>(
  coder: P.CoderType<T>,
  random: FuzzRandom,
  input: Uint8Array,
  other: Uint8Array,
): Uint8Array | undefined {
  const value = wire.decode(coder, input)
  if (!value.ok) return undefined
  const donor = wire.decode(coder, other)
  try {
    return coder.encode(mutateValue(random, value.value, donor.ok ? donor.value : value.value) as T)
  } catch {
    return undefined
  }
}
